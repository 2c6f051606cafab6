"""One-click unsubscribe (RFC 8058): a POST to the link of a message ends it; opening it changes nothing.

Mail programs POST without a person, a session or a cookie; scanners of mail servers open every link with
GET. The link is signed for one contact and one purpose, and tells the message it came with.
"""

from datetime import UTC, datetime
from uuid import UUID

from crm_api.consents.errors import ConsentLinkUnknown
from crm_api.consents.models import (
    CHANNEL_OF,
    ConsentChannel,
    ConsentPurpose,
    ConsentSource,
    ConsentSubject,
    MarketingChannel,
    SuppressionReason,
)
from crm_api.consents.recording import effective
from crm_api.consents.repository.ledger import ConsentRepository, PersonRepository
from crm_api.consents.schemas.preferences import Unsubscribed
from crm_api.consents.service import ConsentService
from crm_api.consents.suppressing import Suppressing
from crm_api.consents.words import LEAVING, spoken
from crm_api.core.context import Context
from crm_api.core.signed_links import LinkExpired, LinkSigner, SignedLink
from crm_api.kit.errors import NotFound
from crm_api.organizations.service import OrganizationService

FOR_EVER = datetime(2200, 1, 1, tzinfo=UTC)
"""A message lies in a mailbox as long as it likes: its link never runs out."""
NO_MESSAGE = UUID(int=0)


def _seal(purpose: ConsentPurpose) -> str:
    return f"leave {purpose}"


def unsubscribe_token(
    ctx: Context, contact_id: UUID, purpose: ConsentPurpose, message_id: UUID | None = None
) -> str:
    """For `List-Unsubscribe`, and for the link that a person clicks. `purpose` has a channel."""
    link = SignedLink(ctx.organization_id, contact_id, message_id or NO_MESSAGE, "system", FOR_EVER)
    return ctx.tools.links.sign(link, _seal(purpose))


def unsubscribe_url(
    ctx: Context, contact_id: UUID, purpose: ConsentPurpose, message_id: UUID | None = None
) -> str:
    """The address that takes the POST; send with `List-Unsubscribe-Post: List-Unsubscribe=One-Click`."""
    token = unsubscribe_token(ctx, contact_id, purpose, message_id)
    return f"{ctx.tools.settings.base_url}/v1/u/{token}"


def opened(links: LinkSigner, token: str) -> tuple[SignedLink, ConsentPurpose]:
    """Raises ConsentLinkUnknown."""
    for purpose in CHANNEL_OF:
        try:
            return links.verify(token, _seal(purpose)), purpose
        except (NotFound, LinkExpired):
            continue
    raise ConsentLinkUnknown


class Leaving:
    """For the house: whoever has the link is nobody we know."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def view(self, link: SignedLink, purpose: ConsentPurpose) -> Unsubscribed:
        """Changes nothing."""
        states = await ConsentRepository(self.ctx).states(ConsentSubject.CONTACT, link.object_id)
        return await self._shown(link, purpose, left=bool(states) and not effective(states, purpose))

    async def leave(self, link: SignedLink, purpose: ConsentPurpose) -> Unsubscribed:
        """Twice is once; who is gone left too. The address is suppressed: a mailbox may be a family's."""
        message_id = None if link.actor_id == NO_MESSAGE else link.actor_id
        person = await PersonRepository(self.ctx).contact(link.object_id)
        if person is not None:
            await ConsentService(self.ctx).withdraw(
                *(ConsentSubject.CONTACT, link.object_id, ConsentSource.ONE_CLICK, ConsentChannel.WEB),
                [purpose],
                message_id=message_id,
            )
            channel = CHANNEL_OF[purpose]
            address = person.email if channel is MarketingChannel.EMAIL else person.phone
            if address is not None and channel is not MarketingChannel.PUSH:
                why = SuppressionReason.UNSUBSCRIBE, str(ConsentSource.ONE_CLICK)
                await Suppressing(self.ctx).suppress(channel, address, *why)
        return await self._shown(link, purpose, left=True)

    async def _shown(self, link: SignedLink, purpose: ConsentPurpose, *, left: bool) -> Unsubscribed:
        person = await PersonRepository(self.ctx).contact(link.object_id)
        before, after = LEAVING[spoken(person.language if person else "fr")]
        return Unsubscribed(
            organization=(await OrganizationService(self.ctx).shown()).name or "",
            purpose=purpose,
            unsubscribed=left,
            explanation=after if left else before,
        )

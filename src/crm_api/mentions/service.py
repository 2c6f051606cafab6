from datetime import UTC, datetime
from time import time
from typing import Any
from uuid import UUID

from crm_api.channels.signing import is_signed
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.objects import require_object
from crm_api.core.principal import SYSTEM_ID
from crm_api.core.repository import ANY_VERSION
from crm_api.core.sealing import vault_of
from crm_api.core.signed_links import LinkExpired, LinkSigner, SignedLink
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.mentions.errors import MentionDoorUnknown, MentionUnsigned
from crm_api.mentions.events import MentionEscalated, MentionReceived
from crm_api.mentions.models import MENTION, MentionStatus, SocialAccount, SocialMention
from crm_api.mentions.repository import MentionRepository, SocialAccountRepository
from crm_api.mentions.schemas import (
    MentionAnswer,
    MentionAssignment,
    MentionMatch,
    MentionTaken,
    MentionTold,
    SocialAccountCreate,
    SocialAccountPage,
    SocialAccountQuery,
    SocialAccountRead,
    SocialAccountSecret,
    SocialMentionPage,
    SocialMentionQuery,
    SocialMentionRead,
    as_sentiment,
)
from crm_api.tickets.opening import Opening
from crm_api.tickets.schemas.content import TicketCreate
from crm_api.users.service import UserService

PURPOSE = "what is said of us"
FOR_EVER = datetime(2200, 1, 1, tzinfo=UTC)


def opened(links: LinkSigner, token: str) -> SignedLink:
    """Raises MentionDoorUnknown."""
    try:
        return links.verify(token, PURPOSE)
    except (NotFound, LinkExpired) as unknown:
        raise MentionDoorUnknown from unknown


class MentionService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.mentions = MentionRepository(ctx)
        self.accounts = SocialAccountRepository(ctx)

    # --- our pages

    async def page_accounts(self, query: SocialAccountQuery) -> Json[SocialAccountPage]:
        return await self.accounts.page(query, SocialAccountPage)

    async def account(self, account_id: UUID) -> Json[SocialAccountRead]:
        return await self.accounts.get(account_id)

    async def add_account(self, data: SocialAccountCreate) -> Json[SocialAccountRead]:
        """Raises SocialAccountTaken."""
        return await self.accounts.add(data)

    async def new_secret(self, account_id: UUID, version: int) -> SocialAccountSecret:
        """The one before ends."""
        account = await self.accounts.load(account_id)
        if version not in (account.version, ANY_VERSION):
            raise VersionConflict(current_version=account.version)
        account.secret_number += 1
        await self.accounts.save(account)
        self.ctx.note("social_account.secret_told", "social_account", account_id)
        link = SignedLink(self.ctx.organization_id, account_id, SYSTEM_ID, "system", FOR_EVER)
        token = self.ctx.tools.links.sign(link, PURPOSE)
        return SocialAccountSecret(
            post_to=f"{self.ctx.tools.settings.base_url}/v1/public/mentions/{token}",
            secret=await self._secret(account),
        )

    async def _secret(self, account: SocialAccount) -> str:
        """Derived from the organization's own key, the page and its number."""
        return (await vault_of(self.ctx)).lasting(f"mentions|{account.id}|{account.secret_number}").hex()

    # --- what is said

    async def take(
        self, account_id: UUID, data: MentionTold, timestamp: str | None, signature: str | None, body: bytes
    ) -> MentionTaken:
        """Raises MentionDoorUnknown, MentionUnsigned."""
        try:
            account = await self.accounts.load(account_id)
        except NotFound as unknown:
            raise MentionDoorUnknown from unknown
        if not is_signed(await self._secret(account), timestamp, signature, body, time()):
            raise MentionUnsigned
        if not account.active:
            raise MentionDoorUnknown
        row: dict[str, Any] = dict(data) | {"sentiment": as_sentiment(data.sentiment)}
        about = {"id": new_id(), "social_account_id": account.id, "network": account.network}
        id, created = await self.mentions.told(about | row)
        if created:
            await publish(self.ctx, MentionReceived(id, str(account.network)))
        return MentionTaken(id=id, known=not created)

    async def page(self, query: SocialMentionQuery) -> Json[SocialMentionPage]:
        return await self.mentions.page(query, SocialMentionPage)

    async def get(self, mention_id: UUID) -> Json[SocialMentionRead]:
        return await self.mentions.get(mention_id)

    async def assign(
        self, mention_id: UUID, data: MentionAssignment, version: int
    ) -> Json[SocialMentionRead]:
        """Raises NotFound for an unknown colleague."""
        await UserService(self.ctx).get(data.assignee_user_id)
        mention = await self._loaded(mention_id, version)
        if mention.status is not MentionStatus.ASSIGNED:
            self._step(mention, MentionStatus.ASSIGNED)
        mention.assignee_user_id = data.assignee_user_id
        return await self._kept(mention)

    async def answer(self, mention_id: UUID, data: MentionAnswer, version: int) -> Json[SocialMentionRead]:
        mention = await self._loaded(mention_id, version)
        self._step(mention, MentionStatus.ANSWERED)
        mention.answer, mention.answered_at = data.answer, now()
        return await self._kept(mention)

    async def ignore(self, mention_id: UUID, version: int) -> Json[SocialMentionRead]:
        mention = await self._loaded(mention_id, version)
        self._step(mention, MentionStatus.IGNORED)
        return await self._kept(mention)

    async def match(self, mention_id: UUID, data: MentionMatch, version: int) -> Json[SocialMentionRead]:
        """By a person only: nothing is guessed of who somebody is. Raises UnknownObject."""
        mention = await self._loaded(mention_id, version)
        if data.contact_id is not None:
            await require_object(self.ctx, "contact", data.contact_id)
        mention.contact_id = data.contact_id
        return await self._kept(mention)

    async def escalate(self, mention_id: UUID, version: int) -> Json[SocialMentionRead]:
        """One ticket, with what was said; of the contact where one was matched."""
        mention = await self._loaded(mention_id, version)
        MENTION.check(mention.status, MentionStatus.ESCALATED)
        if mention.ticket_id is None:
            author = mention.author_handle or "?"
            ticket = await Opening(self.ctx).opened(
                TicketCreate.model_validate(
                    {
                        "subject": f"{mention.network} : {author}"[:120],
                        "description": f"{mention.text}\n\n{mention.url or ''}".strip()[:4000],
                        "channel": "social",
                        "requester_contact_id": mention.contact_id,
                        "anonymous_party": None if mention.contact_id else {"name": author},
                    }
                )
            )
            mention.ticket_id = ticket.id
        self._step(mention, MentionStatus.ESCALATED)
        kept = await self._kept(mention)
        await publish(self.ctx, MentionEscalated(mention.id, mention.ticket_id))
        return kept

    async def _loaded(self, mention_id: UUID, version: int) -> SocialMention:
        mention = await self.mentions.load(mention_id)
        if version not in (mention.version, ANY_VERSION):
            raise VersionConflict(current_version=mention.version)
        return mention

    def _step(self, mention: SocialMention, wanted: MentionStatus) -> None:
        MENTION.check(mention.status, wanted)
        mention.status = wanted

    async def _kept(self, mention: SocialMention) -> Json[SocialMentionRead]:
        await self.mentions.save(mention)
        return await self.mentions.get(mention.id)

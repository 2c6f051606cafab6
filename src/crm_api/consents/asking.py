"""Double opt-in: somebody is asked by mail, and nothing is allowed until they follow the link and say so."""

from datetime import timedelta
from typing import Literal, cast
from uuid import UUID

from crm_api.consents.errors import (
    ConsentAlreadyGranted,
    ConsentAskedLately,
    ConsentLinkExpired,
    ConsentLinkOverridden,
    ConsentLinkUnknown,
    ConsentNotAsked,
    ConsentTextUnknown,
)
from crm_api.consents.gate import address_hash, pepper_of
from crm_api.consents.models import (
    ASKED_FOR,
    Consent,
    ConsentChannel,
    ConsentPurpose,
    ConsentSource,
    ConsentStatus,
    ConsentSubject,
    MarketingChannel,
)
from crm_api.consents.recording import Line, Recording, Who, effective, hash_of_words
from crm_api.consents.repository.ledger import ConsentRepository, PersonRepository, Reached
from crm_api.consents.repository.suppressions import SuppressionRepository
from crm_api.consents.schemas.ledger import ConsentRequestCreate, ConsentRequestRead
from crm_api.consents.schemas.preferences import AskedConsent
from crm_api.consents.service import ConsentService
from crm_api.consents.suppressing import Suppressing
from crm_api.consents.words import ASKING, spoken
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import enqueue
from crm_api.core.objects import require_object
from crm_api.core.principal import SYSTEM_ID
from crm_api.core.signed_links import LinkExpired, LinkSigner, SignedLink
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import new_id
from crm_api.organizations.service import OrganizationService

PURPOSE = "a consent to confirm"
PATIENCE = timedelta(days=1)
"""Nobody is asked the same again within so long."""


def opened(links: LinkSigner, token: str, purpose: str = PURPOSE) -> SignedLink:
    """Raises ConsentLinkUnknown, ConsentLinkExpired."""
    try:
        return links.verify(token, purpose)
    except LinkExpired as expired:
        raise ConsentLinkExpired from expired
    except NotFound as unknown:
        raise ConsentLinkUnknown from unknown


def link_to(ctx: Context, asked: Consent) -> str:
    """Always the same for one asking."""
    assert asked.request_id is not None  # noqa: S101 - pending lines have one
    last = (asked.captured_at + ASKED_FOR).replace(microsecond=0)
    link = SignedLink(ctx.organization_id, asked.request_id, SYSTEM_ID, "system", last)
    return f"{ctx.tools.settings.base_url}/consent#token={ctx.tools.links.sign(link, PURPOSE)}"


class ConsentAsking:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.ledger = ConsentRepository(ctx)
        self.recording = Recording(ctx)

    async def ask(self, data: ConsentRequestCreate) -> ConsentRequestRead:
        """Raises UnknownObject, ConsentNotAsked, ConsentAlreadyGranted, ConsentAskedLately.

        And ConsentTextUnknown.
        """
        self.ctx.begin()
        await require_object(self.ctx, "contact", data.contact_id)
        person = await PersonRepository(self.ctx).contact(data.contact_id)
        if person is None or not person.reachable or person.email is None or await self._left(person.email):
            raise ConsentNotAsked
        language = spoken(person.language)
        version = data.text_version or ASKING
        words = await ConsentService(self.ctx).words(version, language)
        if words is None:
            raise ConsentTextUnknown
        who = Who(ConsentSubject.CONTACT, person.contact_id)
        wanted = await self._wanted(who, data)
        request_id, moment = new_id(), now()
        lines = [
            Line(
                *(purpose, ConsentStatus.PENDING, ConsentChannel.EMAIL, ConsentSource.DOUBLE_OPT_IN),
                data.brand,
                text_version=version,
                text_hash=hash_of_words(words),
                language=language,
                captured_at=moment,
                request_id=request_id,
            )
            for purpose in wanted
        ]
        await self.recording.write(who, lines)
        await enqueue(self.ctx, "ask_for_consent", {"request_id": str(request_id)})
        return ConsentRequestRead(
            id=request_id,
            contact_id=person.contact_id,
            purposes=wanted,
            language=cast("Literal['fr', 'ar', 'en']", language),
            text_version=version,
            expires_at=moment + ASKED_FOR,
        )

    async def _left(self, email: str) -> bool:
        """Whether nothing goes to this address: who left is not asked to come back."""
        hashed = address_hash(await pepper_of(self.ctx), email)
        known = await SuppressionRepository(self.ctx).of(MarketingChannel.EMAIL, hashed)
        return known is not None and known.lifted_at is None

    async def _wanted(self, who: Who, data: ConsentRequestCreate) -> list[ConsentPurpose]:
        states = await self.ledger.states(who.subject_type, who.subject_id)
        wanted = [one for one in dict.fromkeys(data.purposes) if not effective(states, one, data.brand)]
        if not wanted:
            raise ConsentAlreadyGranted
        since = now() - PATIENCE
        asked = {
            one.purpose
            for one in states
            if one.status is ConsentStatus.PENDING and one.brand == data.brand and one.captured_at > since
        }
        if asked & set(wanted):
            raise ConsentAskedLately
        return wanted

    # --- whoever has the link

    async def view(self, request_id: UUID) -> AskedConsent:
        """Changes nothing. Raises ConsentLinkUnknown."""
        return await self._shown(await self._lines(request_id))

    async def confirm(self, request_id: UUID) -> AskedConsent:
        """Twice is once. Raises ConsentLinkUnknown, ConsentLinkOverridden."""
        lines = await self._lines(request_id)
        if any(line.status is ConsentStatus.GRANTED for line in lines):
            return await self._shown(lines)
        first = lines[0]
        who = Who(ConsentSubject(first.subject_type), first.subject_id)
        person = await PersonRepository(self.ctx).contact(who.subject_id)
        states = {one.consent_id for one in await self.ledger.states(who.subject_type, who.subject_id)}
        open_ = [line for line in lines if line.id in states]
        if not open_ or person is None:
            raise ConsentLinkOverridden
        origin = ConsentService(self.ctx).origin()
        said = [
            Line(
                *(line.purpose, ConsentStatus.GRANTED, ConsentChannel.WEB, ConsentSource.DOUBLE_OPT_IN),
                line.brand,
                text_version=line.text_version,
                text_hash=line.text_hash,
                language=line.language,
                request_id=request_id,
                **origin,
            )
            for line in open_
        ]
        await self.recording.write(who, said)
        await come_back(self.ctx, person)
        return await self._shown(await self._lines(request_id))

    async def _lines(self, request_id: UUID) -> list[Consent]:
        lines = [
            line
            for line in await self.ledger.of_request(request_id)
            if line.source is ConsentSource.DOUBLE_OPT_IN
        ]
        if not lines:
            raise ConsentLinkUnknown
        return lines

    async def _shown(self, lines: list[Consent]) -> AskedConsent:
        first = lines[0]
        words = await ConsentService(self.ctx).words(first.text_version or "", first.language or "fr")
        return AskedConsent(
            organization=(await OrganizationService(self.ctx).shown()).name or "",
            text=words if words and hash_of_words(words) == first.text_hash else None,
            text_version=first.text_version,
            purposes=sorted({ConsentPurpose(line.purpose) for line in lines}),
            confirmed=any(line.status is ConsentStatus.GRANTED for line in lines),
        )


async def come_back(ctx: Context, person: Reached) -> None:
    """Whoever left by a link, and now agrees again by themselves, can be written to again."""
    addresses: dict[MarketingChannel, list[str]] = {}
    if person.email:
        addresses[MarketingChannel.EMAIL] = [person.email]
    if person.phone:
        for channel in (MarketingChannel.SMS, MarketingChannel.WHATSAPP, MarketingChannel.PHONE):
            addresses[channel] = [person.phone]
    await Suppressing(ctx).lift_for(addresses, "agreed again")

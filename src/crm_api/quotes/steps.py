"""What staff does with a priced quote: decide on it, send it, write down the customer's answer."""

from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.jobs import enqueue
from crm_api.core.objects import seen_objects
from crm_api.files.models import FileKind
from crm_api.files.service import FileService
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound
from crm_api.kit.schemas import Json
from crm_api.quotes.errors import (
    BeyondYourLimit,
    NoAddressToSendTo,
    OwnReferral,
    QuoteOutOfDate,
    SignatureNeeded,
)
from crm_api.quotes.events import (
    QuoteAccepted,
    QuoteApproved,
    QuoteDeclined,
    QuoteExpired,
    QuoteRefused,
    QuoteSent,
)
from crm_api.quotes.models import QUOTE, Quote, QuoteStatus, SendingWay
from crm_api.quotes.paper import QuotePaper
from crm_api.quotes.pricing import APPROVES
from crm_api.quotes.repository import QuoteRepository
from crm_api.quotes.schemas.actions import QuoteAcceptance, QuoteDecline, QuoteSend, ReferralDecision
from crm_api.quotes.schemas.quote import QuoteRead
from crm_api.quotes.service import QuoteService
from crm_api.quotes.telling import QuoteTeller
from crm_api.users.limits import AmountLimits

_ASKED_FOR_ADDRESS = ("contact_id", "lead_id", "account_id")


class QuoteSteps:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.quotes, self.service = QuoteRepository(ctx), QuoteService(ctx)

    # --- referral

    async def approve(self, quote_id: UUID, data: ReferralDecision, version: int) -> Json[QuoteRead]:
        """By another person, within what they may give. Raises OwnReferral, BeyondYourLimit."""
        quote = await self._deciding(quote_id, version, QuoteStatus.APPROVED)
        await self._refuse_beyond(quote)
        event = QuoteApproved(quote.id, quote.number, quote.revision)
        return await self._decided(quote, data, event)

    async def refuse(self, quote_id: UUID, data: ReferralDecision, version: int) -> Json[QuoteRead]:
        """By another person. Raises OwnReferral."""
        quote = await self._deciding(quote_id, version, QuoteStatus.REFUSED)
        event = QuoteRefused(quote.id, quote.number, quote.revision)
        return await self._decided(quote, data, event)

    async def _deciding(self, quote_id: UUID, version: int, wanted: QuoteStatus) -> Quote:
        quote = await self._stepping(quote_id, version, wanted)
        if quote.referred_by_id == self.ctx.principal.id:
            raise OwnReferral
        return quote

    async def _refuse_beyond(self, quote: Quote) -> None:
        if not quote.discount_rate:
            return
        principal = self.ctx.principal
        limit = (
            await AmountLimits(self.ctx).of(principal.id, "discount_percent", APPROVES)
            if principal.is_person
            else 0
        )
        if limit is not None and quote.discount_rate * 100 > limit:
            raise BeyondYourLimit(limit=limit)

    async def _decided(self, quote: Quote, data: ReferralDecision, event: Event) -> Json[QuoteRead]:
        quote.decided_by_id, quote.decided_at = self.ctx.principal.id, now()
        quote.decision_reason = data.reason
        answer = await self._done(quote, event)
        await QuoteTeller(self.ctx).decided(quote, approved=quote.status is QuoteStatus.APPROVED)
        return answer

    # --- the customer

    async def send(self, quote_id: UUID, data: QuoteSend, version: int) -> Json[QuoteRead]:
        """The paper is kept as it was sent. Raises QuoteOutOfDate, NoAddressToSendTo."""
        quote = await self._stepping(quote_id, version, QuoteStatus.SENT)
        if quote.valid_until < today():
            raise QuoteOutOfDate
        quote.sent_by, quote.sent_at = data.by, now()
        if data.by is SendingWay.EMAIL:
            quote.sent_to = data.email or await self._address(quote)
        await self.quotes.save(quote)
        page = await QuotePaper(self.ctx).print(quote.id)
        quote.document_id = await FileService(self.ctx).add(
            page.name,
            page.content,
            FileKind.OTHER,
            links=[(Quote.label, quote.id)],
            media_type="application/pdf",
            title=f"Devis {quote.number}",
        )
        if quote.sent_to is not None:
            about = {"quote_id": str(quote.id), "language": str(data.language)}
            await enqueue(self.ctx, "send_quote_mail", about)
        event = QuoteSent(quote.id, quote.number, quote.revision, quote.opportunity_id)
        return await self._done(quote, event)

    async def accept(self, quote_id: UUID, data: QuoteAcceptance, version: int) -> Json[QuoteRead]:
        """With what the customer signed. Raises SignatureNeeded, QuoteOutOfDate."""
        quote = await self._stepping(quote_id, version, QuoteStatus.ACCEPTED)
        if quote.valid_until < today():
            raise QuoteOutOfDate
        if not await seen_objects(self.ctx, "document", [data.document_id]):
            raise SignatureNeeded
        quote.accepted_at, quote.accepted_name = now(), data.name
        quote.signature_document_id = data.document_id
        event = QuoteAccepted(quote.id, quote.number, quote.revision, quote.opportunity_id)
        return await self._done(quote, event)

    async def decline(self, quote_id: UUID, data: QuoteDecline, version: int) -> Json[QuoteRead]:
        quote = await self._stepping(quote_id, version, QuoteStatus.DECLINED)
        quote.declined_at, quote.decline_reason, quote.decline_comment = now(), data.reason, data.comment
        event = QuoteDeclined(quote.id, quote.number, quote.revision, data.reason)
        return await self._done(quote, event)

    async def expire(self) -> int:
        """Those whose last day has passed, in pieces; how many."""
        rows = await self.quotes.ran_out()
        for quote in rows:
            QUOTE.check(quote.status, QuoteStatus.EXPIRED)
            quote.status = QuoteStatus.EXPIRED
            await self.quotes.save(quote)
            await publish(self.ctx, QuoteExpired(quote.id, quote.number, quote.revision))
        return len(rows)

    # --- inside

    async def _stepping(self, quote_id: UUID, version: int, wanted: QuoteStatus) -> Quote:
        quote = await self.service.loaded(quote_id, version)
        QUOTE.check(quote.status, wanted)
        quote.status = wanted
        return quote

    async def _address(self, quote: Quote) -> str:
        """Of the person, the lead or the customer: whichever has one first."""
        for column in _ASKED_FOR_ADDRESS:
            party_id = getattr(quote, column)
            address = party_id and await self._address_of(column.removesuffix("_id"), party_id)
            if address:
                return str(address)
        raise NoAddressToSendTo

    async def _address_of(self, kind: str, party_id: UUID) -> str | None:
        try:
            sheet = (await self.ctx.tools.objects[kind](self.ctx).get(party_id)).value
        except NotFound:
            return None
        single = getattr(sheet, "primary_email", None) or getattr(sheet, "email", None)
        several = [entry.value for entry in getattr(sheet, "emails", ())]
        return single or next(iter(several), None)

    async def _done(self, quote: Quote, event: Event) -> Json[QuoteRead]:
        await self.quotes.save(quote)
        await publish(self.ctx, event)
        return await self.quotes.get(quote.id)

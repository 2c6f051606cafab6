"""What whoever has the link of a quote sees and answers. The link is signed, and proves nothing but itself.

A yes asks for more: a code that is mailed to the address the quote was sent to, for a quarter of an hour.
"""

import hmac
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from secrets import randbelow
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import enqueue
from crm_api.core.signed_links import LinkExpired, LinkSigner, SignedLink
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.organizations.service import OrganizationService
from crm_api.products.service import ProductService
from crm_api.quotes.errors import (
    AcceptanceCodeWrong,
    NothingToAccept,
    QuoteLinkExpired,
    QuoteLinkUnknown,
    QuoteNotSent,
    QuoteOutOfDate,
    TooManyCodes,
)
from crm_api.quotes.events import QuoteAccepted, QuoteDeclined, QuoteViewed
from crm_api.quotes.models import ANSWERABLE, QUOTE, Quote, QuoteStatus
from crm_api.quotes.repository import QuoteRepository
from crm_api.quotes.schemas.actions import (
    CustomerAcceptance,
    CustomerDecline,
    CustomerQuote,
    QuoteLink,
)
from crm_api.quotes.schemas.quote import QuoteRead
from crm_api.quotes.telling import QuoteTeller

PURPOSE = "a quote and its answer"
SEEN_AFTER = timedelta(days=30)
"""The link still shows what became of the quote, so long after its last day."""
CODE_LASTS = timedelta(minutes=15)
MOST_TRIES, MOST_CODES = 5, 3
SHOWN = frozenset(QuoteStatus) - {QuoteStatus.DRAFT, QuoteStatus.RATED, QuoteStatus.NEEDS_REFERRAL}


def opened(links: LinkSigner, token: str) -> SignedLink:
    """Raises QuoteLinkUnknown, QuoteLinkExpired."""
    try:
        return links.verify(token, PURPOSE)
    except LinkExpired as expired:
        raise QuoteLinkExpired from expired
    except NotFound as unknown:
        raise QuoteLinkUnknown from unknown


def token_of(ctx: Context, quote: Quote | QuoteRead) -> tuple[str, datetime]:
    """Always the same for one revision: nothing of it is stored."""
    last = datetime.combine(quote.valid_until + SEEN_AFTER, time(23, 59, 59), ALGIERS).astimezone(UTC)
    link = SignedLink(ctx.organization_id, quote.id, quote.id, "system", last)
    return ctx.tools.links.sign(link, PURPOSE), last


def link_of(ctx: Context, quote: Quote | QuoteRead) -> QuoteLink:
    token, last = token_of(ctx, quote)
    return QuoteLink(url=f"{ctx.tools.settings.base_url}/quote#token={token}", expires_at=last)


class Sharing:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.quotes = QuoteRepository(ctx)

    async def link(self, quote_id: UUID) -> QuoteLink:
        """For staff, to give it to the customer again. Raises QuoteNotSent."""
        quote = (await self.quotes.get(quote_id)).value
        if quote.sent_at is None:
            raise QuoteNotSent
        return link_of(self.ctx, quote)

    async def view(self, quote_id: UUID) -> CustomerQuote:
        """The first look is told. Raises QuoteLinkUnknown for what was never sent."""
        quote = await self._shared(quote_id)
        if quote.status is QuoteStatus.SENT and quote.valid_until >= today():
            await self._step(quote, QuoteStatus.VIEWED)
            quote.viewed_at = now()
            await self.quotes.save(quote)
            await publish(self.ctx, QuoteViewed(quote.id, quote.number, quote.revision))
        return await self._shown(quote)

    async def accept(self, quote_id: UUID, token: str, data: CustomerAcceptance) -> CustomerQuote:
        """Without a code, one is mailed; with the right one the quote is accepted.

        Raises NothingToAccept, QuoteOutOfDate, AcceptanceCodeWrong, TooManyCodes.
        """
        if data.code is not None:
            await self._judge_code(quote_id, token, data.code)
        quote = await self._answerable(quote_id)
        if data.code is None:
            await self._ask_for_code(quote)
            return await self._shown(quote, code_sent=True)
        await self._step(quote, QuoteStatus.ACCEPTED)
        quote.accepted_at, quote.accepted_name = now(), data.name
        quote.code_digest = quote.code_expires_at = None
        await self.quotes.save(quote)
        await publish(self.ctx, QuoteAccepted(quote.id, quote.number, quote.revision, quote.opportunity_id))
        await QuoteTeller(self.ctx).answered(quote, accepted=True)
        return await self._shown(quote)

    async def new_code(self, quote_id: UUID) -> str:
        """Six digits for a quarter of an hour; what is kept of them is good for nothing without the link."""
        quote = await self.quotes.load(quote_id)
        token, _ = token_of(self.ctx, quote)
        code = f"{randbelow(1_000_000):06d}"
        quote.code_digest, quote.code_expires_at = digest(token, code), now() + CODE_LASTS
        quote.codes_tried = 0
        await self.quotes.save(quote)
        return code

    async def decline(self, quote_id: UUID, data: CustomerDecline) -> CustomerQuote:
        """Raises NothingToAccept."""
        quote = await self._answerable(quote_id)
        await self._step(quote, QuoteStatus.DECLINED)
        quote.declined_at, quote.decline_reason, quote.decline_comment = now(), data.reason, data.comment
        await self.quotes.save(quote)
        await publish(self.ctx, QuoteDeclined(quote.id, quote.number, quote.revision, data.reason))
        await QuoteTeller(self.ctx).answered(quote, accepted=False)
        return await self._shown(quote)

    # --- inside

    async def _shared(self, quote_id: UUID) -> Quote:
        try:
            quote = await self.quotes.load(quote_id)
        except NotFound as unknown:
            raise QuoteLinkUnknown from unknown
        if quote.sent_at is None or quote.status not in SHOWN:
            raise QuoteLinkUnknown
        return quote

    async def _answerable(self, quote_id: UUID) -> Quote:
        quote = await self._shared(quote_id)
        if quote.status not in ANSWERABLE:
            raise NothingToAccept(status=quote.status)
        if quote.valid_until < today():
            raise QuoteOutOfDate
        return quote

    async def _step(self, quote: Quote, wanted: QuoteStatus) -> None:
        QUOTE.check(quote.status, wanted)
        quote.status = wanted

    async def _ask_for_code(self, quote: Quote) -> None:
        """The job makes the code: a secret does not wait in a queue."""
        if quote.sent_to is None or quote.codes_sent >= MOST_CODES:
            raise TooManyCodes
        quote.codes_sent += 1
        await self.quotes.save(quote)
        await enqueue(self.ctx, "send_quote_code", {"quote_id": str(quote.id)})

    async def _judge_code(self, quote_id: UUID, token: str, code: str) -> None:
        """A try is counted before it is judged, in a write of its own: refused or not, many at once or one,
        there are never more comparisons than tries."""
        known = await self.quotes.opened(quote_id)
        if known is None or known["code_digest"] is None:
            raise AcceptanceCodeWrong
        if known["codes_tried"] >= MOST_TRIES:
            raise TooManyCodes
        if now() >= datetime.fromisoformat(known["code_expires_at"]):
            raise AcceptanceCodeWrong
        try:
            tried = {"codes_tried": known["codes_tried"] + 1}
            await QuoteRepository(self.ctx.apart()).edit(quote_id, tried, known["version"])
        except VersionConflict as overtaken:
            raise AcceptanceCodeWrong from overtaken
        if not hmac.compare_digest(known["code_digest"], digest(token, code)):
            raise AcceptanceCodeWrong

    async def _shown(self, quote: Quote, *, code_sent: bool = False) -> CustomerQuote:
        organization = await OrganizationService(self.ctx).shown()
        product = await ProductService(self.ctx).sold(quote.product_code, quote.effective_on)
        plan = product.plan(quote.plan_code)
        return CustomerQuote.model_validate(
            {
                **{name: getattr(quote, name) for name in _OF_THE_QUOTE},
                "organization": organization.name,
                "product": product.label,
                "plan": plan.label if plan else quote.plan_code,
                "is_estimate": quote.rated_by == "internal",
                "code_sent": code_sent,
            }
        )


_OF_THE_QUOTE = (
    *(
        "number",
        "revision",
        "status",
        "object_label",
        "effective_on",
        "expires_on",
        "valid_until",
        "coverages",
    ),
    *("net_premium", "discount", "surcharge", "policy_fee", "vat", "fga", "dimension_stamp"),
    *("graduated_stamp", "vehicle_tax", "total_premium"),
)


def digest(token: str, code: str) -> str:
    return hmac.digest(token.encode(), code.encode(), sha256).hex()

"""The steps of a priced quote."""

from uuid import UUID

from crm_api.core.http import IfMatch
from crm_api.kit.schemas import Json
from crm_api.quotes.router.doors import Approver, Writer, router
from crm_api.quotes.schemas.actions import QuoteAcceptance, QuoteDecline, QuoteSend, ReferralDecision
from crm_api.quotes.schemas.quote import QuoteRead
from crm_api.quotes.steps import QuoteSteps


@router.post("/{quote_id}/approve")
async def approve_quote(
    ctx: Approver, quote_id: UUID, body: ReferralDecision, version: IfMatch
) -> Json[QuoteRead]:
    """Agree to a quote that was referred; never to one's own, and within one's own limit."""
    return await QuoteSteps(ctx).approve(quote_id, body, version)


@router.post("/{quote_id}/refuse")
async def refuse_quote(
    ctx: Approver, quote_id: UUID, body: ReferralDecision, version: IfMatch
) -> Json[QuoteRead]:
    """Refuse a quote that was referred."""
    return await QuoteSteps(ctx).refuse(quote_id, body, version)


@router.post("/{quote_id}/send")
async def send_quote(ctx: Writer, quote_id: UUID, body: QuoteSend, version: IfMatch) -> Json[QuoteRead]:
    """Send a quote: by mail with a link under which it is read and answered, or as paper handed over.

    The paper is kept as it was sent (`document_id`).
    """
    return await QuoteSteps(ctx).send(quote_id, body, version)


@router.post("/{quote_id}/accept")
async def accept_quote(
    ctx: Writer, quote_id: UUID, body: QuoteAcceptance, version: IfMatch
) -> Json[QuoteRead]:
    """Record that the customer accepts, with the document that they signed."""
    return await QuoteSteps(ctx).accept(quote_id, body, version)


@router.post("/{quote_id}/decline")
async def decline_quote(ctx: Writer, quote_id: UUID, body: QuoteDecline, version: IfMatch) -> Json[QuoteRead]:
    """Record that the customer declines, and why."""
    return await QuoteSteps(ctx).decline(quote_id, body, version)

"""Quotes as staff make and read them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response, status

from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.quotes.errors import QuoteNotSent
from crm_api.quotes.paper import QuotePaper
from crm_api.quotes.pricing import Pricing
from crm_api.quotes.router.doors import PAPER, PAPER_HEADERS, PolicySystem, Reader, Writer, router
from crm_api.quotes.schemas.actions import (
    ComparedPlans,
    ExternalRating,
    PlanComparison,
    QuoteDiscount,
    QuoteLink,
)
from crm_api.quotes.schemas.quote import (
    QuoteCreate,
    QuoteFilter,
    QuotePage,
    QuotePatch,
    QuoteQuery,
    QuoteRead,
)
from crm_api.quotes.service import QuoteService
from crm_api.quotes.sharing import Sharing


@router.get("")
async def list_quotes(ctx: Reader, query: Annotated[QuoteQuery, Query()]) -> Json[QuotePage]:
    """List quotes, every revision of them."""
    return await QuoteService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_quote(ctx: Writer, body: QuoteCreate) -> Json[QuoteRead]:
    """Make a quote for a customer, a person or a lead.

    A draft with its number. `inputs` are the answers to the questionnaire of the product
    (`GET /v1/products`); each that does not fit is named by its pointer below `/inputs`.
    """
    return await QuoteService(ctx).create(body)


@router.get("/count")
async def count_quotes(ctx: Reader, query: Annotated[QuoteFilter, Query()]) -> Count:
    """Count quotes."""
    return await QuoteService(ctx).count(query)


@router.post("/search")
async def search_quotes(ctx: Reader, body: Search) -> Json[QuotePage]:
    """Search quotes by a filter in the body: all of, any of."""
    return await QuoteService(ctx).search(body)


@router.post("/compare")
async def compare_plans(ctx: Writer, body: PlanComparison) -> ComparedPlans:
    """Price all formulas of a product for one risk, side by side.

    Nothing is stored. A formula that cannot be priced says why and leaves the others alone.
    """
    return await Pricing(ctx).compare(body)


@router.get("/{quote_id}")
async def get_quote(ctx: Reader, quote_id: UUID) -> Json[QuoteRead]:
    """Read a quote; answers of class P3 are masked."""
    return await QuoteService(ctx).get(quote_id)


@router.patch("/{quote_id}")
async def update_quote(
    ctx: Writer, quote_id: UUID, body: Annotated[QuotePatch, MergePatch], version: IfMatch
) -> Json[QuoteRead]:
    """Change a draft; what was priced is revised instead."""
    return await QuoteService(ctx).update(quote_id, body, version)


@router.post("/{quote_id}/rate")
async def rate_quote(ctx: Writer, quote_id: UUID, version: IfMatch) -> Json[QuoteRead]:
    """Price a draft by the tariff of its first day.

    An estimate (devis indicatif). A rule of the product may refuse the risk (422 `risk_refused`), or refer
    it to an underwriter: the quote then needs a referral.
    """
    return await Pricing(ctx).rate(quote_id, version)


@router.post("/{quote_id}/rate-externally")
async def rate_quote_externally(
    ctx: PolicySystem, quote_id: UUID, body: ExternalRating, version: IfMatch
) -> Json[QuoteRead]:
    """Take over the premium that the policy system worked out for a draft."""
    return await Pricing(ctx).rate_externally(quote_id, body, version)


@router.post("/{quote_id}/discount")
async def discount_quote(
    ctx: Writer, quote_id: UUID, body: QuoteDiscount, version: IfMatch
) -> Json[QuoteRead]:
    """Give a discount on the coverages that no law imposes.

    The tariff caps it (422 `discount_too_large`); above the limit of whoever gives it, somebody else decides.
    """
    return await Pricing(ctx).discount(quote_id, body, version)


@router.post("/{quote_id}/revise", status_code=status.HTTP_201_CREATED)
async def revise_quote(
    ctx: Writer, quote_id: UUID, body: Annotated[QuotePatch, MergePatch], version: IfMatch
) -> Json[QuoteRead]:
    """Make a new revision of a quote: a draft with the same number.

    The one before is superseded; one that was refused, declined or expired stays as it ended.
    """
    return await QuoteService(ctx).revise(quote_id, body, version)


@router.get("/{quote_id}/link", openapi_extra=refusals(QuoteNotSent))
async def get_quote_link(ctx: Reader, quote_id: UUID) -> QuoteLink:
    """Read the link of a quote that was sent, to give it to the customer again."""
    return await Sharing(ctx).link(quote_id)


@router.get("/{quote_id}/pdf", response_class=Response, responses=PAPER)
async def print_quote(ctx: Reader, quote_id: UUID) -> Response:
    """Print a quote in French: what is covered, what it costs line by line, how to accept it.

    What may not be accepted says so across the page.
    """
    page = await QuotePaper(ctx).print(quote_id)
    headers = PAPER_HEADERS | {"Content-Disposition": f'attachment; filename="{page.name}"'}
    return Response(page.content, media_type="application/pdf", headers=headers)

"""What the customer does who has the link."""

from fastapi import Response

from crm_api.core.openapi import refusals
from crm_api.core.principal import system
from crm_api.quotes.errors import (
    AcceptanceCodeWrong,
    NothingToAccept,
    QuoteLinkExpired,
    QuoteLinkUnknown,
    QuoteOutOfDate,
    TooManyCodes,
)
from crm_api.quotes.paper import QuotePaper
from crm_api.quotes.router.doors import PAPER, PAPER_HEADERS, Customer, Link, public_quotes
from crm_api.quotes.schemas.actions import CustomerAcceptance, CustomerDecline, CustomerQuote
from crm_api.quotes.sharing import Sharing, opened

_BY_LINK = (QuoteLinkUnknown, QuoteLinkExpired)


@public_quotes.get("/{link}", openapi_extra=refusals(*_BY_LINK))
async def view_shared_quote(visitor: Customer, link: Link) -> CustomerQuote:
    """Read a quote by its link; the first look marks it as viewed."""
    quote = opened(visitor.tools.links, link)
    return await Sharing(visitor.enter(system(quote.organization_id))).view(quote.object_id)


@public_quotes.get("/{link}/pdf", response_class=Response, responses=PAPER, openapi_extra=refusals(*_BY_LINK))
async def print_shared_quote(visitor: Customer, link: Link) -> Response:
    """Print a quote by its link."""
    quote = opened(visitor.tools.links, link)
    ctx = visitor.enter(system(quote.organization_id))
    await Sharing(ctx).view(quote.object_id)
    page = await QuotePaper(ctx).print(quote.object_id)
    headers = PAPER_HEADERS | {"Content-Disposition": f'attachment; filename="{page.name}"'}
    return Response(page.content, media_type="application/pdf", headers=headers)


@public_quotes.post(
    "/{link}/accept",
    openapi_extra=refusals(*_BY_LINK, NothingToAccept, QuoteOutOfDate, AcceptanceCodeWrong, TooManyCodes),
)
async def accept_shared_quote(visitor: Customer, link: Link, body: CustomerAcceptance) -> CustomerQuote:
    """Accept a quote by its link, in two steps.

    Without `code`, a code is mailed to the address that the quote was sent to, and `code_sent` is true. With
    the code, within fifteen minutes, the quote is accepted. Three codes at most, five tries each.
    """
    quote = opened(visitor.tools.links, link)
    ctx = visitor.enter(system(quote.organization_id))
    return await Sharing(ctx).accept(quote.object_id, link, body)


@public_quotes.post("/{link}/decline", openapi_extra=refusals(*_BY_LINK, NothingToAccept, QuoteOutOfDate))
async def decline_shared_quote(visitor: Customer, link: Link, body: CustomerDecline) -> CustomerQuote:
    """Decline a quote by its link."""
    quote = opened(visitor.tools.links, link)
    return await Sharing(visitor.enter(system(quote.organization_id))).decline(quote.object_id, body)

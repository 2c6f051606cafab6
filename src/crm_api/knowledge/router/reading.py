"""For readers: what is published, and what is not there yet.

A program with `kb:read` (the insurer's site, an app, a partner) reads what is public and nothing else.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, status

from crm_api.core.context import Context
from crm_api.core.http import Audience, IfMatch, Router, requires
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json
from crm_api.knowledge.errors import KbPageUnknown
from crm_api.knowledge.gaps import GapService
from crm_api.knowledge.models.article import KbLanguage
from crm_api.knowledge.reading import ReadingService
from crm_api.knowledge.schemas.articles import Slug
from crm_api.knowledge.schemas.reading import (
    KbGapCreate,
    KbGapPage,
    KbGapQuery,
    KbGapRead,
    KbGapSettle,
    KbPagePage,
    KbPageQuery,
    KbPageShown,
    KbSearchAnswer,
    KbSearchQuery,
    KbSuggestionAsk,
    KbVoteCast,
)

router = Router("kb", tag="knowledge")
Reader = Annotated[Context, requires("kb:read")]
Author = Annotated[Context, requires("kb:write")]
Address = Annotated[Slug, Path(description="The end of the article's address.")]
Language = Annotated[KbLanguage, Path(description="The language of the article.")]
SITES = {"x-audience": [Audience.STAFF, Audience.PARTNER]}


@router.get("/pages", openapi_extra=SITES)
async def list_kb_pages(ctx: Reader, query: Annotated[KbPageQuery, Query()]) -> Json[KbPagePage]:
    """List published articles, the newest edition first; a program sees those for the public."""
    return await ReadingService(ctx).page(query)


@router.get("/pages/{language}/{slug}", openapi_extra=SITES | refusals(KbPageUnknown))
async def get_kb_page(ctx: Reader, language: Language, slug: Address) -> KbPageShown:
    """Read a published article, with its other languages."""
    return await ReadingService(ctx).read(language, slug)


@router.post(
    "/pages/{language}/{slug}/votes",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=SITES | refusals(KbPageUnknown),
)
async def vote_on_kb_page(ctx: Reader, language: Language, slug: Address, body: KbVoteCast) -> None:
    """Say whether an article helped; the last word of each reader counts."""
    await ReadingService(ctx).vote(language, slug, body)


@router.get("/search", openapi_extra=SITES)
async def search_kb(ctx: Reader, query: Annotated[KbSearchQuery, Query()]) -> KbSearchAnswer:
    """Search published articles by words in any order.

    French, Arabic and English by their stems, without accents; other words for the same thing are found too,
    and a word typed wrong finds its neighbour.
    """
    return await ReadingService(ctx).search(query)


@router.post("/suggestions")
async def suggest_kb_pages(ctx: Reader, body: KbSuggestionAsk) -> KbSearchAnswer:
    """Suggest articles for the text of a request. One that finds none is noted in the gaps report."""
    return await ReadingService(ctx).suggest(body)


@router.get("/gaps")
async def list_kb_gaps(ctx: Author, query: Annotated[KbGapQuery, Query()]) -> Json[KbGapPage]:
    """List questions that no article answers, the most frequent first."""
    return await GapService(ctx).page(query)


@router.post("/gaps", status_code=status.HTTP_201_CREATED)
async def report_kb_gap(ctx: Reader, body: KbGapCreate) -> Json[KbGapRead]:
    """Report a question that no article answers."""
    return await GapService(ctx).report(body)


@router.post("/gaps/{kb_gap_id}/settle")
async def settle_kb_gap(ctx: Author, kb_gap_id: UUID, body: KbGapSettle, version: IfMatch) -> Json[KbGapRead]:
    """Say which article answers a question now, or that none ever shall."""
    return await GapService(ctx).settle(kb_gap_id, body, version)

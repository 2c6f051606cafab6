"""For authors: articles as they are worked on."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.kit.schemas import Json
from crm_api.knowledge.schemas.articles import (
    KbArticleCreate,
    KbArticlePage,
    KbArticlePatch,
    KbArticleQuery,
    KbArticleRead,
    KbEditionPage,
    KbEditionQuery,
    KbSendBack,
)
from crm_api.knowledge.service import ArticleService

router = Router("kb/articles", tag="knowledge")
Author = Annotated[Context, requires("kb:write")]
Approver = Annotated[Context, requires("kb:publish")]


@router.get("")
async def list_kb_articles(ctx: Author, query: Annotated[KbArticleQuery, Query()]) -> Json[KbArticlePage]:
    """List articles as they are worked on; readers have `GET /v1/kb/pages`."""
    return await ArticleService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_kb_article(ctx: Author, body: KbArticleCreate) -> Json[KbArticleRead]:
    """Write an article, or one in another language (`translates_id`). It is a draft."""
    return await ArticleService(ctx).create(body)


@router.get("/{kb_article_id}")
async def get_kb_article(ctx: Author, kb_article_id: UUID) -> Json[KbArticleRead]:
    """Read an article as it is worked on."""
    return await ArticleService(ctx).get(kb_article_id)


@router.patch("/{kb_article_id}")
async def update_kb_article(
    ctx: Author, kb_article_id: UUID, body: Annotated[KbArticlePatch, MergePatch], version: IfMatch
) -> Json[KbArticleRead]:
    """Change a draft. What readers see stays until it is published again."""
    return await ArticleService(ctx).update(kb_article_id, body, version)


@router.post("/{kb_article_id}/submit")
async def submit_kb_article(ctx: Author, kb_article_id: UUID, version: IfMatch) -> Json[KbArticleRead]:
    """Hand a draft in for approval."""
    return await ArticleService(ctx).submit(kb_article_id, version)


@router.post("/{kb_article_id}/publish")
async def publish_kb_article(ctx: Approver, kb_article_id: UUID, version: IfMatch) -> Json[KbArticleRead]:
    """Approve an article: it becomes the edition that readers see.

    Its address stays the same from edition to edition.
    """
    return await ArticleService(ctx).publish(kb_article_id, version)


@router.post("/{kb_article_id}/take-back")
async def take_kb_article_back(
    ctx: Author, kb_article_id: UUID, body: KbSendBack, version: IfMatch
) -> Json[KbArticleRead]:
    """Bring an article back to the draft.

    One in review is sent back, and who answers for it is told why; one that is published is worked on anew,
    while readers keep its live edition.
    """
    return await ArticleService(ctx).take_back(kb_article_id, body, version)


@router.post("/{kb_article_id}/archive")
async def archive_kb_article(ctx: Approver, kb_article_id: UUID, version: IfMatch) -> Json[KbArticleRead]:
    """Put an article away: nobody finds it any more; its editions stay."""
    return await ArticleService(ctx).archive(kb_article_id, version)


@router.get("/{kb_article_id}/editions")
async def list_kb_editions(
    ctx: Author, kb_article_id: UUID, query: Annotated[KbEditionQuery, Query()]
) -> Json[KbEditionPage]:
    """List the editions of an article, as each was approved."""
    return await ArticleService(ctx).editions_of(kb_article_id, query)

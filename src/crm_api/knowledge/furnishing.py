"""Articles that were approved elsewhere: many at once, each with its first edition."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from crm_api.core.bulk import insert_all
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.ids import new_id
from crm_api.knowledge.models.article import KbArticle, KbArticleStatus, KbAudience, KbEdition, KbLanguage


class Approved(NamedTuple):
    """An article as it is to be read."""

    slug: str
    language: KbLanguage
    title: str
    body: str
    category: str
    audience: KbAudience
    keywords: Sequence[str] = ()
    tags: Sequence[str] = ()


async def furnish(
    ctx: Context, articles: Sequence[Approved], *, owner_id: UUID | None, review_due_on: date | None
) -> list[UUID]:
    """Their ids, in that order. In the transaction of the caller."""
    ctx.begin()
    moment = now()
    rows: list[dict[str, Any]] = []
    editions: list[dict[str, Any]] = []
    for article in articles:
        article_id = new_id()
        shown = {
            "family_id": article_id,
            "slug": article.slug,
            "language": article.language,
            "title": article.title,
            "body": article.body,
            "keywords": list(article.keywords),
            "category": article.category,
            "audience": article.audience,
            "tags": list(article.tags),
            "review_due_on": review_due_on,
        }
        rows.append(
            shown
            | {
                "id": article_id,
                "status": KbArticleStatus.PUBLISHED,
                "owner_id": owner_id,
                "edition": 1,
                "live_edition": 1,
                "published_at": moment,
            }
        )
        edition = {"id": new_id(), "article_id": article_id, "number": 1, "approved_by_id": owner_id}
        editions.append(shown | edition | {"is_live": True})
    await insert_all(ctx, KbArticle, rows)
    await insert_all(ctx, KbEdition, editions)
    return [row["id"] for row in rows]

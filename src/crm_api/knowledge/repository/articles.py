from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.knowledge.errors import (
    KbSlugTaken,
    KbTranslationThere,
    UnknownKbOwner,
)
from crm_api.knowledge.models.article import KbArticle, KbArticleStatus, KbEdition, KbVote
from crm_api.knowledge.schemas.articles import KbArticleRead, KbEditionRead
from crm_api.knowledge.schemas.reading import KbPageRead


class KbArticleRepository(Repository[KbArticle, KbArticleRead]):
    model, read = KbArticle, KbArticleRead
    refusals = {
        "uq_kb_articles_slug": KbSlugTaken,
        "uq_kb_articles_family": KbTranslationThere,
        "fk_kb_articles_owner": UnknownKbOwner,
    }

    async def due(self, day: date) -> list[KbArticle]:
        """Whose review date has come and of which nobody has been told, locked."""
        mine = KbArticle.organization_id == self.ctx.organization_id
        there = KbArticle.status != KbArticleStatus.ARCHIVED, KbArticle.owner_id.is_not(None)
        untold = KbArticle.review_told_on.is_distinct_from(KbArticle.review_due_on)
        statement = select(KbArticle).where(mine, *there, untold, KbArticle.review_due_on <= day)
        statement = statement.order_by(KbArticle.review_due_on).limit(500)
        return list(await self.ctx.session.scalars(statement.with_for_update(skip_locked=True)))

    async def hand_over(self, user_id: UUID, to_user_id: UUID) -> None:
        """The articles of a colleague who left."""
        articles = table_of(KbArticle)
        await self.edit_all(
            "of owner",
            lambda: [articles.c.owner_id == bindparam("leaving")],
            {"leaving": user_id},
            {"owner_id": to_user_id},
        )

    async def vote(self, article_id: UUID, voter: str, is_helpful: bool) -> None:
        """The last vote of a voter counts, and the sums on the article say so."""
        session = self.ctx.session
        said = insert(KbVote).values(
            organization_id=self.ctx.organization_id,
            article_id=article_id,
            voter=voter,
            is_helpful=is_helpful,
            voted_at=now(),
        )
        before = await session.scalar(
            select(KbVote.is_helpful)
            .where(KbVote.organization_id == self.ctx.organization_id)
            .where(KbVote.article_id == article_id, KbVote.voter == voter)
            .with_for_update()
        )
        if before is is_helpful:
            return
        await session.execute(
            said.on_conflict_do_update(
                index_elements=["organization_id", "article_id", "voter"],
                set_={"is_helpful": said.excluded.is_helpful, "voted_at": said.excluded.voted_at},
            )
        )
        await session.execute(
            text(
                """UPDATE kb_articles SET
                helpful = (SELECT count(*) FROM kb_votes v WHERE v.organization_id = :organization_id
                    AND v.article_id = :article_id AND v.is_helpful),
                not_helpful = (SELECT count(*) FROM kb_votes v WHERE v.organization_id = :organization_id
                    AND v.article_id = :article_id AND NOT v.is_helpful)
                WHERE organization_id = :organization_id AND id = :article_id"""
            ),
            {"organization_id": self.ctx.organization_id, "article_id": article_id},
        )


class KbEditionRepository(Repository[KbEdition, KbEditionRead]):
    """Every edition of an article, for its authors."""

    model, read = KbEdition, KbEditionRead

    async def live(self, article_id: UUID) -> KbEdition | None:
        """The one that readers see, locked."""
        mine = KbEdition.organization_id == self.ctx.organization_id
        return await self.ctx.session.scalar(
            select(KbEdition)
            .where(mine, KbEdition.article_id == article_id, KbEdition.is_live)
            .with_for_update()
        )


class KbPageRepository(Repository[KbEdition, KbPageRead]):
    """What readers see: live editions, for their audiences."""

    model, read = KbEdition, KbPageRead

    def __init__(self, ctx: Context, audiences: Sequence[str]) -> None:
        super().__init__(ctx)
        self.audiences = sorted(audiences)
        self.visibility = ("kb", *self.audiences)

    def visible(self) -> list[ColumnElement[bool]]:
        editions = table_of(KbEdition)
        return [
            *super().visible(),
            editions.c.is_live,
            or_(*(editions.c.audience == audience for audience in self.audiences)),
        ]

    async def at(self, language: str, slug: str) -> Any:
        """The page of that address, or None."""
        return await self.find(language=language, slug=slug)

    async def sums(self, article_id: UUID) -> tuple[int, int]:
        """How many it helped, and how many not."""
        articles = table_of(KbArticle)
        rows = await self.rows(
            "sums",
            lambda: select(articles.c.helpful, articles.c.not_helpful).where(
                articles.c.organization_id == bindparam("organization_id"),
                articles.c.id == bindparam("id", type_=Uuid()),
            ),
            {"id": article_id},
        )
        return (rows[0][0], rows[0][1]) if rows else (0, 0)

    async def translations(self, article_id: UUID) -> Sequence[Sequence[Any]]:
        """language, slug of the others of its family that may be read."""
        editions = table_of(KbEdition)
        family = (
            select(editions.c.family_id)
            .where(
                editions.c.organization_id == bindparam("organization_id"),
                editions.c.article_id == bindparam("id", type_=Uuid()),
                editions.c.is_live,
            )
            .scalar_subquery()
        )
        return await self.rows(
            "translations",
            lambda: (
                self.select(editions.c.language, editions.c.slug)
                .where(editions.c.family_id == family, editions.c.article_id != bindparam("id", type_=Uuid()))
                .order_by(editions.c.language)
            ),
            {"id": article_id},
        )

    async def with_ids(self, article_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """Article -> body, of those that may be read."""
        editions = table_of(KbEdition)
        rows = await self.rows(
            "bodies",
            lambda: self.select(editions.c.article_id, editions.c.body).where(
                editions.c.article_id == any_(bindparam("ids", type_=ARRAY(Uuid())))
            ),
            {"ids": list(article_ids)},
        )
        return {row[0]: row[1] for row in rows}

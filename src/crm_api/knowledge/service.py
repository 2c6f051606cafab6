"""Articles from the draft to the approved edition: each step checks the table of states and who may."""

import re
from typing import Any
from uuid import UUID

from pydantic import MISSING

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.principal import DataScope
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.kit.text import fold
from crm_api.knowledge.errors import KbArticleNotDraft, KbArticleOfAnother, KbSlugFixed
from crm_api.knowledge.events import (
    KbArticleArchived,
    KbArticlePublished,
    KbArticleSentBack,
    KbArticleSubmitted,
)
from crm_api.knowledge.models.article import KB_ARTICLE, KbArticle, KbArticleStatus, KbEdition
from crm_api.knowledge.repository.articles import KbArticleRepository, KbEditionRepository
from crm_api.knowledge.schemas.articles import (
    KbArticleCreate,
    KbArticlePage,
    KbArticlePatch,
    KbArticleQuery,
    KbArticleRead,
    KbEditionPage,
    KbEditionQuery,
    KbEditionsOfOne,
    KbSendBack,
)
from crm_api.knowledge.telling import Telling

_SHOWN = ("slug", "language", "title", "body", "keywords", "category", "audience", "tags", "review_due_on")
"""What an edition takes over."""
_LONGEST_SLUG = 120


class ArticleService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.articles, self.editions = KbArticleRepository(ctx), KbEditionRepository(ctx)

    # --- reads

    async def page(self, query: KbArticleQuery) -> Json[KbArticlePage]:
        return await self.articles.page(query, KbArticlePage)

    async def get(self, article_id: UUID) -> Json[KbArticleRead]:
        return await self.articles.get(article_id)

    async def editions_of(self, article_id: UUID, query: KbEditionQuery) -> Json[KbEditionPage]:
        """Raises NotFound."""
        await self.articles.get(article_id)
        asked = KbEditionsOfOne.model_validate(query.model_dump() | {"article_id": [article_id]})
        return await self.editions.page(asked, KbEditionPage)

    # --- the draft

    async def create(self, data: KbArticleCreate) -> Json[KbArticleRead]:
        """Raises KbSlugTaken, KbTranslationThere, NotFound for the article that it translates."""
        self.ctx.begin()
        article_id = new_id()
        family_id = article_id
        if data.translates_id is not None:
            family_id = (await self.articles.get(data.translates_id)).value.family_id
        given = data.model_dump(exclude={"translates_id", "slug", "owner_id"})
        person = self.ctx.principal.id if self.ctx.principal.is_person else None
        article = KbArticle(
            **given,
            id=article_id,
            family_id=family_id,
            slug=data.slug or slug_of(data.title) or article_id.hex,
            owner_id=data.owner_id or person,
        )
        await self.articles.save(article)
        return await self.articles.get(article_id)

    async def update(self, article_id: UUID, data: KbArticlePatch, version: int) -> Json[KbArticleRead]:
        """Raises KbArticleNotDraft, KbSlugFixed."""
        article = await self._own(article_id, version)
        if article.status is not KbArticleStatus.DRAFT:
            raise KbArticleNotDraft
        given = {name: value for name, value in data if value is not MISSING}
        if article.edition and given.get("slug", article.slug) != article.slug:
            raise KbSlugFixed
        for name, value in given.items():
            setattr(article, name, value)
        return await self._saved(article)

    # --- the steps

    async def submit(self, article_id: UUID, version: int) -> Json[KbArticleRead]:
        """An author hands it in."""
        article = await self._own(article_id, version)
        self._step(article, KbArticleStatus.IN_REVIEW)
        await publish(self.ctx, KbArticleSubmitted(article.id))
        return await self._saved(article)

    async def publish(self, article_id: UUID, version: int) -> Json[KbArticleRead]:
        """Approved: it becomes the edition that readers see, at the same address as the one before."""
        article = await self._loaded(article_id, version)
        self._step(article, KbArticleStatus.PUBLISHED)
        await self._withdraw(article)
        article.edition += 1
        article.live_edition, article.published_at = article.edition, now()
        article.send_back_reason = None
        await self.editions.save(self._edition(article))
        await publish(self.ctx, KbArticlePublished(article.id, article.edition, str(article.audience)))
        return await self._saved(article)

    async def take_back(self, article_id: UUID, data: KbSendBack, version: int) -> Json[KbArticleRead]:
        """To the draft: sent back by who reviews it, or worked on anew. The live edition stays."""
        article = await self._own(article_id, version)
        reviewed = article.status is KbArticleStatus.IN_REVIEW
        self._step(article, KbArticleStatus.DRAFT)
        article.send_back_reason = data.reason
        if reviewed:
            await publish(self.ctx, KbArticleSentBack(article.id))
            await Telling(self.ctx).sent_back(article)
        return await self._saved(article)

    async def archive(self, article_id: UUID, version: int) -> Json[KbArticleRead]:
        """Nobody finds it any more; its editions stay."""
        article = await self._loaded(article_id, version)
        self._step(article, KbArticleStatus.ARCHIVED)
        await self._withdraw(article)
        article.live_edition = None
        await publish(self.ctx, KbArticleArchived(article.id))
        return await self._saved(article)

    def _step(self, article: KbArticle, wanted: KbArticleStatus) -> None:
        KB_ARTICLE.check(article.status, wanted)
        article.status = wanted

    async def _withdraw(self, article: KbArticle) -> None:
        live = await self.editions.live(article.id)
        if live is not None:
            live.is_live = False
            await self.editions.save(live)

    def _edition(self, article: KbArticle) -> KbEdition:
        shown: dict[str, Any] = {name: getattr(article, name) for name in _SHOWN}
        approver = self.ctx.principal.id if self.ctx.principal.is_person else None
        return KbEdition(
            **shown,
            id=new_id(),
            article_id=article.id,
            family_id=article.family_id,
            number=article.edition,
            approved_by_id=approver,
        )

    # --- who may

    async def _own(self, article_id: UUID, version: int) -> KbArticle:
        """Who sees a part of the company only writes their own articles (domain.md C-3), approvers all."""
        article = await self._loaded(article_id, version)
        principal = self.ctx.principal
        everything = principal.data_scope is DataScope.ALL or "kb:publish" in principal.scopes
        if not everything and principal.id not in (article.owner_id, article.created_by_id):
            raise KbArticleOfAnother
        return article

    async def _loaded(self, article_id: UUID, version: int) -> KbArticle:
        article = await self.articles.load(article_id)
        if version not in (article.version, ANY_VERSION):
            raise VersionConflict(current_version=article.version)
        return article

    async def _saved(self, article: KbArticle) -> Json[KbArticleRead]:
        await self.articles.save(article)
        return await self.articles.get(article.id)


def slug_of(title: str) -> str:
    """`Déclarer un accident` is declarer-un-accident; empty for a title without Latin letters."""
    return re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:_LONGEST_SLUG].strip("-")

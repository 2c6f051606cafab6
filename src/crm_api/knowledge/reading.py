"""What readers do: list, read, search, be suggested an article, vote."""

from crm_api.core.context import Context
from crm_api.kit.errors import ValidationFailed
from crm_api.kit.schemas import Json
from crm_api.knowledge.errors import KbPageUnknown
from crm_api.knowledge.finding import Finder, audiences_of
from crm_api.knowledge.gaps import GapService
from crm_api.knowledge.models.article import KbLanguage
from crm_api.knowledge.models.gap import KbGapSource
from crm_api.knowledge.repository.articles import KbArticleRepository, KbPageRepository
from crm_api.knowledge.schemas.reading import (
    KbPagePage,
    KbPageQuery,
    KbPageRead,
    KbPageShown,
    KbSearchAnswer,
    KbSearchQuery,
    KbSuggestionAsk,
    KbTranslation,
    KbVoteCast,
)

LIKELY = 0.35
"""A suggestion that covers less of what a request says is no help to who reads it."""


class ReadingService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.pages = KbPageRepository(ctx, audiences_of(ctx))

    async def page(self, query: KbPageQuery) -> Json[KbPagePage]:
        return await self.pages.page(query, KbPagePage)

    async def read(self, language: KbLanguage, slug: str) -> KbPageShown:
        """Raises KbPageUnknown."""
        page = await self._at(language, slug)
        helpful, not_helpful = await self.pages.sums(page.article_id)
        others = await self.pages.translations(page.article_id)
        return KbPageShown(
            **dict(page),
            helpful=helpful,
            not_helpful=not_helpful,
            translations=[KbTranslation(language=KbLanguage(row[0]), slug=row[1]) for row in others],
        )

    async def search(self, query: KbSearchQuery) -> KbSearchAnswer:
        found = await Finder(self.ctx).find(query.q, query.language, query.limit)
        return KbSearchAnswer(data=found.hits)

    async def suggest(self, data: KbSuggestionAsk) -> KbSearchAnswer:
        """For the text of a request; one that finds nothing is a line of the gaps report."""
        found = await Finder(self.ctx).find(data.text, data.language, data.limit)
        hits = [hit for hit in found.hits if hit.confidence >= LIKELY]
        if not hits and found.asked.words:
            await GapService(self.ctx).note(data.text, found.asked, KbGapSource.SUGGESTION)
        return KbSearchAnswer(data=hits)

    async def vote(self, language: KbLanguage, slug: str, data: KbVoteCast) -> None:
        """Raises KbPageUnknown."""
        page = await self._at(language, slug)
        if not self.ctx.principal.is_person and data.visitor is None:
            raise ValidationFailed.at("/visitor", "visitor_required", "Say for whom you ask.")
        voter = f"v:{data.visitor}" if data.visitor else f"u:{self.ctx.principal.id}"
        self.ctx.begin()
        await KbArticleRepository(self.ctx).vote(page.article_id, voter, data.is_helpful)

    async def _at(self, language: KbLanguage, slug: str) -> KbPageRead:
        found = await self.pages.find(language=language, slug=slug)
        if found is None:
            raise KbPageUnknown
        return found.value

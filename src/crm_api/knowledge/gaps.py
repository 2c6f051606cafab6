"""Questions without an article: kept without personal data, counted, and settled."""

from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import ValidationFailed, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.knowledge.asking import Asked, asked
from crm_api.knowledge.masking import masked
from crm_api.knowledge.models.gap import KbGapSource, KbGapStatus
from crm_api.knowledge.repository.articles import KbArticleRepository
from crm_api.knowledge.repository.gaps import KbGapRepository
from crm_api.knowledge.schemas.reading import (
    LONGEST_QUESTION,
    KbGapCreate,
    KbGapPage,
    KbGapQuery,
    KbGapRead,
    KbGapSettle,
)


class GapService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.gaps = KbGapRepository(ctx)

    async def page(self, query: KbGapQuery) -> Json[KbGapPage]:
        return await self.gaps.page(query, KbGapPage)

    async def note(self, text: str, what: Asked, source: KbGapSource) -> UUID:
        """Asked once more, or for the first time; an answered one that is asked again is open again."""
        self.ctx.begin()
        question = " ".join(masked(text).split())[:LONGEST_QUESTION]
        return await self.gaps.note(asked(question, what.language), question, source)

    async def report(self, data: KbGapCreate) -> Json[KbGapRead]:
        """A colleague says so."""
        what = asked(data.question, data.language)
        if not what.words:
            raise ValidationFailed.at("/question", "no_words", "Say what was asked.")
        return await self.gaps.get(await self.note(data.question, what, KbGapSource.COLLEAGUE))

    async def settle(self, gap_id: UUID, data: KbGapSettle, version: int) -> Json[KbGapRead]:
        """An article answers it now, or none ever shall. Raises NotFound, also for the article."""
        gap = await self.gaps.load(gap_id)
        if version not in (gap.version, ANY_VERSION):
            raise VersionConflict(current_version=gap.version)
        if data.article_id is not None:
            await KbArticleRepository(self.ctx).get(data.article_id)
        gap.article_id = data.article_id
        gap.status = KbGapStatus.ANSWERED if data.article_id else KbGapStatus.DISMISSED
        await self.gaps.save(gap)
        return await self.gaps.get(gap_id)

from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from crm_api.accounts.errors import MergeTooOld
from crm_api.core.apart import rehearsed
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.duplicates.errors import SurvivorNotOfPair, UnknownChoice
from crm_api.duplicates.merging import MERGERS, Merger
from crm_api.duplicates.models import PAIR, DuplicatePair, PairStatus
from crm_api.duplicates.repository import DuplicateRepository
from crm_api.duplicates.schemas import (
    DuplicatePairPage,
    DuplicatePairRead,
    DuplicateQuery,
    MergeChoice,
    MergePreview,
)
from crm_api.kit.errors import VersionConflict
from crm_api.kit.schemas import Json

UNDOABLE_FOR = timedelta(days=30)


class DuplicateService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.pairs = DuplicateRepository(ctx)

    async def page(self, query: DuplicateQuery) -> Json[DuplicatePairPage]:
        return await self.pairs.page(query, DuplicatePairPage)

    async def get(self, pair_id: UUID) -> Json[DuplicatePairRead]:
        return await self.pairs.get(pair_id)

    async def dismiss(self, pair_id: UUID, version: int) -> Json[DuplicatePairRead]:
        """They are two; the pair comes up no more."""
        return await self._decided(await self._loaded(pair_id, version), PairStatus.DISMISSED)

    async def reopen(self, pair_id: UUID, version: int) -> Json[DuplicatePairRead]:
        pair = await self._loaded(pair_id, version)
        if pair.status is PairStatus.MERGED:  # the way back from there is to take the merge back
            raise PAIR.refusal(pair.status, PairStatus.OPEN)
        return await self._decided(pair, PairStatus.OPEN)

    async def preview(self, pair_id: UUID, choice: MergeChoice) -> MergePreview:
        """The merge itself, in a transaction that is rolled back."""
        async with rehearsed(self.ctx.apart()) as trial:
            pair = await DuplicateRepository(trial).load(pair_id)
            PAIR.check(pair.status, PairStatus.MERGED)
            merger, other_id = self._chosen(trial, pair, choice)
            survivor, other = await merger.get(choice.survivor_id), await merger.get(other_id)
            await merger.merge(choice.survivor_id, other_id, choice.survivorship)
            merged = await merger.get(choice.survivor_id)
        return MergePreview(
            survivor=_plain(survivor), other=_plain(other), merged=_plain(merged), choices=[*merger.choices]
        )

    async def merge(self, pair_id: UUID, choice: MergeChoice, version: int) -> Json[DuplicatePairRead]:
        pair = await self._loaded(pair_id, version)
        PAIR.check(pair.status, PairStatus.MERGED)
        merger, other_id = self._chosen(self.ctx, pair, choice)
        pair.undo = await merger.merge(choice.survivor_id, other_id, choice.survivorship)
        pair.survivor_id = choice.survivor_id
        return await self._decided(pair, PairStatus.MERGED)

    async def unmerge(self, pair_id: UUID, version: int) -> Json[DuplicatePairRead]:
        """They are two again, and the pair is open. Raises MergeTooOld."""
        pair = await self._loaded(pair_id, version)
        if pair.status is not PairStatus.MERGED or pair.survivor_id is None:
            raise PAIR.refusal(pair.status, PairStatus.OPEN)
        if pair.decided_at is None or now() - pair.decided_at > UNDOABLE_FOR:
            raise MergeTooOld(days=UNDOABLE_FOR.days)
        merger = MERGERS[pair.entity](self.ctx, pair.id)
        await merger.undo(pair.survivor_id, _other(pair, pair.survivor_id), pair.undo or {})
        pair.undo = pair.survivor_id = None
        return await self._decided(pair, PairStatus.OPEN)

    async def _decided(self, pair: DuplicatePair, status: PairStatus) -> Json[DuplicatePairRead]:
        PAIR.check(pair.status, status)
        pair.status = status
        decided = status is not PairStatus.OPEN
        pair.decided_at = now() if decided else None
        pair.decided_by_id = self.ctx.principal.id if decided else None
        await self.pairs.save(pair)
        return await self.pairs.get(pair.id)

    async def _loaded(self, pair_id: UUID, version: int) -> DuplicatePair:
        pair = await self.pairs.load(pair_id)
        if version not in (pair.version, ANY_VERSION):
            raise VersionConflict(current_version=pair.version)
        return pair

    @staticmethod
    def _chosen(ctx: Context, pair: DuplicatePair, choice: MergeChoice) -> tuple[Merger, UUID]:
        merger = MERGERS[pair.entity](ctx, pair.id)
        if unknown := choice.survivorship.keys() - {*merger.choices}:
            raise UnknownChoice(fields=", ".join(sorted(unknown)))
        return merger, _other(pair, choice.survivor_id)


def _other(pair: DuplicatePair, survivor_id: UUID) -> UUID:
    if survivor_id not in (pair.first_id, pair.second_id):
        raise SurvivorNotOfPair
    return pair.second_id if survivor_id == pair.first_id else pair.first_id


def _plain(row: Json[Any]) -> dict[str, Any]:
    plain: dict[str, Any] = from_json(row.body)
    return plain

"""Rows taken in for good or for a rehearsal: the same code, in a transaction that is kept or rolled back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from anyio import to_thread

from crm_api.core.bulk import plan_afresh
from crm_api.core.context import Context
from crm_api.core.progress import RunOutcome
from crm_api.imports.columns import Columns
from crm_api.imports.likeness import Seen
from crm_api.imports.models import Import, ImportMode, OnDuplicate
from crm_api.imports.rows import Made, Options, Reader, Verdict
from crm_api.imports.setwise import Prepared, Taker
from crm_api.imports.targets import TARGETS
from crm_api.kit.matching import PROBABLE_FROM

Numbered = Sequence[tuple[int, Sequence[str]]]


class Taking:
    """One file being taken in, part after part."""

    def __init__(self, of: Import, columns: Columns, locale: str) -> None:
        """`columns`: those that the file may fill (`imports.own`)."""
        self.target, self.columns = TARGETS[of.entity], columns
        self.options = options_of(of.options, locale)
        self._reader = Reader(of.header, of.mapping, columns, locale)
        self._seen = Seen()

    async def prepare(self, ctx: Context, cells: Numbered) -> Prepared:
        """Outside of the transaction that writes, so while another part is being written."""
        rows = await to_thread.run_sync(lambda: [self._reader.read(number, line) for number, line in cells])
        return await self.taker(ctx).prepare(rows)

    async def take(self, ctx: Context, prepared: Prepared) -> tuple[list[Verdict], Made]:
        """Inside the transaction of `ctx`: whoever opened it keeps it or rolls it back."""
        await plan_afresh(ctx)
        return await self.taker(ctx).take(prepared)

    def taker(self, ctx: Context) -> Taker:
        return self.target.taker(ctx, self.columns, self.options, self._seen)

    def kept(self, made: Made) -> None:
        """What was written may be named by later rows."""
        self._seen.written.update(made.created)


def options_of(kept: Mapping[str, Any], locale: str) -> Options:
    return Options(
        mode=ImportMode(kept["mode"]),
        match_on=kept["match_on"],
        external_system=kept["external_system"],
        on_duplicate=OnDuplicate(kept["on_duplicate"]),
        locale=locale,
    )


def counted(before: Mapping[str, int], verdicts: Sequence[Verdict]) -> dict[str, int]:
    counts = Counter(before)
    counts.update(str(verdict.outcome) for verdict in verdicts)
    counts["duplicates"] += sum(
        any(one.score >= PROBABLE_FROM for one in verdict.duplicates) for verdict in verdicts
    )
    return {name: counts[name] for name in before}


def by_agency(before: Sequence[Mapping[str, Any]], verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    totals = Counter({one["agency_id"]: one["created"] for one in before})
    totals.update(
        verdict.agency_id and str(verdict.agency_id)
        for verdict in verdicts
        if verdict.outcome is RunOutcome.CREATED
    )
    return [{"agency_id": agency_id, "created": count} for agency_id, count in totals.most_common()]

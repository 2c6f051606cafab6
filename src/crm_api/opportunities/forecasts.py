"""The forecast: what is expected, how it changed, what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.money import Money
from crm_api.opportunities.errors import NoSnapshot
from crm_api.opportunities.events import OpportunityStagnant
from crm_api.opportunities.figures import DAYS, MONEY, SHARE, accuracy, dinars, ratio, velocity, written
from crm_api.opportunities.models.pipeline import ForecastCategory
from crm_api.opportunities.repository.forecasts import ForecastRepository
from crm_api.opportunities.repository.opportunities import OpportunityRepository
from crm_api.opportunities.schemas.forecast import (
    CategoryPart,
    Change,
    ChangedOpportunity,
    ChangeSum,
    Comparison,
    ComparisonQuery,
    Forecast,
    ForecastGroup,
    ForecastQuery,
    Kpi,
    KpiCode,
    Part,
    PeriodScope,
    SalesKpis,
    Scope,
    Snapshot,
    SnapshotList,
    SnapshotQuery,
)
from crm_api.opportunities.telling import Teller

Row = Sequence[Any]
SHOWN = frozenset(Change) - {Change.UNCHANGED}
MOST_GROUPS = 1000


class ForecastService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.forecasts = ForecastRepository(ctx)

    async def forecast(self, query: ForecastQuery) -> Forecast:
        """As it is, or as its snapshot of a day tells. Raises NoSnapshot."""
        as_of = None
        if query.as_of is not None:
            taken = await self._snapshot(query.as_of)
            as_of = taken.day, taken.taken_at
        day = query.as_of or today()
        group = query.group_by and query.group_by.value
        days = {"start": query.start, "end": query.end, "today": day}
        rows = await self.forecasts.figures(_scope(query), group, as_of, **days)
        groups = []
        if group is not None:
            keys = dict.fromkeys(row[0] for row in rows)
            groups = [
                ForecastGroup(key=key, **figures_of(row for row in rows if row[0] == key)) for key in keys
            ]
            groups.sort(key=lambda one: (-one.weighted_forecast.centimes, one.key))
        return Forecast(
            start=query.start, end=query.end, as_of=day, groups=groups[:MOST_GROUPS], **figures_of(rows)
        )

    async def snapshots(self, query: SnapshotQuery) -> SnapshotList:
        rows = await self.forecasts.snapshots(query.before, query.limit)
        return SnapshotList(data=[Snapshot(day=row[0], taken_at=row[1]) for row in rows])

    async def compare(self, query: ComparisonQuery) -> Comparison:
        """What became of everything that was open on one of two days. Raises NoSnapshot."""
        known = await self.forecasts.nearest([query.start, query.end])
        start, end = _taken(known, query.start), _taken(known, query.end)
        scope = _scope(query)
        between = {"start": start.day, "end": end.day}
        between |= {"start_moment": start.taken_at, "end_moment": end.taken_at}
        sums = [_sum(row) for row in await self.forecasts.change_sums(scope, between)]
        sums.sort(key=lambda one: [*Change].index(one.change))
        wanted = [*query.change] if query.change else [str(change) for change in SHOWN]
        rows = await self.forecasts.changed(scope, between, wanted, query.limit)
        return Comparison(start=start, end=end, sums=sums, data=[_changed(row) for row in rows])

    async def kpis(self, query: PeriodScope) -> SalesKpis:
        """D-4 to D-11 of a period; the accuracy needs the snapshot of its first day."""
        scope = _scope(query)
        closings = await self.forecasts.closings(scope, query.start, query.end)
        expected = await self._expected(scope, query.start, query.end)
        return SalesKpis(
            start=query.start,
            end=query.end,
            timezone=str(ALGIERS),
            computed_at=now(),
            data=kpis_of(closings, expected),
        )

    # --- for the jobs

    async def take_snapshot(self) -> bool:
        """Of today, unless there is one."""
        return await self.forecasts.take_snapshot(today())

    async def tell_stagnant(self) -> None:
        """Each is told once until something is done about it."""
        teller = Teller(self.ctx)
        for opportunity_id, number, owner_id in await OpportunityRepository(self.ctx).newly_stagnant(now()):
            await publish(self.ctx, OpportunityStagnant(opportunity_id, owner_id))
            await teller.stands_still(opportunity_id, number, owner_id)

    # --- inside

    async def _snapshot(self, day: date) -> Snapshot:
        return _taken(await self.forecasts.nearest([day]), day)

    async def _expected(self, scope: Mapping[str, Any], start: date, end: date) -> int | None:
        """What was forecast for the period on its first day, in centimes; None without that snapshot."""
        taken = (await self.forecasts.nearest([start])).get(start)
        if taken is None or taken[0] != start:
            return None
        rows = await self.forecasts.figures(scope, None, taken, start=start, end=end, today=start)
        return _weighted_forecast(rows)


def figures_of(rows: Iterable[Row]) -> dict[str, Any]:
    """The figures of some rows of `ForecastRepository.figures`; parts add up exactly."""
    rows = list(rows)
    by_bucket = {
        bucket: _part(row for row in rows if row[1] == bucket) for bucket in {row[1] for row in rows}
    }
    nothing = _part(())
    categories = [
        CategoryPart(category=category, **dict(by_bucket[category]))
        for category in ForecastCategory
        if category in by_bucket
    ]
    figures = {name: by_bucket.get(name, nothing) for name in ("overdue", "later", "won", "lost")}
    figures["open"] = _part(row for row in rows if row[1] not in ("won", "lost"))
    return {
        **figures,
        "categories": categories,
        "weighted_forecast": Money.of(_weighted_forecast(rows)),
    }


def _weighted_forecast(rows: Iterable[Row]) -> int:
    """D-7: open ones of the period, weighted, and what is won; neither omitted nor overdue."""
    expected = {ForecastCategory.PIPELINE, ForecastCategory.BEST_CASE, ForecastCategory.COMMIT}
    return sum(row[3] if row[1] == "won" else row[4] for row in rows if row[1] in {*expected, "won"})


def _part(rows: Iterable[Row]) -> Part:
    count = amount = weighted = 0
    for row in rows:
        count, amount, weighted = count + row[2], amount + row[3], weighted + row[4]
    return Part(count=count, amount=Money.of(amount), weighted=Money.of(weighted))


def kpis_of(closings: Row, expected: int | None) -> list[Kpi]:
    """From the row of `ForecastRepository.closings`, amounts in centimes."""
    won, lost, won_amount, lost_amount, won_days, twice_median, lost_days, open_count, open_amount = closings
    rate = ratio(won, won + lost)
    cycle, average = ratio(won_days, won), ratio(won_amount, won)
    speed = velocity(open_count, rate, average, cycle)
    hit = None if expected is None else accuracy(won_amount, expected)
    return [
        _kpi(KpiCode.WIN_RATE, rate, SHARE, "ratio", won + lost, (won, won + lost)),
        _kpi(
            KpiCode.WIN_RATE_VALUE,
            ratio(won_amount, won_amount + lost_amount),
            SHARE,
            "ratio",
            won + lost,
            (_money(won_amount), _money(won_amount + lost_amount)),
        ),
        _kpi(KpiCode.PIPELINE_VALUE, Fraction(open_amount, 100), MONEY, "DZD", open_count),
        _kpi(
            KpiCode.FORECAST_ACCURACY,
            hit,
            SHARE,
            "ratio",
            won,
            (None if expected is None else _money(expected), _money(won_amount)),
        ),
        _kpi(KpiCode.SALES_CYCLE_DAYS, cycle, DAYS, "days", won, (won_days, won)),
        _kpi(KpiCode.SALES_CYCLE_MEDIAN, Fraction(twice_median, 2) if won else None, DAYS, "days", won),
        _kpi(KpiCode.LOST_CYCLE_DAYS, ratio(lost_days, lost), DAYS, "days", lost, (lost_days, lost)),
        _kpi(KpiCode.SALES_VELOCITY, dinars(speed), MONEY, "DZD/day", won + lost),
        _kpi(KpiCode.DEALS_WON, Fraction(won), 0, "count", won),
        _kpi(KpiCode.WON_AMOUNT, Fraction(won_amount, 100), MONEY, "DZD", won),
    ]


def _kpi(
    code: KpiCode,
    value: Fraction | None,
    decimals: int,
    unit: str,
    sample: int,
    parts: tuple[Any, Any] = (None, None),
) -> Kpi:
    above, below = (None if part is None else str(part) for part in parts)
    return Kpi(
        code=code,
        value=written(value, decimals),
        unit=unit,
        numerator=above,
        denominator=below,
        sample_size=sample,
        status="no_data" if value is None else "ok",
    )


def _money(centimes: int) -> str:
    return Money.of(centimes).amount


def _scope(query: Scope) -> dict[str, list[UUID] | list[str]]:
    """What somebody narrowed it down to."""
    return {name: value for name in Scope.model_fields if (value := getattr(query, name))}


def _taken(known: Mapping[date, tuple[Any, Any]], day: date) -> Snapshot:
    nearest = known.get(day)
    if nearest is None or nearest[0] != day:
        raise NoSnapshot(day=day.isoformat(), nearest=nearest and nearest[0].isoformat())
    return Snapshot(day=nearest[0], taken_at=nearest[1])


def _sum(row: Row) -> ChangeSum:
    amounts = ("amount_before", "amount_after", "weighted_before", "weighted_after", "closed_amount")
    told = {name: Money.of(centimes) for name, centimes in zip(amounts, row[2:], strict=True)}
    return ChangeSum(change=Change(row[0]), count=row[1], **told)


def _changed(row: Row) -> ChangedOpportunity:
    names = [*ChangedOpportunity.model_fields]
    told = dict(zip(names, row, strict=True))
    for name in ("amount_before", "amount_after", "closed_amount"):
        told[name] = None if told[name] is None else Money.of(told[name])
    return ChangedOpportunity(**told)

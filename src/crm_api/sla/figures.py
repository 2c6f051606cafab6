"""How soon people are answered and helped, and how often in time (domain.md D-46 to D-50)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.principal import DataScope
from crm_api.kit.clock import ALGIERS
from crm_api.sla.clock import SlaMetric
from crm_api.sla.repository import SlaFigureRepository
from crm_api.sla.schemas.figures import SlaKpi, SlaKpiCode, SlaKpis, SlaPeriod

_MINUTE = 60_000
_DECIMALS = {"ratio": Decimal("0.0001"), "minutes": Decimal("0.1"), "count": Decimal(1)}


class Tally(NamedTuple):
    """Of one metric in a period; times in milliseconds."""

    done: int = 0
    business: int = 0
    calendar: int = 0
    median: float | None = None
    p90: float | None = None
    kept: int = 0
    broken: int = 0


class SlaFigures:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.figures = SlaFigureRepository(ctx)

    async def of(self, period: SlaPeriod) -> SlaKpis:
        whose = self._whose(period.agency_id)
        rows = await self.figures.period(_midnight(period.start), _midnight(period.end), whose)
        tallies = {SlaMetric(row[0]): Tally(*row[1:]) for row in rows}
        return SlaKpis(
            start=period.start,
            end=period.end,
            timezone=str(ALGIERS),
            computed_at=now(),
            data=figures_of(tallies, await self.figures.unanswered(whose)),
        )

    def _whose(self, asked: Sequence[UUID] | None) -> Sequence[UUID] | None:
        """None: everybody's. Who sees some agencies only counts those."""
        principal = self.ctx.principal
        if principal.data_scope is DataScope.ALL:
            return asked
        seen = {*principal.agency_ids, *([principal.agency_id] if principal.agency_id else [])}
        return [each for each in seen if asked is None or each in asked]


def figures_of(tallies: Mapping[SlaMetric, Tally], unanswered: int) -> list[SlaKpi]:
    none = Tally()
    first, following = (tallies.get(metric, none) for metric in (SlaMetric.FIRST_REPLY, SlaMetric.NEXT_REPLY))
    solved = tallies.get(SlaMetric.RESOLUTION, none)
    answers, waited = first.done + following.done, first.business + following.business
    code = SlaKpiCode
    return [
        _mean(code.FIRST_RESPONSE_TIME_MEAN, first.business, first.done),
        _kpi(code.FIRST_RESPONSE_TIME_MEDIAN, _minutes(first.median), "minutes", first.done),
        _kpi(code.FIRST_RESPONSE_TIME_P90, _minutes(first.p90), "minutes", first.done),
        _kpi(code.FIRST_RESPONSE_UNANSWERED, Decimal(unanswered), "count", unanswered),
        _mean(code.AVG_RESPONSE_TIME, waited, answers),
        _share(code.FIRST_RESPONSE_SLA, first),
        _share(code.RESOLUTION_SLA, solved),
        _mean(code.RESOLUTION_TIME, solved.business, solved.done),
        _mean(code.RESOLUTION_TIME_CALENDAR, solved.calendar, solved.done),
    ]


def _share(code: SlaKpiCode, tally: Tally) -> SlaKpi:
    """Kept of those that were kept or broken; those that run are neither."""
    over = tally.kept + tally.broken
    return _kpi(code, Decimal(tally.kept) / over if over else None, "ratio", over, (tally.kept, over))


def _mean(code: SlaKpiCode, millis: int, count: int) -> SlaKpi:
    minutes = Decimal(millis) / _MINUTE
    shown = minutes.quantize(_DECIMALS["minutes"], ROUND_HALF_UP)
    return _kpi(code, minutes / count if count else None, "minutes", count, (shown, count))


def _minutes(millis: float | None) -> Decimal | None:
    return None if millis is None else Decimal(str(millis)) / _MINUTE


def _kpi(
    code: SlaKpiCode,
    value: Decimal | None,
    unit: str,
    sample: int,
    parts: tuple[Decimal | int | None, Decimal | int | None] = (None, None),
) -> SlaKpi:
    above, below = (None if part is None else str(part) for part in parts)
    return SlaKpi(
        code=code,
        value=None if value is None else str(value.quantize(_DECIMALS[unit], ROUND_HALF_UP)),
        unit=unit,
        numerator=above,
        denominator=below,
        sample_size=sample,
        status="no_data" if value is None else "ok",
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ALGIERS)

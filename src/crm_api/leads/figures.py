"""D-1 to D-3 of the KPI book: how many leads came, how many became customers, how soon somebody called."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from anyio import to_thread
from pydantic_core import from_json

from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.business_time import Calendar
from crm_api.kit.clock import ALGIERS
from crm_api.leads.repository.figures import LeadFigureRepository
from crm_api.leads.schemas.figures import KpiBasis, LeadKpi, LeadKpiCode, LeadKpis, LeadPeriod
from crm_api.opportunities.figures import ratio, written

SHARE, MINUTES = 4, 1
_EVER = 10_000 * 86_400_000
"""Milliseconds: a conversion counts whenever it was made."""


class LeadFigures:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def of(self, period: LeadPeriod) -> LeadKpis:
        moment = now()
        narrowed = [name for name in ("agency_id", "owner_user_id", "source") if getattr(period, name)]
        values: dict[str, Any] = {name: [*getattr(period, name)] for name in narrowed}
        values |= {"start": _midnight(period.start), "end": _midnight(period.end), "latest": moment}
        values["horizon"] = _EVER if period.horizon_days is None else period.horizon_days * 86_400_000
        row = await LeadFigureRepository(self.ctx).period(values, narrowed)
        created, excluded, cohort, conversions, uncontacted, answers = row
        minutes = await self._minutes(from_json(answers))
        converted = cohort if period.basis is KpiBasis.COHORT else conversions
        return LeadKpis(
            start=period.start,
            end=period.end,
            timezone=str(ALGIERS),
            computed_at=moment,
            excluded=excluded,
            data=figures_of(created, converted, uncontacted, minutes),
        )

    async def _minutes(self, answers: Sequence[Any]) -> list[int]:
        """Working minutes of the agency until somebody was reached, in order."""
        calendars = CalendarService(self.ctx)
        known = {id: await calendars.for_agency(id and UUID(id)) for id in {one[0] for one in answers}}
        return await to_thread.run_sync(lambda: sorted(_waited(known[one[0]], *one[1:]) for one in answers))


def figures_of(created: int, converted: int, uncontacted: int, minutes: Sequence[int]) -> list[LeadKpi]:
    """From the counts, and the minutes of those that were reached in order."""
    rate = ratio(converted, created)
    told = len(minutes)
    code = LeadKpiCode
    return [
        _kpi(code.CONVERSION_RATE, rate, SHARE, "ratio", created, (converted, created)),
        _kpi(code.LEADS_CREATED, Fraction(created), 0, "count", created),
        _kpi(code.RESPONSE_TIME_MEDIAN, median(minutes), MINUTES, "minutes", told),
        _kpi(code.RESPONSE_TIME_P90, percentile(minutes, 90), 0, "minutes", told),
        _kpi(
            code.RESPONSE_TIME_MEAN, ratio(sum(minutes), told), MINUTES, "minutes", told, (sum(minutes), told)
        ),
        _kpi(code.UNCONTACTED, Fraction(uncontacted), 0, "count", created),
    ]


def median(ordered: Sequence[int]) -> Fraction | None:
    """The middle one, or the mean of the two in the middle."""
    if not ordered:
        return None
    half = len(ordered) // 2
    return Fraction(ordered[half]) if len(ordered) % 2 else Fraction(ordered[half - 1] + ordered[half], 2)


def percentile(ordered: Sequence[int], percent: int) -> Fraction | None:
    """By nearest rank: the smallest one that so many of a hundred do not exceed."""
    if not ordered:
        return None
    return Fraction(ordered[-(-percent * len(ordered) // 100) - 1])


def _waited(calendar: Calendar, created: int, contacted: int) -> int:
    return max(0, calendar.minutes_between(_at(created), _at(contacted)))


def _at(millis: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=millis)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ALGIERS)


def _kpi(
    code: LeadKpiCode,
    value: Fraction | None,
    decimals: int,
    unit: str,
    sample: int,
    parts: tuple[int | None, int | None] = (None, None),
) -> LeadKpi:
    above, below = (None if part is None else str(part) for part in parts)
    beyond = unit == "ratio" and value is not None and value > 1
    return LeadKpi(
        code=code,
        value=written(value, decimals),
        unit=unit,
        numerator=above,
        denominator=below,
        sample_size=sample,
        status="no_data" if value is None else "above_one" if beyond else "ok",
    )

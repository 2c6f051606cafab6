"""What campaigns came to: reckoned ahead by a job, read as a row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from crm_api.attribution.repository import ResultRepository
from crm_api.attribution.schemas import (
    CampaignComparisonQuery,
    CampaignDayRead,
    CampaignDays,
    CampaignFigure,
    CampaignLift,
    CampaignResults,
    CampaignResultsQuery,
    CampaignsSideBySide,
)
from crm_api.attribution.sharing import Touch, lift, shares
from crm_api.campaigns.service import CampaignService
from crm_api.campaigns.words import CampaignModel
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.clock import ALGIERS
from crm_api.kit.errors import NotFound

CHANNEL = UUID(int=0)
"""Stands for any source that is no campaign and not direct."""
AGAIN = timedelta(days=2)
"""Visits changed within this are looked at again: a touch that is known has no effect."""
Row = Sequence[Any]


class AttributionService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.results_of = ResultRepository(ctx)

    async def reckon(self) -> int:
        """Of all campaigns that may still come to something; how many."""
        await self.results_of.feed_visits(now() - AGAIN)
        living = await self.results_of.living()
        for campaign_id, days, half_life in living:
            await self.results_of.feed(campaign_id)
            counts = await self.results_of.counts(campaign_id)
            sales = await self.results_of.sales(campaign_id, days)
            revenue, sold, customers = credited(campaign_id, sales, half_life)
            counts |= {"policies": sold, "new_customers": customers}
            await self.results_of.keep(campaign_id, now(), counts, revenue)
        return len(living)

    async def results(self, campaign_id: UUID, query: CampaignResultsQuery) -> CampaignResults:
        """Raises NotFound."""
        return (await self._read([campaign_id], query))[0]

    async def compare(self, query: CampaignComparisonQuery) -> CampaignsSideBySide:
        """Raises NotFound."""
        return CampaignsSideBySide(data=await self._read(query.campaign_id, query))

    async def days(self, campaign_id: UUID) -> CampaignDays:
        """Raises NotFound."""
        await CampaignService(self.ctx).get(campaign_id)
        names = ("day", "opens", "clicks", "sessions", "forms")
        rows = await self.results_of.days(campaign_id)
        data = [CampaignDayRead.model_validate(dict(zip(names, row, strict=True))) for row in rows]
        return CampaignDays(campaign_id=campaign_id, timezone=str(ALGIERS), data=data)

    async def _read(self, ids: Sequence[UUID], query: CampaignResultsQuery) -> list[CampaignResults]:
        found = {row[0]: row for row in await self.results_of.read(ids)}
        if missing := [one for one in ids if one not in found]:
            raise NotFound(id=str(missing[0]))
        return [told(found[one], query.model, query.margin_rate) for one in ids]


def credited(campaign_id: UUID, sales: Iterable[Row], half_life: int) -> tuple[dict[str, int], int, int]:
    """Centimes of the campaign by model, the contracts it had a part in, and the new customers."""
    revenue = dict.fromkeys((str(model) for model in CampaignModel), 0)
    sold, customers = 0, set()
    for _, rows in groupby(sales, key=lambda row: row[0]):
        lines = list(rows)
        _, worth, sold_at, account_id, is_new, *_ = lines[0]
        touches = [Touch(row[5], row[6] or (CHANNEL if row[7] else None)) for row in lines]
        mine = [at for at, touch in enumerate(touches) if touch.source == campaign_id]
        if not mine:
            continue
        sold += 1
        if is_new:
            customers.add(account_id)
        for model in CampaignModel:
            parts = shares(worth, touches, sold_at, model, half_life)
            revenue[str(model)] += sum(parts[at] for at in mine)
    return revenue, sold, len(customers)


def told(row: Row, model: CampaignModel | None, margin_rate: Decimal | None) -> CampaignResults:
    campaign_id, name, own_model, cost, _, reckoned_at, counts, revenue, *messages = row
    sent, delivered, opened, inflated, clicked, bounced, unsubscribed, complained, mailed, mail_clicks = (
        messages
    )
    counts, by = counts or {}, revenue or {}
    chosen = model or CampaignModel(own_model)
    known = reckoned_at is not None
    earned = by.get(str(chosen), 0)
    new, customers = counts.get("new_contacts", 0), counts.get("new_customers", 0)
    visits = counts.get("sessions", 0)
    figures = [
        *(
            _count(code, counts.get(key), known)
            for code, key in (
                ("sessions", "sessions"),
                ("contacts_reached", "reached"),
                ("new_contacts", "new_contacts"),
                ("contacts_influenced", "influenced"),
                ("policies", "policies"),
                ("new_customers", "new_customers"),
            )
        ),
        _money("attributed_revenue", earned, known),
        *(_money(f"attributed_revenue_{one}", by.get(str(one), 0), known) for one in CampaignModel),
        _money("cost", cost, True),
        _ratio("campaign_roi", earned - cost, cost if known else 0),
        _ratio(
            "margin_roi",
            Decimal(earned) * margin_rate - cost if margin_rate is not None else 0,
            cost if known and margin_rate is not None else 0,
        ),
        _ratio("roas", earned, cost if known else 0),
        _price("cpa", cost, customers),
        _price("cost_per_lead", cost, new),
        _ratio("delivery_rate", delivered, sent),
        _ratio("open_rate", opened, mailed),
        _ratio("open_rate_inflated", inflated, mailed),
        _ratio("ctr", clicked, delivered),
        _ratio("ctor", mail_clicks, opened),
        _ratio("bounce_rate", bounced, sent),
        _ratio("unsubscribe_rate", unsubscribed, delivered),
        _ratio("complaint_rate", complained, delivered),
        _ratio("conversion_rate_web", counts.get("converted_sessions", 0), visits),
    ]
    return CampaignResults(
        campaign_id=campaign_id,
        name=name,
        model=chosen,
        reckoned_at=reckoned_at,
        figures=figures,
        lift=_lift(counts),
    )


def _count(code: str, value: int | None, known: bool) -> CampaignFigure:
    return _figure(code, str(value or 0) if known else None, "count")


def _money(code: str, centimes: int, known: bool) -> CampaignFigure:
    return _figure(code, _dinars(centimes) if known else None, "dzd")


def _price(code: str, cost: int, people: int) -> CampaignFigure:
    value = _rounded(Decimal(cost) / 100 / people, 2) if people else None
    return _figure(code, value, "dzd", _dinars(cost), str(people))


def _ratio(code: str, part: Any, whole: int) -> CampaignFigure:
    """Money and numbers alike: the unit of both is the same and falls out."""
    value = _rounded(Decimal(part) / whole, 4) if whole else None
    return _figure(code, value, "ratio", f"{Decimal(part):f}", str(whole))


def _figure(code: str, value: str | None, unit: Any, part: Any = None, whole: Any = None) -> CampaignFigure:
    status: Any = "no_data" if value is None else "ok"
    return CampaignFigure(code=code, value=value, unit=unit, numerator=part, denominator=whole, status=status)


def _lift(counts: Mapping[str, int]) -> CampaignLift:
    names = ("treated_bought", "treated", "control_bought", "control")
    numbers = {name: counts.get(name, 0) for name in names}
    found = lift(*(numbers[name] for name in names))
    bounds = (found.lift, found.low, found.high) if found else (None, None, None)
    value, low, high = (None if one is None else f"{one:.4f}" for one in bounds)
    return CampaignLift(value=value, low=low, high=high, **numbers)


def _dinars(centimes: int) -> str:
    return _rounded(Decimal(centimes) / 100, 2)


def _rounded(value: Decimal, digits: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"

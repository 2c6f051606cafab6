from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    and_,
    any_,
    bindparam,
    case,
    cast,
    false,
    func,
    or_,
    select,
    type_coerce,
)

from crm_api.agencies.models import Agency
from crm_api.core.context import Context
from crm_api.core.money import Centimes
from crm_api.core.plain import table_of
from crm_api.core.principal import DataScope
from crm_api.core.repository import Repository
from crm_api.core.visibility import variant_of, visible_rows
from crm_api.kit.clock import ALGIERS
from crm_api.opportunities.errors import TargetTaken, UnknownAgency, UnknownOwner, UnknownRegion
from crm_api.opportunities.models.forecast import SalesTarget, TargetLevel
from crm_api.opportunities.models.opportunity import Opportunity
from crm_api.opportunities.models.pipeline import ForecastCategory, OpportunityOutcome
from crm_api.opportunities.repository.opportunities import weighted
from crm_api.opportunities.schemas.targets import SalesTargetRead

BELOW = {
    TargetLevel.COMPANY: TargetLevel.REGION,
    TargetLevel.REGION: TargetLevel.AGENCY,
    TargetLevel.AGENCY: TargetLevel.PERSON,
}
SCOPES = {
    TargetLevel.COMPANY: (),
    TargetLevel.REGION: ("region_id",),
    TargetLevel.AGENCY: ("agency_id",),
    TargetLevel.PERSON: ("owner_user_id",),
}
"""What names the scope of a target."""


class SalesTargetRepository(Repository[SalesTarget, SalesTargetRead]):
    model, read = SalesTarget, SalesTargetRead
    refusals = {
        "uq_sales_targets_scope": TargetTaken,
        "fk_sales_targets_region": UnknownRegion,
        "fk_sales_targets_agency": UnknownAgency,
        "fk_sales_targets_owner": UnknownOwner,
    }

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.rows_seen = variant_of(ctx.principal)
        self.regional = ctx.principal.data_scope is DataScope.REGION
        self.visibility = self.rows_seen, self.regional

    def visible(self) -> list[ColumnElement[bool]]:
        """As other rows; who sees the agencies of a region also sees what the region is to reach."""
        target, agency = table_of(SalesTarget), table_of(Agency)
        own = target.c.organization_id == bindparam("organization_id")
        rule = visible_rows(target, self.rows_seen)
        if not rule or not self.regional:
            return [own, *rule]
        mine = bindparam("agency_ids", type_=ARRAY(agency.c.id.type))
        regions = select(agency.c.region_id).where(
            agency.c.organization_id == target.c.organization_id, agency.c.id == any_(mine)
        )
        regional = and_(target.c.level == TargetLevel.REGION, target.c.region_id.in_(regions))
        return [own, or_(*rule, regional)]

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        target = table_of(SalesTarget).c
        allocated, own = _allocated(), type_coerce(target.amount, BigInteger)
        return {
            **super().columns(),
            "user_id": target.owner_user_id,
            "allocated": type_coerce(allocated, Centimes()),
            "difference": type_coerce(own - allocated, Centimes()),
            "won_amount": type_coerce(_reached(expected=False), Centimes()),
            "forecast_amount": type_coerce(_reached(expected=True), Centimes()),
        }

    async def above(self, target: SalesTarget) -> SalesTarget | None:
        """The target that this one is a part of, locked until the end of the use case."""
        level = next((above for above, below in BELOW.items() if below is target.level), None)
        if level is None:
            return None
        scope = [getattr(SalesTarget, name) == getattr(target, name) for name in SCOPES[level]]
        found: SalesTarget | None = await self.ctx.session.scalar(
            select(SalesTarget)
            .where(SalesTarget.level == level, *_of_period(SalesTarget, target), *scope)
            .with_for_update()
        )
        return found

    async def allocated(self, target: SalesTarget) -> int:
        """Centimes of the targets just below it, whoever sees them."""
        level = BELOW.get(target.level)
        if level is None:
            return 0
        scope = [getattr(SalesTarget, name) == getattr(target, name) for name in SCOPES[target.level]]
        total = func.coalesce(func.sum(type_coerce(SalesTarget.amount, BigInteger)), 0)
        await self.ctx.session.flush()
        found = await self.ctx.session.scalar(
            select(total).where(SalesTarget.level == level, *_of_period(SalesTarget, target), *scope)
        )
        return int(found or 0)


def _of_period(columns: Any, target: Any) -> Sequence[ColumnElement[bool]]:
    return [
        columns.organization_id == target.organization_id,
        columns.period == target.period,
        columns.starts_on == target.starts_on,
    ]


def _of_level(target: Any, choices: Mapping[TargetLevel, ColumnElement[bool]]) -> ColumnElement[bool]:
    return case(*((target.level == level, rule) for level, rule in choices.items()), else_=false())


def _allocated() -> ColumnElement[int]:
    """Centimes of the targets just below."""
    target, below = table_of(SalesTarget).c, table_of(SalesTarget).alias("below").c
    part = {
        above: and_(below.level == level, *(below[name] == target[name] for name in SCOPES[above]))
        for above, level in BELOW.items()
    }
    total = select(cast(func.coalesce(func.sum(type_coerce(below.amount, BigInteger)), 0), BigInteger))
    return total.where(*_of_period(below, target), _of_level(target, part)).scalar_subquery()


def _reached(*, expected: bool) -> ColumnElement[int]:
    """Centimes won in the period, of everything in the scope of the target; `expected`: and to come."""
    target, sale, agency = table_of(SalesTarget).c, table_of(Opportunity).c, table_of(Agency).c
    regional = select(agency.id).where(
        agency.organization_id == target.organization_id, agency.region_id == target.region_id
    )
    scope = {
        TargetLevel.COMPANY: sale.organization_id == target.organization_id,
        TargetLevel.REGION: sale.agency_id.in_(regional),
        TargetLevel.AGENCY: sale.agency_id == target.agency_id,
        TargetLevel.PERSON: sale.owner_user_id == target.owner_user_id,
    }
    counts: ColumnElement[bool] = sale.status == OpportunityOutcome.WON
    if expected:
        today = cast(func.timezone(str(ALGIERS), func.now()), sale.close_date.type)
        open_one = and_(
            sale.status == OpportunityOutcome.OPEN,
            sale.forecast_category != ForecastCategory.OMITTED,
            sale.close_date >= today,
        )
        counts = or_(counts, open_one)
    return (
        select(cast(func.coalesce(func.sum(weighted(sale.amount, sale.probability)), 0), BigInteger))
        .where(
            sale.organization_id == target.organization_id,
            sale.deleted_at.is_(None),
            sale.close_date >= target.starts_on,
            sale.close_date < target.ends_on,
            counts,
            _of_level(target, scope),
        )
        .scalar_subquery()
    )

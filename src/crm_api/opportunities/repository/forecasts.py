"""What forecasts, comparisons and figures read. Every statement sees what its principal sees."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.dialects.postgresql import insert as upsert

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.opportunities.models.forecast import PipelineSnapshot, PipelineSnapshotLine
from crm_api.opportunities.models.opportunity import LossReason, Opportunity, OpportunityStage
from crm_api.opportunities.models.pipeline import ForecastCategory, OpportunityOutcome
from crm_api.opportunities.repository.opportunities import weighted
from crm_api.opportunities.schemas.forecast import ChangedOpportunity
from crm_api.opportunities.schemas.opportunity import OpportunityRead

COUNTED = ("pipeline_id", "stage", "owner_user_id", "agency_id", "type", "product_code")
VALUED = ("amount", "probability", "forecast_category", "close_date")
ALGIERS = literal_column("'Africa/Algiers'", Text())
MOMENT = TIMESTAMP(timezone=True, precision=3)


class ForecastRepository(Repository[Opportunity, OpportunityRead]):
    model, read = Opportunity, OpportunityRead

    # --- snapshots

    async def take_snapshot(self, day: date) -> bool:
        """Once a day: False when there was one. All open opportunities, whoever sees them."""
        done = await self.ctx.session.execute(_snapshot(), {"own": self.ctx.organization_id, "today": day})
        return done.first() is not None

    async def snapshots(self, before: date | None, limit: int) -> Sequence[Sequence[Any]]:
        """Day and moment, newest first."""
        taken = PipelineSnapshot.__table__.c
        statement = select(taken.day, taken.taken_at).where(
            taken.organization_id == bindparam("organization_id"),
            taken.day < bindparam("before", type_=Date()),
        )
        return await self.rows(
            "snapshots",
            lambda: statement.order_by(taken.day.desc()).limit(bindparam("most", type_=Integer())),
            {"before": before or date.max, "most": limit},
        )

    async def nearest(self, days: Sequence[date]) -> dict[date, tuple[date, datetime]]:
        """For each day, the snapshot of that day or else the last one before."""
        names = [f"day_{at}" for at in range(len(days))]
        rows = await self.rows(
            ("nearest", len(days)),
            lambda: union_all(*(select(_last_before(name)) for name in names)),
            dict(zip(names, days, strict=True)),
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    # --- figures

    async def figures(
        self, scope: Mapping[str, Any], group: str | None, as_of: tuple[date, datetime] | None, **days: date
    ) -> Sequence[Sequence[Any]]:
        """Rows: group, bucket (a category, overdue, later, won, lost), count, amount, weighted; centimes."""
        day, moment = as_of or (None, None)
        values = {**scope, **days, "day": day, "moment": moment}
        return await self.rows(
            ("figures", tuple(scope), group, as_of is None),
            lambda: _figures(self._source(as_of is not None), [*scope], group),
            values,
        )

    def _source(self, past: bool) -> Any:
        sale = table_of(Opportunity)
        if not past:
            columns = [sale.c[name] for name in ("status", *COUNTED, *VALUED)]
            return self.select(*columns).where(*self._alive()).subquery("source")
        line, stay = PipelineSnapshotLine.__table__, OpportunityStage.__table__
        still_open = literal_column("'open'", Text()).label("status")
        was_open = (
            self.select(still_open, *(line.c[name] for name in (*COUNTED, *VALUED)))
            .join_from(line, sale, _same(line, sale))
            .where(line.c.day == bindparam("day", type_=Date()))
        )
        certain = cast(literal_column("'closed'"), Text()).label("forecast_category")
        of_the_sale = {name: sale.c[name] for name in COUNTED} | {"pipeline_id": stay.c.pipeline_id}
        of_the_sale["stage"] = stay.c.stage
        was_closed = (
            self.select(
                stay.c.status,
                *(of_the_sale[name] for name in COUNTED),
                stay.c.amount,
                stay.c.probability,
                certain,
                stay.c.close_date,
            )
            .join_from(stay, sale, _same(stay, sale))
            .where(stay.c.status != OpportunityOutcome.OPEN, *_stood_at(stay, "moment"))
        )
        return union_all(was_open, was_closed).subquery("source")

    async def closings(self, scope: Mapping[str, Any], start: date, end: date) -> Sequence[Any]:
        """won, lost, both amounts, days of the won, twice their median, days of the lost, open, its amount.

        Of the last closing of each, where it still stands; what was lost as a duplicate does not count.
        """
        rows = await self.rows(
            ("closings", tuple(scope)),
            lambda: self._closings([*scope]),
            {**scope, "start": start, "end": end},
        )
        return rows[0]

    def _closings(self, names: Sequence[str]) -> Any:
        sale, stay = table_of(Opportunity), OpportunityStage.__table__
        began = cast(func.timezone(ALGIERS, sale.c.created_at), Date())
        closed = (
            self.select(stay.c.status, type_coerce(stay.c.amount, BigInteger).label("amount"))
            .add_columns(
                func.greatest(stay.c.close_date - began, literal_column("0", Integer())).label("days")
            )
            .join_from(stay, sale, _same(stay, sale))
            .where(
                *self._alive(),
                *_narrowed(sale.c, names),
                stay.c.status != OpportunityOutcome.OPEN,
                stay.c.left_at.is_(None),
                stay.c.close_date >= bindparam("start", type_=Date()),
                stay.c.close_date < bindparam("end", type_=Date()),
                sale.c.loss_reason.is_distinct_from(LossReason.DUPLICATE),
            )
            .subquery("closed")
        )
        standing = (
            self.select(func.count(), func.coalesce(func.sum(type_coerce(sale.c.amount, BigInteger)), 0))
            .where(*self._alive(), *_narrowed(sale.c, names), sale.c.status == OpportunityOutcome.OPEN)
            .subquery("standing")
        )
        won, lost = closed.c.status == OpportunityOutcome.WON, closed.c.status == OpportunityOutcome.LOST
        middle = func.percentile_cont(literal_column("0.5")).within_group(closed.c.days).filter(won)
        gained = (
            func.count().filter(won).label("won"),
            func.count().filter(lost).label("lost"),
            _whole(func.sum(closed.c.amount).filter(won)).label("amount_won"),
            _whole(func.sum(closed.c.amount).filter(lost)).label("amount_lost"),
            _whole(func.sum(closed.c.days).filter(won)).label("days_won"),
            cast(func.coalesce(middle * 2, 0), BigInteger).label("twice_the_median"),
            _whole(func.sum(closed.c.days).filter(lost)).label("days_lost"),
        )
        figures = select(*gained).subquery("figures")
        return select(*figures.c, *(_whole(column) for column in standing.c)).select_from(
            figures.join(standing, literal_column("true"))
        )

    # --- comparison

    async def change_sums(
        self, scope: Mapping[str, Any], between: Mapping[str, Any]
    ) -> Sequence[Sequence[Any]]:
        """By change: its name, count, amount before and after, weighted before and after, closed amount."""
        return await self.rows(
            ("change sums", tuple(scope)), lambda: _sums(self._changes([*scope])), {**scope, **between}
        )

    async def changed(
        self, scope: Mapping[str, Any], between: Mapping[str, Any], changes: Sequence[str], limit: int
    ) -> Sequence[Sequence[Any]]:
        """Those that changed so, the largest differences first, as `schemas.forecast.ChangedOpportunity`."""
        return await self.rows(
            ("changed", tuple(scope)),
            lambda: _largest(self._changes([*scope])),
            {**scope, **between, "changes": list(changes), "most": limit},
        )

    def _changes(self, names: Sequence[str]) -> Any:
        """Whatever was open on one of the two days, or was closed in between."""
        sale, stay = table_of(Opportunity), OpportunityStage.__table__
        before, after = _lines("start").subquery("before"), _lines("end").subquery("after")
        closed = (
            select(stay.c.opportunity_id, stay.c.status, stay.c.amount)
            .where(
                stay.c.organization_id == bindparam("organization_id"),
                stay.c.status != OpportunityOutcome.OPEN,
                stay.c.entered_at > bindparam("start_moment", type_=MOMENT),
                *_stood_at(stay, "end_moment"),
            )
            .subquery("closed")
        )
        either = func.coalesce(before.c.opportunity_id, after.c.opportunity_id)
        of_all = func.coalesce(either, closed.c.opportunity_id)
        joined = before.join(after, before.c.opportunity_id == after.c.opportunity_id, full=True)
        joined = joined.join(closed, either == closed.c.opportunity_id, full=True)
        joined = joined.join(sale, (sale.c.id == of_all))
        kind = case(
            (closed.c.status.is_not(None), cast(closed.c.status, Text())),
            (before.c.opportunity_id.is_(None), "added"),
            (after.c.opportunity_id.is_(None), "removed"),
            (_differ(before, after, "pipeline_id", "stage"), "moved"),
            (_differ(before, after, *VALUED, "owner_user_id", "agency_id"), "changed"),
            else_="unchanged",
        )
        columns: dict[str, ColumnElement[Any]] = {
            "opportunity_id": sale.c.id,
            "number": sale.c.number,
            "name": sale.c.name,
            "change": kind,
        }
        for moment, rows in ("before", before), ("after", after):
            columns |= {f"{name}_{moment}": rows.c[name] for name in ("stage", "amount", "close_date")}
            columns[f"weighted_{moment}"] = rows.c.weighted
        columns["closed_amount"] = type_coerce(closed.c.amount, BigInteger)
        told = [column.label(name) for name, column in columns.items()]
        return self.select(*told).select_from(joined).where(*_narrowed(sale.c, names)).subquery("changes")


def _last_before(name: str) -> Any:
    """The day of that parameter, and the day and moment of its snapshot or the last one before."""
    taken, day = PipelineSnapshot.__table__.c, bindparam(name, type_=Date())
    return (
        select(day.label("asked"), taken.day, taken.taken_at)
        .where(taken.organization_id == bindparam("organization_id"), taken.day <= day)
        .order_by(taken.day.desc())
        .limit(literal_column("1", Integer()))
        .subquery()
    )


def _snapshot() -> Any:
    sale, day = table_of(Opportunity).c, bindparam("today", type_=Date())
    mine = bindparam("own", type_=sale.organization_id.type)
    standing = (
        select(sale.id.label("opportunity_id"), *(sale[name] for name in (*COUNTED, *VALUED)))
        .where(
            sale.organization_id == mine, sale.status == OpportunityOutcome.OPEN, sale.deleted_at.is_(None)
        )
        .cte("standing")
    )
    total = _whole(func.sum(type_coerce(standing.c.amount, BigInteger)))
    header = (
        upsert(PipelineSnapshot)
        .from_select(
            ["organization_id", "day", "taken_at", "open_count", "open_amount"],
            select(mine, day, func.clock_timestamp(), func.count(), total).select_from(standing),
            include_defaults=False,
        )
        .on_conflict_do_nothing()
        .returning(PipelineSnapshot.day)
        .cte("header")
    )
    names = ["opportunity_id", *COUNTED, *VALUED]
    lines = (
        insert(PipelineSnapshotLine)
        .from_select(
            ["organization_id", "day", *names],
            select(mine, header.c.day, *(standing.c[name] for name in names)).select_from(
                standing.join(header, literal_column("true"))
            ),
            include_defaults=False,
        )
        .cte("lines")
    )
    return select(header.c.day).add_cte(lines)


def _figures(source: Any, names: Sequence[str], group: str | None) -> Select[Any]:
    row = source.c
    is_open = row.status == OpportunityOutcome.OPEN
    in_period = (row.close_date >= bindparam("start", type_=Date())) & (
        row.close_date < bindparam("end", type_=Date())
    )
    bucket = case(
        (~is_open, cast(row.status, Text())),
        (row.forecast_category == ForecastCategory.OMITTED, "omitted"),
        (row.close_date < bindparam("today", type_=Date()), "overdue"),
        (in_period, cast(row.forecast_category, Text())),
        else_="later",
    )
    key: ColumnElement[Any] = literal_column("''", Text())
    if group == "month":
        key = func.to_char(row.close_date, literal_column("'YYYY-MM'"))
    elif group is not None:
        key = func.coalesce(cast(row[group], Text()), "")
    sums = (
        func.count(),
        _whole(func.sum(type_coerce(row.amount, BigInteger))),
        _whole(func.sum(weighted(row.amount, row.probability))),
    )
    return (
        select(key.label("key"), bucket.label("bucket"), *sums)
        .select_from(source)
        .where(or_(is_open, in_period), *_narrowed(row, names))
        .group_by(literal_column("1"), literal_column("2"))
    )


def _lines(day: str) -> Select[Any]:
    line = PipelineSnapshotLine.__table__.c
    names = ("opportunity_id", "pipeline_id", "stage", "owner_user_id", "agency_id", "probability")
    plain = [line[name] for name in (*names, "forecast_category", "close_date")]
    return select(
        *plain,
        type_coerce(line.amount, BigInteger).label("amount"),
        weighted(line.amount, line.probability).label("weighted"),
    ).where(line.organization_id == bindparam("organization_id"), line.day == bindparam(day, type_=Date()))


def _sums(changes: Any) -> Select[Any]:
    amounts = ("amount_before", "amount_after", "weighted_before", "weighted_after", "closed_amount")
    sums = [_whole(func.sum(changes.c[name])) for name in amounts]
    return select(changes.c.change, func.count(), *sums).group_by(changes.c.change)


def _largest(changes: Any) -> Select[Any]:
    gap = func.abs(func.coalesce(changes.c.amount_after, 0) - func.coalesce(changes.c.amount_before, 0))
    return (
        select(*(changes.c[name] for name in ChangedOpportunity.model_fields))
        .where(changes.c.change == any_(bindparam("changes", type_=ARRAY(Text()))))
        .order_by(gap.desc(), changes.c.number)
        .limit(bindparam("most", type_=Integer()))
    )


def _same(rows: Any, sale: Any) -> ColumnElement[bool]:
    return and_(rows.c.organization_id == sale.c.organization_id, rows.c.opportunity_id == sale.c.id)


def _stood_at(stay: Any, moment: str) -> list[ColumnElement[bool]]:
    at = bindparam(moment, type_=MOMENT)
    return [stay.c.entered_at <= at, or_(stay.c.left_at.is_(None), stay.c.left_at > at)]


def _narrowed(columns: Any, names: Sequence[str]) -> list[ColumnElement[bool]]:
    return [columns[name] == any_(bindparam(name, type_=ARRAY(columns[name].type))) for name in names]


def _differ(before: Any, after: Any, *names: str) -> ColumnElement[bool]:
    return or_(*(before.c[name].is_distinct_from(after.c[name]) for name in names))


def _whole(total: ColumnElement[Any]) -> ColumnElement[int]:
    """PostgreSQL adds bigints up to a numeric; nothing adds up to 0."""
    return cast(func.coalesce(total, 0), BigInteger)

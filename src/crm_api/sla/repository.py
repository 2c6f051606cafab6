from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import (
    ARRAY,
    BindParameter,
    Boolean,
    Row,
    Text,
    TextClause,
    Uuid,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.sla.clock import SlaMetric
from crm_api.sla.errors import SlaPolicyNameTaken, UnknownSlaCalendar
from crm_api.sla.models import SlaClock, SlaHoursSeen, SlaPolicy, SlaPolicyStatus, SlaTimer
from crm_api.sla.schemas.policies import SlaPolicyRead

_TIMER = {
    "id": "uuid",
    "clock_id": "uuid",
    "metric": "text",
    "instance": "integer",
    "state": "text",
    "target_minutes": "integer",
    "started_at": "timestamptz(3)",
    "paused_at": "timestamptz(3)",
    "elapsed_ms": "bigint",
    "due_at": "timestamptz(3)",
    "fulfilled_at": "timestamptz(3)",
    "breached_at": "timestamptz(3)",
    "cancelled_at": "timestamptz(3)",
    "over_at": "timestamptz(3)",
    "told_percent": "integer",
    "next_alert_at": "timestamptz(3)",
}
_COLUMNS = ", ".join(f"{name} {kind}" for name, kind in _TIMER.items())
_MOVING = [name for name in _TIMER if name not in ("id", "clock_id", "metric", "instance")]
_WRITE_TIMERS = f"""INSERT INTO sla_timers (organization_id, {", ".join(_TIMER)})
    SELECT :organization_id, {", ".join(_TIMER)}
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r({_COLUMNS})
    ON CONFLICT (organization_id, clock_id, metric, instance) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in _MOVING)}"""  # noqa: S608 - constants
_WRITE_CLOCKS = """UPDATE sla_clocks SET policy_id = r.policy_id, about = r.about, category = r.category,
        history = sla_clocks.history || r.added, next_due_at = r.next_due_at, ended_at = r.ended_at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, policy_id uuid, about jsonb, category text,
        added jsonb, next_due_at timestamptz(3), ended_at timestamptz(3))
    WHERE sla_clocks.organization_id = :organization_id AND sla_clocks.id = r.id"""
Written = Mapping[str, Any]
_HELD = SlaClock.id, SlaClock.about, SlaClock.history, SlaClock.policy_id, SlaClock.next_due_at
_KEPT = (
    *(SlaTimer.clock_id, SlaTimer.id, SlaTimer.metric, SlaTimer.instance, SlaTimer.state),
    *(SlaTimer.target_minutes, SlaTimer.started_at, SlaTimer.due_at, SlaTimer.fulfilled_at),
    *(SlaTimer.breached_at, SlaTimer.cancelled_at, SlaTimer.told_percent, SlaTimer.next_alert_at),
)


class Held(NamedTuple):
    """A clock, as far as it is counted from."""

    id: UUID
    about: dict[str, Any]
    history: list[dict[str, Any]]
    policy_id: UUID | None
    next_due_at: datetime | None


class SlaPolicyRepository(Repository[SlaPolicy, SlaPolicyRead]):
    model, read = SlaPolicy, SlaPolicyRead
    refusals = {"uq_sla_policies_name": SlaPolicyNameTaken, "fk_sla_policies_calendar": UnknownSlaCalendar}

    async def in_order(self) -> Sequence[Sequence[Any]]:
        """Of every active policy: id, name, conditions, hours, calendar, resolution, targets, escalations."""
        table = table_of(SlaPolicy)
        names = "id", "name", "conditions", "hours", "calendar_id", "resolution_counts"
        columns = [table.c[name] for name in (*names, "targets", "escalations")]
        return await self.rows(
            "in order",
            lambda: (
                self.select(*columns)
                .where(table.c.status == SlaPolicyStatus.ACTIVE)
                .order_by(table.c.position, table.c.id)
            ),
        )

    async def all_locked(self) -> Sequence[SlaPolicy]:
        statement = select(SlaPolicy).order_by(SlaPolicy.position, SlaPolicy.id).with_for_update()
        return (await self.ctx.session.scalars(statement)).all()


class SlaClockRepository:
    """Clocks are written by the set: one or a thousand at a time, by the same two statements."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def add(self, clock: SlaClock) -> None:
        self.ctx.session.add(clock)
        await self.ctx.session.flush()

    async def locked(self, ids: Sequence[UUID], *, skip: bool = False) -> Sequence[Held]:
        """Always in the order of their ids, so that two who lock many never wait for each other.

        `skip`: but for those that somebody else holds.
        """
        mine = SlaClock.id == any_(bindparam("ids", list(ids), ARRAY(Uuid())))
        statement = select(*_HELD).where(mine).order_by(SlaClock.id).with_for_update(skip_locked=skip)
        return [Held(*row) for row in await self.ctx.session.execute(statement)]

    async def read(self, clock_id: UUID) -> Held | None:
        rows = await self.ctx.session.execute(select(*_HELD).where(SlaClock.id == clock_id))
        return next((Held(*row) for row in rows), None)

    async def timers_of(self, ids: Sequence[UUID]) -> Sequence[Row[*tuple[Any, ...]]]:
        """As `counting.Kept`, with their `clock_id`; in the order in which they began."""
        mine = SlaTimer.clock_id == any_(bindparam("ids", list(ids), ARRAY(Uuid())))
        order = SlaTimer.started_at, SlaTimer.metric, SlaTimer.instance
        statement = select(*_KEPT).where(mine).order_by(*order)
        return (await self.ctx.session.execute(statement)).all()

    async def write(self, clocks: Sequence[Written], timers: Sequence[Written]) -> None:
        """Clocks: id, policy_id, about, category, added (to the history), next_due_at, ended_at."""
        for sql, rows in (_WRITE_TIMERS, timers), (_WRITE_CLOCKS, clocks):
            if rows:
                values = {"organization_id": self.ctx.organization_id, "rows": to_json(rows).decode()}
                await self.ctx.session.execute(_typed(sql), values)

    # --- what is due, and counting again

    async def due(self, moment: datetime, most: int) -> Sequence[UUID]:
        """Clocks of which a threshold was crossed before `moment`, the longest ago first."""
        statement = (
            select(SlaTimer.clock_id)
            .where(SlaTimer.next_alert_at < moment)
            .order_by(SlaTimer.next_alert_at)
            .limit(most)
        )
        return list(dict.fromkeys(await self.ctx.session.scalars(statement)))

    async def open_after(self, last: UUID | None, most: int) -> Sequence[UUID]:
        statement = select(SlaClock.id).where(SlaClock.ended_at.is_(None))
        if last is not None:
            statement = statement.where(SlaClock.id > last)
        return (await self.ctx.session.scalars(statement.order_by(SlaClock.id).limit(most))).all()

    async def count_open(self) -> int:
        statement = select(func.count()).select_from(SlaClock).where(SlaClock.ended_at.is_(None))
        return await self.ctx.session.scalar(statement) or 0

    async def any_open(self) -> bool:
        statement = select(SlaClock.id).where(SlaClock.ended_at.is_(None)).limit(1)
        return await self.ctx.session.scalar(statement) is not None

    async def saw(self, fingerprint: str) -> bool:
        """Notes by which hours is counted; whether they are others than before (at first, there are none)."""
        values = {"organization_id": self.ctx.organization_id, "fingerprint": fingerprint}
        statement = upsert(SlaHoursSeen).values(values)
        statement = statement.on_conflict_do_update(
            index_elements=["organization_id"],
            set_={"fingerprint": statement.excluded.fingerprint},
            where=SlaHoursSeen.fingerprint != statement.excluded.fingerprint,
        )
        told = statement.returning(literal_column("xmax <> 0", Boolean()))
        return await self.ctx.session.scalar(told) is True


class SlaFigureRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def period(
        self, start: datetime, end: datetime, agency_ids: Sequence[UUID] | None
    ) -> Sequence[Sequence[Any]]:
        """Of each metric: how many were done in the period, their business and calendar milliseconds, the
        median and the 90th percentile of the former, how many were kept and how many broken.
        """
        done = "t.fulfilled_at >= :start AND t.fulfilled_at < :end"
        over = "t.over_at >= :start AND t.over_at < :end"
        calendar = "extract(epoch FROM t.fulfilled_at - t.started_at) * 1000"
        whose = "c.organization_id = t.organization_id AND c.id = t.clock_id"
        sql = f"""SELECT t.metric, count(*) FILTER (WHERE {done}),
            coalesce(sum(t.elapsed_ms) FILTER (WHERE {done}), 0)::bigint,
            coalesce(sum({calendar}) FILTER (WHERE {done}), 0)::bigint,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY t.elapsed_ms) FILTER (WHERE {done}),
            percentile_disc(0.9) WITHIN GROUP (ORDER BY t.elapsed_ms) FILTER (WHERE {done}),
            count(*) FILTER (WHERE {over} AND t.breached_at IS NULL),
            count(*) FILTER (WHERE {over} AND t.breached_at IS NOT NULL)
        FROM sla_timers t JOIN sla_clocks c ON {whose}
        WHERE t.organization_id = :organization_id AND (({done}) OR ({over}))
        {"" if agency_ids is None else "AND c.about->>'agency_id' = ANY(:agency_ids)"}
        GROUP BY t.metric"""  # noqa: S608 - constants
        values: dict[str, Any] = {"start": start, "end": end}
        names: list[BindParameter[Any]] = [bindparam("organization_id", self.ctx.organization_id, Uuid())]
        if agency_ids is not None:
            names.append(bindparam("agency_ids", [str(each) for each in agency_ids], ARRAY(Text())))
        result = await self.ctx.session.execute(text(sql.replace("::", "\\:\\:")).bindparams(*names), values)
        return [tuple(row) for row in result]

    async def unanswered(self, agency_ids: Sequence[UUID] | None) -> int:
        """Open work whose first answer is still owed."""
        statement = (
            select(func.count())
            .select_from(SlaTimer)
            .join(SlaClock, SlaClock.id == SlaTimer.clock_id)
            .where(SlaClock.ended_at.is_(None), SlaTimer.metric == SlaMetric.FIRST_REPLY)
            .where(SlaTimer.fulfilled_at.is_(None), SlaTimer.cancelled_at.is_(None))
        )
        if agency_ids is not None:
            theirs = [str(each) for each in agency_ids]
            statement = statement.where(SlaClock.about["agency_id"].astext.in_(theirs))
        return await self.ctx.session.scalar(statement) or 0


def _typed(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("organization_id", type_=Uuid()), bindparam("rows", type_=Text()))

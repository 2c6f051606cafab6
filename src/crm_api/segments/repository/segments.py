"""Segments, which of them use which, and who is in them."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Table,
    Uuid,
    any_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.feed import HORIZON
from crm_api.core.inheritance import in_sight
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.visibility import variant_of
from crm_api.segments.errors import SegmentInUse, SegmentNameTaken
from crm_api.segments.models import Segment, SegmentMark, SegmentMember, SegmentStatus, SegmentUse
from crm_api.segments.planning import MEMBERS, PEOPLE
from crm_api.segments.schemas.segments import SegmentMemberRead, SegmentRead
from crm_api.segments.subjects import ONE

_IDS = ARRAY(Uuid())
MARKS = cast(Table, SegmentMark.__table__)


class SegmentRepository(Repository[Segment, SegmentRead]):
    model, read = Segment, SegmentRead
    refusals = {"uq_segments_name": SegmentNameTaken, "fk_segment_uses_used": SegmentInUse}

    async def uses(self) -> dict[UUID, set[UUID]]:
        """Which segments ask for the members of which, of the whole organization."""
        rows = await self.ctx.session.execute(select(SegmentUse.segment_id, SegmentUse.used_id))
        found: dict[UUID, set[UUID]] = {}
        for segment_id, used_id in rows:
            found.setdefault(segment_id, set()).add(used_id)
        return found

    async def lock_uses(self) -> None:
        """One change of who uses whom at a time: two at once could close a circle."""
        name = f"{self.ctx.organization_id}|segment uses"
        await self.ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

    async def use(self, segment_id: UUID, used: Sequence[UUID]) -> None:
        await self.ctx.session.execute(delete(SegmentUse).where(SegmentUse.segment_id == segment_id))
        for one in used:
            self.ctx.session.add(SegmentUse(segment_id=segment_id, used_id=one))
        with self.refusing():
            await self.ctx.session.flush()

    async def kept(self, *, by_the_day: bool = False) -> Sequence[Segment]:
        """The active dynamic ones, locked."""
        statement = select(Segment).where(
            Segment.status == SegmentStatus.ACTIVE, Segment.definition.is_not(None)
        )
        if by_the_day:
            statement = statement.where(Segment.by_the_day)
        locked = statement.order_by(Segment.id).with_for_update()
        return (await self.ctx.session.scalars(locked, execution_options={"populate_existing": True})).all()

    async def counted(self, segment_id: UUID, by: int, *, refreshed: bool = False) -> int:
        """The count moves; that is no change that somebody made, so no line in the journal."""
        table = table_of(Segment)
        changes: dict[str, Any] = {"member_count": table.c.member_count + by}
        if refreshed:
            changes["refreshed_at"] = now()
        statement = (
            update(table)
            .where(table.c.organization_id == self.ctx.organization_id, table.c.id == segment_id)
            .values(changes)
            .returning(table.c.member_count)
        )
        count: int = (await self.ctx.session.execute(statement)).scalar_one()
        return count

    # --- members by hand

    async def put(self, segment_id: UUID, contact_ids: Sequence[UUID]) -> int:
        """How many were not in it yet."""
        row = {"organization_id": self.ctx.organization_id, "segment_id": segment_id, "entered_at": now()}
        rows = [{**row, "contact_id": one} for one in contact_ids]
        table = MEMBERS
        written = upsert(table).values(rows).on_conflict_do_nothing().returning(table.c.contact_id)
        return len((await self.ctx.session.execute(written)).all())

    async def drop(self, segment_id: UUID, contact_ids: Sequence[UUID]) -> int:
        """How many were in it."""
        table = MEMBERS
        statement = (
            update(table)
            .where(
                table.c.organization_id == self.ctx.organization_id,
                table.c.segment_id == segment_id,
                table.c.left_at.is_(None),
                table.c.contact_id == any_(bindparam("people", list(contact_ids), type_=_IDS)),
            )
            .values(left_at=func.greatest(table.c.entered_at, now()))
            .returning(table.c.contact_id)
        )
        return len((await self.ctx.session.execute(statement)).all())

    async def copy(self, source_id: UUID, target_id: UUID) -> int:
        """Those who are in the one now come into the other."""
        table = MEMBERS
        columns = ["organization_id", "segment_id", "contact_id", "entered_at"]
        there = select(
            table.c.organization_id,
            bindparam("target", target_id, type_=Uuid()),
            table.c.contact_id,
            bindparam("moment", now(), type_=table.c.entered_at.type),
        ).where(
            table.c.organization_id == self.ctx.organization_id,
            table.c.segment_id == source_id,
            table.c.left_at.is_(None),
        )
        result: Any = await self.ctx.session.execute(insert(table).from_select(columns, there))
        return int(result.rowcount)

    # --- the mark in the event log

    async def begin_mark(self) -> None:
        """From here on the event log is followed, if it was not before."""
        table = MARKS
        beginning = select(
            bindparam("organization", self.ctx.organization_id, type_=Uuid()),
            HORIZON,
            literal_column("0"),
            func.clock_timestamp(),
        )
        columns = ["organization_id", "xid", "event_id", "at"]
        await self.ctx.session.execute(
            upsert(table).from_select(columns, beginning, include_defaults=False).on_conflict_do_nothing()
        )

    async def mark(self) -> SegmentMark | None:
        """Held until the end; None when nothing is followed, or somebody else follows right now."""
        return await self.ctx.session.scalar(select(SegmentMark).with_for_update(skip_locked=True))


class MemberRepository(Repository[SegmentMember, SegmentMemberRead]):  # type: ignore[type-var]
    """A line of history is no entity, but listed like one: of people whom the caller sees."""

    model, read = SegmentMember, SegmentMemberRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        _, self._sight = in_sight(ctx, "contact")
        self.visibility = variant_of(ctx.principal)

    def visible(self) -> list[ColumnElement[bool]]:
        table = MEMBERS
        seen = select(ONE).where(
            *self._sight, PEOPLE.c.id == table.c.contact_id, PEOPLE.c.deleted_at.is_(None)
        )
        return [*super().visible(), exists(seen.correlate_except(PEOPLE))]

"""Who is in a segment: found anew, or followed from the event log, in sets.

Only people whose facts changed are looked at again, a page of facts at a time and one statement a segment.
What a fact means is never read from it: the rule is asked again about the people whom it may concern, as
they are now. So nothing depends on the order of facts, and a page told twice does no harm.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    exists,
    func,
    insert,
    literal_column,
    select,
    tuple_,
    union,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.feed import HORIZON
from crm_api.core.journal import AuditLine
from crm_api.core.statements import compiled, unnested
from crm_api.kit.clock import today
from crm_api.segments.catalogue import PERSON, Catalogue, catalogue_of
from crm_api.segments.events import AT_ONCE, SegmentBuilt, SegmentEntered, SegmentLeft
from crm_api.segments.models import Segment
from crm_api.segments.planning import MEMBERS, Plan, Reader
from crm_api.segments.repository.segments import SegmentRepository
from crm_api.segments.schemas.rules import Definition
from crm_api.segments.subjects import FACT, ONE, ORGANIZATION, TOUCHES, of_accounts, own

PAGE = 5000
"""Facts looked at together."""
_RULE: TypeAdapter[Any] = TypeAdapter(Definition)
_LINE = AuditLine.__table__
_IDS = ARRAY(Uuid())
_MOMENT = bindparam("moment", type_=TIMESTAMP(timezone=True))
REFERENCES = {
    "account_id": "account",
    "policyholder_contact_id": PERSON,
    "declarant_contact_id": PERSON,
    "contact_id": PERSON,
    "converted_contact_id": PERSON,
}
"""Columns that say whom a row concerns. When one changes, whom it concerned before must be looked at too;
the audit log remembers."""


class Moved(NamedTuple):
    """Who came, who went."""

    entered: list[UUID]
    left: list[UUID]


@dataclass(slots=True)
class _Page:
    """Some facts: which objects of which kinds, and where the log goes on."""

    mark: tuple[int, int]
    objects: dict[str, set[UUID]] = field(default_factory=dict)
    rewritten: list[tuple[str, UUID, int]] = field(default_factory=list)
    """Objects that may concern others now than before: kind, id, transaction."""
    more: bool = False


def catalogue(ctx: Context) -> Catalogue:
    return catalogue_of(tuple(ctx.tools.audience.values()))


def plan_of(ctx: Context, definition: Mapping[str, Any] | Any, *, excludes_open_cases: bool) -> Plan:
    """Of a rule as it is stored or as it came in. Raises ValidationFailed."""
    rule = _RULE.validate_python(definition)
    return Reader(catalogue(ctx), excludes_open_cases=excludes_open_cases).read(rule)


class Keeper:
    """Of one organization, in one transaction."""

    def __init__(self, ctx: Context, on: date | None = None) -> None:
        self.ctx, self.on = ctx, on or today()
        self.segments = SegmentRepository(ctx)

    def plan(self, segment: Segment) -> Plan:
        return plan_of(self.ctx, segment.definition, excludes_open_cases=segment.excludes_open_cases)

    async def settle(
        self, segment: Segment, touched: Sequence[UUID] | None = None, *, quiet: bool = False
    ) -> Moved:
        """Its members, as they are now: of all people, or of those who were touched. Its row is locked.

        `quiet`: those who come are not told one by one; its first members are no news.
        """
        plan = self.plan(segment)
        few = touched is not None
        statement = compiled(("settle", plan.shape, few), lambda: _settling(plan, few))
        values = await plan.values(self.ctx, self.on)
        values |= {"segment_id": segment.id, "touched": touched, "moment": now()}
        rows = await self.ctx.fetch(statement, values)
        moved = Moved([row[0] for row in rows if row[1]], [row[0] for row in rows if not row[1]])
        if rows or touched is None:
            by = len(moved.entered) - len(moved.left)
            await self.segments.counted(segment.id, by, refreshed=touched is None)
        if not quiet:
            await self._tell(segment.id, moved)
        return moved

    async def build(self, segment: Segment) -> int:
        """All members anew, of it and of those that ask for them; how many it has."""
        moved = await self.settle(segment, quiet=segment.refreshed_at is None)
        await self._follow_on({segment.id: moved})
        count = await self.segments.counted(segment.id, 0)
        await publish(self.ctx, SegmentBuilt(segment.id, count))
        return count

    async def turn_day(self) -> int:
        """Those that count days: of today, everybody. How many people came or went."""
        moved: dict[UUID, Moved] = {}
        for segment in in_order(await self.segments.kept(by_the_day=True), await self.segments.uses()):
            moved[segment.id] = await self.settle(segment)
        await self._follow_on(moved)
        return sum(len(one.entered) + len(one.left) for one in moved.values())

    async def follow(self, most: int = PAGE) -> bool:
        """One page of the event log; whether there is more."""
        mark = await self.segments.mark()
        if mark is None:
            return False
        page = await self._page((mark.xid, mark.event_id), most)
        if page.mark != (mark.xid, mark.event_id):
            kept = await self.segments.kept() if page.objects else []
            if kept:
                await self._moved_by(page, kept)
            mark.xid, mark.event_id = page.mark
            mark.at = now()
        return page.more

    # --- inside

    async def _moved_by(self, page: _Page, kept: Sequence[Segment]) -> None:
        heard = {kind for segment in kept for kind in segment.facts}
        touched = await self._touched(page, heard)
        if not touched:
            return
        moved: dict[UUID, Moved] = {}
        uses = await self.segments.uses()
        everybody = sorted(touched)
        for segment in in_order(kept, uses):
            if PERSON in page.objects or page.objects.keys() & set(segment.facts):
                moved[segment.id] = await self.settle(segment, everybody)
            else:
                others = _movers(moved, uses.get(segment.id, ()))
                if others:
                    moved[segment.id] = await self.settle(segment, others)

    async def _follow_on(self, moved: dict[UUID, Moved]) -> None:
        """Those that ask for the members of segments where somebody moved."""
        uses = await self.segments.uses()
        if not uses:
            return
        for segment in in_order(await self.segments.kept(), uses):
            others = _movers(moved, uses.get(segment.id, ()))
            if others and segment.id not in moved:
                moved[segment.id] = await self.settle(segment, others)

    async def _tell(self, segment_id: UUID, moved: Moved) -> None:
        for kind, people in ((SegmentEntered, moved.entered), (SegmentLeft, moved.left)):
            for at in range(0, len(people), AT_ONCE):
                await publish(self.ctx, kind(segment_id, tuple(people[at : at + AT_ONCE])))

    async def _page(self, after: tuple[int, int], most: int) -> _Page:
        """Facts after that mark, below the oldest transaction that still runs (`core.feed`)."""
        statement = compiled(("facts for segments", most), lambda: _facts(most))
        rows = await self.ctx.fetch(statement, {"after_xid": after[0], "after_id": after[1]})
        page = _Page(after, more=len(rows) > most)
        for xid, id, kind, object_id, rewritten in rows[:most]:
            page.mark = xid, id
            page.objects.setdefault(kind, set()).add(object_id)
            if rewritten:
                page.rewritten.append((kind, object_id, xid))
        return page

    async def _touched(self, page: _Page, heard: set[str]) -> set[UUID]:
        """Whom the facts may concern."""
        found = set(page.objects.get(PERSON, ()))
        known = [*TOUCHES, *catalogue(self.ctx).touches]
        asked = [touch for touch in known if touch.kind in page.objects and touch.kind in heard]
        if asked:
            kinds = tuple(touch.kind for touch in asked)
            statement = compiled(("touched by", kinds), lambda: _touching(asked))
            ids = {f"ids_{kind}": list(page.objects[kind]) for kind in kinds}
            found |= {row[0] for row in await self.ctx.fetch(statement, ids)}
        changed = [one for one in page.rewritten if one[0] in heard]
        if changed:
            found |= await self._concerned_before(changed)
        return found

    async def _concerned_before(self, changed: Sequence[tuple[str, UUID, int]]) -> set[UUID]:
        values = {
            "kinds": [one[0] for one in changed],
            "ids": [one[1] for one in changed],
            "xids": [one[2] for one in changed],
        }
        rows = await self.ctx.fetch(compiled("concerned before", _before), values)
        return {row[0] for row in rows}


def in_order(segments: Iterable[Segment], uses: Mapping[UUID, set[UUID]]) -> list[Segment]:
    """Used ones before those that use them."""
    known = {segment.id: segment for segment in segments}
    found: dict[UUID, Segment] = {}

    def visit(segment_id: UUID) -> None:
        if segment_id in found:
            return
        for used in sorted(uses.get(segment_id, ())):
            visit(used)
        if segment_id in known:
            found[segment_id] = known[segment_id]

    for segment_id in sorted(known):
        visit(segment_id)
    return list(found.values())


def _movers(moved: Mapping[UUID, Moved], used: Iterable[UUID]) -> list[UUID]:
    return sorted({one for id in used if id in moved for one in (*moved[id].entered, *moved[id].left)})


def _settling(plan: Plan, few: bool) -> Any:
    """One statement: who meets the rule, who goes, who comes; [contact id, whether they came]."""
    segment = MEMBERS.c.segment_id == bindparam("segment_id", type_=Uuid())
    inside = [own(MEMBERS), segment, MEMBERS.c.left_at.is_(None)]
    if few:
        inside.append(MEMBERS.c.contact_id == any_(bindparam("touched", type_=_IDS)))
    found = plan.people(touched=few).cte("found")
    gone = (
        update(MEMBERS)
        .where(*inside, ~exists(select(ONE).where(found.c.id == MEMBERS.c.contact_id)))
        .values(left_at=func.greatest(MEMBERS.c.entered_at, _MOMENT))
        .returning(MEMBERS.c.contact_id)
        .cte("gone")
    )
    there = select(ONE).select_from(MEMBERS)
    new = select(ORGANIZATION, bindparam("segment_id", type_=Uuid()), found.c.id, _MOMENT).where(
        ~exists(there.where(*inside, MEMBERS.c.contact_id == found.c.id).correlate(found))
    )
    came = (
        insert(MEMBERS)
        .from_select(["organization_id", "segment_id", "contact_id", "entered_at"], new)
        .returning(MEMBERS.c.contact_id)
        .cte("came")
    )
    return union_all(
        select(came.c.contact_id, literal_column("true")), select(gone.c.contact_id, literal_column("false"))
    )


def _facts(most: int) -> Any:
    """xid, id, kind of object, its id, whether it may concern others than before."""
    mark = tuple_(bindparam("after_xid", type_=BigInteger()), bindparam("after_id", type_=BigInteger()))
    names = literal_column("ARRAY[" + ", ".join(f"'{name}'" for name in REFERENCES) + "]", ARRAY(Text()))
    changed = cast(FACT.c.data["changed"], JSONB)
    return (
        select(
            FACT.c.xid,
            FACT.c.id,
            FACT.c.object_type,
            FACT.c.object_id,
            func.coalesce(changed.op("?|")(names), literal_column("false")),
        )
        .where(own(FACT), tuple_(FACT.c.xid, FACT.c.id) > mark, FACT.c.xid < HORIZON)
        .order_by(FACT.c.xid, FACT.c.id)
        .limit(literal_column(str(most + 1)))
    )


def _touching(asked: Sequence[Any]) -> Any:
    parts = [part for touch in asked for part in touch.build(bindparam(f"ids_{touch.kind}", type_=_IDS))]
    return union(*parts) if len(parts) > 1 else parts[0].distinct()


def _before() -> Any:
    """People whom these objects concerned before they were changed, by name or through an account."""
    given = unnested(kinds=Text(), ids=Uuid(), xids=BigInteger())
    lines = (
        select(_LINE.c.changes)
        .select_from(given)
        .join(
            _LINE,
            (_LINE.c.object_type == given.c.kinds)
            & (_LINE.c.object_id == given.c.ids)
            & (_LINE.c.xid == given.c.xids),
        )
        .where(own(_LINE))
        .cte("lines")
    )
    parts = []
    for name, kind in REFERENCES.items():
        was = cast(lines.c.changes[name][0].astext, Uuid())
        if kind == PERSON:
            parts.append(select(was).where(was.is_not(None)))
        else:
            parts.append(of_accounts(select(was)))
    return union(*parts)

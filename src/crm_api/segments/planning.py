"""From a rule to SQL: checked against the catalogue once, turned into a statement once per shape.

Nothing that somebody wrote is ever part of the text of a statement: fields are looked up, values are bound.
Denials are pushed down to single comparisons, and rows around a person are asked for by EXISTS, so that
PostgreSQL joins whole sets (semi and anti joins) whether it looks at a million people or at the ten whose
facts have just changed.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Table,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from crm_api.contacts.models import Contact
from crm_api.core.context import Context
from crm_api.kit.errors import ValidationFailed
from crm_api.kit.listing import Chosen
from crm_api.kit.searching import SearchCondition, chosen
from crm_api.segments.birthdays import THIS_MONTH, digests, is_month
from crm_api.segments.catalogue import PERSON, Catalogue
from crm_api.segments.models import DEEPEST, MOST_RULES, SegmentMember
from crm_api.segments.schemas.rules import AllOf, AnyOf, HasRows, MemberOf, NoneOf
from crm_api.segments.subjects import ONE, ORGANIZATION, Way, open_cases, own
from crm_api.segments.values import Relative

PEOPLE = Contact.__table__
MEMBERS = cast(Table, SegmentMember.__table__)
TOUCHED = bindparam("touched", type_=ARRAY(Uuid()))
OPEN_CASES = frozenset({"claim", "complaint"})


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, checked."""

    group: str
    chosen: Chosen


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    segment_id: UUID


@dataclass(frozen=True, slots=True)
class Rows:
    group: str
    where: "Node | None"
    at_least: int
    name: str


@dataclass(frozen=True, slots=True)
class Both:
    """All of the parts, or any of them."""

    every: bool
    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Denied:
    part: "Node"


Node = Compared | Member | Rows | Both | Denied


@dataclass(slots=True)
class Plan:
    """A rule that was checked: what it looks at, and the statements it becomes."""

    catalogue: Catalogue
    root: Node
    excludes_open_cases: bool
    chosen: list[Chosen] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    sensitive: bool = False

    @property
    def uses(self) -> set[UUID]:
        return {member.segment_id for member in self.members}

    @property
    def is_empty(self) -> bool:
        return not self._rules_in(self.root)

    def _rules_in(self, node: Node) -> bool:
        if isinstance(node, Both):
            return any(self._rules_in(part) for part in node.parts)
        return self._rules_in(node.part) if isinstance(node, Denied) else True

    @property
    def facts(self) -> list[str]:
        """Kinds of objects whose facts may move somebody in or out."""
        kinds = {kind for group in self.groups for kind in self.catalogue.groups[group].listened}
        if self.excludes_open_cases:
            kinds |= OPEN_CASES
        return sorted(kinds | {PERSON})

    @property
    def by_the_day(self) -> bool:
        return any(
            isinstance(one.value, Relative)
            or (is_month(one.filter) and THIS_MONTH in one.filter.bound(one.value))
            for one in self.chosen
        )

    @property
    def shape(self) -> Hashable:
        return _shape(self.root), self.excludes_open_cases

    async def values(self, ctx: Context, on: date) -> dict[str, Any]:
        """What the statements bind, for that day."""
        bound: dict[str, Any] = {member.name: member.segment_id for member in self.members}
        bound |= self.counts
        for one in self.chosen:
            if is_month(one.filter):
                bound[one.name] = await digests(ctx, one.filter.bound(one.value), on)
            else:
                value = one.value.on(on) if isinstance(one.value, Relative) else one.value
                bound[one.name] = one.filter.bound(value)
        return bound

    def people(self, *, touched: bool) -> Select[Any]:
        """The ids of those who meet it; `touched`: of the people in that array only."""
        return select(PEOPLE.c.id).where(*self.conditions(touched=touched))

    def conditions(self, *, touched: bool) -> list[ColumnElement[bool]]:
        some = TOUCHED if touched else None
        return [*alive(some), *self._cases(some), *_Build(self.catalogue, some).every(self.root, PEOPLE.c.id)]

    def outside(self) -> list[ColumnElement[bool]]:
        """Somebody whom the rule itself keeps out."""
        return [*alive(None), *_Build(self.catalogue, None).every(Denied(self.root), PEOPLE.c.id)]

    def _cases(self, touched: Any) -> list[ColumnElement[bool]]:
        if not self.excludes_open_cases:
            return []
        return [~case for case in open_cases(PEOPLE.c.id, ORGANIZATION, touched)]


def alive(touched: Any = None) -> list[ColumnElement[bool]]:
    """The people of whom segments are made: neither in the bin, nor merged away, nor dead."""
    c = PEOPLE.c
    found = [own(PEOPLE), c.deleted_at.is_(None), c.merged_into_id.is_(None), c.is_deceased.is_(False)]
    return [*found, c.anonymised_at.is_(None), *([] if touched is None else [c.id == any_(touched)])]


class _Build:
    """Conditions on a column of people."""

    def __init__(self, catalogue: Catalogue, touched: Any) -> None:
        self._catalogue, self._touched = catalogue, touched

    def every(self, node: Node, person: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """As a list of conditions that must all hold: each may then become a join."""
        node = pushed(node)
        if isinstance(node, Both) and node.every:
            return [condition for part in node.parts for condition in self.every(part, person)]
        return [self._one(node, person)]

    def _one(self, node: Node, person: ColumnElement[Any]) -> ColumnElement[bool]:
        denied = isinstance(node, Denied)
        leaf = node.part if isinstance(node, Denied) else node
        if isinstance(leaf, Both):
            return self._any(leaf, person)
        if isinstance(leaf, Compared):
            if leaf.group == PERSON:
                return _plain(leaf, denied)
            leaf = Rows(leaf.group, leaf, 1, "")
        found = exists(
            select(ONE).select_from(source := self._ids(leaf)).where(source.c.contact_id == person)
        )
        return ~found if denied else found

    def _any(self, node: Both, person: ColumnElement[Any]) -> ColumnElement[bool]:
        if all(_is_plain(part) for part in node.parts):
            return or_(~true(), *(and_(true(), *self.every(part, person)) for part in node.parts))
        # OR of sub-selects would be asked person by person: the union of the people of each is one join.
        parts = []
        for part in node.parts:
            inner = select(PEOPLE.c.id.label("contact_id")).where(
                *alive(self._touched), *self.every(part, PEOPLE.c.id)
            )
            parts.append(inner.correlate(None))
        source = union_all(*parts).subquery()
        return exists(select(ONE).select_from(source).where(source.c.contact_id == person))

    def _ids(self, leaf: Any) -> Any:
        """Sub-select of contact ids."""
        if isinstance(leaf, Member):
            statement = select(MEMBERS.c.contact_id).where(
                own(MEMBERS),
                MEMBERS.c.segment_id == bindparam(leaf.name, type_=Uuid()),
                MEMBERS.c.left_at.is_(None),
                *self._near(MEMBERS.c.contact_id),
            )
            return statement.correlate(None).subquery()
        ways = [self._way(way, leaf) for way in self._catalogue.groups[leaf.group].ways]
        rows = (ways[0] if len(ways) == 1 else union_all(*ways)).subquery()
        if leaf.at_least == 1:
            return rows
        enough = func.count(rows.c.row_id.distinct()) >= bindparam(leaf.name)
        return select(rows.c.contact_id).group_by(rows.c.contact_id).having(enough).subquery()

    def _way(self, way: Way, leaf: Rows) -> Select[Any]:
        where = [] if leaf.where is None else [_row(pushed(leaf.where))]
        columns = way.contact_id.label("contact_id"), way.row_id.label("row_id")
        statement = select(*columns).select_from(way.rows)
        return statement.where(*way.where, *where, *self._near(way.contact_id)).correlate(None)

    def _near(self, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        return [] if self._touched is None else [column == any_(self._touched)]


def pushed(node: Node) -> Node:
    """A denial goes down to what it denies: not (a or b) is not a and not b."""
    if not isinstance(node, Denied):
        return node
    inner = node.part
    if isinstance(inner, Denied):
        return pushed(inner.part)
    if isinstance(inner, Both):
        return Both(not inner.every, tuple(pushed(Denied(part)) for part in inner.parts))
    return node


def _is_plain(node: Node) -> bool:
    """Of the person's own columns only."""
    node = pushed(node)
    if isinstance(node, Denied):
        return _is_plain(node.part)
    if isinstance(node, Both):
        return all(_is_plain(part) for part in node.parts)
    return isinstance(node, Compared) and node.group == PERSON


def _plain(leaf: Compared, denied: bool) -> ColumnElement[bool]:
    """What is not known does not meet a comparison, and so meets its denial."""
    condition = leaf.chosen.condition()
    return func.coalesce(condition, literal_column("false")).is_(False) if denied else condition


def _row(node: Node) -> ColumnElement[bool]:
    """A condition on the columns of one row."""
    node = pushed(node)
    if isinstance(node, Both):
        joined = and_ if node.every else or_
        return joined(true() if node.every else ~true(), *(_row(part) for part in node.parts))
    if isinstance(node, Denied):
        assert isinstance(node.part, Compared)  # noqa: S101 - checked when the rule was read
        return _plain(node.part, denied=True)
    assert isinstance(node, Compared)  # noqa: S101 - checked when the rule was read
    return _plain(node, denied=False)


def _shape(node: Node) -> Hashable:
    if isinstance(node, Compared):
        return node.chosen.shape
    if isinstance(node, Member):
        return "member", node.name
    if isinstance(node, Rows):
        many = node.at_least > 1
        return "has", node.group, node.where and _shape(node.where), many, node.name if many else ""
    if isinstance(node, Denied):
        return "not", _shape(node.part)
    return node.every, tuple(_shape(part) for part in node.parts)


class Reader:
    """Checks a rule against the catalogue. Raises ValidationFailed, with a pointer into the definition."""

    def __init__(self, catalogue: Catalogue, *, excludes_open_cases: bool) -> None:
        self._catalogue = catalogue
        self._plan = Plan(catalogue, Both(True, ()), excludes_open_cases)
        self._rules = 0

    def read(self, rule: Any, pointer: str = "/definition") -> Plan:
        self._plan.root = self._node(rule, pointer, 1, None)
        return self._plan

    def _node(self, rule: Any, pointer: str, depth: int, inside: str | None) -> Node:
        leaf = isinstance(rule, SearchCondition | MemberOf)
        if depth > DEEPEST and not leaf:
            raise ValidationFailed.at(pointer, "segment_too_deep", "A rule has five levels at most.")
        if isinstance(rule, AllOf):
            return Both(True, self._parts(rule.all, f"{pointer}/all", depth, inside))
        if isinstance(rule, AnyOf):
            return Both(False, self._parts(rule.any, f"{pointer}/any", depth, inside))
        if isinstance(rule, NoneOf):
            return Denied(self._node(rule.not_, f"{pointer}/not", depth + 1, inside))
        self._counted(pointer)
        if isinstance(rule, SearchCondition):
            return self._compared(rule, pointer, inside)
        if inside is not None:
            raise ValidationFailed.at(
                pointer, "segment_inside", "Inside `has` there are only comparisons of its own fields."
            )
        if isinstance(rule, MemberOf):
            member = Member(f"s{self._rules}", rule.member_of)
            self._plan.members.append(member)
            return member
        return self._has(rule, pointer, depth)

    def _parts(self, rules: Sequence[Any], pointer: str, depth: int, inside: str | None) -> tuple[Node, ...]:
        return tuple(self._node(one, f"{pointer}/{at}", depth + 1, inside) for at, one in enumerate(rules))

    def _has(self, rule: HasRows, pointer: str, depth: int) -> Node:
        group = self._catalogue.groups.get(rule.has)
        if group is None or not group.ways:
            raise ValidationFailed.at(f"{pointer}/has", "unknown_field", "No such field to search by.")
        self._plan.groups.add(group.code)
        name = f"n{self._rules}"
        if rule.at_least > 1:
            self._plan.counts[name] = rule.at_least
        where = (
            None if rule.where is None else self._node(rule.where, f"{pointer}/where", depth + 1, group.code)
        )
        return Rows(group.code, where, rule.at_least, name)

    def _compared(self, rule: SearchCondition, pointer: str, inside: str | None) -> Compared:
        found = chosen(rule, self._catalogue.searchable, pointer, f"r{self._rules}")
        about = self._catalogue.fields[rule.field]
        group = rule.field.partition(".")[0]
        if inside is not None and group != inside:
            raise ValidationFailed.at(
                f"{pointer}/field",
                "segment_inside",
                "Inside `has` there are only comparisons of its own fields.",
            )
        self._plan.chosen.append(found)
        self._plan.groups.add(group)
        self._plan.sensitive |= about.sensitive
        return Compared(group, found)

    def _counted(self, pointer: str) -> None:
        self._rules += 1
        if self._rules > MOST_RULES:
            raise ValidationFailed.at(pointer, "segment_too_long", "A rule has fifty comparisons at most.")

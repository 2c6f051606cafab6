"""Segments as they are written, listed, tried out and read."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field
from sqlalchemy import ColumnElement, and_, bindparam, or_
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.kit.listing import ListQuery, Page, equals, matching, one_of, starts_with
from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.reference.models import LabelLanguage
from crm_api.segments.models import Segment, SegmentMember, SegmentStatus, SegmentType
from crm_api.segments.schemas.rules import Definition
from crm_api.segments.values import FieldKind, midnight

SegmentName = Annotated[str, Field(min_length=1, max_length=120, examples=["Échéance auto 30 j"])]
Description = Annotated[str, Field(max_length=500, examples=["Contrats auto qui expirent dans le mois."])]
MOST_AT_ONCE = 1000
ContactIds = Annotated[list[UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]


class SegmentCreate(Input):
    """A segment to keep."""

    name: SegmentName
    """What people call it; once in the organization."""
    description: Description | None = None
    """What it is for."""
    type: SegmentType = SegmentType.DYNAMIC
    """By a rule, or by hand."""
    definition: Definition | None = None
    """The rule of a dynamic segment; none for a static one."""
    excludes_open_cases: bool = True
    """Leave out who waits for the end of a claim or complaint."""
    acknowledge_everybody: bool = False
    """Yes, this rule is meant to let everybody in."""


class SegmentPatch(Input):
    """What changes. A changed rule has all members found anew."""

    name: SegmentName | MISSING = MISSING
    """What people call it."""
    description: Description | None | MISSING = MISSING
    """What it is for."""
    definition: Definition | MISSING = MISSING
    """The rule of a dynamic segment."""
    excludes_open_cases: bool | MISSING = MISSING
    """Leave out who waits for the end of a claim or complaint."""
    acknowledge_everybody: bool | MISSING = MISSING
    """Yes, this rule is meant to let everybody in."""


class SegmentRead(Output):
    """A segment."""

    id: UUID
    """Its id."""
    name: SegmentName
    """What people call it."""
    description: Description | None
    """What it is for."""
    type: SegmentType
    """By a rule, or by hand."""
    status: SegmentStatus
    """Only an active one can be written to."""
    definition: Definition | None
    """The rule; null where people are added by hand."""
    excludes_open_cases: bool
    """Who waits for the end of a claim or complaint is left out."""
    facts: list[str] = Field(max_length=50, examples=[["contact", "policy"]])
    """The kinds of objects that its rule follows."""
    by_the_day: bool = Field(examples=[True])
    """Its rule counts from today: it is looked at anew every night."""
    sensitive: bool = Field(examples=[False])
    """Its rule looks at official data, so it needs an approval."""
    approved_by_id: UUID | None
    """Who approved that."""
    approved_at: Timestamp | None
    """When."""
    member_count: int = Field(ge=0, examples=[1284])
    """How many people are in it now."""
    refreshed_at: Timestamp | None
    """When its members were last all found anew; between, they follow what happens."""
    version: int = Field(ge=1, examples=[3])
    """For `If-Match`."""
    created_at: Timestamp
    """When it was made."""
    updated_at: Timestamp
    """When somebody last changed it."""
    created_by_id: UUID | None
    """Who made it."""


class SegmentQuery(ListQuery):
    """Which segments."""

    sortable: ClassVar = {"created_at": Segment.created_at, "name": Segment.name_folded}

    sort: Literal["created_at", "-created_at", "name", "-name"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    name_prefix: Annotated[str | None, starts_with(Segment.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["échéance"]
    )
    """Beginning of the name; accents and case ignored."""
    type: Annotated[SegmentType | None, equals(Segment.type)] = None
    """By a rule, or by hand."""
    status: Annotated[list[SegmentStatus] | None, one_of(Segment.status)] = Field(default=None, max_length=4)
    """One or several states."""


class SegmentPage(Page[SegmentRead]):
    """One page of segments."""


class SegmentDraft(Input):
    """A rule to try out; nothing is kept."""

    definition: Definition
    """The rule."""
    excludes_open_cases: bool = True
    """Leave out who waits for the end of a claim or complaint."""


class SegmentSample(Output):
    """Somebody whom the rule finds."""

    id: UUID
    """The contact."""
    display_name: str = Field(max_length=200, examples=["AISSANI Ilyès"])
    """As lists show them."""
    agency_id: UUID | None
    """Their agency."""


class SegmentPreview(Output):
    """What a rule would find among the people you may see."""

    count: int = Field(ge=0, examples=[1284])
    """How many people."""
    people: int = Field(ge=0, examples=[51_360])
    """Of how many."""
    share: str | None = Field(max_length=8, examples=["0.025"])
    """count / people; null when there is nobody."""
    sample: list[SegmentSample] = Field(max_length=10)
    """Ten of them at most."""
    by_the_day: bool = Field(examples=[True])
    """The rule counts from today."""
    sensitive: bool = Field(examples=[False])
    """The rule looks at official data: it would need an approval."""


class SegmentFreeze(Input):
    """A list of those who are in it now."""

    name: SegmentName
    """What the list is called."""


class SegmentMembers(Input):
    """People, by their contact ids."""

    contact_ids: ContactIds
    """A thousand at most; those you do not see are refused."""


class SegmentMoved(Output):
    """How many people came or went."""

    moved: int = Field(ge=0, examples=[25])
    """Those who were not there yet, or were."""
    member_count: int = Field(ge=0, examples=[1309])
    """How many are in it now."""


class SegmentMemberRead(Output):
    """Somebody's time in a segment."""

    contact_id: UUID
    """Who."""
    entered_at: Timestamp
    """Since when."""
    left_at: Timestamp | None
    """Until when; null while they are in it."""


def _on(name: str, _: Any) -> ColumnElement[bool]:
    moment = bindparam(name, type_=TIMESTAMP(timezone=True))
    inside = or_(SegmentMember.left_at.is_(None), SegmentMember.left_at >= moment)
    return and_(SegmentMember.entered_at < moment, inside)


def _ending(day: date) -> datetime:
    return midnight(day + timedelta(days=1))


class SegmentMemberQuery(ListQuery):
    """Whose membership."""

    sortable: ClassVar = {"entered_at": SegmentMember.entered_at}

    sort: Literal["entered_at", "-entered_at"] = "-entered_at"
    """Sort key; a leading `-` means descending."""
    on: Annotated[Day | None, matching(_on, bound=_ending, reads=Day)] = None
    """Who was in it at the end of this day; who is in it now when left out."""
    contact_id: Annotated[UUID | None, equals(SegmentMember.contact_id)] = None
    """Only this person."""


class SegmentMemberPage(Page[SegmentMemberRead]):
    """One page of members."""


class SegmentFieldValue(Output):
    """One of the values of a choice."""

    value: str = Field(max_length=60, examples=["in_force"])
    """As rules write it."""
    label: str = Field(max_length=120, examples=["En cours"])
    """What people read."""


class SegmentFieldShown(Output):
    """One field that rules may name."""

    field: str = Field(max_length=80, examples=["policy.status"])
    """As rules write it."""
    group: str = Field(max_length=40, examples=["policy"])
    """The group it belongs to."""
    kind: FieldKind
    """How it is compared and shown."""
    operators: list[str] = Field(max_length=12, examples=[["eq", "ne", "in"]])
    """What it may be compared by."""
    labels: dict[str, str] = Field(
        max_length=3, examples=[{"fr": "Statut du contrat", "en": "Policy status", "ar": "حالة العقد"}]
    )
    """What people read, in fr, en and ar."""
    values: list[SegmentFieldValue] = Field(max_length=100)
    """Of a choice; labels in the language asked for."""
    sensitive: bool = Field(examples=[False])
    """Official data: a rule that names it needs an approval."""


class SegmentGroupShown(Output):
    """Rows around a person, for `has`."""

    group: str = Field(max_length=40, examples=["policy"])
    """As rules write it."""
    labels: dict[str, str] = Field(
        max_length=3, examples=[{"fr": "Contrats", "en": "Policies", "ar": "العقود"}]
    )
    """What people read, in fr, en and ar."""


class SegmentFieldList(Output):
    """All that rules may say."""

    groups: list[SegmentGroupShown] = Field(max_length=40)
    """The groups; `contact` is the person themselves."""
    fields: list[SegmentFieldShown] = Field(max_length=400)
    """The fields."""
    deepest: int = Field(examples=[5])
    """Levels of a rule."""
    most_rules: int = Field(examples=[50])
    """Comparisons of a rule."""


class SegmentFieldQuery(Input):
    """How to read the catalogue."""

    lang: LabelLanguage = LabelLanguage.FR
    """Language of the labels of values."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import (
    MISSING,
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from crm_api.kit.contact_points import WilayaCode
from crm_api.kit.listing import ListQuery, Page, at_least, at_most, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.missions.filters import overdue
from crm_api.missions.models import (
    LONGEST_DAYS,
    ExpenseKind,
    MissionOrder,
    MissionStatus,
    MissionType,
    TransportMode,
)

_QUANTITY = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")


def _in_our_times(day: date) -> date:
    if not date(2000, 1, 1) <= day < date(2100, 1, 1):
        raise PydanticCustomError("not_in_our_times", "Between 2000 and 2100")
    return day


def _quantity(typed: object) -> Decimal:
    if isinstance(typed, Decimal):
        return typed
    if not isinstance(typed, str) or not _QUANTITY.fullmatch(typed):
        raise PydanticCustomError("invalid_quantity", 'A quantity is a decimal string like "10" or "2.50"')
    return Decimal(typed)


def _dinars(amount: Money) -> Money:
    if amount.currency != "DZD" or amount.centimes < 0:
        raise PydanticCustomError("dinars_expected", "An amount of dinars, not below zero")
    return amount


OurDay = Annotated[Day, AfterValidator(_in_our_times), Field(examples=["2026-11-25"])]
Dinars = Annotated[Money, AfterValidator(_dinars)]
Place = Annotated[str, Field(min_length=2, max_length=160, examples=["Blida, zone industrielle"])]
Objective = Annotated[
    str, Field(min_length=3, max_length=2000, examples=["Visiter dix entreprises de la zone industrielle"])
]
Metric = Annotated[str, Field(min_length=1, max_length=80, examples=["visites"])]
Value = Annotated[
    Decimal,
    BeforeValidator(_quantity),
    PlainSerializer(lambda value: f"{value:f}", return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 13,
            "pattern": r"^\d{1,10}(\.\d{1,2})?$",
            "description": "A number, as text.",
            "examples": ["10"],
        }
    ),
]
Report = Annotated[
    str, Field(min_length=3, max_length=10_000, examples=["Neuf entreprises visitées, deux devis demandés."])
]
Why = Annotated[str, Field(min_length=3, max_length=500, examples=["Joindre les justificatifs de taxi"])]
Ids = Annotated[list[UUID], Field(max_length=50)]
Number = Annotated[str, Field(max_length=40, examples=["OM-16012-2026-0007"])]


def _in_order(starts_on: date, ends_on: date) -> None:
    if not timedelta() <= ends_on - starts_on < timedelta(days=LONGEST_DAYS):
        raise PydanticCustomError("mission_dates", "It ends on its first day or later, after 90 days at most")


class MissionOrderCreate(Input):
    """A mission order to write."""

    assignee_user_id: UUID
    """Who is sent (nom et prénom)."""
    agency_id: UUID | None = None
    """The agency that sends; that of who is sent when left out."""
    type: MissionType
    """What kind of mission."""
    place: Place
    """Where to."""
    wilaya_code: WilayaCode | None = None
    """In which wilaya that is."""
    starts_on: OurDay
    """First day."""
    ends_on: OurDay | None = None
    """Last day, within 90 days; the first when left out."""
    objective: Objective
    """What is to be done."""
    target_metric: Metric | None = None
    """What is counted."""
    target_value: Value | None = None
    """How much of it is expected."""
    transport_mode: TransportMode | None = None
    """How they travel."""
    advance_amount: Dinars | None = None
    """Money paid beforehand."""
    linked_account_ids: Ids = []
    """Accounts that it is about."""
    linked_task_ids: Ids = []
    """Tasks that it is about."""

    @model_validator(mode="after")
    def _dates(self) -> "MissionOrderCreate":
        _in_order(self.starts_on, self.ends_on or self.starts_on)
        return self


class MissionOrderPatch(Input):
    """What to change in a draft; what is left out stays."""

    assignee_user_id: UUID | MISSING = MISSING
    """Who is sent; the agency stays."""
    type: MissionType | MISSING = MISSING
    """What kind of mission."""
    place: Place | MISSING = MISSING
    """Where to."""
    wilaya_code: WilayaCode | None | MISSING = MISSING
    """In which wilaya that is."""
    starts_on: OurDay | MISSING = MISSING
    """First day."""
    ends_on: OurDay | MISSING = MISSING
    """Last day."""
    objective: Objective | MISSING = MISSING
    """What is to be done."""
    target_metric: Metric | None | MISSING = MISSING
    """What is counted."""
    target_value: Value | None | MISSING = MISSING
    """How much of it is expected."""
    transport_mode: TransportMode | None | MISSING = MISSING
    """How they travel."""
    advance_amount: Dinars | None | MISSING = MISSING
    """Money paid beforehand."""
    linked_account_ids: Ids | MISSING = MISSING
    """Accounts that it is about."""
    linked_task_ids: Ids | MISSING = MISSING
    """Tasks that it is about."""


class ExpenseLine(Input):
    """Money spent on a mission."""

    kind: ExpenseKind
    """What for."""
    label: str = Field(min_length=2, max_length=160, examples=["Taxi gare - zone industrielle"])
    """In words."""
    spent_on: OurDay
    """When."""
    amount: Dinars
    """How much."""
    document_ids: Annotated[list[UUID], Field(max_length=10)] = []
    """Receipts."""


Expenses = Annotated[list[ExpenseLine], Field(max_length=100)]


class MissionReport(Input):
    """What came of it, so far."""

    report_text: Report | MISSING = MISSING
    """What was done."""
    result_value: Value | None | MISSING = MISSING
    """How much of the target was reached."""
    expenses: Expenses | MISSING = MISSING
    """All the money that was spent; replaces the lines before."""


class Refusal(Input):
    """Why."""

    reason: Why
    """Said to who is sent."""


class ExpenseRead(Output):
    """Money spent on a mission."""

    kind: ExpenseKind
    """What for."""
    label: str = Field(max_length=160, examples=["Taxi gare - zone industrielle"])
    """In words."""
    spent_on: date = Field(examples=["2026-11-25"])
    """When."""
    amount: Money
    """How much."""
    document_ids: Annotated[list[UUID], Field(max_length=10)]
    """Receipts."""


class MissionOrderRead(Output):
    """A mission order."""

    id: UUID
    """Identifier."""
    number: Number
    """The number people say on the phone."""
    status: MissionStatus
    """How far it has come."""
    is_overdue: bool = Field(examples=[False])
    """Whether its last day has passed without a report."""
    assignee_user_id: UUID
    """Who is sent."""
    agency_id: UUID
    """The agency that sends."""
    type: MissionType
    """What kind of mission."""
    place: Place
    """Where to."""
    wilaya_code: WilayaCode | None
    """In which wilaya that is."""
    starts_on: date = Field(examples=["2026-11-25"])
    """First day."""
    ends_on: date = Field(examples=["2026-11-26"])
    """Last day."""
    objective: Objective
    """What is to be done."""
    target_metric: Metric | None
    """What is counted."""
    target_value: Value | None
    """How much of it is expected."""
    transport_mode: TransportMode | None
    """How they travel."""
    advance_amount: Money | None
    """Money paid beforehand."""
    linked_account_ids: Ids
    """Accounts that it is about."""
    linked_task_ids: Ids
    """Tasks that it is about."""
    report_text: Report | None
    """What was done."""
    result_value: Value | None
    """How much of the target was reached."""
    expenses: list[ExpenseRead] = Field(max_length=100)
    """Money spent."""
    expense_amount: Money
    """The sum of it."""
    issued_by_id: UUID | None
    """Who sends."""
    issued_at: Timestamp | None
    """When it was issued."""
    acknowledged_at: Timestamp | None
    """When who is sent said that they know."""
    started_at: Timestamp | None
    """When it began."""
    completed_at: Timestamp | None
    """When the report was handed in."""
    approved_by_id: UUID | None
    """Who approved the report."""
    approved_at: Timestamp | None
    """When."""
    send_back_reason: Why | None
    """Why the last report was not enough."""
    cancel_reason: Why | None
    """Why it was cancelled."""
    cancelled_at: Timestamp | None
    """When."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was written."""
    updated_at: Timestamp
    """When it last changed."""
    created_by_id: UUID | None
    """Who wrote it."""


class Overlap(Output):
    """Another order that sends the same person away at the same time: allowed, and worth knowing."""

    code: Literal["mission_overlap"] = "mission_overlap"
    """What this warns of."""
    mission_order_id: UUID
    """The other order."""
    number: Number
    """Its number."""
    starts_on: date = Field(examples=["2026-11-25"])
    """Its first day."""
    ends_on: date = Field(examples=["2026-11-26"])
    """Its last day."""


class MissionOrderTold(MissionOrderRead):
    """A mission order, and what is worth knowing about it."""

    warnings: list[Overlap] = Field(default=[], max_length=20)
    """Other orders of the same person at the same time."""


class MissionOrderPage(Page[MissionOrderRead]):
    """One page of mission orders."""


class MissionOrderFilter(ListQuery):
    """What lists and counts of mission orders are filtered by."""

    sortable: ClassVar = {"starts_on": MissionOrder.starts_on, "created_at": MissionOrder.created_at}

    sort: Literal["starts_on", "-starts_on", "created_at", "-created_at"] = "-starts_on"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[MissionStatus] | None, one_of(MissionOrder.status)] = Field(
        default=None, max_length=7
    )
    """One or several states (repeat the parameter)."""
    type: Annotated[list[MissionType] | None, one_of(MissionOrder.type)] = Field(default=None, max_length=8)
    """One or several kinds."""
    assignee_user_id: Annotated[list[UUID] | None, one_of(MissionOrder.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Those of one or several people."""
    agency_id: Annotated[list[UUID] | None, one_of(MissionOrder.agency_id)] = Field(
        default=None, max_length=50
    )
    """Those of one or several agencies."""
    is_overdue: Annotated[bool | None, overdue] = None
    """true: those that are late."""
    starts_on_lte: Annotated[OurDay | None, at_most(MissionOrder.starts_on)] = None
    """Beginning on this day or before."""
    ends_on_gte: Annotated[OurDay | None, at_least(MissionOrder.ends_on)] = None
    """Ending on this day or later."""


class MissionOrderQuery(MissionOrderFilter):
    """Which mission orders."""


class MissionProof(Output):
    """What the house knows of the order on a paper."""

    number: Number
    """Its number."""
    is_valid: bool = Field(examples=[True])
    """Whether it sends somebody: not a draft, and not cancelled."""
    status: MissionStatus
    """How far it has come."""
    organization: str | None = Field(max_length=160, examples=["Alliance Assurances SPA"])
    """Who sends."""
    assignee: str = Field(max_length=170, examples=["Lina HADDAD"])
    """Who is sent."""
    place: Place
    """Where to."""
    starts_on: date = Field(examples=["2026-11-25"])
    """First day."""
    ends_on: date = Field(examples=["2026-11-26"])
    """Last day."""

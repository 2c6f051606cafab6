"""Automations as they are drawn, tried, looked at; and the people on their way through them."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.automations.graph import MOST_STEPS, AutomationCondition, AutomationStep, Key
from crm_api.automations.models import (
    Automation,
    AutomationExit,
    AutomationReEntry,
    AutomationStatus,
    AutomationTrigger,
    Enrolment,
    EnrolmentStatus,
)
from crm_api.kit.listing import ListQuery, Page, equals, one_of, starts_with
from crm_api.kit.schemas import Input, Output, Timestamp

AutomationName = Annotated[str, Field(min_length=1, max_length=120, examples=["Renouvellement auto"])]
Steps = Annotated[list[AutomationStep], Field(min_length=1, max_length=MOST_STEPS)]
Exits = Annotated[list[AutomationExit], Field(max_length=4, examples=[["claim", "unpaid"]])]
Recipe = Literal["welcome", "renewal", "birthday", "win_back", "post_claim_survey"]
_ALL = [AutomationExit.CLAIM, AutomationExit.COMPLAINT, AutomationExit.UNPAID, AutomationExit.CONSENT]


class AutomationTriggerSheet(Input):
    """What makes people enter."""

    kind: AutomationTrigger
    """What happens to them; `manual`: nothing, they are put in by hand."""
    days: int | None = Field(default=None, ge=0, le=365, examples=[60])
    """Of policy_expiring: before the end; of policy_ended and instalment_overdue: after it."""


class AutomationCreate(Input):
    """An automation to draw."""

    name: AutomationName
    """What the staff call it."""
    trigger: AutomationTriggerSheet
    """What makes people enter."""
    re_entry: AutomationReEntry = AutomationReEntry.AFTER_EXIT
    """Whether somebody may enter again."""
    exits: Exits = _ALL
    """What keeps people out, and takes them out."""
    goal: AutomationCondition | None = None
    """Whoever meets it is out, successfully."""
    first_step: Key
    """Where people begin."""
    steps: Steps
    """A hundred at most, without a circle."""


class AutomationFromRecipe(Input):
    """One of those that are ready."""

    recipe: Recipe
    """welcome; renewal (60, 30 and 7 days before); birthday; win_back; post_claim_survey."""
    name: AutomationName | None = None
    """What to call it; its own name when left out."""


class AutomationPatch(Input):
    """What to change; of an active automation it makes a new version."""

    name: AutomationName | MISSING = MISSING
    """What the staff call it."""
    trigger: AutomationTriggerSheet | MISSING = MISSING
    """What makes people enter."""
    re_entry: AutomationReEntry | MISSING = MISSING
    """Whether somebody may enter again."""
    exits: Exits | MISSING = MISSING
    """What keeps people out, and takes them out."""
    goal: AutomationCondition | None | MISSING = MISSING
    """Whoever meets it is out."""
    first_step: Key | MISSING = MISSING
    """Where people begin."""
    steps: Steps | MISSING = MISSING
    """All of them."""


class AutomationRead(Output):
    """An automation."""

    id: UUID
    """Identifier."""
    name: AutomationName
    """What the staff call it."""
    status: AutomationStatus
    """Where it stands."""
    recipe: str | None = Field(max_length=40, examples=["renewal"])
    """Of which recipe it was made."""
    trigger: dict[str, Any] = Field(examples=[{"kind": "policy_expiring", "days": 60}])
    """What makes people enter."""
    re_entry: AutomationReEntry
    """Whether somebody may enter again."""
    exits: Exits
    """What takes people out."""
    goal: dict[str, Any] | None = Field(examples=[{"fact": "has_policy", "value": None, "holds": True}])
    """Whoever meets it is out."""
    first_step: Key
    """Where people begin."""
    steps: list[dict[str, Any]] = Field(
        max_length=MOST_STEPS, examples=[[{"kind": "exit", "key": "fin", "label": None}]]
    )
    """Its steps."""
    latest: int = Field(ge=1, examples=[2])
    """How often it was drawn."""
    version_id: UUID | None
    """The version that takes people in."""
    activated_at: Timestamp | None
    """Since when it takes people in."""
    created_at: Timestamp
    """When it was drawn."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class AutomationPage(Page[AutomationRead]):
    """One page of automations."""


class AutomationQuery(ListQuery):
    """Which automations."""

    sortable: ClassVar = {"created_at": Automation.created_at, "name": Automation.name_folded}

    sort: Literal["created_at", "-created_at", "name", "-name"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[AutomationStatus] | None, one_of(Automation.status)] = Field(
        default=None, max_length=4
    )
    """One or several states."""
    name_prefix: Annotated[str | None, starts_with(Automation.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["renouv"]
    )
    """Beginning of the name, accents and case ignored."""


class EnrolmentCreate(Input):
    """Somebody to put in."""

    contact_id: UUID
    """Whom."""


class EnrolmentRead(Output):
    """Somebody on their way through an automation."""

    id: UUID
    """Identifier."""
    automation_id: UUID
    """Through which."""
    automation_version_id: UUID
    """Through which version; they finish on it."""
    contact_id: UUID
    """Who."""
    status: EnrolmentStatus
    """Where they stand."""
    step: Key
    """The step they are at, or were last."""
    next_at: Timestamp
    """When they go on."""
    exit_reason: str | None = Field(max_length=40, examples=["claim"])
    """Why they are out: goal, exit, claim, complaint, unpaid, consent, manual, re_entered."""
    ended_at: Timestamp | None
    """Since when."""
    created_at: Timestamp
    """When they entered."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class EnrolmentPage(Page[EnrolmentRead]):
    """One page of enrolments."""


class EnrolmentQuery(ListQuery):
    """Which enrolments."""

    sortable: ClassVar = {"created_at": Enrolment.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    automation_id: Annotated[UUID | None, equals(Enrolment.automation_id)] = None
    """Of this automation."""
    contact_id: Annotated[UUID | None, equals(Enrolment.contact_id)] = None
    """Of this customer."""
    step: Annotated[Key | None, equals(Enrolment.step)] = None
    """At this step."""
    status: Annotated[list[EnrolmentStatus] | None, one_of(Enrolment.status)] = Field(
        default=None, max_length=4
    )
    """One or several states."""


class StepFigures(Output):
    """What one step has come to."""

    key: Key
    """Which step."""
    label: str | None = Field(max_length=80, examples=["Attendre trois jours"])
    """What people read."""
    kind: str = Field(max_length=20, examples=["wait"])
    """What it does."""
    reached: int = Field(ge=0, examples=[320])
    """People who came to it."""
    waiting: int = Field(ge=0, examples=[12])
    """People who are there now."""
    outcomes: dict[str, int] = Field(examples=[{"yes": 200, "no": 120}])
    """Which way they went."""
    sent: int = Field(ge=0, examples=[300])
    """Of a message: sent."""
    delivered: int = Field(ge=0, examples=[296])
    """Arrived."""
    opened: int = Field(ge=0, examples=[120])
    """Opened by people."""
    clicked: int = Field(ge=0, examples=[40])
    """Followed by people."""
    suppressed: int = Field(ge=0, examples=[8])
    """Not sent: no consent, no address, too many lately."""


class AutomationFigures(Output):
    """What an automation has come to."""

    automation_id: UUID
    """Which."""
    entered: int = Field(ge=0, examples=[320])
    """People who entered."""
    active: int = Field(ge=0, examples=[40])
    """On their way."""
    completed: int = Field(ge=0, examples=[250])
    """At the end, the goal among it."""
    exits: dict[str, int] = Field(examples=[{"claim": 3}])
    """Taken out, by reason."""
    steps: list[StepFigures] = Field(max_length=MOST_STEPS)
    """Step by step, of the present drawing."""


class SimulatedStep(Output):
    """How far people would be."""

    key: Key
    """Which step."""
    reached: int = Field(ge=0, examples=[30])
    """Would have come to it."""
    waiting: int = Field(ge=0, examples=[12])
    """Would be there now."""


class AutomationSimulation(Output):
    """What an automation would have done; nothing was written."""

    days: int = Field(ge=1, examples=[30])
    """So many days back."""
    entered: int = Field(ge=0, examples=[30])
    """People who would have entered."""
    ended: int = Field(ge=0, examples=[12])
    """Who would be at the end."""
    is_complete: bool
    """false: more than 10,000 would have entered, the first are counted."""
    steps: list[SimulatedStep] = Field(max_length=MOST_STEPS)
    """Where they would be."""


class AutomationCard(Output):
    """A customer on the board."""

    enrolment_id: UUID
    """Of this enrolment."""
    contact_id: UUID
    """Who."""
    customer_code: str | None = Field(max_length=40, examples=["C-2026-000123"])
    """CODE CLIENT."""
    name: str = Field(max_length=161, examples=["BENALI Karim"])
    """NOM ET PRÉNOM."""
    next_at: Timestamp
    """DATE: when they go on."""


class AutomationColumn(Output):
    """One step of the board."""

    step: Key
    """Which."""
    label: str | None = Field(max_length=80, examples=["Attendre trois jours"])
    """What people read."""
    cards: list[AutomationCard] = Field(max_length=50)
    """The fifty who move next, of those whom you may see."""


class AutomationBoard(Output):
    """Who stands where."""

    automation_id: UUID
    """Of this automation."""
    columns: list[AutomationColumn] = Field(max_length=2 * MOST_STEPS)
    """Step by step; steps of former versions at the end."""

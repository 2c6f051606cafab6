from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, one_of
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.sla.clock import SlaMetric
from crm_api.sla.models import SlaHours, SlaPolicy, SlaPolicyStatus, SlaPriority, SlaResolutionRule

PolicyName = Annotated[str, Field(min_length=1, max_length=80, examples=["Clients VIP"])]
Word = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[\w.:-]+$", examples=["complaint"])]
Words = Annotated[list[Word], Field(max_length=50)]
Minutes = Annotated[int, Field(ge=1, le=525_600, examples=[480])]
Percent = Annotated[int, Field(ge=1, le=500, examples=[80])]
Position = Annotated[int, Field(ge=1, le=10_000, examples=[1])]
Notified = Literal["assignee", "group", "manager", "supervisors"]


class SlaConditions(Input):
    """What must hold; of each list one value is enough, an empty list asks for nothing."""

    types: Words = []
    """Types of the work: complaint, question..."""
    priorities: Annotated[list[SlaPriority], Field(max_length=4)] = []
    """Priorities."""
    channels: Words = []
    """Channels by which it came."""
    tiers: Words = []
    """Tiers of the customer: vip, standard..."""
    agency_ids: Annotated[list[UUID], Field(max_length=200)] = []
    """Agencies that it belongs to."""
    product_codes: Words = []
    """Products that it is about."""
    branch_codes: Words = []
    """Branches of insurance that it is about."""


class SlaTarget(Input):
    """How long something may take."""

    metric: SlaMetric
    """What is promised."""
    priority: SlaPriority | None = None
    """For this priority; left out: for every one that has no target of its own."""
    minutes: Minutes
    """Minutes within the hours of the policy."""


class SlaEscalationRule(Input):
    """What happens when a share of a target has passed and the promise is still owed."""

    metric: SlaMetric
    """Of which promise."""
    at_percent: Percent
    """100 is the moment at which the promise is broken; warnings at 50, 75 and 90 are told without a rule."""
    notify: Annotated[list[Notified], Field(max_length=4)] = []
    """Who is told."""
    group_id: UUID | None = None
    """The group that takes over."""
    raise_priority: bool = False
    """Whether the priority goes one step up."""


def _each_once(targets: list[SlaTarget]) -> list[SlaTarget]:
    keys = [(target.metric, target.priority) for target in targets]
    if len(set(keys)) != len(keys):
        raise PydanticCustomError("sla_target_twice", "One target for each metric and priority.")
    return targets


Targets = Annotated[list[SlaTarget], Field(min_length=1, max_length=20), AfterValidator(_each_once)]
Escalations = Annotated[list[SlaEscalationRule], Field(max_length=20)]


class SlaPolicyCreate(Input):
    """A policy to make; it is tried after those that are there."""

    name: PolicyName
    """Its name, unique."""
    conditions: SlaConditions = SlaConditions()
    """What it rules; without conditions, whatever no policy before it rules."""
    hours: SlaHours = SlaHours.AGENCY
    """Whose hours count."""
    calendar_id: UUID | None = None
    """With hours `calendar`: which one."""
    resolution_counts: SlaResolutionRule = SlaResolutionRule.REQUESTER_WAIT
    """Whether being on hold counts for the resolution. Waiting for the customer never does."""
    targets: Targets
    """What is promised."""
    escalations: Escalations = []
    """What happens on the way."""

    @model_validator(mode="after")
    def _calendar(self) -> "SlaPolicyCreate":
        if (self.hours is SlaHours.CALENDAR) != (self.calendar_id is not None):
            raise PydanticCustomError("sla_calendar", "calendar_id goes with hours `calendar`, and only so.")
        return self


class SlaPolicyPatch(Input):
    """What to change; a field left out stays. Lists are replaced as a whole."""

    name: PolicyName | MISSING = MISSING
    """Its name, unique."""
    conditions: SlaConditions | MISSING = MISSING
    """What it rules."""
    hours: SlaHours | MISSING = MISSING
    """Whose hours count."""
    calendar_id: UUID | None | MISSING = MISSING
    """With hours `calendar`: which one."""
    resolution_counts: SlaResolutionRule | MISSING = MISSING
    """Whether being on hold counts for the resolution."""
    targets: Targets | MISSING = MISSING
    """What is promised."""
    escalations: Escalations | MISSING = MISSING
    """What happens on the way."""


class SlaPolicyRead(Output):
    """A policy: what is promised to whom."""

    id: UUID
    """Identifier."""
    name: PolicyName
    """Its name."""
    position: Position
    """Its place in the order in which policies are tried; the first that fits rules."""
    status: SlaPolicyStatus
    """active or retired."""
    conditions: SlaConditions
    """What it rules."""
    hours: SlaHours
    """Whose hours count."""
    calendar_id: UUID | None
    """With hours `calendar`: which one."""
    resolution_counts: SlaResolutionRule
    """Whether being on hold counts for the resolution."""
    targets: list[SlaTarget] = Field(max_length=20)
    """What is promised."""
    escalations: list[SlaEscalationRule] = Field(max_length=20)
    """What happens on the way."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""
    updated_at: Timestamp
    """When it last changed."""


class SlaPolicyPage(Page[SlaPolicyRead]):
    """One page of policies."""


class SlaPolicyQuery(ListQuery):
    """Which policies."""

    sortable: ClassVar = {"position": SlaPolicy.position}

    sort: Literal["position", "-position"] = "position"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[SlaPolicyStatus] | None, one_of(SlaPolicy.status)] = Field(
        default=None, max_length=2
    )
    """One or several states."""


class SlaPolicyMove(Input):
    """Where a policy goes."""

    position: Position
    """Its new place, from 1; the others close up. Beyond the last one: to the end."""


class SlaCase(Input):
    """Work that may come in."""

    type: Word
    """Its type."""
    priority: SlaPriority = SlaPriority.NORMAL
    """Its priority."""
    channel: Word | None = None
    """By which channel."""
    tier: Word | None = None
    """The tier of the customer."""
    agency_id: UUID | None = None
    """The agency that it belongs to."""
    product_code: Word | None = None
    """The product."""
    branch_code: Word | None = None
    """The branch of insurance."""
    at: Moment | None = Field(default=None, examples=["2026-11-19T14:00:00Z"])
    """When it comes in; now when left out."""


class SlaTried(Output):
    """A policy that was tried."""

    policy_id: UUID
    """Which."""
    name: PolicyName
    """Its name."""
    rules: bool = Field(examples=[False])
    """Whether it is the one that rules."""
    unmet: str | None = Field(max_length=40, examples=["types"])
    """The first condition that does not hold; null: all hold (another one before it may rule)."""


class SlaPromised(Output):
    """What would be owed."""

    metric: SlaMetric
    """What."""
    minutes: Minutes
    """How long it may take."""
    due_at: Timestamp | None
    """Until when, if it started with the work; null: the calendar never opens, or it starts later."""


class SlaDryRun(Output):
    """Which policy would rule, and why not the others."""

    tried: list[SlaTried] = Field(max_length=100)
    """Every active policy in its order."""
    promised: list[SlaPromised] = Field(max_length=4)
    """What would be owed; none when no policy rules."""

"""Routing rules, and what they would do."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, equals
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.leads.models import LeadRoutingRule, LeadSource, LeadType, RoutingStrategy
from crm_api.leads.schemas.words import Products, WilayaCode

RuleName = Annotated[str, Field(min_length=1, max_length=80, examples=["Comparateurs, Alger"])]
Position = Annotated[int, Field(ge=0, le=100_000, examples=[100])]
Sources = Annotated[list[LeadSource], Field(max_length=13, examples=[["comparator"]])]
Wilayas = Annotated[list[WilayaCode], Field(max_length=69, examples=[["16", "09"]])]
Types = Annotated[list[LeadType], Field(max_length=2, examples=[["individual"]])]
Agencies = Annotated[list[UUID], Field(max_length=500)]
Users = Annotated[list[UUID], Field(max_length=200)]
Capacity = Annotated[int, Field(ge=1, le=10_000, examples=[40])]


class RoutingRuleCreate(Input):
    """A rule to add. Every condition must hold; an empty one holds for all."""

    name: RuleName
    """Name, unique."""
    position: Position = 100
    """Rules are tried from the lowest on."""
    is_active: bool = True
    """Whether it is tried at all."""
    sources: Sources = []
    """Where the lead came from."""
    wilaya_codes: Wilayas = []
    """Where the person lives."""
    product_codes: Products = []
    """One of the products wanted."""
    types: Types = []
    """Persons or companies."""
    agency_ids: Agencies = []
    """The agency that recorded it."""
    strategy: RoutingStrategy
    """In turn, the least loaded, or the agency's queue without an owner."""
    target_agency_id: UUID | None = None
    """The agency that gets it; that of the lead when left out."""
    user_ids: Users = []
    """Who takes turns, in this order; everybody active in the agency when empty."""
    max_open_leads: Capacity | None = None
    """Nobody gets more open leads than this."""

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "RoutingRuleCreate":
        if not (self.target_agency_id or self.user_ids or self.agency_ids):
            raise PydanticCustomError(
                "routing_target_missing", "Give target_agency_id, user_ids, or agency_ids as a condition"
            )
        return self


class RoutingRulePatch(Input):
    """What to change; a field left out stays, null empties it."""

    name: RuleName | MISSING = MISSING
    """Name, unique."""
    position: Position | MISSING = MISSING
    """Rules are tried from the lowest on."""
    is_active: bool | MISSING = MISSING
    """Whether it is tried at all."""
    sources: Sources | MISSING = MISSING
    """Where the lead came from."""
    wilaya_codes: Wilayas | MISSING = MISSING
    """Where the person lives."""
    product_codes: Products | MISSING = MISSING
    """One of the products wanted."""
    types: Types | MISSING = MISSING
    """Persons or companies."""
    agency_ids: Agencies | MISSING = MISSING
    """The agency that recorded it."""
    strategy: RoutingStrategy | MISSING = MISSING
    """How the owner is chosen."""
    target_agency_id: UUID | None | MISSING = MISSING
    """The agency that gets it."""
    user_ids: Users | MISSING = MISSING
    """Who takes turns, in this order."""
    max_open_leads: Capacity | None | MISSING = MISSING
    """Nobody gets more open leads than this."""


class RoutingRuleRead(Output):
    """A routing rule."""

    id: UUID
    """Identifier."""
    name: RuleName
    """Name, unique."""
    position: Position
    """Rules are tried from the lowest on."""
    is_active: bool
    """Whether it is tried at all."""
    sources: Sources
    """Where the lead came from; empty: anywhere."""
    wilaya_codes: Wilayas
    """Where the person lives; empty: anywhere."""
    product_codes: Products
    """One of the products wanted; empty: any."""
    types: Types
    """Persons or companies; empty: both."""
    agency_ids: Agencies
    """The agency that recorded it; empty: any."""
    strategy: RoutingStrategy
    """How the owner is chosen."""
    target_agency_id: UUID | None
    """The agency that gets it."""
    user_ids: Users
    """Who takes turns, in this order."""
    max_open_leads: Capacity | None
    """Nobody gets more open leads than this."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was added."""
    updated_at: Timestamp
    """When it last changed."""


class RoutingRulePage(Page[RoutingRuleRead]):
    """One page of routing rules."""


class RoutingRuleQuery(ListQuery):
    """Which rules."""

    sortable: ClassVar = {"position": LeadRoutingRule.position, "created_at": LeadRoutingRule.created_at}

    sort: Literal["position", "-position", "created_at", "-created_at"] = "position"
    """Sort key; a leading `-` means descending."""
    is_active: Annotated[bool | None, equals(LeadRoutingRule.is_active)] = None
    """Those tried, or those switched off."""


class RoutingTrial(Input):
    """A lead as the rules look at it."""

    source: LeadSource
    """Where it came from."""
    type: LeadType = LeadType.INDIVIDUAL
    """A person or a company."""
    wilaya_code: WilayaCode | None = None
    """Where the person lives."""
    product_interest: Products = []
    """Products wanted."""
    agency_id: UUID | None = None
    """The agency that recorded it."""


class StepOutcome(StrEnum):
    """What one routing rule did with a lead."""

    SKIPPED = "skipped"
    NOBODY_FREE = "nobody_free"
    QUEUED = "queued"
    CHOSEN = "chosen"


class RoutingStep(Output):
    """What one rule said."""

    rule_id: UUID
    """The rule."""
    rule_name: RuleName
    """Its name."""
    outcome: StepOutcome
    """Skipped, nobody free, left to the agency's queue, or somebody chosen."""
    condition: str | None = Field(default=None, max_length=40, examples=["wilaya_code"])
    """The condition that the lead does not meet, where it was skipped."""
    agency_id: UUID | None = None
    """The agency that gets it."""
    owner_user_id: UUID | None = None
    """Who gets it."""
    stands_in_for: UUID | None = None
    """Whose turn it was, when that colleague is out of office."""
    open_leads: int | None = Field(default=None, ge=0, le=1_000_000, examples=[12])
    """How many open leads the new owner has already."""


class RoutingAnswer(Output):
    """Who would get the lead, and why."""

    rule_id: UUID | None
    """The rule that decides; null: none, the lead waits without owner."""
    agency_id: UUID | None
    """The agency that would get it."""
    owner_user_id: UUID | None
    """Who would get it."""
    steps: list[RoutingStep] = Field(max_length=500)
    """Every rule tried, in order."""

"""Routing rules, what colleagues can do, and what rules would do."""

from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.policies.schemas.words import BranchCode, ProductCode
from crm_api.tickets.models.setup import TicketAgent, TicketRoutingStrategy, TicketRule
from crm_api.tickets.models.words import TicketChannel, TicketLanguage, TicketPriority, TicketType
from crm_api.tickets.schemas.words import Label, Place, Subject

Keyword = Annotated[str, Field(min_length=2, max_length=40, examples=["bris"])]
Skill = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", max_length=40, examples=["automobile"])]
Skills = Annotated[list[Skill], Field(max_length=30)]
GROUPED = frozenset(
    {TicketRoutingStrategy.LEAST_BUSY, TicketRoutingStrategy.ROUND_ROBIN, TicketRoutingStrategy.QUEUE}
)


class TicketRuleConditions(Input):
    """What must hold: of each list one value is enough, an empty list asks for nothing."""

    types: list[TicketType] = Field(default=[], max_length=11)
    """Types of ticket."""
    channels: list[TicketChannel] = Field(default=[], max_length=12)
    """How it came."""
    priorities: list[TicketPriority] = Field(default=[], max_length=4)
    """How urgent it is."""
    languages: list[TicketLanguage] = Field(default=[], max_length=3)
    """The language of the requester."""
    category_ids: list[UUID] = Field(default=[], max_length=100)
    """What it is about."""
    product_codes: list[ProductCode] = Field(default=[], max_length=50)
    """Products."""
    branch_codes: list[BranchCode] = Field(default=[], max_length=30)
    """Branches."""
    agency_ids: list[UUID] = Field(default=[], max_length=200)
    """Agencies."""
    words: list[Keyword] = Field(default=[], max_length=50)
    """Words of the subject, whatever their accents and case."""
    vip: bool | None = None
    """Whether the customer is one of the first rank."""


class TicketRuleCreate(Input):
    """Which tickets, and who gets them."""

    name: Label
    """What people call it."""
    position: Place
    """The lowest is asked first."""
    is_active: bool = True
    """Whether it is asked at all."""
    conditions: TicketRuleConditions = TicketRuleConditions()
    """Which tickets."""
    strategy: TicketRoutingStrategy
    """How who gets it is found."""
    user_id: UUID | None = None
    """The colleague, for the strategy `user`."""
    group_id: UUID | None = None
    """The group, for the strategies that ask one; the queue the ticket stands in besides for the others."""
    same_agency: bool = False
    """true: only colleagues of the ticket's agency."""
    skills: Skills = []
    """Only colleagues who have all of these."""
    speaks: bool = False
    """true: only colleagues who speak the requester's language."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.strategy is TicketRoutingStrategy.USER) != (self.user_id is not None):
            raise PydanticCustomError("user_of_strategy", "A colleague goes with the strategy user, always")
        if self.strategy in GROUPED and self.group_id is None:
            raise PydanticCustomError("group_of_strategy", "That strategy asks for a group")
        return self


class TicketRulePatch(Input):
    """What to change of a rule; how it finds somebody is changed as a whole, by a new rule."""

    name: Label | MISSING = MISSING
    """What people call it."""
    position: Place | MISSING = MISSING
    """The lowest is asked first."""
    is_active: bool | MISSING = MISSING
    """Whether it is asked at all."""
    conditions: TicketRuleConditions | MISSING = MISSING
    """Which tickets; replaces all."""
    same_agency: bool | MISSING = MISSING
    """Whether only colleagues of the ticket's agency."""
    skills: Skills | MISSING = MISSING
    """Only colleagues who have all of these."""
    speaks: bool | MISSING = MISSING
    """Whether only colleagues who speak the requester's language."""

    def given(self) -> dict[str, Any]:
        """What the caller wrote, by name."""
        return {name: value for name, value in self if value is not MISSING}


class TicketRuleRead(Output):
    """A routing rule."""

    id: UUID
    """Identifier."""
    name: Label
    """What people call it."""
    position: Place
    """The lowest is asked first."""
    is_active: bool = Field(examples=[True])
    """Whether it is asked at all."""
    conditions: TicketRuleConditions
    """Which tickets."""
    strategy: TicketRoutingStrategy
    """How who gets it is found."""
    user_id: UUID | None
    """The colleague."""
    group_id: UUID | None
    """The group."""
    same_agency: bool = Field(examples=[False])
    """Whether only colleagues of the ticket's agency."""
    skills: Skills
    """Only colleagues who have all of these."""
    speaks: bool = Field(examples=[False])
    """Whether only colleagues who speak the requester's language."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""


class TicketRulePage(Page[TicketRuleRead]):
    """One page of rules."""


class TicketRuleQuery(ListQuery):
    """Which rules."""

    sortable: ClassVar = {"position": TicketRule.position}

    sort: Literal["position", "-position"] = "position"
    """Sort key; a leading `-` means descending."""


class TicketAgentDescribe(Input):
    """What a colleague can do for tickets."""

    user_id: UUID
    """Who."""
    languages: list[TicketLanguage] = Field(default=[TicketLanguage.FR], min_length=1, max_length=3)
    """The languages they write in."""
    skills: Skills = []
    """What they know about."""


class TicketAgentRead(Output):
    """What a colleague can do for tickets."""

    id: UUID
    """Identifier."""
    user_id: UUID
    """Who."""
    languages: list[TicketLanguage] = Field(max_length=3)
    """The languages they write in."""
    skills: Skills
    """What they know about."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was first said."""


class TicketAgentPage(Page[TicketAgentRead]):
    """One page of colleagues."""


class TicketAgentQuery(ListQuery):
    """Which colleagues."""

    sortable: ClassVar = {"user_id": TicketAgent.user_id}

    sort: Literal["user_id", "-user_id"] = "user_id"
    """Sort key; a leading `-` means descending."""


class TicketRulesTry(Input):
    """A ticket to try the rules on; nothing is written."""

    ticket_id: UUID | None = None
    """One that is there; or else what is said below."""
    subject: Subject = "Question"
    """In one line."""
    type: TicketType = TicketType.QUESTION
    """What kind of request it is."""
    channel: TicketChannel = TicketChannel.EMAIL
    """How it came."""
    priority: TicketPriority = TicketPriority.NORMAL
    """How urgent it is."""
    language: TicketLanguage = TicketLanguage.FR
    """The language of the requester."""
    category_id: UUID | None = None
    """What it is about."""
    product_code: ProductCode | None = None
    """The product."""
    branch_code: BranchCode | None = None
    """The branch."""
    agency_id: UUID | None = None
    """The agency."""
    is_vip: bool = False
    """Whether the customer is one of the first rank."""
    rules: list[TicketRuleCreate] | None = Field(default=None, max_length=100)
    """Rules to try instead of those that are in force."""


class TicketPassedOver(Output):
    """A colleague who was thought of."""

    user_id: UUID
    """Who."""
    why: Literal["inactive", "absent", "full", "agency", "skills", "language", "unknown"]
    """Why it is not them."""


class TicketRulesTried(Output):
    """What the rules would do."""

    rule: Label | None
    """The rule that wins; null: none fits, or finds anybody."""
    owner_user_id: UUID | None
    """Who would get it."""
    group_id: UUID | None
    """The queue it would stand in."""
    stands_in_for_id: UUID | None
    """Who is absent, where a substitute would get it."""
    passed_over: list[TicketPassedOver] = Field(max_length=2000)
    """Who was thought of before, and why it is not them."""


class TicketRulesReplay(Input):
    """Which tickets to play through the rules once more; nothing is written."""

    days: int = Field(default=30, ge=1, le=31, examples=[30])
    """Those opened within so many days."""
    rules: list[TicketRuleCreate] | None = Field(default=None, max_length=100)
    """Rules to try instead of those that are in force."""


class TicketRuleMatches(Output):
    """What one rule would have done."""

    rule: Label
    """The rule."""
    count: int = Field(ge=0, examples=[128])
    """Tickets that it would have given."""


class TicketAgentLoad(Output):
    """What one colleague would have got."""

    user_id: UUID
    """Who."""
    count: int = Field(ge=0, examples=[31])
    """Tickets."""


class TicketRulesReplayed(Output):
    """What the rules would have done."""

    tickets: int = Field(ge=0, examples=[340])
    """Tickets that were played."""
    truncated: bool = Field(examples=[False])
    """Whether there were more: the newest ten thousand are played."""
    unrouted: int = Field(ge=0, examples=[12])
    """Those that no rule would have given to anybody."""
    elsewhere: int = Field(ge=0, examples=[47])
    """Those that would have gone to another colleague or group than they did."""
    by_rule: list[TicketRuleMatches] = Field(max_length=200)
    """In the order of the rules."""
    by_agent: list[TicketAgentLoad] = Field(max_length=1000)
    """The busiest first."""

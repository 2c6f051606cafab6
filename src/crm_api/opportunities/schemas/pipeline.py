"""Pipelines and their stages."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, contains, equals, one_of
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.opportunities.models.pipeline import (
    ForecastCategory,
    OpportunityOutcome,
    OpportunityType,
    Pipeline,
    PipelineStatus,
)
from crm_api.opportunities.schemas.words import (
    Code,
    Family,
    Label,
    Number,
    PipelineName,
    Probability,
    StageCode,
)
from crm_api.opportunities.track import Breach

RequiredField = Annotated[
    str,
    Field(
        pattern=r"^(contact_id|amount|lines|competitors|source|campaign_id|next_step|next_step_at"
        r"|custom\.[a-z][a-z0-9_]{0,39})$",
        max_length=60,
        examples=["next_step"],
    ),
]
"""`custom.<key>` is a field that the organization defined."""


class StageContent(Input):
    """One stage."""

    code: StageCode
    """What opportunities call it; it never changes."""
    label_fr: Label
    """What people read."""
    label_ar: Label | None = None
    """The same in Arabic."""
    outcome: OpportunityOutcome = OpportunityOutcome.OPEN
    """Exactly one stage is won and one lost; both stand after the open ones."""
    probability: Probability
    """How likely a sale in it comes about."""
    forecast_category: ForecastCategory
    """How the forecast counts it."""
    max_days: int | None = Field(default=None, ge=1, le=730, examples=[21])
    """A sale that stays longer is stagnant; 14 days without activity make it so anyway."""
    required_fields: list[RequiredField] = Field(default=[], max_length=20)
    """What must be filled in to enter."""
    is_entry: bool = True
    """Whether new opportunities may begin here; never where approval is needed."""
    needs_approval: bool = False
    """true: it is entered once a second person agrees."""


def _well_made(stages: list[StageContent]) -> list[StageContent]:
    if len({stage.code for stage in stages}) < len(stages):
        raise PydanticCustomError("repeated_stage", "Two stages have the same code")
    ends = [stage for stage in stages if stage.outcome is not OpportunityOutcome.OPEN]
    if sorted(stage.outcome for stage in ends) != [OpportunityOutcome.LOST, OpportunityOutcome.WON]:
        raise PydanticCustomError("two_ends", "Exactly one stage is won, and exactly one is lost")
    if stages[-2:] != ends or len(stages) < 3:
        raise PydanticCustomError("ends_last", "The won and the lost stage stand last, after the open ones")
    for stage in stages:
        _check_meaning(stage)
    if not any(s.is_entry and not s.needs_approval for s in stages if s.outcome is OpportunityOutcome.OPEN):
        raise PydanticCustomError("no_entry", "No open stage takes new opportunities")
    return stages


def _check_meaning(stage: StageContent) -> None:
    closed = {
        OpportunityOutcome.WON: (Decimal(1), ForecastCategory.CLOSED),
        OpportunityOutcome.LOST: (Decimal(0), ForecastCategory.OMITTED),
    }
    if stage.outcome is OpportunityOutcome.OPEN:
        if stage.forecast_category is ForecastCategory.CLOSED:
            raise PydanticCustomError("open_is_not_closed", "An open stage is not in the category closed")
    elif (stage.probability, stage.forecast_category) != closed[stage.outcome]:
        raise PydanticCustomError(
            "end_is_certain", "Won has the probability 1 and the category closed, lost has 0 and omitted"
        )
    elif stage.needs_approval or stage.required_fields or stage.max_days:
        raise PydanticCustomError("rules_are_for_open_stages", "Rules to enter are for open stages")


Stages = Annotated[list[StageContent], Field(min_length=3, max_length=30), AfterValidator(_well_made)]
Types = Annotated[list[OpportunityType], Field(max_length=5, examples=[["new_business"]])]


class PipelineContent(Input):
    """What a pipeline is."""

    code: Code
    """Short name for programs; it never changes."""
    name: PipelineName
    """What people read."""
    product_family: Family | None = None
    """The products it is for."""
    opportunity_types: Types = []
    """Opportunities of these types go this way when nobody says which."""
    no_skipping: bool = False
    """true: forward, only to the next stage."""
    no_backwards: bool = False
    """true: never back to an earlier stage."""


class PipelineCreate(PipelineContent):
    """A pipeline to add."""

    stages: Stages = Field(
        examples=[
            [
                {
                    "code": "negotiation",
                    "label_fr": "Négociation",
                    "probability": "0.70",
                    "forecast_category": "commit",
                },
                {
                    "code": "won",
                    "label_fr": "Gagnée",
                    "outcome": "won",
                    "probability": "1",
                    "forecast_category": "closed",
                },
                {
                    "code": "lost",
                    "label_fr": "Perdue",
                    "outcome": "lost",
                    "probability": "0",
                    "forecast_category": "omitted",
                },
            ]
        ]
    )
    """In their order; the won and the lost one last."""


class PipelinePatch(Input):
    """What to change; a field left out stays."""

    name: PipelineName | MISSING = MISSING
    """What people read."""
    product_family: Family | None | MISSING = MISSING
    """The products it is for."""
    opportunity_types: Types | MISSING = MISSING
    """Replaces all."""
    is_default: Literal[True] | MISSING = MISSING
    """true: takes the place of the present default pipeline."""
    no_skipping: bool | MISSING = MISSING
    """Whether a stage may be left out on the way forward."""
    no_backwards: bool | MISSING = MISSING
    """Whether a sale may go back."""
    stages: Stages | MISSING = MISSING
    """Replaces all; a stage where opportunities stand cannot go. Ask `dry-run` first whom it concerns."""

    def given(self) -> dict[str, Any]:
        """What the caller wrote, by name."""
        return {name: value for name, value in self if value is not MISSING}


class PipelineRules(Input):
    """Rules to try."""

    no_skipping: bool | MISSING = MISSING
    """As in a change of the pipeline; what is left out stays as it is."""
    no_backwards: bool | MISSING = MISSING
    """The same."""
    stages: Stages | MISSING = MISSING
    """The same."""


class StageRead(StageContent):
    """One stage."""


class PipelineRead(Output):
    """One way to sell."""

    id: UUID
    """Identifier."""
    code: Code
    """Short name for programs."""
    name: PipelineName
    """What people read."""
    product_family: Family | None
    """The products it is for."""
    opportunity_types: Types
    """Opportunities of these types go this way when nobody says which."""
    status: PipelineStatus
    """Closed ones take no new opportunities."""
    is_default: bool
    """Whether it takes what no other pipeline is for."""
    no_skipping: bool
    """Whether a stage may be left out on the way forward."""
    no_backwards: bool
    """Whether a sale may go back."""
    stages: list[StageRead] = Field(max_length=30)
    """In their order."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was added."""
    updated_at: Timestamp
    """When it last changed."""


class PipelinePage(Page[PipelineRead]):
    """One page of pipelines."""


class PipelineQuery(ListQuery):
    """Which pipelines."""

    sortable: ClassVar = {"code": Pipeline.code, "created_at": Pipeline.created_at}

    status: Annotated[list[PipelineStatus] | None, one_of(Pipeline.status)] = Field(
        default=None, max_length=2
    )
    """Active or closed ones."""
    code: Annotated[Code | None, equals(Pipeline.code)] = None
    """One code."""
    opportunity_type: Annotated[OpportunityType | None, contains(Pipeline.opportunity_types)] = None
    """Those that take opportunities of this type."""

    sort: Literal["code", "-code", "created_at", "-created_at"] = "code"
    """Sort key; a leading `-` means descending."""


class BreachRead(Output):
    """An open opportunity that the rules would contradict."""

    opportunity_id: UUID
    """Which."""
    number: Number
    """Its number."""
    stage: StageCode
    """Where it stands."""
    breach: Breach
    """How it contradicts the rules."""
    about: str = Field(max_length=60, examples=["next_step"])
    """The field that is missing, or the stage that is concerned."""


class BreachCount(Output):
    """How many open opportunities contradict one rule."""

    breach: Breach
    """The rule."""
    count: int = Field(ge=0, examples=[3])
    """How many."""


class DryRun(Output):
    """What the rules would find; nothing was written."""

    examined: int = Field(ge=0, examples=[120])
    """Open opportunities of the pipeline."""
    concerned: int = Field(ge=0, examples=[3])
    """Those that contradict at least one rule."""
    counts: list[BreachCount] = Field(max_length=6)
    """By rule."""
    data: list[BreachRead] = Field(max_length=200)
    """The first two hundred contradictions, by number of the opportunity."""

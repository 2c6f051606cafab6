"""What comes in: an opportunity to open, and changes to one."""

from typing import Any
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.core.external_ids import ExternalIds
from crm_api.kit.schemas import Day, Input, Moment
from crm_api.kit.tags import Tags
from crm_api.opportunities.models.opportunity import OpportunitySource
from crm_api.opportunities.models.pipeline import ForecastCategory, OpportunityType
from crm_api.opportunities.schemas.words import (
    Competitors,
    CustomValues,
    Lines,
    Name,
    NextStep,
    Premium,
    ProductCode,
    StageCode,
)


class OpportunityContent(Input):
    """What is known of a sale, wherever it comes from."""

    name: Name
    """Title in lists."""
    type: OpportunityType = OpportunityType.NEW_BUSINESS
    """What kind of sale."""
    product_code: ProductCode
    """The main product."""
    amount: Premium | None = None
    """Annual net premium expected, without taxes; the sum of the lines when there are any, else nothing."""
    close_date: Day = Field(examples=["2026-12-31"])
    """When it is expected to close."""
    pipeline_id: UUID | None = None
    """The way it goes; that of its type, or the default one, when left out."""
    stage: StageCode | None = None
    """Where it begins; the first stage that takes new ones when left out."""
    campaign_id: UUID | None = None
    """The campaign that brought it."""
    next_step: NextStep | None = None
    """What is to be done next."""
    next_step_at: Moment | None = None
    """When."""
    lines: Lines = []
    """The products of the sale, where there are several."""
    competitors: Competitors = []
    """Who else is after it."""
    tags: Tags = []
    """Words to find it by."""
    custom_fields: CustomValues = {}
    """Values of the fields that your organization defined, by key."""


class OpportunityCreate(OpportunityContent):
    """An opportunity to open."""

    account_id: UUID
    """The customer, or who may become one."""
    contact_id: UUID | None = None
    """Whom one talks to."""
    source: OpportunitySource | None = None
    """Where it came from."""
    owner_user_id: UUID | None = None
    """Who follows it; you when left out."""
    agency_id: UUID | None = None
    """The agency that follows it; yours, or that of the account, when left out."""
    external_ids: ExternalIds = []
    """What other systems call it."""


class OpportunityPatch(Input):
    """What to change; a field left out stays, null empties it. Its stage changes by the actions only."""

    name: Name | MISSING = MISSING
    """Title in lists."""
    account_id: UUID | MISSING = MISSING
    """The customer."""
    contact_id: UUID | None | MISSING = MISSING
    """Whom one talks to."""
    type: OpportunityType | MISSING = MISSING
    """What kind of sale."""
    product_code: ProductCode | MISSING = MISSING
    """The main product."""
    amount: Premium | MISSING = MISSING
    """Annual net premium expected; with lines, their sum. Frozen once it is won or lost."""
    close_date: Day | MISSING = Field(default=MISSING, examples=["2026-12-31"])
    """When it is expected to close."""
    forecast_category: ForecastCategory | MISSING = MISSING
    """How the forecast counts it; `omitted` stays through moves, the others follow the next stage."""
    source: OpportunitySource | None | MISSING = MISSING
    """Where it came from."""
    campaign_id: UUID | None | MISSING = MISSING
    """The campaign that brought it."""
    owner_user_id: UUID | None | MISSING = MISSING
    """Who follows it."""
    agency_id: UUID | MISSING = MISSING
    """The agency that follows it."""
    next_step: NextStep | None | MISSING = MISSING
    """What is to be done next."""
    next_step_at: Moment | None | MISSING = MISSING
    """When."""
    lines: Lines | MISSING = MISSING
    """Replaces all; the amount becomes their sum."""
    competitors: Competitors | MISSING = MISSING
    """Replaces all."""
    tags: Tags | MISSING = MISSING
    """Replaces all."""
    external_ids: ExternalIds | MISSING = MISSING
    """What other systems call it; replaces all."""
    custom_fields: CustomValues | MISSING = MISSING
    """Values by key; keys left out stay, null takes one away."""

    def given(self) -> dict[str, Any]:
        """What the caller wrote, by name."""
        return {name: value for name, value in self if value is not MISSING}

"""Money planned and spent."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.campaigns.models import CampaignLine
from crm_api.campaigns.schemas.words import Dinars
from crm_api.campaigns.words import CampaignCostKind, CampaignLineType
from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Day, Input, Output, Timestamp

Comment = Annotated[str, Field(min_length=1, max_length=200, examples=["Facture Djezzy 2026-118"])]


class CampaignLineCreate(Input):
    """A line of budget or spending."""

    campaign_id: UUID
    """Of which campaign."""
    type: CampaignLineType
    """Planned or spent."""
    kind: CampaignCostKind
    """What for."""
    amount: Dinars
    """How much; more than nothing."""
    spent_on: Day = Field(examples=["2026-12-02"])
    """The day it is planned for, or was spent."""
    comment: Comment | None = None
    """An invoice, a supplier."""


class CampaignLinePatch(Input):
    """What to change; a field left out stays."""

    kind: CampaignCostKind | MISSING = MISSING
    """What for."""
    amount: Dinars | MISSING = MISSING
    """How much."""
    spent_on: Day | MISSING = Field(default=MISSING, examples=["2026-12-02"])
    """The day."""
    comment: Comment | None | MISSING = MISSING
    """An invoice, a supplier."""


class CampaignLineRead(Output):
    """A line of budget or spending."""

    id: UUID
    """Identifier."""
    campaign_id: UUID
    """Of which campaign."""
    type: CampaignLineType
    """Planned or spent."""
    kind: CampaignCostKind
    """What for."""
    amount: Money
    """How much."""
    spent_on: Day = Field(examples=["2026-12-02"])
    """The day it is planned for, or was spent."""
    comment: Comment | None
    """An invoice, a supplier."""
    created_at: Timestamp
    """When it was written."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class CampaignLinePage(Page[CampaignLineRead]):
    """One page of lines."""


class CampaignLineQuery(ListQuery):
    """Which lines."""

    sortable: ClassVar = {"created_at": CampaignLine.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    campaign_id: Annotated[UUID | None, equals(CampaignLine.campaign_id)] = None
    """Of this campaign."""
    type: Annotated[list[CampaignLineType] | None, one_of(CampaignLine.type)] = Field(
        default=None, max_length=2
    )
    """Planned or spent."""
    kind: Annotated[list[CampaignCostKind] | None, one_of(CampaignLine.kind)] = Field(
        default=None, max_length=5
    )
    """What for."""
    spent_from: Annotated[Day | None, at_least(CampaignLine.spent_on)] = Field(
        default=None, examples=["2026-12-01"]
    )
    """On this day or later."""
    spent_before: Annotated[Day | None, below(CampaignLine.spent_on)] = Field(
        default=None, examples=["2027-01-01"]
    )
    """Before this day."""

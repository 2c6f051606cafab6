from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.billing.models.schedule import Instalment, InstalmentStatus, PremiumReceipt, ReceiptType
from crm_api.billing.schemas.words import BillingDay, ExternalName, PremiumShown, ReceiptNumber, SystemName
from crm_api.kit.listing import ListQuery, Page, at_least, at_most, equals, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Timestamp


class InstalmentRead(PremiumShown):
    """One part of a premium."""

    id: UUID
    """Identifier."""
    schedule_id: UUID
    """The schedule that it is a part of."""
    policy_id: UUID
    """The contract."""
    account_id: UUID
    """Who pays."""
    agency_id: UUID | None
    """The agency of the contract."""
    seq: int = Field(ge=1, le=400, examples=[1])
    """Its place in the schedule."""
    status: InstalmentStatus
    """Where it stands."""
    period_from: date = Field(examples=["2026-12-01"])
    """First day that it pays for."""
    period_to: date = Field(examples=["2027-06-01"])
    """First day that it no longer pays for."""
    due_on: date = Field(examples=["2026-12-01"])
    """When it falls due."""
    bill_on: date = Field(examples=["2026-11-01"])
    """From when on its notice goes out."""
    paid_amount: Money
    """What was paid of it."""
    version: int = Field(ge=1, examples=[1])
    """How often it changed."""
    created_at: Timestamp
    """When it was written."""
    updated_at: Timestamp
    """When it last changed."""


class InstalmentPage(Page[InstalmentRead]):
    """One page of instalments."""


class InstalmentQuery(ListQuery):
    """Which instalments."""

    sortable: ClassVar = {"due_on": Instalment.due_on, "created_at": Instalment.created_at}

    sort: Literal["due_on", "-due_on", "created_at", "-created_at"] = "due_on"
    """Sort key; a leading `-` means descending."""
    policy_id: Annotated[UUID | None, equals(Instalment.policy_id)] = None
    """Of a contract."""
    account_id: Annotated[UUID | None, equals(Instalment.account_id)] = None
    """Of who pays."""
    agency_id: Annotated[list[UUID] | None, one_of(Instalment.agency_id)] = Field(default=None, max_length=50)
    """Of one or several agencies."""
    status: Annotated[list[InstalmentStatus] | None, one_of(Instalment.status)] = Field(
        default=None, max_length=8
    )
    """One or several states (repeat the parameter)."""
    due_on_gte: Annotated[BillingDay | None, at_least(Instalment.due_on)] = None
    """Due on this day or later."""
    due_on_lte: Annotated[BillingDay | None, at_most(Instalment.due_on)] = None
    """Due on this day or before."""


class PremiumReceiptRead(PremiumShown):
    """A quittance."""

    id: UUID
    """Identifier."""
    number: ReceiptNumber
    """Agency, year, product and serial number."""
    type: ReceiptType
    """What it is for; a refund has negative amounts."""
    policy_id: UUID
    """The contract."""
    account_id: UUID
    """Who pays."""
    agency_id: UUID | None
    """The agency of the contract."""
    instalment_id: UUID | None
    """The part of the premium that it bills; null where it gives back."""
    endorsement_id: UUID | None
    """The endorsement that it comes from."""
    issued_on: date = Field(examples=["2026-11-01"])
    """The day it was written."""
    source_system: SystemName
    """Who keeps it; `crm` is we."""
    external_id: ExternalName | None
    """What its source calls it."""
    as_of: Timestamp | None
    """When its source knew it; null for one of ours."""
    version: int = Field(ge=1, examples=[1])
    """How often it changed."""
    created_at: Timestamp
    """When it was written."""


class PremiumReceiptPage(Page[PremiumReceiptRead]):
    """One page of receipts."""


class PremiumReceiptQuery(ListQuery):
    """Which receipts."""

    sortable: ClassVar = {"issued_on": PremiumReceipt.issued_on, "created_at": PremiumReceipt.created_at}

    sort: Literal["issued_on", "-issued_on", "created_at", "-created_at"] = "-issued_on"
    """Sort key; a leading `-` means descending."""
    number: Annotated[str | None, equals(PremiumReceipt.number)] = Field(
        default=None, max_length=60, examples=["16012/2026/AUTO_RC/00913"]
    )
    """Of exactly this number."""
    policy_id: Annotated[UUID | None, equals(PremiumReceipt.policy_id)] = None
    """Of a contract."""
    account_id: Annotated[UUID | None, equals(PremiumReceipt.account_id)] = None
    """Of who pays."""
    agency_id: Annotated[list[UUID] | None, one_of(PremiumReceipt.agency_id)] = Field(
        default=None, max_length=50
    )
    """Of one or several agencies."""
    type: Annotated[list[ReceiptType] | None, one_of(PremiumReceipt.type)] = Field(default=None, max_length=4)
    """One or several kinds."""
    issued_on_gte: Annotated[BillingDay | None, at_least(PremiumReceipt.issued_on)] = None
    """Written on this day or later."""
    issued_on_lte: Annotated[BillingDay | None, at_most(PremiumReceipt.issued_on)] = None
    """Written on this day or before."""

"""What is set aside, paid, and got back."""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.claims.models.handling import Recovery
from crm_api.claims.models.words import (
    ClaimPaymentKind,
    ClaimPaymentMethod,
    ClaimPaymentStatus,
    RecoveryConvention,
    RecoveryDirection,
    RecoveryStatus,
    ReserveKind,
)
from crm_api.claims.schemas.words import (
    ClaimWhy,
    Insurer,
    Movement,
    Reference,
    ReserveReason,
    SomeDinars,
)
from crm_api.kit.listing import ListQuery, Page, below, equals, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.policies.schemas.words import ZERO, CoverageCode, Dinars

BankAccount = Annotated[str, Field(min_length=4, max_length=40, examples=["RIB 00799999004182013612"])]


class ReserveMove(Input):
    """Money set aside, or released."""

    coverage_code: CoverageCode
    """For which coverage."""
    kind: ReserveKind = ReserveKind.INDEMNITY
    """For the indemnity, for expenses, or expected back."""
    movement: Movement
    """How much more; less when negative. What remains is never below zero."""
    reason: ReserveReason
    """Why."""


class ReserveMovementRead(Output):
    """A movement of a reserve."""

    coverage_code: CoverageCode
    """For which coverage."""
    kind: ReserveKind
    """For the indemnity, for expenses, or expected back."""
    sequence: int = Field(ge=1, examples=[1])
    """1 and up, of this coverage and kind."""
    movement: Money
    """How much more, or less."""
    balance: Money
    """What remains after it."""
    reason: ReserveReason
    """Why."""
    made_at: Timestamp
    """When."""
    made_by_id: UUID | None
    """By whom."""


class ReserveBalance(Output):
    """What is set aside for a coverage."""

    coverage_code: CoverageCode
    """Which."""
    kind: ReserveKind
    """For the indemnity, for expenses, or expected back."""
    balance: Money
    """How much."""


class ReserveRead(Output):
    """What is set aside for a claim, and how it came about."""

    balances: list[ReserveBalance] = Field(max_length=200)
    """By coverage and kind."""
    data: list[ReserveMovementRead] = Field(max_length=1000)
    """The movements, the newest first."""


class ClaimPaymentPropose(Input):
    """A payment to propose."""

    payee_participant_id: UUID
    """Who is paid, among who has a part in the claim."""
    coverage_code: CoverageCode
    """Out of which coverage."""
    kind: ClaimPaymentKind = ClaimPaymentKind.INDEMNITY
    """What for."""
    gross: SomeDinars
    """Before what the insured bears."""
    deductible_applied: Dinars = ZERO
    """What the insured bears of it."""
    method: ClaimPaymentMethod
    """How; never in cash."""
    bank_account_ref: BankAccount | None = None
    """Where to; shown masked."""
    discharge_document_id: UUID | None = None
    """The receipt (quittance d'indemnité) that the payee signed; needed before it is ordered."""

    @model_validator(mode="after")
    def _leaves_something(self) -> "ClaimPaymentPropose":
        if self.deductible_applied.centimes >= self.gross.centimes:
            raise PydanticCustomError("nothing_left_to_pay", "The deductible leaves nothing to pay")
        return self


class ClaimPaymentOrder(Input):
    """A payment goes to the bank."""

    discharge_document_id: UUID | None = None
    """The receipt that the payee signed, if it was not there before."""


class ClaimPaymentMade(Input):
    """The bank has paid."""

    reference: Reference
    """What the bank or the accounting calls it."""


class ClaimPaymentEnd(Input):
    """Why a payment is rejected or stopped."""

    reason: ClaimWhy
    """Kept with it."""


class ClaimPaymentRead(Output):
    """A payment of a claim."""

    id: UUID
    """Identifier."""
    claim_id: UUID
    """Of which claim."""
    payee_participant_id: UUID
    """Who is paid."""
    coverage_code: CoverageCode
    """Out of which coverage."""
    kind: ClaimPaymentKind
    """What for."""
    status: ClaimPaymentStatus
    """How far it has come."""
    gross: Money
    """Before what the insured bears."""
    deductible_applied: Money
    """What the insured bears of it."""
    net: Money
    """What goes out."""
    method: ClaimPaymentMethod
    """How."""
    bank_account: Annotated[str, Field(max_length=12, examples=["•••3612"])] | None
    """Where to, masked."""
    discharge_document_id: UUID | None
    """The receipt that the payee signed."""
    proposed_by_id: UUID | None
    """Who proposed it."""
    approved_by_id: UUID | None
    """Who approved it: somebody else."""
    approved_at: Timestamp | None
    """When."""
    ordered_at: Timestamp | None
    """When it went to the bank."""
    paid_at: Timestamp | None
    """When the bank paid."""
    reference: Reference | None
    """What the bank or the accounting calls it."""
    end_reason: ClaimWhy | None
    """Why it was rejected or stopped."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was proposed."""


class ClaimPaymentList(Output):
    """The payments of a claim."""

    data: list[ClaimPaymentRead] = Field(max_length=500)
    """In the order in which they were proposed."""


class RecoveryOpen(Input):
    """A recourse to open."""

    direction: RecoveryDirection = RecoveryDirection.EXERCISED
    """We claim, or are claimed from."""
    opponent: Insurer
    """The other insurer."""
    convention: RecoveryConvention = RecoveryConvention.NONE
    """Under which convention."""
    external_reference: Reference | None = None
    """On the national platform e-recours."""
    claimed: SomeDinars
    """How much."""
    opened_on: Day | None = Field(default=None, examples=["2026-11-30"])
    """Since when; today when left out."""


class RecoveryAgree(Input):
    """What the two insurers agreed on."""

    agreed: SomeDinars
    """How much."""
    external_reference: Reference | None = None
    """On e-recours, if it was not there before."""


class RecoveryCompensate(Input):
    """What came in, or was set off."""

    received: SomeDinars
    """How much: not above what was agreed."""


class RecoveryRead(Output):
    """A recourse."""

    id: UUID
    """Identifier."""
    claim_id: UUID
    """Of which claim."""
    direction: RecoveryDirection
    """We claim, or are claimed from."""
    opponent: Insurer
    """The other insurer."""
    convention: RecoveryConvention
    """Under which convention."""
    external_reference: Reference | None
    """On e-recours."""
    claimed: Money
    """How much was claimed."""
    agreed: Money | None
    """What was agreed on."""
    received: Money | None
    """What came in, or was set off."""
    status: RecoveryStatus
    """How far it has come."""
    opened_on: date = Field(examples=["2026-11-30"])
    """Since when."""
    days_open: int = Field(ge=0, examples=[42])
    """Days since then, until it ended."""
    ageing_bucket: Literal["d0_30", "d31_60", "d61_90", "d91_180", "d181_365", "over_365"]
    """How old that makes it."""
    agreed_at: Timestamp | None
    """When it was agreed."""
    ended_at: Timestamp | None
    """When it ended."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was written."""


class RecoveryPage(Page[RecoveryRead]):
    """One page of recourses."""


class RecoveryQuery(ListQuery):
    """Which recourses."""

    sortable: ClassVar = {"opened_on": Recovery.opened_on}

    sort: Literal["opened_on", "-opened_on"] = "opened_on"
    """Sort key; a leading `-` means descending."""
    claim_id: Annotated[list[UUID] | None, one_of(Recovery.claim_id)] = Field(default=None, max_length=50)
    """Those of one or several claims."""
    status: Annotated[list[RecoveryStatus] | None, one_of(Recovery.status)] = Field(
        default=None, max_length=5
    )
    """One or several states."""
    direction: Annotated[RecoveryDirection | None, equals(Recovery.direction)] = None
    """We claim, or are claimed from."""
    opponent: Annotated[Insurer | None, equals(Recovery.opponent)] = None
    """The other insurer."""
    opened_on_lt: Annotated[Day | None, below(Recovery.opened_on)] = Field(
        default=None, examples=["2026-11-30"]
    )
    """Opened before this day."""

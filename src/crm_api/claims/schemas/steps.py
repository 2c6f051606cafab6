"""What the steps of a claim ask for."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.claims.models.words import (
    ClaimClosingReason,
    ClaimDecisionOutcome,
    ClaimDecisionStatus,
    ClaimReopeningReason,
)
from crm_api.claims.schemas.words import ClaimNote, ClaimWhy, Reference, SomeDinars
from crm_api.files.models import FileKind
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Output, Timestamp


def _each_once(kinds: list[FileKind]) -> list[FileKind]:
    if len(set(kinds)) != len(kinds):
        raise PydanticCustomError("asked_twice", "A document is asked for once")
    return kinds


AppealPath = Annotated[
    str,
    Field(
        min_length=3,
        max_length=1000,
        examples=["Service Réclamations du siège, puis la Commission de supervision des assurances."],
    ),
]


class ClaimRegister(Input):
    """Who takes the file."""

    handler_user_id: UUID | None = None
    """Who handles it; you when left out."""


class ClaimAssign(Input):
    """Who takes the file from now on."""

    handler_user_id: UUID
    """An active user."""


class ClaimDocumentsRequest(Input):
    """What the customer is to bring."""

    kinds: Annotated[list[FileKind], Field(min_length=1, max_length=30), AfterValidator(_each_once)]
    """The documents; one that was received is asked for again."""


class ClaimReopen(Input):
    """Why a file is opened again."""

    reason: ClaimReopeningReason
    """What came up."""
    note: ClaimNote | None = None
    """In words."""


class ClaimClose(Input):
    """Why a file is closed."""

    reason: ClaimClosingReason
    """It must fit what became of the claim."""


class ClaimLitigate(Input):
    """A claim that goes to court."""

    reference: Reference | None = None
    """What the court calls it."""
    note: ClaimNote | None = None
    """What the quarrel is about."""


class ClaimDecide(Input):
    """What is decided of a claim."""

    outcome: ClaimDecisionOutcome
    """Approve or refuse."""
    amount: SomeDinars | None = None
    """The indemnity; of an approval."""
    motive: ClaimNote | None = None
    """Why; a refusal never goes without."""
    appeal_path: AppealPath | None = None
    """How the refusal can be contested; as the settings say when left out."""

    @model_validator(mode="after")
    def _whole(self) -> "ClaimDecide":
        if self.outcome is ClaimDecisionOutcome.APPROVE and self.amount is None:
            raise PydanticCustomError("amount_of_an_approval", "Say how much is approved")
        if self.outcome is ClaimDecisionOutcome.REFUSE and (self.motive is None or self.amount is not None):
            raise PydanticCustomError("motive_of_a_refusal", "Say why it is refused; no amount goes with it")
        return self


class ClaimTurnDown(Input):
    """Why a decision that waits is turned down."""

    reason: ClaimWhy
    """Said to its author."""


class ClaimDecisionRead(Output):
    """A decision."""

    id: UUID
    """Identifier."""
    claim_id: UUID
    """Of which claim."""
    outcome: ClaimDecisionOutcome
    """Approve or refuse."""
    status: ClaimDecisionStatus
    """Whether it holds, waits for a second person, or was turned down."""
    amount: Money | None
    """The indemnity, of an approval."""
    motive: ClaimNote | None
    """Why."""
    appeal_path: AppealPath | None
    """How the refusal can be contested."""
    limit_amount: Money
    """What its author could decide alone."""
    author_id: UUID
    """Who decided."""
    confirmed_by_id: UUID | None
    """The second person."""
    decided_at: Timestamp | None
    """Since when it holds."""
    turned_down_reason: ClaimWhy | None
    """Why it was turned down."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""


class ClaimDecisionList(Output):
    """The decisions of a claim."""

    data: list[ClaimDecisionRead] = Field(max_length=200)
    """The newest first."""

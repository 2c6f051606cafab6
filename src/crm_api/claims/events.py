"""What upper floors hear of claims; ids and public facts only: no reserve, no indicator, no health data."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class ClaimDeclared(Event):
    """A loss was declared; its documents are asked for."""

    kind: ClassVar = "claim.declared"

    claim_id: UUID
    number: str
    policy_id: UUID | None
    account_id: UUID | None
    agency_id: UUID
    cause: str


@dataclass(frozen=True, slots=True)
class ClaimRegistered(Event):
    """Somebody has taken the file."""

    kind: ClassVar = "claim.registered"

    claim_id: UUID
    number: str
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class ClaimAssigned(Event):
    """Somebody else handles it."""

    kind: ClassVar = "claim.assigned"

    claim_id: UUID
    number: str
    handler_user_id: UUID


@dataclass(frozen=True, slots=True)
class ClaimDocumentsRequested(Event):
    """The customer is to bring documents."""

    kind: ClassVar = "claim.documents_requested"

    claim_id: UUID
    number: str
    account_id: UUID | None
    documents: list[str]


@dataclass(frozen=True, slots=True)
class ClaimDocumentReceived(Event):
    """A document that was asked for has come."""

    kind: ClassVar = "claim.document_received"

    claim_id: UUID
    number: str
    document: str


@dataclass(frozen=True, slots=True)
class ClaimReviewed(Event):
    """The file is complete enough to be examined."""

    kind: ClassVar = "claim.under_review"

    claim_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class ClaimAppraisalOrdered(Event):
    """An adjuster is sent."""

    kind: ClassVar = "claim.appraisal_ordered"

    claim_id: UUID
    number: str
    appraisal_id: UUID


@dataclass(frozen=True, slots=True)
class ClaimAppraised(Event):
    """The adjuster has reported."""

    kind: ClassVar = "claim.appraised"

    claim_id: UUID
    number: str
    appraisal_id: UUID
    outcome: str


@dataclass(frozen=True, slots=True)
class ClaimDecisionAsked(Event):
    """A decision is prepared, or waits for a second person."""

    kind: ClassVar = "claim.decision_asked"

    claim_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class ClaimApproved(Event):
    """The indemnity is agreed to."""

    kind: ClassVar = "claim.approved"

    claim_id: UUID
    number: str
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class ClaimRefused(Event):
    """No indemnity; the motive and the way to contest it are in the file."""

    kind: ClassVar = "claim.refused"

    claim_id: UUID
    number: str
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class ClaimPaymentOrdered(Event):
    """A payment has gone to the bank."""

    kind: ClassVar = "claim.payment_ordered"

    claim_id: UUID
    number: str
    claim_payment_id: UUID


@dataclass(frozen=True, slots=True)
class ClaimPaid(Event):
    """The bank has paid."""

    kind: ClassVar = "claim.paid"

    claim_id: UUID
    number: str
    claim_payment_id: UUID
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class ClaimSettled(Event):
    """Everything that was owed is paid."""

    kind: ClassVar = "claim.settled"

    claim_id: UUID
    number: str
    policy_id: UUID | None
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class ClaimLitigated(Event):
    """It goes to court."""

    kind: ClassVar = "claim.litigated"

    claim_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class ClaimClosed(Event):
    """The file is closed."""

    kind: ClassVar = "claim.closed"

    claim_id: UUID
    number: str
    account_id: UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class ClaimReopened(Event):
    """The file is open again."""

    kind: ClassVar = "claim.reopened"

    claim_id: UUID
    number: str
    account_id: UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class ClaimSlaRisk(Event):
    """Its statutory clock is about to run out; said once."""

    kind: ClassVar = "claim.sla_risk"

    claim_id: UUID
    number: str
    rule: str | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimLate(Event):
    """Its statutory clock has run out; said once."""

    kind: ClassVar = "claim.late"

    claim_id: UUID
    number: str
    rule: str | None
    due_at: datetime

"""What upper floors hear of premiums and payments; ids and public facts only."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class InstalmentBilled(Event):
    """Its receipt was written; it is owed."""

    kind: ClassVar = "instalment.billed"

    instalment_id: UUID
    policy_id: UUID
    receipt_number: str
    due_on: date


@dataclass(frozen=True, slots=True)
class InstalmentPaid(Event):
    """All of it is paid."""

    kind: ClassVar = "instalment.paid"

    instalment_id: UUID
    policy_id: UUID


@dataclass(frozen=True, slots=True)
class ReceivableOpened(Event):
    """Somebody owes something."""

    kind: ClassVar = "receivable.opened"

    receivable_id: UUID
    account_id: UUID
    policy_id: UUID | None
    due_on: date


@dataclass(frozen=True, slots=True)
class ReceivableDunningChanged(Event):
    """A person moved the legal clock. What moves by itself at night is told by `DunningPassed`."""

    kind: ClassVar = "receivable.dunning_changed"

    receivable_id: UUID
    account_id: UUID
    state: str
    level: int


@dataclass(frozen=True, slots=True)
class ReceivableSettled(Event):
    """Nothing of it is owed any more."""

    kind: ClassVar = "receivable.settled"

    receivable_id: UUID
    account_id: UUID
    policy_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReceivableReopened(Event):
    """What had paid it was taken back: it is owed again."""

    kind: ClassVar = "receivable.reopened"

    receivable_id: UUID
    account_id: UUID
    policy_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReceivableDisputed(Event):
    """The customer contests it; nobody asks for it meanwhile."""

    kind: ClassVar = "receivable.disputed"

    receivable_id: UUID
    account_id: UUID


@dataclass(frozen=True, slots=True)
class ReceivableWrittenOff(Event):
    """Two people gave it up."""

    kind: ClassVar = "receivable.written_off"

    receivable_id: UUID
    account_id: UUID


@dataclass(frozen=True, slots=True)
class PaymentPromised(Event):
    """The customer says when they will pay."""

    kind: ClassVar = "receivable.payment_promised"

    receivable_id: UUID
    account_id: UUID
    promised_on: date


@dataclass(frozen=True, slots=True)
class DunningPassed(Event):
    """In one night, so many debts of an agency reached a step of the clock."""

    kind: ClassVar = "agency.dunning_passed"

    agency_id: UUID
    step: str
    count: int


@dataclass(frozen=True, slots=True)
class PaymentSettled(Event):
    """The money is there (of a cheque: it was cleared)."""

    kind: ClassVar = "payment.settled"

    payment_id: UUID
    number: str
    account_id: UUID
    method: str


@dataclass(frozen=True, slots=True)
class PaymentFailed(Event):
    """No money came: refused, expired, cancelled, or the cheque bounced."""

    kind: ClassVar = "payment.failed"

    payment_id: UUID
    number: str
    account_id: UUID
    status: str


@dataclass(frozen=True, slots=True)
class PaymentReversed(Event):
    """It was given back, or undone as a mistake."""

    kind: ClassVar = "payment.reversed"

    payment_id: UUID
    number: str
    account_id: UUID
    status: str

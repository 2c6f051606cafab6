from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.billing.schemas.words import BillingDay
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Output


class MovementKind(StrEnum):
    """What moved an account."""

    RECEIPT = "receipt"
    REFUND_RECEIPT = "refund_receipt"
    OTHER_DEBT = "other_debt"
    PAYMENT = "payment"
    BOUNCED = "bounced"
    PAID_OUT = "paid_out"
    WRITTEN_OFF = "written_off"


class StatementQuery(Input):
    """Of which time."""

    from_on: BillingDay | None = None
    """First day; a year before the last when left out."""
    to_on: BillingDay | None = None
    """Last day; today when left out."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_on and self.to_on and not 0 <= (self.to_on - self.from_on).days <= 3660:
            raise PydanticCustomError("statement_days", "The last day follows the first, within ten years")
        return self


class Movement(Output):
    """One line of a statement."""

    on: date = Field(examples=["2026-12-01"])
    """The day."""
    kind: MovementKind
    """What it was."""
    number: str = Field(max_length=80, examples=["16012/2026/AUTO_RC/00913"])
    """Of the receipt, or of the payment."""
    object_id: UUID
    """The receipt, the debt or the payment."""
    policy_id: UUID | None
    """The contract, where there is one."""
    debit: Money
    """What the customer owes more."""
    credit: Money
    """What the customer owes less."""
    balance: Money
    """What is owed after it; negative: the insurer holds money of the customer."""


class AccountStatement(Output):
    """The account of a customer: what was billed, what was paid, and what is left after each."""

    account_id: UUID
    """Whose."""
    from_on: date = Field(examples=["2025-12-01"])
    """First day."""
    to_on: date = Field(examples=["2026-11-30"])
    """Last day."""
    opening: Money
    """The balance before the first day."""
    closing: Money
    """The balance after the last line."""
    movements: list[Movement] = Field(max_length=1000)
    """In the order of their days; the first thousand."""
    has_more: bool = Field(examples=[False])
    """Whether there are more: ask from the day of the last one on."""

"""The parts of an account's sheet that are sealed (class P3), as they come in and as they are shown."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.identifiers import BankAccountNumber
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Output

Iban = Annotated[
    str,
    Field(pattern=r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$", max_length=34, examples=["DZ580002100001113000000570"]),
]
PostalAccount = Annotated[str, Field(pattern=r"^\d{6,20}$", max_length=20, examples=["0012345678"])]
Holder = Annotated[str, Field(min_length=1, max_length=160, examples=["SARL EL FETH TRANSPORT"])]
Masked = Annotated[str, Field(max_length=12, examples=["•••5678"])]
"""Class P3: what it is is said only by `unmask`."""


class _BankAccount(Input):
    holder: Holder
    """Name of the holder."""


class RibAccount(_BankAccount):
    """A bank account by its RIB."""

    kind: Literal["rib"]
    """Relevé d'identité bancaire."""
    value: BankAccountNumber
    """Twenty digits."""


class CcpAccount(_BankAccount):
    """A postal account."""

    kind: Literal["ccp"]
    """Compte courant postal."""
    value: PostalAccount
    """Number and key, digits only."""


class IbanAccount(_BankAccount):
    """A foreign bank account."""

    kind: Literal["iban"]
    """International number."""
    value: Iban
    """Without spaces."""


BankAccount = Annotated[RibAccount | CcpAccount | IbanAccount, Field(discriminator="kind")]
BankAccounts = Annotated[list[BankAccount], Field(max_length=10)]


class KycLevel(StrEnum):
    """How far the identity of a customer was checked, as the law against money laundering asks."""

    SIMPLIFIED = "simplified"
    STANDARD = "standard"
    ENHANCED = "enhanced"


class BeneficialOwner(Input):
    """A person who owns or controls a company in the end (law 05-01)."""

    full_name: str = Field(min_length=1, max_length=160, examples=["Karim BENALI"])
    """Full name."""
    birth_date: date | None = None
    """Date of birth."""
    nationality: str | None = Field(default=None, pattern=r"^[A-Z]{2}$", max_length=2, examples=["DZ"])
    """Country, two letters."""
    share_rate: str | None = Field(
        default=None, pattern=r"^(0(\.\d{1,6})?|1(\.0{1,6})?)$", max_length=8, examples=["0.25"]
    )
    """Part of the capital, as a fraction."""


class Kyc(Input):
    """What is known about who the customer is."""

    level: KycLevel
    """How far it was checked."""
    verified_on: date | None = None
    """When it was last checked."""
    id_document_ids: list[UUID] = Field(default=[], max_length=20)
    """The papers that were seen."""
    beneficial_owners: list[BeneficialOwner] = Field(default=[], max_length=20)
    """Who owns or controls the company."""

    @model_validator(mode="after")
    def _whole_at_most(self) -> Self:
        if sum(float(owner.share_rate or 0) for owner in self.beneficial_owners) > 1.000001:
            raise PydanticCustomError(
                "more_than_the_whole", "Together the owners hold more than the whole capital"
            )
        return self


class MaskedBankAccount(Output):
    """A bank account, as lists show it."""

    kind: Literal["rib", "ccp", "iban"]
    """What kind of number."""
    value: Masked
    """Its last characters."""
    holder: Masked
    """Its holder."""


class AccountMasked(Output):
    """Official and financial data on file; in clear only by `unmask`."""

    annual_revenue_amount: Masked | None
    """Yearly turnover, when it is known."""
    bank_accounts: list[MaskedBankAccount] = Field(max_length=10)
    """Accounts to which indemnities are paid."""
    kyc_level: KycLevel | None
    """How far identity was checked; the rest of it is sealed."""


class AccountUnmask(Input):
    """What to show in clear, and why."""

    fields: list[Literal["annual_revenue_amount", "bank_accounts", "kyc"]] = Field(
        min_length=1, max_length=3, examples=[["bank_accounts"]]
    )
    """Which of the sealed fields."""
    reason: str = Field(min_length=5, max_length=300, examples=["Virement d'une indemnité"])
    """Kept in the audit log with your name."""


class AccountUnmasked(Output):
    """The sealed fields that were asked for; the others are null."""

    annual_revenue_amount: Money | None = None
    """Yearly turnover."""
    bank_accounts: BankAccounts | None = None
    """Accounts to which indemnities are paid."""
    kyc: Kyc | None = None
    """Identity checks."""

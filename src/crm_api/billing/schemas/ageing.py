from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_api.billing.filters import AgeingBucket
from crm_api.billing.models.receivable import ReceivableKind
from crm_api.billing.schemas.words import BillingDay
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Output, Timestamp


class AgeingAxis(StrEnum):
    """What the ageing of receivables is grouped by."""

    AGE = "age"
    CLIENT_TYPE = "client_type"
    BRANCH = "branch"
    AGENCY = "agency"
    INTERMEDIARY = "intermediary"


def _axes(text: str) -> str:
    names = text.split(",")
    if not set(names) <= {axis.value for axis in AgeingAxis} or len(set(names)) < len(names):
        raise PydanticCustomError(
            "unknown_axis", "Of age, client_type, branch, agency and intermediary, each once, by commas"
        )
    return text


class AgeingQuery(Input):
    """How the cube is cut."""

    by: Annotated[str, AfterValidator(_axes)] = Field(
        default="age", max_length=60, examples=["age,client_type"]
    )
    """Axes, separated by commas: `age`, `client_type`, `branch`, `agency`, `intermediary`."""
    kind: ReceivableKind | None = None
    """What is owed; everything when left out."""
    agency_id: UUID | None = None
    """Of one agency."""
    as_of: BillingDay | None = None
    """The day that debts are aged for; today when left out. The balances are those of now."""

    @property
    def axes(self) -> tuple[AgeingAxis, ...]:
        return tuple(AgeingAxis(name) for name in self.by.split(","))


class AgeingCell(Output):
    """One cell of the cube; the axes that were not asked for are null."""

    age: AgeingBucket | None
    """How many days past due."""
    client_type: str | None = Field(max_length=40, examples=["household"])
    """The type of the account."""
    branch: str | None = Field(max_length=8, examples=["11"])
    """The branch of the contract; null too where there is none."""
    agency_id: UUID | None
    """The agency."""
    intermediary_id: UUID | None
    """The intermediary."""
    count: int = Field(ge=0, examples=[42])
    """How many debts."""
    balance: Money
    """What is owed."""
    disputed: Money
    """What of it is contested."""


class AgeingCube(Output):
    """What is owed, by age and by what was asked for (balance âgée, D-28)."""

    as_of: date = Field(examples=["2026-11-30"])
    """The day that debts are aged for."""
    computed_at: Timestamp
    """When."""
    cells: list[AgeingCell] = Field(max_length=10_000)
    """Those that hold something."""
    count: int = Field(ge=0, examples=[284])
    """How many debts in all."""
    balance: Money
    """What is owed in all."""
    disputed: Money
    """What of it is contested."""

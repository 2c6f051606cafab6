from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.legal_deadlines.models import LegalDeadlineCode, LegalUnit


def _in_our_times(day: date) -> date:
    if not date(1960, 1, 1) <= day < date(2100, 1, 1):
        raise PydanticCustomError("not_in_legal_times", "Between 1960 and 2100")
    return day


LegalDay = Annotated[Day, AfterValidator(_in_our_times), Field(examples=["2027-01-01"])]
LegalValue = Annotated[int, Field(ge=0, le=100_000, examples=[21])]
LegalSource = Annotated[
    str, Field(min_length=3, max_length=300, examples=["Instruction du ministère des Finances, mars 2021"])
]
LegalLabel = Annotated[
    str, Field(min_length=3, max_length=160, examples=["Indemniser un sinistre automobile"])
]


class LegalDeadlineCreate(Input):
    """What a limit is from a day on."""

    code: LegalDeadlineCode
    """Which limit."""
    valid_from: LegalDay
    """First day on which it holds; until the next row of the limit."""
    value: LegalValue
    """How much; 1 or 0 for a rule that holds or does not; hundredths of a percent a year for a rate."""
    unit: LegalUnit
    """Of what."""
    source: LegalSource
    """The text that says so, or where it was read."""
    label_fr: LegalLabel | None = None
    """What people read in French; as before when left out."""
    label_ar: LegalLabel | None = None
    """In Arabic; as before when left out."""
    label_en: LegalLabel | None = None
    """In English; as before when left out."""
    verified: bool = False
    """Whether somebody checked it against the text of the law."""


class LegalDeadlineRow(Output):
    """What a limit is from a day on."""

    id: UUID
    """Identifier."""
    valid_from: date = Field(examples=["2021-03-01"])
    """First day on which it holds."""
    valid_to: date | None = Field(examples=["2026-12-31"])
    """Last day on which it holds; null: until further notice."""
    value: LegalValue
    """How much; 1 or 0 for a rule that holds or does not; hundredths of a percent a year for a rate."""
    unit: LegalUnit
    """Of what."""
    source: LegalSource
    """The text that says so, or where it was read."""
    verified: bool = Field(examples=[False])
    """Whether somebody checked it against the text of the law."""
    created_at: Timestamp
    """When the row was written."""


class LegalDeadlineRead(Output):
    """A legal limit: what it is today, what it was and what it will be."""

    code: LegalDeadlineCode
    """Which limit."""
    label_fr: LegalLabel
    """What people read in French."""
    label_ar: LegalLabel | None
    """In Arabic."""
    label_en: LegalLabel | None
    """In English."""
    current: LegalDeadlineRow | None
    """The row that holds today; null when none does."""
    history: list[LegalDeadlineRow] = Field(max_length=1000)
    """Every row, the newest first."""


class LegalDeadlineList(Output):
    """The legal limits that the house counts by."""

    data: list[LegalDeadlineRead] = Field(max_length=100)
    """One for each limit that has a row, by code."""

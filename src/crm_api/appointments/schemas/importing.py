"""What became of a calendar that was sent in."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from crm_api.core.batch import RowProblem
from crm_api.kit.schemas import Output, Timestamp

MOST_ENTRIES = 500
MOST_OCCURRENCES = 100


class EntryOutcome(StrEnum):
    """What became of one entry of an imported calendar."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class ImportedEntry(Output):
    """What became of one entry of the calendar, or of one occurrence of an entry that repeats."""

    uid: str = Field(max_length=300, examples=["040000008200E00074C5B7101A82E008@example.com"])
    """What the calendar calls it."""
    starts_at: Timestamp | None
    """When it begins; null where it does not say so."""
    outcome: EntryOutcome
    """What became of it."""
    appointment_id: UUID | None
    """The appointment that it is now."""
    problem: RowProblem | None
    """Why it was refused."""


class ImportResult(Output):
    """What became of a calendar."""

    data: list[ImportedEntry] = Field(max_length=MOST_ENTRIES)
    """In the order of the calendar."""
    created: int = Field(ge=0, le=MOST_ENTRIES, examples=[12])
    """How many are new."""
    updated: int = Field(ge=0, le=MOST_ENTRIES, examples=[1])
    """How many were known and have changed."""
    unchanged: int = Field(ge=0, le=MOST_ENTRIES, examples=[3])
    """How many were known as they are, or were called off in the calendar."""
    failed: int = Field(ge=0, le=MOST_ENTRIES, examples=[0])
    """How many were refused; the others are in."""

"""What is done about a complaint, and what comes of it on paper."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crm_api.complaints.models import ComplaintDecision, ComplaintStatus
from crm_api.complaints.schemas.complaint import AnswerText, Level, RootCause
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.policies.schemas.words import Dinars

ComplaintWhy = Annotated[str, Field(min_length=3, max_length=500, examples=["Le montant est insuffisant"])]


class ComplaintReason(Input):
    """Why."""

    reason: ComplaintWhy
    """In words; part of the file."""


class ComplaintEscalate(Input):
    """Up to another level."""

    reason: ComplaintWhy
    """In words; part of the file."""
    level: Level | None = None
    """1 region, 2 quality, 3 mediator or supervisor; the next one when left out, 3 for one contested."""


class ComplaintAnswerDraft(Input):
    """An answer for somebody else to approve."""

    decision: ComplaintDecision
    """Whether they are right."""
    answer_text: AnswerText
    """The body of the letter."""
    compensation_amount: Dinars | None = None
    """What they get for it."""


class ComplaintClose(Input):
    """The end of it."""

    root_cause: RootCause | None = None
    """Why it came to this: needed, here or before."""


class ComplaintStepRead(Output):
    """Something that was done."""

    at: Timestamp
    """When."""
    by_kind: Annotated[str, Field(max_length=20, examples=["user"])]
    """A user, a client of the API, or the house itself (system)."""
    by_id: UUID
    """Who."""
    step: Annotated[str, Field(max_length=40, examples=["acknowledged"])]
    """What."""
    status: ComplaintStatus
    """Where it stood after it."""
    escalation_level: Level
    """At which level."""
    note: Annotated[str, Field(max_length=500, examples=["Délai dépassé"])] | None
    """Why."""


class ComplaintHistory(Output):
    """What was done, in its order."""

    data: list[ComplaintStepRead] = Field(max_length=1000)
    """Step by step."""


class ComplaintFile(Output):
    """The whole file of a complaint as one archive, for the mediator or the supervisor."""

    document_id: UUID
    """The document that holds it; read it with `GET /v1/files/{document_id}/content`."""
    name: Annotated[str, Field(max_length=120, examples=["R-2026-000045-dossier.zip"])]
    """Its name."""
    size: int = Field(ge=0, examples=[48_213])
    """In bytes."""
    documents: int = Field(ge=0, examples=[4])
    """How many documents of the file are in it."""
    left_out: list[Annotated[str, Field(max_length=300, examples=["certificat.pdf"])]] = Field(max_length=200)
    """Documents that are not: not scanned yet, medical, or too large."""


class RegisterQuery(Input):
    """Which quarter."""

    year: int = Field(ge=2000, le=2100, examples=[2026])
    """Of which year."""
    quarter: int = Field(ge=1, le=4, examples=[4])
    """Which one, by the date of receipt in Algiers."""


def first_day(year: int, quarter: int) -> date:
    """Of a quarter; the fifth is the first of the next year."""
    return date(year + (quarter - 1) // 4, (quarter - 1) % 4 * 3 + 1, 1)

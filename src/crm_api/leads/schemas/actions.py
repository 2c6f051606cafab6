"""What the steps of a lead's life are told."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_api.kit.schemas import Input, Output
from crm_api.leads.models import DisqualifyReason, LeadChannel
from crm_api.leads.schemas.content import Person
from crm_api.leads.schemas.words import (
    Comment,
    DuplicateCandidate,
    Insurer,
    Need,
    Products,
    QuickData,
    Reason,
)


class ContactOutcome(StrEnum):
    """What came of an attempt to reach a lead."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_CONTACT = "wrong_contact"


class LeadAssign(Input):
    """Who follows it from now on."""

    owner_user_id: UUID
    """An active user."""
    agency_id: UUID | None = None
    """The agency that follows it; that of the new owner when left out."""


class LeadContact(Input):
    """An attempt to reach the person."""

    channel: LeadChannel = LeadChannel.PHONE
    """How."""
    outcome: ContactOutcome = ContactOutcome.REACHED
    """Only `reached` makes the lead contacted; the others are counted."""


class LeadQualify(Input):
    """What was learnt of the need; a field left out stays."""

    need: Need | None = None
    """What they want, in words."""
    product_interest: Products | None = None
    """Codes of the products wanted."""
    current_insurer: Insurer | None = None
    """Where they are insured now."""
    current_expiry_date: date | None = Field(default=None, examples=["2026-12-31"])
    """When the present policy ends."""
    quick_data: QuickData | None = None
    """Data for a first quote; the parts given replace those recorded."""
    quote_completed: bool | None = None
    """Whether they completed a quote."""


class LeadNurture(Input):
    """When to come back to it."""

    nurture_until: date | None = Field(default=None, examples=["2027-01-15"])
    """The day; open when left out."""


class LeadDisqualify(Input):
    """Why it is given up."""

    reason: DisqualifyReason
    """The reason, for statistics."""
    comment: Comment | None = None
    """More about it."""
    duplicate_of_id: UUID | None = None
    """The lead recorded before for the same person; required with the reason `duplicate`."""


class LeadUnmask(Input):
    """Why sensitive data must be seen."""

    reason: Reason
    """Goes to the audit log."""


class UnmaskedLead(Output):
    """The quick data of a lead, in clear."""

    id: UUID
    """The lead."""
    quick_data: dict[str, Any] = Field(examples=[{"vehicle": {"plate": "1234512616"}}])
    """As it was given."""


class DuplicateCheck(Person):
    """Somebody to compare with those recorded."""


class Duplicates(Output):
    """Those recorded who may be the same person."""

    data: list[DuplicateCandidate] = Field(max_length=20)
    """Most likely first, from 40 of 100 on; those you may see."""

"""What visitors of the insurer's site and its partners send, and the little they are told."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.core.batch import RowByRow, RowProblem
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.leads.models import LeadSource, LeadStatus
from crm_api.leads.schemas.content import LeadContent
from crm_api.leads.schemas.words import Consent, Number, Reference

MOST_PUSHED = 500


class PublicLead(LeadContent):
    """A form of the insurer's site or app."""

    source: Literal[
        LeadSource.WEB_FORM,
        LeadSource.CHATBOT,
        LeadSource.MOBILE_APP,
        LeadSource.SOCIAL,
        LeadSource.CAMPAIGN,
        LeadSource.EVENT,
    ] = LeadSource.WEB_FORM
    """Where the form stands."""
    submission_id: UUID | None = None
    """Made by the form; the same one sent again has no effect."""
    consent: Consent
    """What the person agreed to, with the version of the text shown."""
    captcha_token: str | None = Field(default=None, max_length=4096, examples=["03AGdBq26"])
    """Token of the captcha, where the site has one."""
    website: str | None = Field(default=None, max_length=500, examples=[""])
    """Hidden in the form: people leave it empty, robots fill it in."""


class Receipt(Output):
    """That something was received; never whether the person was known."""

    received: Literal[True] = True
    """Always true."""


class PartnerLead(LeadContent):
    """A lead that a partner sends."""

    external_id: Reference
    """Your own reference, unique among yours."""
    source: Literal[LeadSource.COMPARATOR, LeadSource.PARTNER_API, LeadSource.REFERRAL] = (
        LeadSource.PARTNER_API
    )
    """What kind of partner you are."""
    phone_verified: bool = False
    """Whether you verified the phone."""
    consent: Consent | None = None
    """Proof of consent: `text` and `accepted_at` too. Without them the person may only be called about this
    request, and marketing is refused."""


class PartnerLeadRead(Output):
    """What a partner is told of a lead it sent: no personal data."""

    id: UUID
    """Identifier here."""
    external_id: Reference
    """Your own reference."""
    number: Number
    """The number people say on the phone."""
    status: LeadStatus
    """How far it has come."""
    created_at: Timestamp
    """When it was received."""
    updated_at: Timestamp
    """When it last changed."""


class PartnerBatch(Input):
    """Several leads of a partner."""

    leads: list[Annotated[PartnerLead, RowByRow]] = Field(min_length=1, max_length=MOST_PUSHED)
    """Received in this order; a refused one does not stop the others."""


class PartnerRow(Output):
    """What became of one lead."""

    index: int = Field(ge=0, lt=MOST_PUSHED, examples=[0])
    """Its place in the request, from 0."""
    status: int = Field(ge=200, le=599, examples=[201])
    """201 received, 200 changed, or why it was refused."""
    data: PartnerLeadRead | None
    """The lead; null when it was refused."""
    problem: RowProblem | None
    """Why it was refused."""


class PartnerBatchResult(Output):
    """What became of each lead."""

    results: list[PartnerRow] = Field(max_length=MOST_PUSHED)
    """In the order of the request."""
    succeeded: int = Field(ge=0, le=MOST_PUSHED, examples=[498])
    """How many were received or changed."""
    failed: int = Field(ge=0, le=MOST_PUSHED, examples=[2])
    """How many were refused."""

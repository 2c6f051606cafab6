"""Waves, invitations and answers, as the staff see them."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.kit.listing import ListQuery, Page, at_least, at_most, below, equals, one_of
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.surveys.models import SurveyInvitation, SurveyInvitationStatus, SurveyResponse, SurveyWave
from crm_api.surveys.schemas.survey import SurveyLanguage

RelatedType = Annotated[str, Field(max_length=40, examples=["claim"])]


class SurveyWaveCreate(Input):
    """Many customers to be asked now."""

    name: str = Field(min_length=1, max_length=80, examples=["NPS T4 2026"])
    """What the wave is called."""
    agency_id: UUID | None = None
    """Only customers of this agency."""


class SurveyWaveRead(Output):
    """A wave."""

    id: UUID
    """Identifier."""
    survey_id: UUID
    """Of which survey."""
    name: str = Field(max_length=80, examples=["NPS T4 2026"])
    """What it is called."""
    agency_id: UUID | None
    """Only customers of this agency."""
    job_id: UUID | None
    """Its job: `GET /v1/jobs/{id}` tells how far it is."""
    reached: int = Field(ge=0, examples=[1840])
    """Customers who were looked at."""
    invited: int = Field(ge=0, examples=[1200])
    """Those who are asked: with an address, in the sample, not asked lately."""
    finished_at: Timestamp | None
    """When all invitations were written; they go out after that."""
    created_at: Timestamp
    """When it began."""
    version: int = Field(ge=1, examples=[1])
    """Its version."""


class SurveyWavePage(Page[SurveyWaveRead]):
    """One page of waves."""


class SurveyWaveQuery(ListQuery):
    """Which waves."""

    sortable: ClassVar = {"created_at": SurveyWave.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    survey_id: Annotated[UUID | None, equals(SurveyWave.survey_id)] = None
    """Of this survey."""


class SurveyInvitationCreate(Input):
    """Somebody to ask now."""

    contact_id: UUID
    """Whom."""


class SurveyInvitationRead(Output):
    """An invitation. Of an anonymous survey nobody can tell which answer came of it."""

    id: UUID
    """Identifier."""
    survey_id: UUID
    """Of which survey."""
    wave_id: UUID | None
    """Of which wave."""
    contact_id: UUID
    """Who is asked."""
    status: SurveyInvitationStatus
    """What became of it."""
    language: SurveyLanguage
    """In which language."""
    related_type: RelatedType | None
    """What kind of object it is about (the list may grow)."""
    related_id: UUID | None
    """Which one."""
    agency_id: UUID | None
    """The agency that is judged."""
    agent_id: UUID | None
    """The colleague who is judged."""
    expires_at: Timestamp
    """Until when it can be answered."""
    sent_at: Timestamp | None
    """When it went out."""
    opened_at: Timestamp | None
    """When the link was first followed."""
    answered_at: Timestamp | None
    """When it was answered; null for anonymous surveys."""
    created_at: Timestamp
    """When it was planned."""
    version: int = Field(ge=1, examples=[2])
    """Its version."""


class SurveyInvitationPage(Page[SurveyInvitationRead]):
    """One page of invitations."""


class SurveyInvitationQuery(ListQuery):
    """Which invitations."""

    sortable: ClassVar = {"created_at": SurveyInvitation.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    survey_id: Annotated[UUID | None, equals(SurveyInvitation.survey_id)] = None
    """Of this survey."""
    wave_id: Annotated[UUID | None, equals(SurveyInvitation.wave_id)] = None
    """Of this wave."""
    contact_id: Annotated[UUID | None, equals(SurveyInvitation.contact_id)] = None
    """To this person."""
    status: Annotated[list[SurveyInvitationStatus] | None, one_of(SurveyInvitation.status)] = Field(
        default=None, max_length=6
    )
    """One or several states."""


class SurveyResponseRead(Output):
    """An answer. An anonymous one names nobody: who, what about and which agency are null."""

    id: UUID
    """Identifier."""
    survey_id: UUID
    """To which survey."""
    wave_id: UUID | None
    """Of which wave."""
    invitation_id: UUID | None
    """To which invitation."""
    contact_id: UUID | None
    """Who answered."""
    score: int | None = Field(ge=0, le=10, examples=[4])
    """The score, on the scale of the survey."""
    answers: list[dict[str, Any]] = Field(max_length=10, examples=[[{"key": "accueil", "value": 4}]])
    """Key and value of each question that was answered."""
    comment: str | None = Field(max_length=2000, examples=["Règlement rapide, merci."])
    """In their words."""
    sentiment: str | None = Field(max_length=12, examples=["0.5"])
    """From -1 to 1: where the score stands on its scale."""
    language: SurveyLanguage
    """In which language it was asked."""
    related_type: RelatedType | None
    """What kind of object it is about (the list may grow)."""
    related_id: UUID | None
    """Which one."""
    agency_id: UUID | None
    """The agency that is judged."""
    agent_id: UUID | None
    """The colleague who is judged."""
    answered_at: Timestamp
    """When; of an anonymous answer only the day is true."""
    edited_at: Timestamp | None
    """When they changed it, within a day."""
    version: int = Field(ge=1, examples=[1])
    """Its version."""


class SurveyResponsePage(Page[SurveyResponseRead]):
    """One page of answers."""


class SurveyResponseQuery(ListQuery):
    """Which answers."""

    sortable: ClassVar = {"answered_at": SurveyResponse.answered_at}

    sort: Literal["answered_at", "-answered_at"] = "-answered_at"
    """Sort key; a leading `-` means descending."""
    survey_id: Annotated[UUID | None, equals(SurveyResponse.survey_id)] = None
    """To this survey."""
    wave_id: Annotated[UUID | None, equals(SurveyResponse.wave_id)] = None
    """Of this wave."""
    contact_id: Annotated[UUID | None, equals(SurveyResponse.contact_id)] = None
    """Of this person."""
    agency_id: Annotated[UUID | None, equals(SurveyResponse.agency_id)] = None
    """About this agency."""
    agent_id: Annotated[UUID | None, equals(SurveyResponse.agent_id)] = None
    """About this colleague."""
    score_gte: Annotated[int | None, at_least(SurveyResponse.score)] = Field(
        default=None, ge=0, le=10, examples=[9]
    )
    """This score or higher."""
    score_lte: Annotated[int | None, at_most(SurveyResponse.score)] = Field(
        default=None, ge=0, le=10, examples=[2]
    )
    """This score or lower."""
    answered_at_gte: Annotated[Moment | None, at_least(SurveyResponse.answered_at)] = None
    """Given at this moment or later."""
    answered_at_lt: Annotated[Moment | None, below(SurveyResponse.answered_at)] = None
    """Given before this moment."""

"""Surveys, whom they are sent to, and what comes back (domain.md B-39).

An answer to an anonymous survey is a row that names nobody and nothing: no invitation, no person, no agency,
no object, no hour. It is written past the journal, for a line of a log would tell when and from where.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most, folded, newest
from crm_api.kit.states import machine


class SurveyType(StrEnum):
    """What is measured: satisfaction 1-5, recommendation 0-10, effort 1-7, or something of one's own."""

    CSAT = "csat"
    NPS = "nps"
    CES = "ces"
    CUSTOM = "custom"


class SurveyTrigger(StrEnum):
    """What a survey is sent after; manual ones and waves are sent by people."""

    TICKET_SOLVED = "ticket_solved"
    CLAIM_SETTLED = "claim_settled"
    POLICY_ISSUED = "policy_issued"
    MANUAL = "manual"


class SurveyStatus(StrEnum):
    """Where a survey stands: being written, asked, or over."""

    DRAFT = "draft"
    ACTIVE = "active"
    CLOSED = "closed"


class SurveyInvitationStatus(StrEnum):
    """What became of an invitation: it waits, went out, was opened, answered, ran out, or reached nobody."""

    PLANNED = "planned"
    SENT = "sent"
    OPENED = "opened"
    ANSWERED = "answered"
    EXPIRED = "expired"
    FAILED = "failed"


class SurveyQuestionKind(StrEnum):
    """How a question is answered: on the scale of the survey, by choices, with yes or no, in words."""

    SCORE = "score"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    TEXT = "text"


SURVEY = machine("survey", "draft: active \n active: closed")
INVITATION = machine(
    "survey_invitation",
    """planned: sent expired failed
    sent: opened answered expired
    opened: answered expired""",
)
SCALES = {SurveyType.CSAT: (1, 5), SurveyType.NPS: (0, 10), SurveyType.CES: (1, 7)}
"""Lowest and highest score (domain.md B-39); a survey of one's own has none."""
ALARMS = {SurveyType.CSAT: 2, SurveyType.NPS: 6}
"""At this score or below somebody calls the customer."""
CALL_BACK_WITHIN = timedelta(hours=24)
EDITABLE = timedelta(hours=24)
IDENTIFIED = timedelta(days=1096)
"""36 months (domain.md B-61): after that an answer names nobody."""
LANGUAGES = ("fr", "ar", "en")


def _reference(column: str, table: str, name: str, **more: Any) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{table}.organization_id", f"{table}.id"], name=name, **more
    )


class Survey(Entity):
    """What is asked, when, and whom."""

    __tablename__ = "surveys"
    label = "survey"
    __table_args__ = (
        newest("surveys"),
        Index("uq_surveys_code", "organization_id", "code", unique=True),
        Index("ix_surveys_trigger", "organization_id", "trigger", "status"),
        Index("ix_surveys_name", "organization_id", "name_folded", "id"),
        CheckConstraint("sampling > 0 AND sampling <= 1", name="sampling_share"),
        CheckConstraint("delay_minutes BETWEEN 0 AND 43200", name="delay"),
        CheckConstraint("cooldown_days BETWEEN 0 AND 730", name="cooldown"),
        CheckConstraint("expires_days BETWEEN 1 AND 90", name="expiry"),
        CheckConstraint("jsonb_array_length(questions) BETWEEN 1 AND 10", name="questions_count"),
        at_most("code", 60),
        at_most("name", 120),
    )

    code: Mapped[str]
    name: Mapped[str]
    name_folded: Mapped[str] = folded("name", "code")
    type: Mapped[SurveyType]
    status: Mapped[SurveyStatus] = mapped_column(default=SurveyStatus.DRAFT)
    questions: Mapped[list[dict[str, Any]]]
    trigger: Mapped[SurveyTrigger] = mapped_column(default=SurveyTrigger.MANUAL)
    delay_minutes: Mapped[int] = mapped_column(default=0)
    sampling: Mapped[Decimal] = mapped_column(Numeric(9, 6), default=Decimal(1))
    cooldown_days: Mapped[int] = mapped_column(default=90)
    languages: Mapped[list[str]]
    anonymous: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    expires_days: Mapped[int] = mapped_column(default=14)


class SurveyWave(Entity):
    """The same question to many customers at one time; each person once."""

    __tablename__ = "survey_waves"
    label = "survey_wave"
    __table_args__ = (
        Index("ix_survey_waves_survey", "organization_id", "survey_id", "created_at", "id"),
        newest("survey_waves"),
        _reference("survey_id", "surveys", "fk_survey_waves_survey"),
        _reference("agency_id", "agencies", "fk_survey_waves_agency"),
        at_most("name", 80),
    )

    survey_id: Mapped[UUID]
    name: Mapped[str]
    agency_id: Mapped[UUID | None]
    job_id: Mapped[UUID | None]
    reached: Mapped[int] = mapped_column(server_default="0", default=0)
    """Customers who were looked at."""
    invited: Mapped[int] = mapped_column(server_default="0", default=0)
    finished_at: Mapped[datetime | None]


class SurveyInvitation(Entity):
    """One person asked once. The link is signed and stored nowhere."""

    __tablename__ = "survey_invitations"
    label = "survey_invitation"
    personal: ClassVar = frozenset({"contact_id", "related_id", "related_type", "agent_id"})
    __table_args__ = (
        newest("survey_invitations"),
        Index("ix_survey_invitations_survey", "organization_id", "survey_id", "created_at", "id"),
        Index("ix_survey_invitations_contact", "organization_id", "contact_id", "created_at", "id"),
        Index(
            "ix_survey_invitations_open",
            *("organization_id", "expires_at"),
            postgresql_where=text("status IN ('planned', 'sent', 'opened')"),
        ),
        Index("uq_survey_invitations_wave", "organization_id", "wave_id", "contact_id", unique=True),
        Index(
            "uq_survey_invitations_occasion",
            *("organization_id", "survey_id", "occasion"),
            unique=True,
        ),
        _reference("survey_id", "surveys", "fk_survey_invitations_survey"),
        _reference("wave_id", "survey_waves", "fk_survey_invitations_wave"),
        _reference("contact_id", "contacts", "fk_survey_invitations_contact"),
        _reference("agency_id", "agencies", "fk_survey_invitations_agency"),
        _reference("agent_id", "users", "fk_survey_invitations_agent"),
        CheckConstraint("(related_type IS NULL) = (related_id IS NULL)", name="whole_object"),
        at_most("related_type", 40),
        at_most("occasion", 100),
    )

    survey_id: Mapped[UUID]
    wave_id: Mapped[UUID | None]
    contact_id: Mapped[UUID]
    status: Mapped[SurveyInvitationStatus] = mapped_column(default=SurveyInvitationStatus.PLANNED)
    language: Mapped[str] = mapped_column(default="fr")
    occasion: Mapped[str | None]
    """The same occasion invites once, however often it is told."""
    related_type: Mapped[str | None]
    related_id: Mapped[UUID | None]
    agency_id: Mapped[UUID | None]
    agent_id: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    """Empty for anonymous surveys: the moment would tell which answer it was."""


class SurveyResponse(Entity):
    """What somebody answered."""

    __tablename__ = "survey_responses"
    label = "survey_response"
    personal: ClassVar = frozenset(
        {"answers", "comment", "contact_id", "related_id", "related_type", "agent_id", "invitation_id"}
    )
    __table_args__ = (
        newest("survey_responses"),
        Index("ix_survey_responses_survey", "organization_id", "survey_id", "answered_at", "id"),
        Index("ix_survey_responses_agency", "organization_id", "agency_id", "answered_at", "id"),
        Index("ix_survey_responses_agent", "organization_id", "agent_id", "answered_at", "id"),
        Index("ix_survey_responses_contact", "organization_id", "contact_id"),
        Index("ix_survey_responses_answered", "organization_id", "answered_at", "id"),
        Index("uq_survey_responses_invitation", "organization_id", "invitation_id", unique=True),
        _reference("survey_id", "surveys", "fk_survey_responses_survey"),
        _reference("wave_id", "survey_waves", "fk_survey_responses_wave"),
        _reference(
            *("invitation_id", "survey_invitations", "fk_survey_responses_invitation"),
            ondelete="SET NULL (invitation_id)",
        ),
        _reference("contact_id", "contacts", "fk_survey_responses_contact"),
        _reference("agency_id", "agencies", "fk_survey_responses_agency"),
        _reference("agent_id", "users", "fk_survey_responses_agent"),
        CheckConstraint("score BETWEEN 0 AND 10", name="score_range"),
        at_most("comment", 2000),
    )

    survey_id: Mapped[UUID]
    wave_id: Mapped[UUID | None]
    invitation_id: Mapped[UUID | None]
    contact_id: Mapped[UUID | None]
    score: Mapped[int | None]
    answers: Mapped[list[dict[str, Any]]]
    comment: Mapped[str | None]
    sentiment: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    """From -1 to 1, the score on its scale."""
    language: Mapped[str]
    related_type: Mapped[str | None]
    related_id: Mapped[UUID | None]
    agency_id: Mapped[UUID | None]
    agent_id: Mapped[UUID | None]
    answered_at: Mapped[datetime]
    """Of an anonymous answer: the day, at midnight UTC."""
    edited_at: Mapped[datetime | None]

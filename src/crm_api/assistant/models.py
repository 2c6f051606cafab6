"""Conversations with the assistant: their turns, what was quoted, and how they ended (domain.md B-34)."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, at_most, newest
from crm_api.kit.states import machine
from crm_api.knowledge.models.article import KbLanguage

MOST_TURNS = 60
LONGEST_QUESTION, LONGEST_ANSWER = 1000, 4000


class AssistantSessionStatus(StrEnum):
    """Whether the machine answers, a person does, or nobody any more."""

    OPEN = "open"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"


ASSISTANT_SESSION = machine("assistant_session", "open: handed_over closed \n handed_over: closed")


class HandOverReason(StrEnum):
    """Why a person takes over from the assistant."""

    ASKED_FOR = "asked_for"
    COMPLAINT = "complaint"
    INJURY_OR_DEATH = "injury_or_death"
    NOT_UNDERSTOOD = "not_understood"


class TurnKind(StrEnum):
    """What the assistant did with a question."""

    ANSWER = "answer"
    NO_ANSWER = "no_answer"
    REFUSAL = "refusal"
    HAND_OVER = "hand_over"
    GREETING = "greeting"


class AssistantSession(Entity):
    """One conversation of one asker."""

    __tablename__ = "assistant_sessions"
    label = "assistant_session"
    personal: ClassVar = frozenset({"contact_name", "contact_phone", "contact_email"})
    __table_args__ = (
        newest("assistant_sessions"),
        Index("ix_assistant_sessions_status", "organization_id", "status", "created_at", "id"),
        Index("ix_assistant_sessions_asker", "organization_id", "created_by_id", "created_at", "id"),
        Index(
            "ix_assistant_sessions_ticket",
            "organization_id",
            "ticket_id",
            postgresql_where=text("ticket_id IS NOT NULL"),
        ),
        Index(
            "ix_assistant_sessions_contact",
            "organization_id",
            "contact_id",
            "last_turn_at",
            postgresql_where=text("contact_id IS NOT NULL"),
        ),
        ForeignKeyConstraint(
            ["organization_id", "ticket_id"],
            ["tickets.organization_id", "tickets.id"],
            name="fk_assistant_sessions_ticket",
        ),
        ForeignKeyConstraint(
            ["organization_id", "agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_assistant_sessions_agency",
        ),
        ForeignKeyConstraint(
            ["organization_id", "contact_id"],
            ["contacts.organization_id", "contacts.id"],
            name="fk_assistant_sessions_contact",
        ),
        CheckConstraint(f"turn_count BETWEEN 0 AND {MOST_TURNS}", name="turns"),
        CheckConstraint("(handed_over_at IS NULL) = (hand_over_reason IS NULL)", name="handed_over_why"),
        at_most("channel", 40),
        at_most("visitor", 64),
    )

    channel: Mapped[str]
    visitor: Mapped[str | None]
    """What the insurer's site calls its visitor."""
    language: Mapped[KbLanguage]
    status: Mapped[AssistantSessionStatus] = mapped_column(default=AssistantSessionStatus.OPEN)
    agency_id: Mapped[UUID | None]
    """Whose hours count."""
    contact_id: Mapped[UUID | None]
    contact_name: Mapped[str | None]
    contact_phone: Mapped[str | None]
    contact_email: Mapped[str | None]
    turn_count: Mapped[int] = mapped_column(server_default="0", default=0)
    unsure_count: Mapped[int] = mapped_column(server_default="0", default=0)
    """Turns without an answer, one after the other."""
    answered_count: Mapped[int] = mapped_column(server_default="0", default=0)
    last_turn_at: Mapped[datetime]
    hand_over_reason: Mapped[HandOverReason | None]
    handed_over_at: Mapped[datetime | None]
    resolved: Mapped[bool | None]
    """What the asker said of it."""
    ticket_id: Mapped[UUID | None]
    """Opened by the hand-over, or by the asker within a day."""
    ticket_at: Mapped[datetime | None]


class AssistantTurn(Ledger):
    """A question and what was said to it. Class P2: it is no part of the journal."""

    __tablename__ = "assistant_turns"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["assistant_sessions.organization_id", "assistant_sessions.id"],
            name="fk_assistant_turns_session",
        ),
        at_most("question", LONGEST_QUESTION),
        at_most("answer", LONGEST_ANSWER),
    )

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TurnKind]
    question: Mapped[str]
    answer: Mapped[str]
    confidence: Mapped[float]
    sources: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """[{article_id, language, slug, title, edition}]: what was quoted, in the edition of that moment."""
    is_rephrased: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    said_at: Mapped[datetime]

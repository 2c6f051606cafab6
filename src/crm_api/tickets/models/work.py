"""What is done around a ticket: sub-requests, approvals, time, merges, presence, mass incidents."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, at_most, newest
from crm_api.kit.states import machine
from crm_api.policies.models.policy import refers
from crm_api.tickets.models.words import PresenceState


class SubRequestKind(StrEnum):
    """Whom something is asked of, on the way to the answer."""

    EXPERT = "expert"
    GARAGE = "garage"
    AGENCY = "agency"
    COLLEAGUE = "colleague"
    OTHER = "other"


class SubRequestStatus(StrEnum):
    """Whether a sub-request was answered."""

    SENT = "sent"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


SUB_REQUEST = machine("ticket_sub_request", "sent: answered cancelled")


class TicketSubRequest(Entity):
    """A question to an expert, a garage, an agency, with a clock of its own.

    While one that pauses is out, the clocks of the ticket stand still.
    """

    __tablename__ = "ticket_sub_requests"
    label = "ticket_sub_request"
    personal: ClassVar = frozenset({"question", "answer", "addressee"})
    __table_args__ = (
        Index("ix_ticket_sub_requests_ticket", "organization_id", "ticket_id", "created_at", "id"),
        Index(
            "ix_ticket_sub_requests_due",
            "organization_id",
            "due_at",
            postgresql_where=text("status = 'sent' AND late_told_at IS NULL"),
        ),
        refers("ticket_sub_requests", "ticket_id", "tickets", "ticket"),
        refers("ticket_sub_requests", "agency_id", "agencies", "agency"),
        refers("ticket_sub_requests", "user_id", "users", "user"),
        CheckConstraint("(status = 'answered') = (answered_at IS NOT NULL)", name="answered_once"),
        at_most("addressee", 160),
        at_most("question", 4000),
        at_most("answer", 4000),
    )

    ticket_id: Mapped[UUID]
    kind: Mapped[SubRequestKind]
    addressee: Mapped[str]
    agency_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    question: Mapped[str]
    pauses: Mapped[bool] = mapped_column(default=False)
    target_minutes: Mapped[int]
    """Working minutes of the ticket's agency."""
    due_at: Mapped[datetime]
    status: Mapped[SubRequestStatus] = mapped_column(default=SubRequestStatus.SENT)
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None]
    late_told_at: Mapped[datetime | None]


class TicketApprovalStatus(StrEnum):
    """What somebody who was asked to approve said."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


TICKET_APPROVAL = machine("ticket_approval", "waiting: approved refused withdrawn")


class TicketApproval(Entity):
    """Somebody is asked to approve what is about to be done."""

    __tablename__ = "ticket_approvals"
    label = "ticket_approval"
    personal: ClassVar = frozenset({"question", "comment"})
    __table_args__ = (
        Index("ix_ticket_approvals_ticket", "organization_id", "ticket_id", "created_at", "id"),
        Index("ix_ticket_approvals_approver", "organization_id", "approver_user_id", "status"),
        refers("ticket_approvals", "ticket_id", "tickets", "ticket"),
        refers("ticket_approvals", "approver_user_id", "users", "approver"),
        CheckConstraint("approver_user_id <> created_by_id", name="never_by_its_author"),
        at_most("question", 2000),
        at_most("comment", 2000),
    )

    ticket_id: Mapped[UUID]
    approver_user_id: Mapped[UUID]
    question: Mapped[str]
    status: Mapped[TicketApprovalStatus] = mapped_column(default=TicketApprovalStatus.WAITING)
    comment: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class TicketTimeEntry(Entity):
    """Time that a colleague spent on a ticket."""

    __tablename__ = "ticket_time_entries"
    label = "ticket_time_entry"
    __table_args__ = (
        Index("ix_ticket_time_entries_ticket", "organization_id", "ticket_id", "created_at", "id"),
        Index("ix_ticket_time_entries_user", "organization_id", "user_id", "worked_on"),
        refers("ticket_time_entries", "ticket_id", "tickets", "ticket"),
        refers("ticket_time_entries", "user_id", "users", "user"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes_range"),
        at_most("note", 500),
    )

    ticket_id: Mapped[UUID]
    user_id: Mapped[UUID]
    worked_on: Mapped[date]
    minutes: Mapped[int]
    note: Mapped[str | None]


class TicketMerge(Ledger):
    """A ticket that went into another one of the same requester, and what is needed for the way back."""

    __tablename__ = "ticket_merges"
    __table_args__ = (
        Index("ix_ticket_merges_ticket", "organization_id", "ticket_id", "merged_at"),
        Index("ix_ticket_merges_survivor", "organization_id", "survivor_id", "merged_at"),
        refers("ticket_merges", "ticket_id", "tickets", "ticket"),
        refers("ticket_merges", "survivor_id", "tickets", "survivor"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    survivor_id: Mapped[UUID]
    merged_at: Mapped[datetime]
    merged_by_id: Mapped[UUID]
    status_id_before: Mapped[UUID]
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """{messages: [ids], watchers: [ids]} that came to the survivor."""
    undone_at: Mapped[datetime | None]


class TicketPresence(Ledger):
    """Who looks at a ticket, who types. A row that nobody refreshed for a minute says nothing any more."""

    __tablename__ = "ticket_presences"
    __table_args__ = (
        Index("ix_ticket_presences_seen", "organization_id", "seen_at"),
        refers("ticket_presences", "ticket_id", "tickets", "ticket"),
        refers("ticket_presences", "user_id", "users", "user"),
    )

    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[PresenceState]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class TicketIncidentStatus(StrEnum):
    """Whether a mass incident goes on."""

    OPEN = "open"
    CLOSED = "closed"


TICKET_INCIDENT = machine("ticket_incident", "open: closed \n closed: open")


class TicketIncident(Entity):
    """One event behind many tickets (a flood, a server that is down): answered once, for everybody."""

    __tablename__ = "ticket_incidents"
    label = "ticket_incident"
    personal: ClassVar = frozenset({"description"})
    __table_args__ = (
        Index("uq_ticket_incidents_number", "organization_id", "number", unique=True),
        newest("ticket_incidents"),
        at_most("title", 160),
        at_most("event_reference", 120),
        at_most("description", 4000),
    )

    number: Mapped[str]
    title: Mapped[str]
    event_reference: Mapped[str | None]
    """What others call the event: a decree, a bulletin."""
    occurred_at: Mapped[datetime]
    description: Mapped[str | None]
    status: Mapped[TicketIncidentStatus] = mapped_column(default=TicketIncidentStatus.OPEN)
    closed_at: Mapped[datetime | None]

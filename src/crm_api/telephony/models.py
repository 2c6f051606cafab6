"""Calls as the switchboard tells them, from the first ring to the interaction they become (domain.md E-9)."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Owned
from crm_api.kit.states import machine


class CallStatus(StrEnum):
    """Where a telephone call stands: ringing, answered, ended or missed."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"
    MISSED = "missed"


class CallDirection(StrEnum):
    """Who called: the customer (inbound) or we (outbound)."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


CALL = machine("call", "ringing: answered ended missed \n answered: ended")
"""A switchboard that does not tell who picked up goes from `ringing` to `ended`."""


class Call(Owned, Entity):
    """`owner_user_id` is the colleague whose telephone rings, then who picked up."""

    __tablename__ = "telephony_calls"
    label = "call"
    personal: ClassVar = frozenset({"phone"})
    __table_args__ = (
        Index("uq_telephony_calls_reference", "organization_id", "reference", unique=True),
        Index("ix_telephony_calls_rang", "organization_id", "rang_at", "id"),
        Index("ix_telephony_calls_agent", "organization_id", "owner_user_id", "rang_at", "id"),
        Index("ix_telephony_calls_status", "organization_id", "status", "rang_at", "id"),
        ForeignKeyConstraint(["organization_id", "agency_id"], ["agencies.organization_id", "agencies.id"]),
        ForeignKeyConstraint(["organization_id", "owner_user_id"], ["users.organization_id", "users.id"]),
        ForeignKeyConstraint(
            ["organization_id", "interaction_id"], ["interactions.organization_id", "interactions.id"]
        ),
        CheckConstraint("(party_type IS NULL) = (party_id IS NULL)", name="party_whole"),
        CheckConstraint("ended_at >= rang_at", name="ends_after_it_began"),
    )

    reference: Mapped[str]
    direction: Mapped[CallDirection] = mapped_column(default=CallDirection.INBOUND)
    status: Mapped[CallStatus] = mapped_column(default=CallStatus.RINGING)
    phone: Mapped[str | None]
    """Of the other side; None when withheld."""
    line: Mapped[str | None]
    """Which of our numbers."""
    match_count: Mapped[int] = mapped_column(default=0)
    """How many people, accounts and leads had this number when it rang."""
    party_type: Mapped[str | None]
    party_id: Mapped[UUID | None]
    rang_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    interaction_id: Mapped[UUID | None]

"""Texts that are written once and sent often: canned responses, and automatic replies (domain.md B-34)."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, SoftDeleted, at_most, newest

LONGEST_TEXT = 10_000


class CannedScope(StrEnum):
    """Who uses a canned response: who wrote it, an agency, or everybody."""

    PERSONAL = "personal"
    TEAM = "team"
    ALL = "all"


class CannedResponse(SoftDeleted, Entity):
    """An answer to insert. A team is an agency."""

    __tablename__ = "canned_responses"
    label = "canned_response"
    __table_args__ = (
        newest("canned_responses"),
        Index("ix_canned_responses_usage", "organization_id", "usage_count", "id"),
        Index("ix_canned_responses_title", "organization_id", "title", "id"),
        ForeignKeyConstraint(
            ["organization_id", "owner_id"],
            ["users.organization_id", "users.id"],
            name="fk_canned_responses_owner",
        ),
        ForeignKeyConstraint(
            ["organization_id", "agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_canned_responses_agency",
        ),
        CheckConstraint("(scope = 'team') = (agency_id IS NOT NULL)", name="team_of_an_agency"),
        CheckConstraint("scope <> 'personal' OR owner_id IS NOT NULL", name="personal_of_somebody"),
        at_most("title", 120),
        at_most("body_fr", LONGEST_TEXT),
        at_most("body_ar", LONGEST_TEXT),
        at_most("category", 60),
    )

    title: Mapped[str]
    body_fr: Mapped[str]
    body_ar: Mapped[str | None]
    category: Mapped[str]
    scope: Mapped[CannedScope]
    owner_id: Mapped[UUID | None]
    agency_id: Mapped[UUID | None]
    usage_count: Mapped[int] = mapped_column(server_default="0", default=0)


class AutoReplyTrigger(StrEnum):
    """When an automatic reply is considered."""

    TICKET_CREATED = "ticket_created"
    OUT_OF_HOURS = "out_of_hours"
    KEYWORD = "keyword"


class AutoReply(Entity):
    """An answer that the house gives by itself; of those that fit, the first by `position`."""

    __tablename__ = "auto_replies"
    label = "auto_reply"
    __table_args__ = (
        newest("auto_replies"),
        Index("ix_auto_replies_order", "organization_id", "position", "id"),
        CheckConstraint("cooldown_hours BETWEEN 1 AND 720", name="cooldown"),
        CheckConstraint("position BETWEEN 0 AND 1000", name="position_bounds"),
        CheckConstraint("trigger <> 'keyword' OR cardinality(keywords) > 0", name="keyword_named"),
        at_most("name", 120),
        at_most("body_fr", LONGEST_TEXT),
        at_most("body_ar", LONGEST_TEXT),
    )

    name: Mapped[str]
    trigger: Mapped[AutoReplyTrigger]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    position: Mapped[int] = mapped_column(server_default="100", default=100)
    keywords: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    conditions: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """{channels, ticket_types, languages, agency_ids}: lists; an empty one asks nothing."""
    body_fr: Mapped[str]
    body_ar: Mapped[str | None]
    cooldown_hours: Mapped[int] = mapped_column(server_default="24", default=24)
    sent_count: Mapped[int] = mapped_column(server_default="0", default=0)


class AutoReplySending(Ledger):
    """When somebody last got that reply; who it was, only as a blind index of the address."""

    __tablename__ = "auto_reply_sendings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "auto_reply_id"],
            ["auto_replies.organization_id", "auto_replies.id"],
            ondelete="CASCADE",
            name="fk_auto_reply_sendings_reply",
        ),
    )

    auto_reply_id: Mapped[UUID] = mapped_column(primary_key=True)
    requester: Mapped[bytes] = mapped_column(primary_key=True)
    sent_at: Mapped[datetime]

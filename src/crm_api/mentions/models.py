"""What is said of the company in public: brought by listening tools, answered by people (domain.md B-41)."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most, newest
from crm_api.kit.states import machine


class SocialNetwork(StrEnum):
    """Where something was said."""

    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    X = "x"
    LINKEDIN = "linkedin"
    YOUTUBE = "youtube"
    GOOGLE_REVIEWS = "google_reviews"
    OTHER = "other"


class MentionStatus(StrEnum):
    """What was done about it."""

    NEW = "new"
    ASSIGNED = "assigned"
    ANSWERED = "answered"
    IGNORED = "ignored"
    ESCALATED = "escalated"


MENTION = machine(
    "social_mention",
    """new: assigned answered ignored escalated
    assigned: answered ignored escalated
    ignored: assigned
    escalated: answered
    answered: escalated""",
)
KEPT = timedelta(days=731)
"""24 months (domain.md B-41)."""


def _reference(table: str, column: str, other: str, name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{other}.organization_id", f"{other}.id"], name=f"fk_{table}_{name}"
    )


class SocialAccount(Entity):
    """A page of ours on a network, and who may tell us what is said there."""

    __tablename__ = "social_accounts"
    label = "social_account"
    __table_args__ = (
        newest("social_accounts"),
        Index("uq_social_accounts_handle", "organization_id", "network", "handle", unique=True),
        at_most("handle", 80),
        at_most("name", 80),
    )

    network: Mapped[SocialNetwork]
    handle: Mapped[str]
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    secret_number: Mapped[int] = mapped_column(server_default="1", default=1)
    """One more for each new secret; the secret itself is derived and kept nowhere."""


class SocialMention(Entity):
    """Something that somebody said in public. Who it is, only a person may say."""

    __tablename__ = "social_mentions"
    label = "social_mention"
    personal: ClassVar = frozenset({"author_handle", "text", "url", "contact_id"})
    __table_args__ = (
        newest("social_mentions"),
        Index("uq_social_mentions_external", "organization_id", "network", "external_id", unique=True),
        Index("ix_social_mentions_published", "organization_id", "published_at", "id"),
        Index("ix_social_mentions_status", "organization_id", "status", "published_at", "id"),
        Index("ix_social_mentions_assignee", "organization_id", "assignee_user_id", "published_at", "id"),
        _reference("social_mentions", "social_account_id", "social_accounts", "account"),
        _reference("social_mentions", "contact_id", "contacts", "contact"),
        _reference("social_mentions", "ticket_id", "tickets", "ticket"),
        _reference("social_mentions", "assignee_user_id", "users", "assignee"),
        CheckConstraint("sentiment BETWEEN -1 AND 1", name="sentiment_range"),
        CheckConstraint("reach >= 0", name="reach_sign"),
        CheckConstraint("(status = 'answered') <= (answer IS NOT NULL)", name="answered_with_words"),
        CheckConstraint("(status = 'escalated') <= (ticket_id IS NOT NULL)", name="escalated_to_a_ticket"),
        at_most("external_id", 160),
        at_most("author_handle", 80),
        at_most("url", 500),
        at_most("text", 5000),
        at_most("topic", 60),
        at_most("matched_keyword", 60),
        at_most("answer", 2000),
    )

    social_account_id: Mapped[UUID]
    network: Mapped[SocialNetwork]
    external_id: Mapped[str]
    author_handle: Mapped[str | None]
    url: Mapped[str | None]
    text: Mapped[str]
    language: Mapped[str | None]
    published_at: Mapped[datetime]
    sentiment: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    reach: Mapped[int | None]
    topic: Mapped[str | None]
    matched_keyword: Mapped[str | None]
    status: Mapped[MentionStatus] = mapped_column(default=MentionStatus.NEW)
    assignee_user_id: Mapped[UUID | None]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    ticket_id: Mapped[UUID | None]
    contact_id: Mapped[UUID | None]

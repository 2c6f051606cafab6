"""Visits of the insurer's site and app (domain.md B-42, B-60), and what they are measured by.

Who refuses to be known is counted and not known: no visitor, no network, no person stands in such a row.
A network address is cut to its /24 (/48) before it is stored; queries of addresses are never stored.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, at_most, folded, newest
from crm_api.core.money import Centimes
from crm_api.kit.money import Money


class WebEventType(StrEnum):
    """What a visitor did."""

    PAGE_VIEW = "page_view"
    FORM_VIEW = "form_view"
    FORM_SUBMIT = "form_submit"
    QUOTE_STARTED = "quote_started"
    QUOTE_COMPLETED = "quote_completed"
    POLICY_PAID = "policy_paid"
    CLAIM_DECLARED = "claim_declared"
    LOGIN = "login"
    DOWNLOAD = "download"
    CUSTOM = "custom"


class WebDevice(StrEnum):
    """On what a site is visited, coarsely."""

    DESKTOP = "desktop"
    MOBILE = "mobile"
    TABLET = "tablet"
    OTHER = "other"


class WebIdentification(StrEnum):
    """How a visitor became somebody: the link of a mail, a form, a login, a quote, or what staff knows."""

    CLICK = "click"
    FORM = "form"
    LOGIN = "login"
    QUOTE = "quote"
    STAFF = "staff"


IDLE = timedelta(minutes=30)
"""After so long without an event the next one begins another session; so do midnight and a new campaign."""
KEPT_MONTHS = 13
"""Then sessions and events are counted by day, and gone (domain.md 0.5)."""
LARGEST_PROPS = 2048
"""Bytes."""
MOST_EVENTS = 50
"""In one batch."""


def _contact(table: str, ondelete: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "contact_id"],
        ["contacts.organization_id", "contacts.id"],
        name=f"fk_{table}_contact",
        ondelete=ondelete,
    )


class WebArrival(Ledger):
    """An event as the collector took it in, until it is put into its session, a minute later at most.

    Nothing but its key is indexed: taking in is one statement, as quick as PostgreSQL writes.
    """

    __tablename__ = "web_arrivals"
    __table_args__ = (CheckConstraint("consent OR visitor_id IS NULL", name="nobody_without_consent"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Given by the site: the same one sent again has no effect."""
    key: Mapped[UUID]
    """Becomes that of the session which begins with it."""
    batch_id: Mapped[UUID]
    visitor_id: Mapped[UUID | None]
    consent: Mapped[bool]
    contact_id: Mapped[UUID | None]
    """Whom the link of a mail was for."""
    message_id: Mapped[UUID | None]
    submission_id: Mapped[UUID | None]
    type: Mapped[WebEventType]
    name: Mapped[str | None]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    path: Mapped[str | None]
    referrer: Mapped[str | None]
    utm: Mapped[dict[str, Any]]
    campaign_key: Mapped[str | None]
    is_entry: Mapped[bool]
    """It came from outside: with this an unknown visit begins."""
    props: Mapped[dict[str, Any]]
    device: Mapped[WebDevice]
    wilaya_code: Mapped[str | None]
    ip_prefix: Mapped[str | None]
    is_bot: Mapped[bool]


class WebSession(Ledger):
    """A visit: what one visitor did without half an hour's pause, on one day, for one campaign."""

    __tablename__ = "web_sessions"
    label = "web_session"
    personal: ClassVar = frozenset({"contact_id", "lead_id", "visitor_id"})
    __table_args__ = (
        Index("ix_web_sessions_started", "organization_id", "started_at", "id"),
        Index("ix_web_sessions_visitor", "organization_id", "visitor_id", "started_at"),
        Index("ix_web_sessions_contact", "organization_id", "contact_id", "started_at", "id"),
        Index("ix_web_sessions_campaign", "organization_id", "utm_campaign", "started_at", "id"),
        Index("ix_web_sessions_updated", "organization_id", "updated_at"),
        Index(
            "ix_web_sessions_lead",
            *("organization_id", "lead_id"),
            postgresql_where=text("lead_id IS NOT NULL"),
        ),
        _contact("web_sessions", "SET NULL (contact_id)"),
        CheckConstraint(
            "consent OR (visitor_id IS NULL AND contact_id IS NULL AND lead_id IS NULL"
            " AND ip_prefix IS NULL AND message_id IS NULL)",
            name="nobody_without_consent",
        ),
        CheckConstraint("ended_at >= started_at", name="ends_after_it_starts"),
        at_most("landing", 500),
        at_most("referrer", 500),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    visitor_id: Mapped[UUID | None]
    contact_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    message_id: Mapped[UUID | None]
    """The message whose link began it."""
    consent: Mapped[bool]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    device: Mapped[WebDevice]
    wilaya_code: Mapped[str | None]
    ip_prefix: Mapped[str | None]
    utm: Mapped[dict[str, Any]]
    utm_campaign: Mapped[str | None] = mapped_column(Text(), Computed("utm ->> 'campaign'", persisted=True))
    campaign_key: Mapped[str | None]
    landing: Mapped[str | None]
    referrer: Mapped[str | None]
    is_bot: Mapped[bool]
    events: Mapped[int]
    page_views: Mapped[int]
    conversions: Mapped[int]
    goal_value: Mapped[Money] = mapped_column(Centimes())
    updated_at: Mapped[datetime]


class WebEvent(Ledger):
    """Something that a visitor did."""

    __tablename__ = "web_events"
    label = "web_event"
    personal: ClassVar = frozenset({"props"})
    __table_args__ = (
        Index("ix_web_events_at", "organization_id", "at", "id"),
        Index("ix_web_events_session", "organization_id", "session_id", "at", "id"),
        ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["web_sessions.organization_id", "web_sessions.id"],
            name="fk_web_events_session",
        ),
        CheckConstraint(f"octet_length(props::text) <= {2 * LARGEST_PROPS}", name="props_size"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID | None]
    """None: of an unknown visit, after its first page."""
    type: Mapped[WebEventType]
    name: Mapped[str | None]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    path: Mapped[str | None]
    props: Mapped[dict[str, Any]]


class WebVisitor(Ledger):
    """Who a visitor is, once that is known: of later sessions too, and of earlier ones that are nobody's."""

    __tablename__ = "web_visitors"
    __table_args__ = (
        Index("ix_web_visitors_contact", "organization_id", "contact_id"),
        Index("ix_web_visitors_lead", "organization_id", "lead_id"),
        _contact("web_visitors", "CASCADE"),
        CheckConstraint("contact_id IS NOT NULL OR lead_id IS NOT NULL", name="somebody"),
    )

    visitor_id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    identified_by: Mapped[WebIdentification]
    identified_at: Mapped[datetime]


class WebGoal(Entity):
    """What a visit is hoped to lead to, and what that is worth."""

    __tablename__ = "web_goals"
    label = "web_goal"
    __table_args__ = (
        newest("web_goals"),
        Index("uq_web_goals_code", "organization_id", "code", unique=True),
        Index("ix_web_goals_name", "organization_id", "name_folded", "id"),
        CheckConstraint(
            "event_type IS NOT NULL OR event_name IS NOT NULL OR path_prefix IS NOT NULL", name="met_by"
        ),
        CheckConstraint("value >= 0", name="value_not_negative"),
        at_most("code", 60),
        at_most("name", 120),
    )

    code: Mapped[str]
    name: Mapped[str]
    name_folded: Mapped[str] = folded("name", "code")
    event_type: Mapped[WebEventType | None]
    event_name: Mapped[str | None]
    path_prefix: Mapped[str | None]
    value: Mapped[Money] = mapped_column(Centimes())
    is_active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)


class WebConversion(Ledger):
    """A goal that a session met: once, however often it did."""

    __tablename__ = "web_conversions"
    __table_args__ = (
        Index("ix_web_conversions_goal", "organization_id", "goal_id", "at"),
        ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["web_sessions.organization_id", "web_sessions.id"],
            name="fk_web_conversions_session",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["organization_id", "goal_id"],
            ["web_goals.organization_id", "web_goals.id"],
            name="fk_web_conversions_goal",
        ),
    )

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    goal_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    at: Mapped[datetime]
    value: Mapped[Money] = mapped_column(Centimes())


class WebDay(Ledger):
    """What is left of the sessions of a day after 13 months: how many, from where; nobody's."""

    __tablename__ = "web_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    """In Algiers."""
    source: Mapped[str] = mapped_column(primary_key=True)
    medium: Mapped[str] = mapped_column(primary_key=True)
    campaign: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[WebDevice] = mapped_column(primary_key=True)
    sessions: Mapped[int]
    unknown_sessions: Mapped[int]
    converted_sessions: Mapped[int]
    page_views: Mapped[int]
    goal_value: Mapped[Money] = mapped_column(Centimes())

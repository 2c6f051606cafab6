"""What touched whom before they bought (domain.md D-34, D-35), and what campaigns came to, reckoned ahead.

A message is one touch, a click if it was clicked and else an open; the visit it leads to is the same touch.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Ledger


class TouchKind(StrEnum):
    """What came between a person and us."""

    OPEN = "open"
    CLICK = "click"
    SESSION = "session"
    FORM = "form"


class Touch(Ledger):
    """One thing that came between a person and us; of a campaign, of a channel, or direct (neither)."""

    __tablename__ = "touches"
    __table_args__ = (
        Index("ix_touches_contact", "organization_id", "contact_id", "at"),
        Index("ix_touches_campaign", "organization_id", "campaign_id", "at", "contact_id"),
        ForeignKeyConstraint(
            ["organization_id", "contact_id"],
            ["contacts.organization_id", "contacts.id"],
            name="fk_touches_contact",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["organization_id", "campaign_id"],
            ["campaigns.organization_id", "campaigns.id"],
            name="fk_touches_campaign",
            ondelete="CASCADE",
        ),
    )

    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    """The message, session or lead: it touches once."""
    contact_id: Mapped[UUID]
    campaign_id: Mapped[UUID | None]
    channel: Mapped[str | None]
    """What else brought it: utm_source, or that it came from another site."""
    kind: Mapped[TouchKind]
    at: Mapped[datetime]


class CampaignResult(Ledger):
    """What a campaign had come to when it was last reckoned: a read is one row, however many messages."""

    __tablename__ = "campaign_results"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "campaign_id"],
            ["campaigns.organization_id", "campaigns.id"],
            name="fk_campaign_results_campaign",
            ondelete="CASCADE",
        ),
    )

    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    reckoned_at: Mapped[datetime]
    counts: Mapped[dict[str, Any]]
    """Whole numbers by name."""
    revenue: Mapped[dict[str, Any]]
    """Centimes by model."""


class CampaignDay(Ledger):
    """What happened to a campaign on a day, in Algiers."""

    __tablename__ = "campaign_days"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "campaign_id"],
            ["campaigns.organization_id", "campaigns.id"],
            name="fk_campaign_days_campaign",
            ondelete="CASCADE",
        ),
    )

    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    opens: Mapped[int]
    clicks: Mapped[int]
    sessions: Mapped[int]
    forms: Mapped[int]

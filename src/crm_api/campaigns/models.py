"""Campaigns (domain.md B-35): what is said to whom, who approved it, its costs, who got which variant."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.campaigns.words import (
    ALONE,
    CampaignChannel,
    CampaignCostKind,
    CampaignLineType,
    CampaignMetric,
    CampaignModel,
    CampaignObjective,
    CampaignOutcome,
    CampaignPart,
    CampaignStatus,
    CampaignTie,
    CampaignWinner,
)
from crm_api.core.db import Entity, Ledger, at_most, folded, newest
from crm_api.core.money import Centimes
from crm_api.kit.money import Money

_CHANNELS = ", ".join(f"'{channel.value}'" for channel in CampaignChannel)
_WEIGHTS = """CREATE OR REPLACE FUNCTION crm_check_campaign_weights() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    IF TG_OP = 'DELETE' THEN found := OLD; ELSE found := NEW; END IF;
    IF (SELECT sum(weight) FROM campaign_variants
        WHERE organization_id = found.organization_id AND campaign_id = found.campaign_id) <> 100 THEN
        RAISE EXCEPTION 'the weights of the variants do not sum to 100'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_campaign_variants_sum';
    END IF;
    RETURN NULL;
END $$"""
_WEIGHED = (
    "CREATE CONSTRAINT TRIGGER weights_sum AFTER INSERT OR UPDATE OR DELETE ON campaign_variants"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm_check_campaign_weights()"
)


def _of_campaign(table: str, *columns: str) -> ForeignKeyConstraint:
    own = ["organization_id", "campaign_id", *columns]
    target = (
        ["campaign_variants." + name for name in own]
        if columns
        else ["campaigns.organization_id", "campaigns.id"]
    )
    name = f"fk_{table}_{'variant' if columns else 'campaign'}"
    return ForeignKeyConstraint(own, target, name=name, ondelete="CASCADE")


def _person(column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", column],
        ["users.organization_id", "users.id"],
        name=f"fk_campaigns_{column.removesuffix('_id')}",
    )


class Campaign(Entity):
    """One campaign. Times are UTC."""

    __tablename__ = "campaigns"
    label = "campaign"
    __table_args__ = (
        newest("campaigns"),
        Index("uq_campaigns_number", "organization_id", "number", unique=True),
        Index("ix_campaigns_name", "organization_id", "name_folded", "id"),
        Index("ix_campaigns_status", "organization_id", "status", "starts_at", "id"),
        Index("ix_campaigns_starts", "organization_id", "starts_at", "id"),
        Index("ix_campaigns_updated", "organization_id", "updated_at", "id"),
        Index(
            "ix_campaigns_test",
            "organization_id",
            "test_ends_at",
            postgresql_where=text("test_outcome IS NULL"),
        ),
        _person("submitted_by_id"),
        _person("approved_by_id"),
        at_most("number", 20),
        at_most("name", 120),
        at_most("description", 2000),
        at_most("landing_url", 500),
        at_most("decision_comment", 500),
        CheckConstraint(f"channels <@ ARRAY[{_CHANNELS}]", name="channels_known"),
        CheckConstraint("cardinality(channels) BETWEEN 1 AND 10", name="channels_count"),
        CheckConstraint("budget_amount >= 0", name="budget"),
        CheckConstraint("planned_amount >= 0 AND spent_amount >= 0", name="lines"),
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("throttle_per_minute BETWEEN 1 AND 60000", name="throttle"),
        CheckConstraint("holdout_percent BETWEEN 0 AND 50", name="holdout"),
        CheckConstraint("attribution_window_days BETWEEN 1 AND 365", name="window"),
        CheckConstraint("half_life_days BETWEEN 1 AND 90", name="half_life"),
        CheckConstraint(
            "num_nulls(test_metric, test_sample_percent, test_duration_hours, test_min_sample) IN (0, 4)",
            name="whole_test",
        ),
        CheckConstraint("test_sample_percent BETWEEN 1 AND 100", name="test_sample"),
        CheckConstraint("test_duration_hours BETWEEN 1 AND 720", name="test_duration"),
        CheckConstraint("test_min_sample BETWEEN 30 AND 1000000", name="test_min_sample"),
        CheckConstraint(
            "(winner IS NOT NULL) = (test_outcome IN ('winner', 'chosen') AND test_outcome IS NOT NULL)",
            name="winner",
        ),
        CheckConstraint(
            f"approved_by_id IS NULL OR audience_estimate <= {ALONE} OR"
            " (approved_by_id IS DISTINCT FROM created_by_id"
            " AND approved_by_id IS DISTINCT FROM submitted_by_id)",
            name="second_person",
        ),
    )

    number: Mapped[str]
    name: Mapped[str]
    name_folded: Mapped[str] = folded("name", "number")
    description: Mapped[str | None]
    objective: Mapped[CampaignObjective]
    status: Mapped[CampaignStatus] = mapped_column(default=CampaignStatus.DRAFT)
    channels: Mapped[list[str]]
    """In the order in which they are tried for each person."""
    budget_amount: Mapped[Money] = mapped_column(Centimes())
    planned_amount: Mapped[Money] = mapped_column(Centimes(), server_default="0", default=Money.of(0))
    """Sum of the budget lines."""
    spent_amount: Mapped[Money] = mapped_column(Centimes(), server_default="0", default=Money.of(0))
    """Sum of the spend lines."""
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    timezone: Mapped[str] = mapped_column(default="Africa/Algiers")
    throttle_per_minute: Mapped[int | None]
    respects_hours: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    """Nothing from 20 to 8 h, nor on Fridays from 11 to 15 h; SMS keep 8 to 21 h whatever is said here."""
    utm: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    landing_url: Mapped[str | None]
    attribution_model: Mapped[CampaignModel] = mapped_column(default=CampaignModel.LAST)
    attribution_window_days: Mapped[int] = mapped_column(SmallInteger, server_default="30", default=30)
    half_life_days: Mapped[int] = mapped_column(SmallInteger, server_default="7", default=7)
    holdout_percent: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    test_metric: Mapped[CampaignMetric | None]
    test_sample_percent: Mapped[int | None] = mapped_column(SmallInteger)
    test_duration_hours: Mapped[int | None]
    test_min_sample: Mapped[int | None]
    test_winner: Mapped[CampaignWinner] = mapped_column(default=CampaignWinner.AUTO)
    test_tie: Mapped[CampaignTie] = mapped_column(default=CampaignTie.MANUAL)
    test_ends_at: Mapped[datetime | None]
    """Planned when it is launched; a pause moves it."""
    test_outcome: Mapped[CampaignOutcome | None]
    test_result: Mapped[dict[str, Any] | None]
    """The counts and the comparison, as they were when it was judged."""
    test_judged_at: Mapped[datetime | None]
    winner: Mapped[str | None]
    rest_sent_at: Mapped[datetime | None]
    """When the rest of the audience was queued; empty while a test runs."""
    submitted_by_id: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None]
    approved_by_id: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    decision_comment: Mapped[str | None]
    audience_estimate: Mapped[int | None]
    """How many could be written to when it was submitted."""
    launch_job_id: Mapped[UUID | None]
    launched_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    targeted: Mapped[int | None]
    """People of the segments when the audience was frozen."""
    held_out: Mapped[int | None]
    left_out: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """How many were left out when it was frozen, by reason."""
    ai_generation: Mapped[dict[str, Any] | None]
    """How a proposed draft came about: the goal, the reasons of each figure, the model if one wrote."""


class CampaignLine(Entity):
    """Money planned or spent. Spent money is what ROI and CPA count (D-36, D-37)."""

    __tablename__ = "campaign_lines"
    label = "campaign_line"
    __table_args__ = (
        newest("campaign_lines"),
        Index("ix_campaign_lines_campaign", "organization_id", "campaign_id", "spent_on", "id"),
        _of_campaign("campaign_lines"),
        at_most("comment", 200),
        CheckConstraint("amount > 0", name="amount"),
    )

    campaign_id: Mapped[UUID]
    type: Mapped[CampaignLineType]
    kind: Mapped[CampaignCostKind]
    amount: Mapped[Money] = mapped_column(Centimes())
    spent_on: Mapped[date]
    """The day it is planned for, or was spent."""
    comment: Mapped[str | None]


class CampaignSegment(Ledger):
    """A segment whose members a campaign reaches, or leaves out."""

    __tablename__ = "campaign_segments"
    __table_args__ = (
        Index("ix_campaign_segments_segment", "organization_id", "segment_id"),
        ForeignKeyConstraint(
            ["organization_id", "segment_id"],
            ["segments.organization_id", "segments.id"],
            name="fk_campaign_segments_segment",
        ),
        _of_campaign("campaign_segments"),
    )

    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    segment_id: Mapped[UUID] = mapped_column(primary_key=True)
    excluded: Mapped[bool]


class CampaignVariant(Ledger):
    """One of up to five ways to say it, and the share of people who get it."""

    __tablename__ = "campaign_variants"
    __table_args__ = (
        _of_campaign("campaign_variants"),
        CheckConstraint("code IN ('A', 'B', 'C', 'D', 'E')", name="code_known"),
        CheckConstraint("weight BETWEEN 1 AND 100", name="weight"),
        {"info": {"ddl": (_WEIGHTS, _WEIGHED)}},
    )

    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    weight: Mapped[int] = mapped_column(SmallInteger)


class CampaignContent(Ledger):
    """What a variant says by one channel in one language."""

    __tablename__ = "campaign_contents"
    __table_args__ = (
        Index("ix_campaign_contents_template", "organization_id", "template_version_id"),
        ForeignKeyConstraint(
            ["organization_id", "template_version_id"],
            ["templates.organization_id", "templates.id"],
            name="fk_campaign_contents_template",
        ),
        _of_campaign("campaign_contents", "code"),
        CheckConstraint("channel IN ('email', 'sms')", name="channel_known"),
        CheckConstraint("language IN ('fr', 'ar', 'en')", name="language_known"),
        at_most("subject", 200),
    )

    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    template_version_id: Mapped[UUID]
    subject: Mapped[str | None]
    """Instead of the subject of the template."""


class CampaignRecipient(Ledger):
    """Somebody of the audience, as it was frozen at launch: written once, by one statement, for all."""

    __tablename__ = "campaign_recipients"
    __table_args__ = (
        Index("ix_campaign_recipients_contact", "organization_id", "contact_id", "campaign_id"),
        _of_campaign("campaign_recipients"),
        ForeignKeyConstraint(
            ["organization_id", "contact_id"],
            ["contacts.organization_id", "contacts.id"],
            name="fk_campaign_recipients_contact",
            ondelete="CASCADE",
        ),
        CheckConstraint("(part = 'left_out') = (reason IS NOT NULL)", name="reason"),
        CheckConstraint("(part = 'left_out') = (channel IS NULL)", name="channel"),
        CheckConstraint("part <> 'sample' OR variant IS NOT NULL", name="variant"),
    )

    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[CampaignPart]
    variant: Mapped[str | None]
    """Of the rest of a test: empty until its end."""
    channel: Mapped[str | None]
    language: Mapped[str]
    reason: Mapped[str | None]
    """Why nobody writes to them."""

"""A sale that may come about (domain.md B-17), and every stage it stood in."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Identity, Index, Numeric, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import (
    Entity,
    Extended,
    ExternallyKnown,
    Ledger,
    Owned,
    SoftDeleted,
    Tagged,
    at_most,
    folded,
    newest,
)
from crm_api.core.external_ids import ledger_triggers
from crm_api.core.money import Centimes
from crm_api.core.words import Searched
from crm_api.kit.money import Money
from crm_api.kit.states import machine
from crm_api.opportunities.models.pipeline import ForecastCategory, OpportunityOutcome, OpportunityType

OPPORTUNITY = machine("opportunity", "open: won lost \n won: open \n lost: open")
IDLE = timedelta(days=14)
"""Nothing done about it for so long, an open opportunity is stagnant."""


class LossReason(StrEnum):
    """Why a sale was lost."""

    PRICE = "price"
    COMPETITOR = "competitor"
    COVERAGE = "coverage"
    SERVICE = "service"
    NO_DECISION = "no_decision"
    RISK_REFUSED = "risk_refused"
    DUPLICATE = "duplicate"
    UNREACHABLE = "unreachable"


class OpportunitySource(StrEnum):
    """Where an opportunity came from; portfolio means a customer whom we insure already."""

    LEAD = "lead"
    PORTFOLIO = "portfolio"
    WEB_FORM = "web_form"
    COMPARATOR = "comparator"
    PHONE = "phone"
    WALK_IN = "walk_in"
    AGENCY = "agency"
    REFERRAL = "referral"
    SOCIAL = "social"
    CAMPAIGN = "campaign"
    EVENT = "event"
    IMPORT = "import"
    PARTNER_API = "partner_api"
    MOBILE_APP = "mobile_app"


SEARCHED = Searched(texts=("name", "next_step"), names=("name_folded",), numbers=("number",))
_HISTORY = """CREATE OR REPLACE FUNCTION crm_keep_stage_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE opportunity_stages SET left_at = NEW.stage_entered_at
        WHERE organization_id = NEW.organization_id AND opportunity_id = NEW.id AND left_at IS NULL;
    END IF;
    INSERT INTO opportunity_stages (organization_id, opportunity_id, pipeline_id, stage, status, entered_at,
        entered_by_id, approved_by_id, amount, probability, close_date)
    VALUES (NEW.organization_id, NEW.id, NEW.pipeline_id, NEW.stage, NEW.status, NEW.stage_entered_at,
        NEW.updated_by_id, NEW.stage_approved_by_id, NEW.amount, NEW.probability, NEW.close_date);
    RETURN NULL;
END $$"""
_HISTORY_TRIGGERS = (
    _HISTORY,
    "CREATE TRIGGER stage_history_begun AFTER INSERT ON opportunities FOR EACH ROW"
    " EXECUTE FUNCTION crm_keep_stage_history()",
    "CREATE TRIGGER stage_history_moved AFTER UPDATE OF stage, pipeline_id ON opportunities FOR EACH ROW"
    " WHEN (OLD.stage IS DISTINCT FROM NEW.stage OR OLD.pipeline_id IS DISTINCT FROM NEW.pipeline_id)"
    " EXECUTE FUNCTION crm_keep_stage_history()",
)


def _refers(column: str, table: str, name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{table}.organization_id", f"{table}.id"], name=name
    )


class Opportunity(Owned, SoftDeleted, Tagged, Extended, ExternallyKnown, Entity):
    """A sale under way, won or lost."""

    __tablename__ = "opportunities"
    label = "opportunity"
    personal: ClassVar = frozenset({"name", "name_folded", "next_step", "loss_comment"})
    __table_args__ = (
        Index("uq_opportunities_number", "organization_id", "number", unique=True),
        newest("opportunities"),
        Index("ix_opportunities_updated", "organization_id", "updated_at", "id"),
        Index("ix_opportunities_name", "organization_id", "name_folded", "id"),
        Index("ix_opportunities_amount", "organization_id", "amount", "id"),
        Index("ix_opportunities_close_date", "organization_id", "close_date", "id"),
        Index("ix_opportunities_status", "organization_id", "status", "close_date", "id"),
        Index("ix_opportunities_stage", "organization_id", "pipeline_id", "stage", "close_date", "id"),
        Index("ix_opportunities_owner", "organization_id", "owner_user_id", "status", "close_date", "id"),
        Index(
            "ix_opportunities_stagnating",
            "organization_id",
            "owner_user_id",
            "stagnant_at",
            "id",
            postgresql_where=text("stagnant_at IS NOT NULL AND deleted_at IS NULL"),
        ),
        Index(
            "ix_opportunities_next_step",
            "organization_id",
            "owner_user_id",
            "next_step_at",
            "id",
            postgresql_where=text("status = 'open' AND next_step_at IS NOT NULL AND deleted_at IS NULL"),
        ),
        Index("ix_opportunities_agency", "organization_id", "agency_id", "close_date", "id"),
        Index("ix_opportunities_account", "organization_id", "account_id", "id"),
        *(
            Index(
                f"ix_opportunities_{key}", "organization_id", key, postgresql_where=text(f"{key} IS NOT NULL")
            )
            for key in ("contact_id", "lead_id", "pending_stage", "stagnant_at")
        ),
        _refers("account_id", "accounts", "fk_opportunities_account"),
        _refers("contact_id", "contacts", "fk_opportunities_contact"),
        _refers("agency_id", "agencies", "fk_opportunities_agency"),
        _refers("owner_user_id", "users", "fk_opportunities_owner"),
        _refers("campaign_id", "campaigns", "fk_opportunities_campaign"),
        Index(
            "ix_opportunities_campaign",
            "organization_id",
            "campaign_id",
            postgresql_where=text("campaign_id IS NOT NULL"),
        ),
        ForeignKeyConstraint(
            ["organization_id", "pipeline_id", "stage", "status"],
            [
                "pipeline_stages.organization_id",
                "pipeline_stages.pipeline_id",
                "pipeline_stages.code",
                "pipeline_stages.outcome",
            ],
            name="fk_opportunities_stage",
        ),
        ForeignKeyConstraint(
            ["organization_id", "pipeline_id", "pending_stage"],
            ["pipeline_stages.organization_id", "pipeline_stages.pipeline_id", "pipeline_stages.code"],
            name="fk_opportunities_pending_stage",
        ),
        CheckConstraint("amount >= 0", name="amount_sign"),
        CheckConstraint("probability BETWEEN 0 AND 1", name="probability_range"),
        CheckConstraint("(status = 'lost') = (loss_reason IS NOT NULL)", name="lost_for_a_reason"),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed_once"),
        CheckConstraint("status <> 'won' OR policy_number IS NOT NULL", name="won_with_a_policy"),
        CheckConstraint("(pending_stage IS NULL) = (pending_by_id IS NULL)", name="pending_by_somebody"),
        CheckConstraint("status = 'open' OR stagnant_at IS NULL", name="closed_never_stagnates"),
        at_most("name", 160),
        at_most("next_step", 500),
        {
            "info": {
                "ddl": (
                    *SEARCHED.triggers("opportunities", "opportunity"),
                    *ledger_triggers("opportunities", "opportunity"),
                    *_HISTORY_TRIGGERS,
                )
            }
        },
    )

    number: Mapped[str]
    name: Mapped[str]
    name_folded: Mapped[str] = folded("name")
    account_id: Mapped[UUID]
    contact_id: Mapped[UUID | None]
    type: Mapped[OpportunityType]
    product_code: Mapped[str]
    branch_code: Mapped[str]
    source: Mapped[OpportunitySource | None]
    campaign_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]

    pipeline_id: Mapped[UUID]
    stage: Mapped[str]
    status: Mapped[OpportunityOutcome] = mapped_column(default=OpportunityOutcome.OPEN)
    """What the stage makes of it; a foreign key holds the two together."""
    stage_entered_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    stage_approved_by_id: Mapped[UUID | None]
    pending_stage: Mapped[str | None]
    """Asked for, and waiting for a second person."""
    pending_by_id: Mapped[UUID | None]
    pending_at: Mapped[datetime | None]

    amount: Mapped[Money] = mapped_column(Centimes)
    """Annual net premium expected, without taxes; frozen once it is won."""
    probability: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    probability_reason: Mapped[str | None]
    """Set where somebody knows better than the stage."""
    forecast_category: Mapped[ForecastCategory]
    close_date: Mapped[date]
    """Expected, then actual."""
    lines: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    competitors: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    next_step: Mapped[str | None]
    next_step_at: Mapped[datetime | None]

    last_activity_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    stagnant_at: Mapped[datetime | None]
    """When it becomes stagnant if nothing happens; null once it is closed."""
    stagnant_told: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]
    policy_number: Mapped[str | None]
    loss_reason: Mapped[LossReason | None]
    loss_comment: Mapped[str | None]


class OpportunityStage(Ledger):
    """One stay in one stage. Written by a trigger, whichever way the opportunity was changed."""

    __tablename__ = "opportunity_stages"
    __table_args__ = (
        Index("ix_opportunity_stages_opportunity", "organization_id", "opportunity_id", "id"),
        Index(
            "ix_opportunity_stages_closings",
            "organization_id",
            "close_date",
            postgresql_where=text("status <> 'open' AND left_at IS NULL"),
        ),
        _refers("opportunity_id", "opportunities", "fk_opportunity_stages_opportunity"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    opportunity_id: Mapped[UUID]
    pipeline_id: Mapped[UUID]
    stage: Mapped[str]
    status: Mapped[OpportunityOutcome]
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    entered_by_id: Mapped[UUID | None]
    approved_by_id: Mapped[UUID | None]
    amount: Mapped[Money] = mapped_column(Centimes)
    probability: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    close_date: Mapped[date]

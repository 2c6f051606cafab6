"""A person or company who may become a customer, until the day it does (domain.md B-7)."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import (
    Entity,
    Extended,
    ExternallyKnown,
    Ledger,
    Owned,
    Sealed,
    SoftDeleted,
    Tagged,
    at_most,
    folded,
    newest,
)
from crm_api.core.external_ids import ledger_triggers
from crm_api.core.words import Searched
from crm_api.kit.contact_points import SpokenLanguage
from crm_api.kit.states import machine


class LeadStatus(StrEnum):
    """Where a lead stands: from new to qualified, then converted into a customer, or disqualified."""

    NEW = "new"
    ASSIGNED = "assigned"
    CONTACTED = "contacted"
    NURTURING = "nurturing"
    QUALIFIED = "qualified"
    CONVERTED = "converted"
    DISQUALIFIED = "disqualified"


LEAD = machine(
    "lead",
    """new: assigned contacted disqualified
    assigned: contacted disqualified
    contacted: qualified nurturing disqualified
    nurturing: contacted disqualified
    qualified: converted nurturing disqualified
    disqualified: contacted""",
)
OPEN = frozenset(LeadStatus) - {LeadStatus.CONVERTED, LeadStatus.DISQUALIFIED}
"""Somebody still has to work on these."""


class LeadType(StrEnum):
    """Whether a lead is a private person or a company."""

    INDIVIDUAL = "individual"
    COMPANY = "company"


class LeadSource(StrEnum):
    """Where a lead came from."""

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
    CHATBOT = "chatbot"
    PARTNER_API = "partner_api"
    MOBILE_APP = "mobile_app"


class ScoreBand(StrEnum):
    """How promising a lead is, by its score."""

    COLD = "cold"
    WARM = "warm"
    HOT = "hot"


class DisqualifyReason(StrEnum):
    """Why a lead was given up."""

    NO_NEED = "no_need"
    PRICE = "price"
    COMPETITOR = "competitor"
    UNREACHABLE = "unreachable"
    WRONG_CONTACT = "wrong_contact"
    DUPLICATE = "duplicate"
    OUT_OF_AREA = "out_of_area"
    RISK_REFUSED = "risk_refused"
    TEST_SPAM = "test_spam"


class LeadChannel(StrEnum):
    """A channel by which a lead is reached, or prefers to be."""

    PHONE = "phone"
    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    CHAT = "chat"
    IN_PERSON = "in_person"
    LETTER = "letter"


FIRST_CONTACT_WITHIN = {
    ScoreBand.HOT: timedelta(minutes=30),
    ScoreBand.WARM: timedelta(hours=4),
    ScoreBand.COLD: timedelta(hours=4),
}
"""Working time of the agency (domain.md B-7)."""
REOPEN_WITHIN = timedelta(days=90)
UNDO_CONVERSION_WITHIN = timedelta(days=7)
OWN_DELETE_WITHIN = timedelta(hours=24)


SEARCHED = Searched(
    texts=("full_name", "company_name", "need"),
    names=("name_folded",),
    emails=("email",),
    phones=("phone",),
    numbers=("number",),
)


class Lead(Owned, SoftDeleted, Tagged, Extended, ExternallyKnown, Sealed, Entity):
    """`sealed` holds the quick data for a quote (plate, birth date, surface...), class P3."""

    __tablename__ = "leads"
    label = "lead"
    private: ClassVar = frozenset({"plate_index", "birth_index"})
    personal: ClassVar = frozenset(
        {"full_name", "first_name", "last_name", "name_folded", "job_title", "company_name"}
        | {"phone", "whatsapp", "email", "email_key", "preferred_channel", "preferred_language", "best_time"}
        | {"need", "wilaya_code", "commune_code", "postal_code", "current_insurer", "current_expiry_date"}
        | {"consent_snapshot", "source_detail", "landing_url", "referrer", "click_id", "disqualify_comment"}
    )
    __table_args__ = (
        Index("uq_leads_number", "organization_id", "number", unique=True),
        Index(
            "uq_leads_partner_reference",
            "organization_id",
            "partner_id",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        Index(
            "uq_leads_submission",
            "organization_id",
            "submission_id",
            unique=True,
            postgresql_where=text("submission_id IS NOT NULL"),
        ),
        newest("leads"),
        Index("ix_leads_updated", "organization_id", "updated_at", "id"),
        Index("ix_leads_name", "organization_id", "name_folded", "id"),
        Index("ix_leads_score", "organization_id", "score", "id"),
        Index("ix_leads_owner", "organization_id", "owner_user_id", "status"),
        Index(
            "ix_leads_first_contact",
            "organization_id",
            "owner_user_id",
            "first_contact_due_at",
            "id",
            postgresql_where=text("status IN ('new', 'assigned') AND deleted_at IS NULL"),
        ),
        Index(
            "ix_leads_call_again",
            "organization_id",
            "owner_user_id",
            "nurture_until",
            "id",
            postgresql_where=text("status = 'nurturing' AND deleted_at IS NULL"),
        ),
        Index("ix_leads_creator", "organization_id", "created_by_id"),
        Index("ix_leads_agency", "organization_id", "agency_id", "created_at", "id"),
        Index("ix_leads_status", "organization_id", "status", "created_at", "id"),
        *(
            Index(f"ix_leads_{key}", "organization_id", key, postgresql_where=text(f"{key} IS NOT NULL"))
            for key in ("phone", "email_key", "birth_index", "plate_index", "duplicate_of_id")
        ),
        ForeignKeyConstraint(["organization_id", "agency_id"], ["agencies.organization_id", "agencies.id"]),
        ForeignKeyConstraint(["organization_id", "owner_user_id"], ["users.organization_id", "users.id"]),
        ForeignKeyConstraint(["organization_id", "duplicate_of_id"], ["leads.organization_id", "leads.id"]),
        ForeignKeyConstraint(
            ["organization_id", "campaign_id"],
            ["campaigns.organization_id", "campaigns.id"],
            name="fk_leads_campaign",
        ),
        Index(
            "ix_leads_campaign",
            "organization_id",
            "campaign_id",
            postgresql_where=text("campaign_id IS NOT NULL"),
        ),
        CheckConstraint("duplicate_of_id <> id", name="not_its_own_duplicate"),
        CheckConstraint("coalesce(phone, email) IS NOT NULL OR anonymised_at IS NOT NULL", name="reachable"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_range"),
        CheckConstraint(
            "(status = 'disqualified') = (disqualify_reason IS NOT NULL)", name="disqualified_for_a_reason"
        ),
        CheckConstraint("(status = 'converted') = (converted_at IS NOT NULL)", name="converted_once"),
        at_most("full_name", 161),
        at_most("need", 4000),
        {"info": {"ddl": (*SEARCHED.triggers("leads", "lead"), *ledger_triggers("leads", "lead"))}},
    )

    number: Mapped[str]
    full_name: Mapped[str]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    name_folded: Mapped[str] = folded("full_name")
    job_title: Mapped[str | None]
    company_name: Mapped[str | None]
    phone: Mapped[str | None]
    whatsapp: Mapped[str | None]
    email: Mapped[str | None]
    email_key: Mapped[str | None]
    preferred_channel: Mapped[LeadChannel | None]
    preferred_language: Mapped[SpokenLanguage | None]
    best_time: Mapped[str | None]
    type: Mapped[LeadType] = mapped_column(default=LeadType.INDIVIDUAL)

    source: Mapped[LeadSource]
    source_detail: Mapped[str | None]
    partner_id: Mapped[UUID | None]
    external_id: Mapped[str | None]
    """The partner's own reference; those of other systems stand in `external_ids`."""
    submission_id: Mapped[UUID | None]
    idempotency_key: Mapped[str | None]
    campaign_id: Mapped[UUID | None]
    utm_source: Mapped[str | None]
    utm_medium: Mapped[str | None]
    utm_campaign: Mapped[str | None]
    utm_term: Mapped[str | None]
    utm_content: Mapped[str | None]
    landing_url: Mapped[str | None]
    referrer: Mapped[str | None]
    click_id: Mapped[str | None]

    product_interest: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    need: Mapped[str | None]
    wilaya_code: Mapped[str | None]
    commune_code: Mapped[str | None]
    postal_code: Mapped[str | None]
    current_insurer: Mapped[str | None]
    current_expiry_date: Mapped[date | None]
    plate_index: Mapped[bytes | None]
    birth_index: Mapped[bytes | None]

    status: Mapped[LeadStatus] = mapped_column(default=LeadStatus.NEW)
    score: Mapped[int] = mapped_column(default=0)
    score_band: Mapped[ScoreBand] = mapped_column(default=ScoreBand.COLD)
    score_explanation: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    consent_snapshot: Mapped[dict[str, Any]]
    quote_completed: Mapped[bool] = mapped_column(default=False)
    phone_verified_at: Mapped[datetime | None]
    contact_attempts: Mapped[int] = mapped_column(default=0)
    """Outbound calls that nobody answered since the last answered one."""
    answered_calls: Mapped[int] = mapped_column(default=0)
    contact_invalid: Mapped[bool] = mapped_column(default=False)
    disqualify_reason: Mapped[DisqualifyReason | None]
    disqualify_comment: Mapped[str | None]
    nurture_until: Mapped[date | None]
    duplicate_of_id: Mapped[UUID | None]

    assigned_at: Mapped[datetime | None]
    first_contact_due_at: Mapped[datetime]
    first_contacted_at: Mapped[datetime | None]
    last_activity_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    last_inbound_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    """When the person last came to us: 24 months later an unconverted lead is anonymised (domain.md 0.5)."""
    qualified_at: Mapped[datetime | None]
    disqualified_at: Mapped[datetime | None]
    converted_at: Mapped[datetime | None]
    converted_by_id: Mapped[UUID | None]
    conversion: Mapped[dict[str, Any] | None]
    """What the conversion made, and at which version: an undoing takes back what nobody touched since."""
    converted_account_id: Mapped[UUID | None]
    converted_contact_id: Mapped[UUID | None]
    converted_opportunity_id: Mapped[UUID | None]
    anonymised_at: Mapped[datetime | None]


class RoutingStrategy(StrEnum):
    """How a routing rule chooses an owner: in turn, who has least, or nobody: the queue of the agency."""

    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    AGENCY_QUEUE = "agency_queue"


class LeadRoutingRule(Entity):
    """Which leads go to whom. The first active rule that fits and has somebody free decides.

    An empty condition fits every lead. Without users the pool is everybody active in the agency.
    """

    __tablename__ = "lead_routing_rules"
    label = "lead_routing_rule"
    __table_args__ = (
        Index("uq_lead_routing_rules_name", "organization_id", "name", unique=True),
        Index("ix_lead_routing_rules_order", "organization_id", "position", "id"),
        ForeignKeyConstraint(
            ["organization_id", "target_agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_lead_routing_rules_agency",
        ),
        CheckConstraint("max_open_leads BETWEEN 1 AND 10000", name="max_open_leads_range"),
        CheckConstraint(
            "target_agency_id IS NOT NULL OR cardinality(user_ids || agency_ids) > 0", name="leads_somewhere"
        ),
        at_most("name", 80),
    )

    name: Mapped[str]
    position: Mapped[int] = mapped_column(default=100)
    is_active: Mapped[bool] = mapped_column(default=True)
    sources: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    wilaya_codes: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    product_codes: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    types: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    agency_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"), default=list)
    strategy: Mapped[RoutingStrategy]
    target_agency_id: Mapped[UUID | None]
    user_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"), default=list)
    max_open_leads: Mapped[int | None]


class LeadRoutingTurn(Ledger):
    """Whose turn was last, rule by rule: its row lock lets one lead at a time choose."""

    __tablename__ = "lead_routing_turns"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "rule_id"],
            ["lead_routing_rules.organization_id", "lead_routing_rules.id"],
            ondelete="CASCADE",
        ),
    )

    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_user_id: Mapped[UUID | None]

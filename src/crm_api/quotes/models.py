"""Quotes (domain.md B-19): one row a revision; what was priced never changes, it is superseded."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Owned, Sealed, at_most, newest
from crm_api.core.money import Centimes
from crm_api.kit.money import Money
from crm_api.kit.states import machine


class QuoteStatus(StrEnum):
    """How far a quote has come."""

    DRAFT = "draft"
    RATED = "rated"
    NEEDS_REFERRAL = "needs_referral"
    APPROVED = "approved"
    REFUSED = "refused"
    SENT = "sent"
    VIEWED = "viewed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    CONVERTED = "converted"


QUOTE = machine(
    "quote",
    """draft: rated superseded
    rated: needs_referral sent superseded
    needs_referral: approved refused
    approved: sent superseded
    sent: viewed accepted declined expired superseded
    viewed: accepted declined expired superseded
    accepted: converted expired""",
)
OPEN = frozenset(
    {
        *(QuoteStatus.DRAFT, QuoteStatus.RATED, QuoteStatus.NEEDS_REFERRAL, QuoteStatus.APPROVED),
        *(QuoteStatus.SENT, QuoteStatus.VIEWED, QuoteStatus.ACCEPTED),
    }
)
"""Something may still come of it."""
ANSWERABLE = frozenset({QuoteStatus.SENT, QuoteStatus.VIEWED})


class RatedBy(StrEnum):
    """Who priced a quote: this house by its tariff (an estimate), or the policy system."""

    INTERNAL = "internal"
    POLICY_SYSTEM = "policy_system"


class QuoteChannel(StrEnum):
    """Where a quote was made."""

    AGENCY = "agency"
    BROKER = "broker"
    BANCASSURANCE = "bancassurance"
    ONLINE = "online"
    MOBILE_APP = "mobile_app"
    CALL_CENTRE = "call_centre"
    PARTNER = "partner"


class SendingWay(StrEnum):
    """How the customer gets a quote: a link by mail, or the paper handed over."""

    EMAIL = "email"
    HANDED_OVER = "handed_over"


class DeclineReason(StrEnum):
    """Why a customer does not take a quote."""

    PRICE = "price"
    COMPETITOR = "competitor"
    COVERAGE = "coverage"
    NO_NEED = "no_need"
    LATER = "later"
    OTHER = "other"


def _refers(column: str, table: str, name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{table}.organization_id", f"{table}.id"], name=f"fk_quotes_{name}"
    )


class Quote(Owned, Sealed, Entity):
    """One revision of a quote. `owner_user_id` is the seller; `sealed` the personal answers (class P3)."""

    __tablename__ = "quotes"
    label = "quote"
    private: ClassVar = frozenset({"code_digest"})
    personal: ClassVar = frozenset(
        {"inputs", "object_label", "sent_to", "accepted_name", "decline_comment", "decision_reason"}
    )
    __table_args__ = (
        Index("uq_quotes_number", "organization_id", "number", "revision", unique=True),
        newest("quotes"),
        Index("ix_quotes_updated", "organization_id", "updated_at", "id"),
        Index("ix_quotes_valid", "organization_id", "valid_until", "id"),
        Index("ix_quotes_total", "organization_id", "total_premium", "id"),
        Index("ix_quotes_status", "organization_id", "status", "created_at", "id"),
        Index("ix_quotes_agency", "organization_id", "agency_id", "created_at", "id"),
        Index("ix_quotes_owner", "organization_id", "owner_user_id", "created_at", "id"),
        Index("ix_quotes_creator", "organization_id", "created_by_id"),
        Index("ix_quotes_product", "organization_id", "product_code", "created_at", "id"),
        *(
            Index(
                f"ix_quotes_{name}",
                "organization_id",
                f"{name}_id",
                "created_at",
                "id",
                postgresql_where=text(f"{name}_id IS NOT NULL"),
            )
            for name in ("account", "contact", "lead", "opportunity")
        ),
        Index(
            "ix_quotes_running_out",
            "organization_id",
            "valid_until",
            "id",
            postgresql_where=text("status IN ('sent', 'viewed', 'accepted')"),
        ),
        ForeignKeyConstraint(
            ["organization_id", "product_code"],
            ["products.organization_id", "products.code"],
            name="fk_quotes_product",
        ),
        _refers("account_id", "accounts", "account"),
        _refers("contact_id", "contacts", "contact"),
        _refers("agency_id", "agencies", "agency"),
        _refers("owner_user_id", "users", "seller"),
        _refers("supersedes_id", "quotes", "supersedes"),
        CheckConstraint("num_nonnulls(account_id, contact_id, lead_id) >= 1", name="for_somebody"),
        CheckConstraint("agency_id IS NOT NULL", name="of_an_agency"),
        CheckConstraint("num_nonnulls(term_months, term_days) = 1", name="one_term"),
        CheckConstraint("expires_on > effective_on", name="period"),
        CheckConstraint("revision >= 1 AND (revision = 1) = (supersedes_id IS NULL)", name="revisions"),
        CheckConstraint(
            "total_premium = net_premium + surcharge + policy_fee + vat + fga + dimension_stamp"
            " + graduated_stamp + vehicle_tax",
            name="premium_adds_up",
        ),
        CheckConstraint(
            "least(net_premium, discount, surcharge, policy_fee, vat, fga, dimension_stamp, graduated_stamp,"
            " vehicle_tax) >= 0",
            name="premium_sign",
        ),
        CheckConstraint("discount_rate BETWEEN 0 AND 1", name="discount_range"),
        CheckConstraint("(status = 'draft') = (rated_at IS NULL) OR status = 'superseded'", name="priced"),
        CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> referred_by_id", name="decided_by_another"
        ),
        CheckConstraint("(status = 'declined') = (decline_reason IS NOT NULL)", name="declined_for_a_reason"),
        CheckConstraint("(status = 'converted') = (policy_id IS NOT NULL)", name="converted_into_a_policy"),
        at_most("object_label", 160),
        at_most("sent_to", 254),
        at_most("accepted_name", 160),
        at_most("decline_comment", 500),
        at_most("decision_reason", 500),
        at_most("discount_reason", 300),
    )

    number: Mapped[str]
    revision: Mapped[int] = mapped_column(server_default="1", default=1)
    supersedes_id: Mapped[UUID | None]
    status: Mapped[QuoteStatus] = mapped_column(default=QuoteStatus.DRAFT)

    account_id: Mapped[UUID | None]
    contact_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    opportunity_id: Mapped[UUID | None]
    product_code: Mapped[str]
    plan_code: Mapped[str]
    branch_code: Mapped[str]
    added_coverages: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    left_out_coverages: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    inputs: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """The answers that are not class P3."""
    object_kind: Mapped[str | None]
    object_label: Mapped[str | None]
    """What people call the thing: "Renault Symbol"."""
    term_months: Mapped[int | None]
    term_days: Mapped[int | None]
    effective_on: Mapped[date]
    expires_on: Mapped[date]
    """The first day without cover."""
    channel: Mapped[QuoteChannel]

    coverages: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """As `schemas.QuoteLine`."""
    net_premium: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    """The coverages, loadings added and discounts taken off."""
    discount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    """What was taken off; for information."""
    surcharge: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    """What is charged beside the net premium."""
    policy_fee: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    vat: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    fga: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    dimension_stamp: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    graduated_stamp: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    vehicle_tax: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    total_premium: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    rated_by: Mapped[RatedBy | None]
    rating_version: Mapped[str | None]
    """The tariff and its day, or what the policy system calls its own."""
    rated_at: Mapped[datetime | None]
    valid_until: Mapped[date]
    """Last day on which it may be accepted; counted anew when it is priced."""

    discount_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6), server_default="0", default=Decimal(0))
    discount_reason: Mapped[str | None]
    referral_reasons: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """[{code, message_fr}]."""
    referred_by_id: Mapped[UUID | None]
    referred_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]

    sent_by: Mapped[SendingWay | None]
    sent_to: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    document_id: Mapped[UUID | None]
    """The paper as it was sent."""
    viewed_at: Mapped[datetime | None]
    code_digest: Mapped[str | None]
    """Of the code that was mailed to who accepts by the link."""
    code_expires_at: Mapped[datetime | None]
    codes_tried: Mapped[int] = mapped_column(server_default="0", default=0)
    codes_sent: Mapped[int] = mapped_column(server_default="0", default=0)
    accepted_at: Mapped[datetime | None]
    accepted_name: Mapped[str | None]
    signature_document_id: Mapped[UUID | None]
    """What the customer signed, where a colleague recorded the answer."""
    declined_at: Mapped[datetime | None]
    decline_reason: Mapped[DeclineReason | None]
    decline_comment: Mapped[str | None]
    converted_at: Mapped[datetime | None]
    policy_id: Mapped[UUID | None]

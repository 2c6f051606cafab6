"""The loyalty programme: points on premium that was collected, what they are spent on (domain.md B-40)."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most, newest
from crm_api.kit.states import machine


class LoyaltyTier(StrEnum):
    """What a customer is to the programme, by the points earned in twelve months."""

    STANDARD = "standard"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


class LoyaltyStatus(StrEnum):
    """Whether an account earns and spends, or is closed."""

    ACTIVE = "active"
    CLOSED = "closed"


class LoyaltyMovement(StrEnum):
    """Why points come and go."""

    EARN = "earn"
    REDEEM = "redeem"
    EXPIRE = "expire"
    ADJUST = "adjust"
    REVERSE = "reverse"


class LoyaltyOrigin(StrEnum):
    """What a movement comes of."""

    PREMIUM = "premium"
    NO_CLAIM = "no_claim"
    REFERRAL = "referral"
    REDEMPTION = "redemption"
    EXPIRY = "expiry"
    STAFF = "staff"
    DEBT = "debt"


class RewardKind(StrEnum):
    """What points buy."""

    ASSISTANCE_UPGRADE = "assistance_upgrade"
    OPTIONAL_COVER_DISCOUNT = "optional_cover_discount"
    GIFT = "gift"
    VOUCHER = "voucher"


class RedemptionStatus(StrEnum):
    """Where an order of a reward stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


REDEMPTION = machine("loyalty_redemption", "requested: approved cancelled \n approved: delivered cancelled")
TIER_COUNTS = timedelta(days=365)


def _reference(table: str, column: str, other: str, name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{other}.organization_id", f"{other}.id"], name=f"fk_{table}_{name}"
    )


class LoyaltyProgram(Entity):
    """The rules of the organization: one row."""

    __tablename__ = "loyalty_programs"
    label = "loyalty_program"
    __table_args__ = (
        newest("loyalty_programs"),
        Index("uq_loyalty_programs_one", "organization_id", unique=True),
        CheckConstraint("dinars_per_point BETWEEN 1 AND 100000", name="dinars"),
        CheckConstraint("no_claim_points >= 0 AND referral_points >= 0", name="gifts"),
        CheckConstraint(
            "0 < silver_from AND silver_from < gold_from AND gold_from < platinum_from", name="tiers"
        ),
        CheckConstraint("validity_months BETWEEN 1 AND 120", name="validity"),
        at_most("name", 80),
    )

    name: Mapped[str] = mapped_column(server_default=text("'Eden'"), default="Eden")
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    dinars_per_point: Mapped[int] = mapped_column(server_default="100", default=100)
    no_claim_points: Mapped[int] = mapped_column(server_default="200", default=200)
    referral_points: Mapped[int] = mapped_column(server_default="100", default=100)
    silver_from: Mapped[int] = mapped_column(server_default="1000", default=1000)
    gold_from: Mapped[int] = mapped_column(server_default="5000", default=5000)
    platinum_from: Mapped[int] = mapped_column(server_default="15000", default=15000)
    validity_months: Mapped[int] = mapped_column(server_default="24", default=24)


class LoyaltyAccount(Entity):
    """The points of one person. The balance is the sum of its movements and never negative."""

    __tablename__ = "loyalty_accounts"
    label = "loyalty_account"
    personal: ClassVar = frozenset({"contact_id", "consent_id"})
    __table_args__ = (
        newest("loyalty_accounts"),
        Index("uq_loyalty_accounts_contact", "organization_id", "contact_id", unique=True),
        Index("ix_loyalty_accounts_tier", "organization_id", "tier", "created_at", "id"),
        _reference("loyalty_accounts", "contact_id", "contacts", "contact"),
        _reference("loyalty_accounts", "consent_id", "consents", "consent"),
        CheckConstraint("balance >= 0", name="balance_never_negative"),
        CheckConstraint("owed >= 0", name="owed_never_negative"),
    )

    contact_id: Mapped[UUID]
    consent_id: Mapped[UUID]
    status: Mapped[LoyaltyStatus] = mapped_column(default=LoyaltyStatus.ACTIVE)
    balance: Mapped[int] = mapped_column(server_default="0", default=0)
    owed: Mapped[int] = mapped_column(server_default="0", default=0)
    """Points that were spent before what earned them was taken back; the next ones pay them."""
    tier: Mapped[LoyaltyTier] = mapped_column(default=LoyaltyTier.STANDARD)
    tier_until: Mapped[date | None]
    enrolled_at: Mapped[datetime]


class LoyaltyTransaction(Entity):
    """Points that came or went; never changed."""

    __tablename__ = "loyalty_transactions"
    label = "loyalty_transaction"
    personal: ClassVar = frozenset({"reason"})
    __table_args__ = (
        newest("loyalty_transactions"),
        Index("ix_loyalty_transactions_account", "organization_id", "loyalty_account_id", "created_at", "id"),
        Index("ix_loyalty_transactions_source", "organization_id", "source_id", "origin"),
        Index(
            "ix_loyalty_transactions_expiry",
            *("organization_id", "expires_on"),
            postgresql_where=text("expires_on IS NOT NULL"),
        ),
        Index("uq_loyalty_transactions_key", "organization_id", "idempotency_key", unique=True),
        _reference("loyalty_transactions", "loyalty_account_id", "loyalty_accounts", "account"),
        CheckConstraint("points <> 0 OR shortfall > 0", name="moves_something"),
        CheckConstraint("shortfall >= 0", name="shortfall_sign"),
        CheckConstraint("type <> 'adjust' OR reason IS NOT NULL", name="adjusted_with_reason"),
        CheckConstraint("(type = 'earn' AND points > 0) = (type = 'earn')", name="earned_is_positive"),
        CheckConstraint("type NOT IN ('redeem', 'expire') OR points < 0", name="spent_is_negative"),
        at_most("idempotency_key", 120),
        at_most("reason", 200),
        {"info": {"append_only": True}},
    )

    loyalty_account_id: Mapped[UUID]
    type: Mapped[LoyaltyMovement]
    origin: Mapped[LoyaltyOrigin]
    points: Mapped[int]
    shortfall: Mapped[int] = mapped_column(server_default="0", default=0)
    """What was to be taken back and was not there any more."""
    source_id: Mapped[UUID | None]
    idempotency_key: Mapped[str]
    expires_on: Mapped[date | None]
    reason: Mapped[str | None]


class LoyaltyReward(Entity):
    """What points buy."""

    __tablename__ = "loyalty_rewards"
    label = "loyalty_reward"
    __table_args__ = (
        newest("loyalty_rewards"),
        Index("uq_loyalty_rewards_code", "organization_id", "code", unique=True),
        CheckConstraint("cost_points > 0", name="costs_something"),
        CheckConstraint("stock >= 0", name="stock_never_negative"),
        CheckConstraint("valid_to >= valid_from", name="order"),
        CheckConstraint(
            "(kind = 'optional_cover_discount') = (coverage_code IS NOT NULL)", name="cover_named"
        ),
        at_most("code", 40),
        at_most("label_fr", 120),
        at_most("coverage_code", 12),
    )

    code: Mapped[str]
    label_fr: Mapped[str]
    kind: Mapped[RewardKind]
    cost_points: Mapped[int]
    stock: Mapped[int | None]
    """Empty: as many as are asked for."""
    coverage_code: Mapped[str | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class LoyaltyRedemption(Entity):
    """A reward that somebody ordered with points."""

    __tablename__ = "loyalty_redemptions"
    label = "loyalty_redemption"
    __table_args__ = (
        newest("loyalty_redemptions"),
        Index("ix_loyalty_redemptions_account", "organization_id", "loyalty_account_id", "created_at", "id"),
        Index("ix_loyalty_redemptions_status", "organization_id", "status", "created_at", "id"),
        _reference("loyalty_redemptions", "loyalty_account_id", "loyalty_accounts", "account"),
        _reference("loyalty_redemptions", "reward_id", "loyalty_rewards", "reward"),
        CheckConstraint("points > 0", name="costs_something"),
        at_most("cancel_reason", 200),
    )

    loyalty_account_id: Mapped[UUID]
    reward_id: Mapped[UUID]
    points: Mapped[int]
    status: Mapped[RedemptionStatus] = mapped_column(default=RedemptionStatus.REQUESTED)
    cancel_reason: Mapped[str | None]

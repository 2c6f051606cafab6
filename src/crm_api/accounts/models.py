"""Customers and prospects as the insurer contracts with them: households, companies, public bodies (B-8)."""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKeyConstraint, Index, SmallInteger, text
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
from crm_api.kit.states import machine


class AccountType(StrEnum):
    """What a customer is in law: a household, a company, a public body or an association."""

    HOUSEHOLD = "household"
    COMPANY = "company"
    PUBLIC_BODY = "public_body"
    ASSOCIATION = "association"


class AccountSegment(StrEnum):
    """The market segment a customer belongs to, by trade and size."""

    INDIVIDUAL = "individual"
    TRADER = "trader"
    LIBERAL_PROFESSION = "liberal_profession"
    SME = "sme"
    LARGE_COMPANY = "large_company"
    INSTITUTION = "institution"
    BANK = "bank"


class AccountStatus(StrEnum):
    """Whether a customer file is in use, put away, closed, or merged into another."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    CLOSED = "closed"
    MERGED = "merged"


class AccountLifecycle(StrEnum):
    """Follows the policies: a customer has at least one in force."""

    PROSPECT = "prospect"
    CUSTOMER = "customer"
    FORMER_CUSTOMER = "former_customer"
    BLOCKED = "blocked"


class AccountTier(StrEnum):
    """The loyalty tier of a customer, lowest first."""

    STANDARD = "standard"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


class RiskFlag(StrEnum):
    """A warning about a customer; a PEP holds, or held, a high public office."""

    UNPAID = "unpaid"
    FRAUD_SUSPICION = "fraud_suspicion"
    LITIGATION = "litigation"
    VIP = "vip"
    PEP = "pep"
    DECEASED = "deceased"


class RevenueBand(IntEnum):
    """The size of a company by its turnover (law 17-02), in millions of dinars."""

    UNKNOWN = 0
    MICRO = 1  # up to 40
    SMALL = 2  # up to 400
    MEDIUM = 3  # up to 4,000
    LARGE = 4


ACCOUNT = machine(
    "account",
    """
    active: archived closed merged
    archived: active closed merged
    closed: active
    merged: active
    """,
)
DEEPEST = 10
"""Levels of a group of companies."""
SEALED_FIELDS = ("annual_revenue_amount", "bank_accounts", "kyc")
SEARCHED = Searched(
    texts=("name", "tax_id", "trade_register_number"),
    names=("name_folded",),
    numbers=("number",),
    email_lists=("emails",),
    phone_lists=("phones",),
)


class Account(Entity, Owned, SoftDeleted, Tagged, Extended, ExternallyKnown, Sealed):
    """`owner_user_id` is the account manager."""

    __tablename__ = "accounts"
    label = "account"
    personal = frozenset(
        {
            *("name", "addresses", "phones", "emails", "wilaya_code", "external_ids"),
            *("tax_id", "trade_register_number", "statistical_id", "tax_article"),
        }
    )
    private = frozenset({"risk_flags"})
    __table_args__ = (
        Index("uq_accounts_number", "organization_id", "number", unique=True),
        *(
            Index(
                f"uq_accounts_{column}",
                "organization_id",
                column,
                unique=True,
                postgresql_where=text("merged_into_id IS NULL AND deleted_at IS NULL"),
            )
            for column in ("tax_id", "trade_register_number")
        ),
        newest("accounts"),
        Index("ix_accounts_updated", "organization_id", "updated_at", "id"),
        Index("ix_accounts_name", "organization_id", "name_folded", "id"),
        Index("ix_accounts_agency", "organization_id", "agency_id", "created_at", "id"),
        Index("ix_accounts_manager", "organization_id", "owner_user_id", "created_at", "id"),
        Index("ix_accounts_creator", "organization_id", "created_by_id"),
        Index("ix_accounts_parent", "organization_id", "parent_account_id"),
        Index("ix_accounts_revenue", "organization_id", "revenue_band", "id"),
        ForeignKeyConstraint(["organization_id", "agency_id"], ["agencies.organization_id", "agencies.id"]),
        *(
            ForeignKeyConstraint(["organization_id", column], ["accounts.organization_id", "accounts.id"])
            for column in ("parent_account_id", "merged_into_id")
        ),
        CheckConstraint("parent_account_id <> id", name="not_its_own_parent"),
        CheckConstraint("revenue_band BETWEEN 0 AND 4", name="revenue_band_known"),
        CheckConstraint(
            "risk_flags <@ ARRAY['unpaid','fraud_suspicion','litigation','vip','pep','deceased']",
            name="risk_flags_known",
        ),
        at_most("name", 160),
        {
            "info": {
                "ddl": (*SEARCHED.triggers("accounts", "account"), *ledger_triggers("accounts", "account"))
            }
        },
    )

    number: Mapped[str]
    type: Mapped[AccountType]
    name: Mapped[str]
    name_folded: Mapped[str] = folded("name")
    segment: Mapped[AccountSegment | None]
    status: Mapped[AccountStatus] = mapped_column(default=AccountStatus.ACTIVE)
    lifecycle: Mapped[AccountLifecycle] = mapped_column(default=AccountLifecycle.PROSPECT)
    tier: Mapped[AccountTier] = mapped_column(default=AccountTier.STANDARD)
    industry_code: Mapped[str | None]
    activity: Mapped[str | None]
    employee_count: Mapped[int | None]
    revenue_band: Mapped[int] = mapped_column(SmallInteger, default=0)
    trade_register_number: Mapped[str | None]
    tax_id: Mapped[str | None]
    statistical_id: Mapped[str | None]
    tax_article: Mapped[str | None]
    addresses: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    wilaya_code: Mapped[str | None] = mapped_column(Computed("addresses->0->>'wilaya_code'", persisted=True))
    phones: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    emails: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    customer_since: Mapped[date | None]
    last_policy_expiry: Mapped[date | None]
    parent_account_id: Mapped[UUID | None]
    risk_flags: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    kpis: Mapped[dict[str, Any]] = mapped_column(default=dict)
    merged_into_id: Mapped[UUID | None]
    merged_at: Mapped[datetime | None]


class AccountMerge(Ledger):
    """What a merge moved, so that it can be undone for 30 days."""

    __tablename__ = "account_merges"
    __table_args__ = (
        Index("ix_account_merges_account", "organization_id", "account_id", "merged_at"),
        *(
            ForeignKeyConstraint(["organization_id", column], ["accounts.organization_id", "accounts.id"])
            for column in ("account_id", "survivor_id")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    survivor_id: Mapped[UUID]
    merged_at: Mapped[datetime]
    status_before: Mapped[AccountStatus]
    gained: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Column of the survivor -> what it took over from the account."""
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Kind of row -> ids that followed; listeners of `AccountsMerged` add theirs."""
    undone_at: Mapped[datetime | None]

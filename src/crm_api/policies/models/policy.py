"""The contract of insurance (domain.md B-20), who has a part in it, and every version it had."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Identity, Index, Numeric, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, Owned, Tagged, at_most, newest
from crm_api.core.money import Centimes
from crm_api.core.words import Searched
from crm_api.kit.money import Money
from crm_api.kit.states import machine

OURS = "crm"
"""The `source_system` of a contract that was issued here, in stand-alone mode."""


class PolicyStatus(StrEnum):
    """Where the contract stands in its life."""

    PROPOSED = "proposed"
    ISSUED = "issued"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    RENEWED = "renewed"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"


POLICY = machine(
    "policy",
    """proposed: issued cancelled
    issued: in_force cancelled
    in_force: suspended expired renewed terminated cancelled
    suspended: in_force terminated expired
    expired: renewed""",
)
LIVING = frozenset({PolicyStatus.ISSUED, PolicyStatus.IN_FORCE, PolicyStatus.SUSPENDED})
"""It binds both sides, whether or not it covers at the moment."""


class PolicyChannel(StrEnum):
    """Where the contract was sold."""

    AGENCY = "agency"
    BROKER = "broker"
    BANCASSURANCE = "bancassurance"
    ONLINE = "online"
    MOBILE_APP = "mobile_app"
    CALL_CENTRE = "call_centre"
    PARTNER = "partner"


class RenewalType(StrEnum):
    """What happens at the expiry: prolonged by itself, only when somebody says so, or never."""

    TACIT = "tacit"
    EXPLICIT = "explicit"
    NONE = "none"


class PaymentPlan(StrEnum):
    """In how many parts the premium of a year is paid."""

    SINGLE = "single"
    SEMIANNUAL = "semiannual"
    QUARTERLY = "quarterly"
    MONTHLY = "monthly"


class TerminationReason(StrEnum):
    """Why the contract ended before its expiry."""

    NON_PAYMENT = "non_payment"
    SALE_OF_OBJECT = "sale_of_object"
    TOTAL_LOSS = "total_loss"
    INSURED_REQUEST = "insured_request"
    INSURER_REQUEST = "insurer_request"
    FRAUD = "fraud"
    DEATH = "death"
    OBJECT_DESTROYED = "object_destroyed"
    DOUBLE_INSURANCE = "double_insurance"


class PriceChangeReason(StrEnum):
    """Why a renewal costs another premium than the contract that it goes on from."""

    TARIFF = "tariff"
    BONUS_MALUS = "bonus_malus"
    COVER_CHANGE = "cover_change"
    VALUE_CHANGE = "value_change"
    CLAIMS = "claims"
    DISCOUNT = "discount"
    TERM = "term"
    OTHER = "other"


class PolicyRole(StrEnum):
    """The part somebody has in a contract."""

    POLICYHOLDER = "policyholder"
    INSURED = "insured"
    MAIN_DRIVER = "main_driver"
    OCCASIONAL_DRIVER = "occasional_driver"
    BENEFICIARY = "beneficiary"
    LOSS_PAYEE = "loss_payee"
    PAYER = "payer"


SEARCHED = Searched(texts=("number",), numbers=("number",))


def refers(table: str, column: str, to: str, name: str) -> ForeignKeyConstraint:
    """A foreign key that begins with the organization, as all of ours do."""
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{to}.organization_id", f"{to}.id"], name=f"fk_{table}_{name}"
    )


class Policy(Owned, Tagged, Entity):
    """`owner_user_id` is the producer; `agency_id` the agency that issued it, for good. Never deleted."""

    __tablename__ = "policies"
    label = "policy"
    personal: ClassVar = frozenset({"status_reason"})
    __table_args__ = (
        Index("uq_policies_number", "organization_id", "source_system", "number", unique=True),
        Index(
            "uq_policies_external",
            "organization_id",
            "source_system",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        newest("policies"),
        Index("ix_policies_number", "organization_id", "number", "id"),
        Index("ix_policies_updated", "organization_id", "updated_at", "id"),
        Index("ix_policies_account", "organization_id", "account_id", "effective_at", "id"),
        Index(
            "ix_policies_holder",
            "organization_id",
            "policyholder_contact_id",
            "effective_at",
            "id",
            postgresql_where=text("policyholder_contact_id IS NOT NULL"),
        ),
        Index("ix_policies_expiry", "organization_id", "expires_at", "id"),
        Index("ix_policies_status", "organization_id", "status", "expires_at", "id"),
        Index("ix_policies_agency", "organization_id", "agency_id", "expires_at", "id"),
        Index("ix_policies_producer", "organization_id", "owner_user_id", "expires_at", "id"),
        Index("ix_policies_product", "organization_id", "product_code", "expires_at", "id"),
        Index("ix_policies_premium", "organization_id", "total_premium", "id"),
        Index(
            "ix_policies_reinstated",
            "organization_id",
            "reinstates_at",
            postgresql_where=text("reinstates_at IS NOT NULL"),
        ),
        Index(
            "ix_policies_untold",
            "organization_id",
            "expires_at",
            "id",
            postgresql_where=text("renewal_due_told_at IS NULL AND next_policy_id IS NULL"),
        ),
        Index(
            "ix_policies_previous",
            "organization_id",
            "previous_policy_id",
            unique=True,
            postgresql_where=text("previous_policy_id IS NOT NULL AND status <> 'cancelled'"),
        ),
        ForeignKeyConstraint(
            ["organization_id", "product_code"],
            ["products.organization_id", "products.code"],
            name="fk_policies_product",
        ),
        refers("policies", "account_id", "accounts", "account"),
        refers("policies", "policyholder_contact_id", "contacts", "holder"),
        refers("policies", "agency_id", "agencies", "agency"),
        refers("policies", "owner_user_id", "users", "producer"),
        refers("policies", "previous_policy_id", "policies", "previous"),
        CheckConstraint("expires_at > effective_at", name="period"),
        CheckConstraint("agency_id IS NOT NULL", name="issued_by_an_agency"),
        CheckConstraint("net_premium >= 0 AND total_premium >= 0", name="premium_sign"),
        CheckConstraint(
            "total_premium = net_premium + policy_fee + vat + fga + dimension_stamp + graduated_stamp"
            " + vehicle_tax",
            name="premium_adds_up",
        ),
        CheckConstraint("bonus_malus_coefficient BETWEEN 0.50 AND 3.50", name="bonus_malus_range"),
        CheckConstraint(
            "(status = 'terminated') = (termination_reason IS NOT NULL)", name="terminated_for_a_reason"
        ),
        CheckConstraint("status = 'suspended' OR reinstates_at IS NULL", name="reinstated_when_suspended"),
        CheckConstraint("previous_policy_id <> id", name="renews_another"),
        at_most("number", 40),
        at_most("source_system", 40),
        at_most("external_id", 80),
        at_most("status_reason", 500),
        {"info": {"ddl": (*SEARCHED.triggers("policies", "policy"),)}},
    )

    number: Mapped[str]
    source_system: Mapped[str] = mapped_column(server_default=OURS, default=OURS)
    external_id: Mapped[str | None]
    """What the policy system calls it; its number when left out."""
    as_of: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    """The moment at which the source knew what stands here: an older message changes nothing."""
    synced_at: Mapped[datetime | None]
    """When its source last told us; null for a contract of ours."""

    account_id: Mapped[UUID]
    policyholder_contact_id: Mapped[UUID | None]
    """The natural person who signed; null where a company did and nobody is named."""
    product_code: Mapped[str]
    plan_code: Mapped[str | None]
    branch_code: Mapped[str]
    channel: Mapped[PolicyChannel]
    quote_id: Mapped[UUID | None]
    opportunity_id: Mapped[UUID | None]

    subscribed_on: Mapped[date]
    effective_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    term_months: Mapped[int]
    renewal_type: Mapped[RenewalType]
    notice_days: Mapped[int] = mapped_column(server_default="90", default=90)
    previous_policy_id: Mapped[UUID | None]
    next_policy_id: Mapped[UUID | None]
    price_change_reason: Mapped[PriceChangeReason | None]
    """Of a renewal that costs another premium than the contract before."""
    version_no: Mapped[int] = mapped_column(server_default="1", default=1)
    """Of the contract: 1, and one more for each endorsement that was applied."""

    net_premium: Mapped[Money] = mapped_column(Centimes)
    policy_fee: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    vat: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    fga: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    dimension_stamp: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    graduated_stamp: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    vehicle_tax: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    total_premium: Mapped[Money] = mapped_column(Centimes)
    term_net_premium: Mapped[Money] = mapped_column(Centimes)
    """What the whole term would cost net as the contract stands now; `net_premium` is what was written of it:
    the same until an endorsement changes the price on the way."""
    annual_net_premium: Mapped[Money] = mapped_column(Centimes)
    """The net premium of twelve months: what portfolios are compared by."""
    payment_plan: Mapped[PaymentPlan] = mapped_column(default=PaymentPlan.SINGLE)
    bonus_malus_coefficient: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))

    status: Mapped[PolicyStatus] = mapped_column(default=PolicyStatus.PROPOSED)
    status_reason: Mapped[str | None]
    status_since: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    first_paid_at: Mapped[datetime | None]
    """When the first premium was paid: cover waits for it, and for `effective_at`."""
    in_force_since: Mapped[datetime | None]
    """When cover first began: normally once the first premium was paid."""
    suspended_at: Mapped[datetime | None]
    reinstates_at: Mapped[datetime | None]
    """Suspended and paid: cover resumes then, the next day at noon (ord. 95-07 art. 16)."""
    terminated_at: Mapped[datetime | None]
    termination_reason: Mapped[TerminationReason | None]
    renewal_due_told_at: Mapped[datetime | None]
    """When the house said that its renewal is to be prepared; said once a contract."""


class PolicyParty(Entity):
    """Somebody who has a part in a contract, for a time."""

    __tablename__ = "policy_parties"
    label = "policy_party"
    __table_args__ = (
        Index("ix_policy_parties_policy", "organization_id", "policy_id", "role", "id"),
        Index(
            "ix_policy_parties_contact",
            "organization_id",
            "contact_id",
            postgresql_where=text("contact_id IS NOT NULL"),
        ),
        Index(
            "ix_policy_parties_account",
            "organization_id",
            "account_id",
            postgresql_where=text("account_id IS NOT NULL"),
        ),
        refers("policy_parties", "policy_id", "policies", "policy"),
        refers("policy_parties", "contact_id", "contacts", "contact"),
        refers("policy_parties", "account_id", "accounts", "account"),
        CheckConstraint("num_nonnulls(contact_id, account_id) = 1", name="one_party"),
        CheckConstraint("share > 0 AND share <= 1", name="share_range"),
        CheckConstraint("share IS NULL OR role = 'beneficiary'", name="share_of_beneficiaries"),
        CheckConstraint("valid_to >= valid_from", name="validity"),
    )

    policy_id: Mapped[UUID]
    contact_id: Mapped[UUID | None]
    account_id: Mapped[UUID | None]
    role: Mapped[PolicyRole]
    share: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    """Of a beneficiary; those of a contract add up to 1."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class PolicySuspension(Ledger):
    """A time without cover while the contract went on: these days are not earned (D-14)."""

    __tablename__ = "policy_suspensions"
    __table_args__ = (
        Index("ix_policy_suspensions_policy", "organization_id", "policy_id", "suspended_at"),
        Index(
            "uq_policy_suspensions_open",
            "organization_id",
            "policy_id",
            unique=True,
            postgresql_where=text("resumed_at IS NULL"),
        ),
        refers("policy_suspensions", "policy_id", "policies", "policy"),
        CheckConstraint("resumed_at >= suspended_at", name="period"),
        at_most("reason", 500),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    policy_id: Mapped[UUID]
    suspended_at: Mapped[datetime]
    resumed_at: Mapped[datetime | None]
    """When cover came back; null while it is suspended."""
    reason: Mapped[str]


class PolicyVersion(Ledger):
    """The contract as it was from a moment on. Written once, never changed."""

    __tablename__ = "policy_versions"
    __table_args__ = (
        Index("uq_policy_versions_no", "organization_id", "policy_id", "version_no", unique=True),
        refers("policy_versions", "policy_id", "policies", "policy"),
        {"info": {"append_only": True}},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    policy_id: Mapped[UUID]
    version_no: Mapped[int]
    effective_at: Mapped[datetime]
    endorsement_id: Mapped[UUID | None]
    net_premium: Mapped[Money] = mapped_column(Centimes)
    total_premium: Mapped[Money] = mapped_column(Centimes)
    snapshot: Mapped[dict[str, Any]]
    """What was agreed: {product_code, plan_code, premium, parties, coverages, objects}."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    recorded_by_id: Mapped[UUID | None]

"""The premium of a contract in parts (echeancier), and the receipts (quittances) that bill them."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from crm_api.core.db import Entity, Owned, at_most, newest
from crm_api.core.money import Centimes
from crm_api.kit.money import Money
from crm_api.kit.states import machine
from crm_api.policies.models.policy import OURS, PaymentPlan, refers

LINES = ("net", "fee", "vat", "fga", "dimension_stamp", "graduated_stamp", "vehicle_tax")
"""What a premium is made of; each line is rounded by itself, and the total is their sum."""
_SUM = " + ".join(LINES)


class InstalmentStatus(StrEnum):
    """Where one part of a premium stands."""

    SCHEDULED = "scheduled"
    BILLED = "billed"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    WRITTEN_OFF = "written_off"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


INSTALMENT = machine(
    "instalment",
    """scheduled: billed cancelled
    billed: partially_paid paid overdue written_off cancelled
    partially_paid: billed paid overdue written_off cancelled
    overdue: billed partially_paid paid written_off cancelled
    paid: billed partially_paid overdue refunded cancelled""",
)
"""As B-62, and what it left open: a cheque that bounces, a payment that is reversed and a contract that ends
take a part back from where it was."""


class ReceiptType(StrEnum):
    """What a receipt is for."""

    NEW = "new"
    RENEWAL = "renewal"
    ENDORSEMENT = "endorsement"
    REFUND = "refund"


class Premium:
    """The lines of an amount of premium, centimes; their sum is `total`."""

    net: Mapped[Money] = mapped_column(Centimes, sort_order=10)
    fee: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0), sort_order=11)
    vat: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0), sort_order=12)
    fga: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0), sort_order=13)
    dimension_stamp: Mapped[Money] = mapped_column(
        Centimes, server_default="0", default=Money.of(0), sort_order=14
    )
    graduated_stamp: Mapped[Money] = mapped_column(
        Centimes, server_default="0", default=Money.of(0), sort_order=15
    )
    vehicle_tax: Mapped[Money] = mapped_column(
        Centimes, server_default="0", default=Money.of(0), sort_order=16
    )
    total: Mapped[Money] = mapped_column(Centimes, sort_order=17)


class PremiumSchedule(Entity):
    """How the premium of one version of a contract is paid: its parts are the instalments.

    The first version has the whole premium; one that an endorsement made, only the difference (which may be
    negative: then there are no parts, but a receipt that gives back).
    """

    __tablename__ = "premium_schedules"
    label = "premium_schedule"
    __table_args__ = (
        Index("uq_premium_schedules_version", "organization_id", "policy_id", "policy_version", unique=True),
        refers("premium_schedules", "policy_id", "policies", "policy"),
        refers("premium_schedules", "endorsement_id", "endorsements", "endorsement"),
    )

    policy_id: Mapped[UUID]
    policy_version: Mapped[int]
    endorsement_id: Mapped[UUID | None]
    payment_plan: Mapped[PaymentPlan]
    total: Mapped[Money] = mapped_column(Centimes)


class Instalment(Premium, Owned, Entity):
    """One part of a premium, with the period that it pays for."""

    __tablename__ = "instalments"
    label = "instalment"

    @declared_attr.directive
    def __table_args__(cls) -> tuple[object, ...]:  # noqa: N805 - SQLAlchemy passes the class
        return (
            Index("uq_instalments_seq", "organization_id", "schedule_id", "seq", unique=True),
            newest("instalments"),
            Index("ix_instalments_policy", "organization_id", "policy_id", "due_on", "id"),
            Index("ix_instalments_due", "organization_id", "due_on", "id"),
            Index("ix_instalments_status", "organization_id", "status", "due_on", "id"),
            Index("ix_instalments_agency", "organization_id", "agency_id", "due_on", "id"),
            Index("ix_instalments_producer", "organization_id", "owner_user_id", "due_on", "id"),
            Index("ix_instalments_account", "organization_id", "account_id", "due_on", "id"),
            Index(
                "ix_instalments_to_bill",
                "organization_id",
                "bill_on",
                "id",
                postgresql_where=text("status = 'scheduled'"),
            ),
            refers("instalments", "schedule_id", "premium_schedules", "schedule"),
            refers("instalments", "policy_id", "policies", "policy"),
            refers("instalments", "account_id", "accounts", "account"),
            CheckConstraint(f"total = {_SUM}", name="adds_up"),
            CheckConstraint("total >= 0 AND net >= 0", name="total_sign"),
            CheckConstraint("paid_amount BETWEEN 0 AND total", name="paid_no_more"),
            CheckConstraint("period_to > period_from", name="period"),
            CheckConstraint("seq >= 1", name="seq_from_one"),
        )

    schedule_id: Mapped[UUID]
    policy_id: Mapped[UUID]
    account_id: Mapped[UUID]
    seq: Mapped[int]
    period_from: Mapped[date]
    period_to: Mapped[date]
    """The first day that it no longer pays for."""
    due_on: Mapped[date]
    bill_on: Mapped[date]
    """From this day on the receipt and the notice may go out; set by the rule of the day it was written."""
    paid_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    status: Mapped[InstalmentStatus] = mapped_column(default=InstalmentStatus.SCHEDULED)


class PremiumReceipt(Premium, Owned, Entity):
    """A quittance: written once, never changed; what was too much is given back by another one."""

    __tablename__ = "premium_receipts"
    label = "premium_receipt"
    personal: ClassVar[frozenset[str]] = frozenset()

    @declared_attr.directive
    def __table_args__(cls) -> tuple[object, ...]:  # noqa: N805 - SQLAlchemy passes the class
        return (
            Index("uq_premium_receipts_number", "organization_id", "number", unique=True),
            Index(
                "uq_premium_receipts_instalment",
                "organization_id",
                "instalment_id",
                unique=True,
                postgresql_where=text("instalment_id IS NOT NULL AND type <> 'refund'"),
            ),
            Index(
                "uq_premium_receipts_external",
                "organization_id",
                "source_system",
                "external_id",
                unique=True,
                postgresql_where=text("external_id IS NOT NULL"),
            ),
            newest("premium_receipts"),
            Index("ix_premium_receipts_issued", "organization_id", "issued_on", "id"),
            Index("ix_premium_receipts_policy", "organization_id", "policy_id", "issued_on", "id"),
            Index("ix_premium_receipts_account", "organization_id", "account_id", "issued_on", "id"),
            Index("ix_premium_receipts_agency", "organization_id", "agency_id", "issued_on", "id"),
            Index("ix_premium_receipts_producer", "organization_id", "owner_user_id", "issued_on", "id"),
            refers("premium_receipts", "policy_id", "policies", "policy"),
            refers("premium_receipts", "account_id", "accounts", "account"),
            refers("premium_receipts", "instalment_id", "instalments", "instalment"),
            refers("premium_receipts", "endorsement_id", "endorsements", "endorsement"),
            CheckConstraint(f"total = {_SUM}", name="adds_up"),
            CheckConstraint("(type = 'refund') = (total < 0)", name="refunds_are_negative"),
            at_most("number", 60),
            at_most("source_system", 40),
            at_most("external_id", 80),
        )

    number: Mapped[str]
    type: Mapped[ReceiptType]
    policy_id: Mapped[UUID]
    account_id: Mapped[UUID]
    instalment_id: Mapped[UUID | None]
    endorsement_id: Mapped[UUID | None]
    issued_on: Mapped[date]
    source_system: Mapped[str] = mapped_column(server_default=OURS, default=OURS)
    external_id: Mapped[str | None]
    as_of: Mapped[datetime | None]
    """When its source knew it; null for one of ours."""

"""A batch that a system sent, how far it has come; and comparisons of what it has with what we have."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most, newest
from crm_api.core.money import Centimes
from crm_api.kit.money import Money

MOST_ROWS = 10_000
"""Messages of one batch."""


class IntegratedEntity(StrEnum):
    """What other systems keep, and tell us of in bulk."""

    POLICIES = "policies"


class ReconciledEntity(StrEnum):
    """What is compared with the totals of another system."""

    POLICIES = "policies"
    RECEIVABLES = "receivables"


class DifferenceKind(StrEnum):
    """How what stands here differs from what the other system has."""

    COUNT_DIFFERS = "count_differs"
    SUM_DIFFERS = "sum_differs"
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    AMOUNT_DIFFERS = "amount_differs"


class IntegrationBatch(Entity):
    """The messages themselves are the input of the job; this is the bookmark in them."""

    __tablename__ = "integration_batches"
    label = "integration_batch"
    private: ClassVar = frozenset({"actor"})
    __table_args__ = (
        newest("integration_batches"),
        Index("uq_integration_batches_job", "organization_id", "job_id", unique=True),
        ForeignKeyConstraint(
            ["organization_id", "job_id"],
            ["job_runs.organization_id", "job_runs.id"],
            name="fk_integration_batches_job",
        ),
        at_most("system", 40),
    )

    system: Mapped[str]
    entity: Mapped[IntegratedEntity]
    job_id: Mapped[UUID]
    actor: Mapped[dict[str, Any]]
    """With whose rights it is done: those of who sent it, as they were at that moment."""
    row_count: Mapped[int]
    parts_done: Mapped[int] = mapped_column(server_default="0", default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """Outcome -> messages so far."""


class Reconciliation(Entity):
    """What another system says that it has, beside what it told us: counts and sums by agency and branch."""

    __tablename__ = "reconciliations"
    label = "reconciliation"
    __table_args__ = (
        newest("reconciliations"),
        Index("ix_reconciliations_system", "organization_id", "system", "created_at", "id"),
        at_most("system", 40),
    )

    system: Mapped[str]
    entity: Mapped[ReconciledEntity]
    as_of: Mapped[datetime]
    cells: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """[{agency_code, branch_code, count_here, count_there, sum_here, sum_there, changed_since, agrees}]."""
    difference_count: Mapped[int] = mapped_column(server_default="0", default=0)
    agrees: Mapped[bool]


class ReconciliationDifference(Entity):
    """One thing on which we and the other system do not agree."""

    __tablename__ = "reconciliation_differences"
    label = "reconciliation_difference"
    __table_args__ = (
        Index(
            "uq_reconciliation_differences_seq", "organization_id", "reconciliation_id", "seq", unique=True
        ),
        ForeignKeyConstraint(
            ["organization_id", "reconciliation_id"],
            ["reconciliations.organization_id", "reconciliations.id"],
            ondelete="CASCADE",
            name="fk_reconciliation_differences_reconciliation",
        ),
        CheckConstraint("seq >= 1", name="seq_from_one"),
        at_most("agency_code", 20),
        at_most("branch_code", 20),
        at_most("external_id", 80),
    )

    reconciliation_id: Mapped[UUID]
    seq: Mapped[int]
    """From 1: the totals first, then the single ones by their names."""
    kind: Mapped[DifferenceKind]
    agency_code: Mapped[str | None]
    branch_code: Mapped[str | None]
    external_id: Mapped[str | None]
    """Of a single one."""
    object_id: Mapped[UUID | None]
    """What stands here."""
    count_here: Mapped[int | None]
    count_there: Mapped[int | None]
    amount_here: Mapped[Money | None] = mapped_column(Centimes)
    amount_there: Mapped[Money | None] = mapped_column(Centimes)

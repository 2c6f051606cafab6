"""Pairs of records that are probably one (domain.md L), found as records come in, until somebody decides."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger
from crm_api.kit.states import machine


class PairEntity(StrEnum):
    """The kinds of object that are looked through for duplicates."""

    ACCOUNT = "account"
    CONTACT = "contact"
    LEAD = "lead"


class PairStatus(StrEnum):
    """What was decided about two objects that may be the same: nothing yet, not the same, or merged."""

    OPEN = "open"
    DISMISSED = "dismissed"
    MERGED = "merged"


PAIR = machine("duplicate_pair", "open: dismissed merged \n dismissed: open \n merged: open")


class DuplicatePair(Entity):
    """`first_id` is the smaller of the two."""

    __tablename__ = "duplicate_pairs"
    label = "duplicate_pair"
    private: ClassVar = frozenset({"undo"})
    __table_args__ = (
        Index("uq_duplicate_pairs", "organization_id", "entity", "first_id", "second_id", unique=True),
        Index("ix_duplicate_pairs_queue", "organization_id", "status", "score", "id"),
        Index("ix_duplicate_pairs_newest", "organization_id", "created_at", "id"),
        CheckConstraint("first_id < second_id", name="in_order"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_range"),
    )

    entity: Mapped[PairEntity]
    first_id: Mapped[UUID]
    second_id: Mapped[UUID]
    score: Mapped[int]
    reasons: Mapped[list[str]]
    status: Mapped[PairStatus] = mapped_column(default=PairStatus.OPEN)
    survivor_id: Mapped[UUID | None]
    undo: Mapped[dict[str, Any] | None]
    """What an undoing of the merge needs: ids, or sealed values."""
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None]


class DuplicateScan(Ledger):
    """How far the log of facts has been read."""

    __tablename__ = "duplicate_scans"

    cursor: Mapped[str]


class Carried(Ledger):
    """What hung on a sheet that was merged or converted away, and hangs on another now."""

    __tablename__ = "carried_objects"

    via_id: Mapped[UUID] = mapped_column(primary_key=True)
    """The merge, or the lead that was merged or converted."""
    kind: Mapped[str] = mapped_column(primary_key=True)
    from_type: Mapped[str]
    from_id: Mapped[UUID]
    to_type: Mapped[str]
    to_id: Mapped[UUID]
    ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    """Those that followed; of documents, those that did not hang there before."""

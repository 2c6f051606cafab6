"""One change of many records that a filter finds: what was asked, and how far it has come."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKeyConstraint, Index, Integer, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, newest

COUNTED = ("matched", "updated", "failed")


class EditedEntity(StrEnum):
    """The kinds of object that can be edited in bulk."""

    ACCOUNT = "account"
    CONTACT = "contact"
    LEAD = "lead"
    OPPORTUNITY = "opportunity"


class BulkEdit(Entity):
    __tablename__ = "bulk_edits"
    label = "bulk_edit"
    private: ClassVar = frozenset({"actor"})
    personal: ClassVar = frozenset({"filter", "changes", "sample"})
    __table_args__ = (
        newest("bulk_edits"),
        Index("ix_bulk_edits_job", "organization_id", "job_id"),
        ForeignKeyConstraint(["organization_id", "job_id"], ["job_runs.organization_id", "job_runs.id"]),
    )

    entity: Mapped[EditedEntity]
    filter: Mapped[dict[str, Any]]
    changes: Mapped[dict[str, Any]]
    dry_run: Mapped[bool]
    job_id: Mapped[UUID]
    actor: Mapped[dict[str, Any]]
    """With whose rights it is done: those of who asked, as they were at that moment."""
    parts_done: Mapped[int] = mapped_column(server_default="0", default=0)
    counts: Mapped[dict[str, Any]]
    sample: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """Of the first records: id, and of each changed field the values before and after."""
    finished_at: Mapped[datetime | None]


class BulkEditPart(Ledger):
    """The records that were found, at the versions that they had then."""

    __tablename__ = "bulk_edit_parts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "bulk_edit_id"],
            ["bulk_edits.organization_id", "bulk_edits.id"],
            ondelete="CASCADE",
        ),
    )

    bulk_edit_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    versions: Mapped[list[int]] = mapped_column(ARRAY(Integer()))

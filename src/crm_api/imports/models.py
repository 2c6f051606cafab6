"""A list that somebody brings: its file, what its columns mean, how far it has come (domain.md B-47)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKeyConstraint, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, at_most, newest, now
from crm_api.kit.states import machine


class ImportStatus(StrEnum):
    """Where an import stands: from the file that was sent in to the rows that were written or taken back."""

    UPLOADED = "uploaded"
    VALIDATING = "validating"
    VALIDATED = "validated"
    RUNNING = "running"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ROLLED_BACK = "rolled_back"


IMPORT = machine(
    "import",
    """uploaded: validating cancelled
    validating: validated failed
    validated: running cancelled
    running: completed completed_with_errors failed cancelled
    completed: rolled_back
    completed_with_errors: rolled_back
    failed: rolled_back
    cancelled: rolled_back""",
)
UNDONE_WITHIN = timedelta(hours=72)
KEPT_FOR = timedelta(days=30)
"""The rows of the file, for those who repair the refused ones."""


COUNTED = ("created", "updated", "unchanged", "failed", "duplicates", "undone")


class ImportEntity(StrEnum):
    """The kinds of object that can be imported from a file."""

    AGENCY = "agency"
    USER = "user"
    ACCOUNT = "account"
    CONTACT = "contact"
    LEAD = "lead"
    OPPORTUNITY = "opportunity"


class ImportMode(StrEnum):
    """What an import does with a row: create only, change only, or whichever fits."""

    CREATE = "create"
    UPDATE = "update"
    UPSERT = "upsert"


class OnDuplicate(StrEnum):
    """What becomes of a row that probably repeats somebody."""

    CREATE = "create"
    SKIP = "skip"


class Import(Entity):
    """The rows themselves are kept in parts by the store of files: `<organization>/imports/<id>/<part>`."""

    __tablename__ = "imports"
    label = "import"
    personal = frozenset({"file_name"})
    private = frozenset({"actor"})
    __table_args__ = (
        newest("imports"),
        Index("ix_imports_creator", "organization_id", "created_by_id", "created_at", "id"),
        Index("ix_imports_job", "organization_id", "job_id", postgresql_where=text("job_id IS NOT NULL")),
        ForeignKeyConstraint(["organization_id", "job_id"], ["job_runs.organization_id", "job_runs.id"]),
        CheckConstraint("parts_done >= 0", name="parts_done_range"),
        at_most("file_name", 200),
    )

    entity: Mapped[ImportEntity]
    status: Mapped[ImportStatus] = mapped_column(default=ImportStatus.UPLOADED)
    file_name: Mapped[str]
    file_bytes: Mapped[int]
    format: Mapped[str]
    encoding: Mapped[str | None]
    delimiter: Mapped[str | None]
    sheet: Mapped[str | None]
    sheets: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    header: Mapped[list[str]]
    row_count: Mapped[int]
    mapping: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """Header -> field."""
    options: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    job_id: Mapped[UUID | None]
    actor: Mapped[dict[str, Any] | None]
    """With whose rights the rows are taken in: those of who said so, as they were at that moment."""
    dry_run: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    """Whether the job only rehearses."""
    parts_done: Mapped[int] = mapped_column(server_default="0", default=0)
    """The bookmark: moved in the transaction that wrote the part."""
    counts: Mapped[dict[str, Any]] = mapped_column(default=lambda: dict.fromkeys(COUNTED, 0))
    by_agency: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """agency_id and created of each agency, to reconcile with the source."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    undo_until: Mapped[datetime | None]
    file_deleted_at: Mapped[datetime | None]

    def end(self, status: ImportStatus) -> None:
        """In a state after which what was written may be taken back, for a while."""
        IMPORT.check(self.status, status)
        self.status, self.finished_at = status, now()
        self.undo_until = self.finished_at + UNDONE_WITHIN if self.started_at else None


class ImportPart(Ledger):
    """What one part of the file made, so that it can be taken back."""

    __tablename__ = "import_parts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "import_id"], ["imports.organization_id", "imports.id"], ondelete="CASCADE"
        ),
    )

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    created: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=text("'{}'"), default=list)
    companions: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=text("'{}'"), default=list)
    """Households that came with people."""
    updated: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """id, version and, sealed, the values before, of each row that was changed."""
    undone_at: Mapped[datetime | None]


class ImportMapping(Ledger):
    """What the columns of a file with this header meant the last time."""

    __tablename__ = "import_mappings"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    entity: Mapped[ImportEntity] = mapped_column(primary_key=True)
    header_key: Mapped[str] = mapped_column(primary_key=True)
    mapping: Mapped[dict[str, Any]]
    used_at: Mapped[datetime]

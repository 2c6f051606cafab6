"""What colleagues write on an object for each other: notes and comments (domain.md B-15)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, SoftDeleted, at_most


class NoteVisibility(StrEnum):
    """Who reads a note: its author alone, the agency of the author, or whoever sees the object."""

    PRIVATE = "private"
    TEAM = "team"
    ALL = "all"


EDITABLE = timedelta(hours=24)
"""So long its author may change or take back a note."""
LONGEST = 10_000
MOST_MENTIONS = 20


class Note(SoftDeleted, Entity):
    """On one object. `agency_id` is that of the author when it was written: the team."""

    __tablename__ = "notes"
    label = "note"
    personal: ClassVar = frozenset({"body"})
    __table_args__ = (
        Index("ix_notes_object", "organization_id", "object_type", "object_id", "created_at", "id"),
        Index("ix_notes_author", "organization_id", "created_by_id", "created_at", "id"),
        ForeignKeyConstraint(["organization_id", "agency_id"], ["agencies.organization_id", "agencies.id"]),
        CheckConstraint(f"cardinality(mentions) <= {MOST_MENTIONS}", name="mentions_count"),
        CheckConstraint("visibility <> 'private' OR mentions = '{}'", name="private_mentions_nobody"),
        at_most("body", LONGEST),
    )

    object_type: Mapped[str]
    object_id: Mapped[UUID]
    body: Mapped[str]
    visibility: Mapped[NoteVisibility] = mapped_column(default=NoteVisibility.TEAM)
    is_internal: Mapped[bool] = mapped_column(default=True)
    """Never shown on the customers' portal."""
    pinned: Mapped[bool] = mapped_column(default=False)
    mentions: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"), default=list)
    agency_id: Mapped[UUID | None]
    edited_at: Mapped[datetime | None]


class NoteRevision(Ledger):
    """A note as it was before a change."""

    __tablename__ = "note_revisions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "note_id"], ["notes.organization_id", "notes.id"], ondelete="CASCADE"
        ),
    )

    note_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    written_at: Mapped[datetime]
    replaced_at: Mapped[datetime]
    body: Mapped[str]
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Visibility, mentions and whether it was internal."""

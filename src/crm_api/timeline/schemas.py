"""One list of all that happened around an object."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from crm_api.files.models import FileKind, ScanStatus
from crm_api.interactions.schemas import InteractionLine
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.notes.schemas import NoteRead
from crm_api.tasks.models import TaskPriority, TaskStatus, TaskType

EntryKind = Literal["interaction", "change", "note", "document", "task"]
"""One word for each source of `sources.SOURCES`; a test holds the two together."""
Cursor = Annotated[str, Field(max_length=1024, examples=["kq3v0bGx8d2mYy0mWyIyMDI2LTExLTIzIl0"])]


class ChangeRead(Output):
    """Something that was done to the object."""

    id: int = Field(ge=1, examples=[90412])
    """Number of the fact in the event log."""
    kind: Annotated[str, Field(max_length=80, examples=["lead.contacted"])]
    """What was done."""
    actor_type: Annotated[str, Field(max_length=20, examples=["user"])]
    """user, client, system or anonymous."""
    data: dict[str, Any] = Field(examples=[{"changed": ["status"], "values": {"status": "contacted"}}])
    """What changed, and the values that anybody may read."""


class DocumentLine(Output):
    """A document, as timelines show it."""

    id: UUID
    """Identifier, for `GET /v1/files/{file_id}`."""
    name: str = Field(max_length=200, examples=["carte-grise.pdf"])
    """Name of the file."""
    title: str | None = Field(max_length=160, examples=["Carte grise Clio 4"])
    """What people call it."""
    kind: FileKind = Field(examples=["vehicle_registration"])
    """What it is."""
    media_type: str = Field(max_length=100, examples=["application/pdf"])
    """What the content is, by its bytes."""
    size: int = Field(ge=1, examples=[184213])
    """Bytes of the content."""
    version_number: int = Field(ge=1, examples=[2])
    """Counts the versions."""
    superseded_by_id: UUID | None
    """The version after; null: this is the one that counts."""
    expires_on: date | None = Field(examples=["2034-03-01"])
    """Its last day."""
    scan_status: ScanStatus
    """Only `clean` can be downloaded."""


class TaskLine(Output):
    """A task, as timelines show it."""

    id: UUID
    """Identifier, for `GET /v1/tasks/{task_id}`."""
    title: str = Field(max_length=160, examples=["Rappeler pour la carte grise"])
    """What to do, in a line."""
    type: TaskType
    """Kind of work."""
    status: TaskStatus
    """open, in_progress, done or cancelled."""
    priority: TaskPriority
    """How urgent it is."""
    due_at: Timestamp
    """When it must be done."""
    assignee_user_id: UUID | None
    """Who does it; null: nobody of the group has taken it."""
    completed_at: Timestamp | None
    """When it was finished."""
    outcome: str | None = Field(max_length=500, examples=["Rendez-vous pris pour dimanche."])
    """What came out of it."""


class TimelineEntry(Output):
    """Something that happened; the field named like its `kind` tells it, the others are null."""

    kind: EntryKind
    """Which of the fields below is filled."""
    at: Timestamp
    """When it happened."""
    actor_id: UUID | None
    """Who did it."""
    interaction: InteractionLine | None = None
    """An exchange with somebody."""
    change: ChangeRead | None = None
    """Something that was done to the object."""
    note: NoteRead | None = None
    """What a colleague wrote on it."""
    document: DocumentLine | None = None
    """A document that was hung on it."""
    task: TaskLine | None = None
    """What somebody was asked to do about it."""


class Timeline(Output):
    """One page of what happened, the newest first."""

    data: list[TimelineEntry] = Field(max_length=200)
    """The newest first."""
    next_cursor: Cursor | None
    """Give it back as `cursor` for what happened before; null at the beginning of time."""
    has_more: bool = Field(examples=[True])
    """Whether something happened before."""


class TimelineQuery(Input):
    """Which part of it."""

    kind: list[EntryKind] | None = Field(default=None, max_length=10, examples=[["interaction", "note"]])
    """One or several kinds of entries; all that you may read when left out."""
    at_lt: Moment | None = Field(default=None, examples=["2026-11-23T08:30:00Z"])
    """What happened before this moment."""
    limit: int = Field(default=50, ge=1, le=200)
    """Entries per page."""
    cursor: Cursor | None = None
    """`next_cursor` of the page before."""

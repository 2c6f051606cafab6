"""Notes as they are written, changed and shown."""

from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.core.objects import ObjectType
from crm_api.kit.listing import Bin, ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.notes.models import LONGEST, MOST_MENTIONS, Note, NoteVisibility

Markdown = Annotated[
    str,
    Field(
        min_length=1, max_length=LONGEST, examples=["Le client **refuse** le démarchage le matin. @Lila ?"]
    ),
]
Mentions = Annotated[
    list[UUID],
    Field(max_length=MOST_MENTIONS, examples=[["01936f1e-7a5c-7b0e-9d4a-3c2b1a0f9e8d"]]),
]
NotedType = Annotated[ObjectType, Field(examples=["contact"])]


class NoteCreate(Input):
    """Something to write on an object."""

    object_type: NotedType
    """What kind of object."""
    object_id: UUID
    """Which one."""
    body: Markdown
    """The text, as Markdown; show it through a renderer that lets no HTML pass."""
    visibility: NoteVisibility = NoteVisibility.TEAM
    """private: you alone; team: your agency; all: whoever sees the object."""
    is_internal: bool = True
    """false: may be shown on the customers' portal."""
    pinned: bool = False
    """Whether it stands on top."""
    mentions: Mentions = []
    """Colleagues to be told; they may read it whatever its visibility, if they see the object."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.visibility is NoteVisibility.PRIVATE and self.mentions:
            raise PydanticCustomError("private_mentions", "A private note mentions nobody")
        return self


class NotePatch(Input):
    """What its author changes within 24 hours; a field left out stays."""

    body: Markdown | MISSING = MISSING
    """The text."""
    visibility: NoteVisibility | MISSING = MISSING
    """Who reads it."""
    is_internal: bool | MISSING = MISSING
    """Whether it stays off the portal."""
    mentions: Mentions | MISSING = MISSING
    """Colleagues named; those named before are not told again."""


class NoteRead(Output):
    """A note."""

    id: UUID
    """Identifier."""
    object_type: str = Field(max_length=40, examples=["contact"])
    """What kind of object it is on (the list may grow)."""
    object_id: UUID
    """Which one."""
    body: Markdown
    """The text, as Markdown."""
    visibility: NoteVisibility
    """Who reads it."""
    is_internal: bool
    """Whether it stays off the portal."""
    pinned: bool
    """Whether it stands on top."""
    mentions: Mentions
    """Colleagues named."""
    agency_id: UUID | None
    """The agency of its author: the team."""
    created_by_id: UUID | None
    """Its author."""
    created_at: Timestamp
    """When it was written."""
    edited_at: Timestamp | None
    """When its author last changed it."""
    deleted_at: Timestamp | None
    """When it went to the bin."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class NotePage(Page[NoteRead]):
    """One page of notes."""


class NoteRevisionRead(Output):
    """A note as it was."""

    version: int = Field(ge=1, examples=[1])
    """Which version it was."""
    body: Markdown
    """The text."""
    visibility: NoteVisibility
    """Who read it."""
    is_internal: bool
    """Whether it stayed off the portal."""
    mentions: Mentions
    """Colleagues named."""
    written_at: Timestamp
    """When it was written so."""
    replaced_at: Timestamp
    """When it was changed."""


class NoteHistory(Output):
    """What a note said before."""

    data: list[NoteRevisionRead] = Field(max_length=1000)
    """The latest first."""


class NoteQuery(ListQuery):
    """Notes on which object."""

    sortable: ClassVar = {"created_at": Note.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    object_type: Annotated[NotedType, equals(Note.object_type)]
    """What kind of object."""
    object_id: Annotated[UUID, equals(Note.object_id)]
    """Which one."""
    pinned: Annotated[bool | None, equals(Note.pinned)] = None
    """true: those that stand on top."""
    visibility: Annotated[list[NoteVisibility] | None, one_of(Note.visibility)] = Field(
        default=None, max_length=3
    )
    """One or several visibilities."""
    created_by_id: Annotated[list[UUID] | None, one_of(Note.created_by_id)] = Field(
        default=None, max_length=50
    )
    """One or several authors."""
    created_at_gte: Annotated[Moment | None, at_least(Note.created_at)] = None
    """Written at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Note.created_at)] = None
    """Written before this moment."""
    deleted: Bin = "without"
    """Notes in the bin: left out, mixed in, or alone."""

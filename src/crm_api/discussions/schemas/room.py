"""Rooms as they are opened, changed, listed and read."""

from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.discussions.filters import whether_archived, whose
from crm_api.discussions.models import (
    MOST_IN_DIRECT,
    Discussion,
    DiscussionKind,
    DiscussionMember,
    DiscussionRole,
    TalkedAbout,
)
from crm_api.kit.listing import ListQuery, Page, equals, one_of, starts_with
from crm_api.kit.schemas import Input, Output, Timestamp

RoomName = Annotated[str, Field(min_length=1, max_length=80, examples=["Sinistres Alger Centre"])]
Topic = Annotated[str, Field(min_length=1, max_length=300, examples=["Dossiers de la semaine"])]
NAMED = (DiscussionKind.PUBLIC, DiscussionKind.PRIVATE, DiscussionKind.ANNOUNCEMENT)


class DiscussionCreate(Input):
    """A room to open."""

    kind: DiscussionKind
    """public and announcement: everybody, or one team; private: who is invited; direct: a few people, without
    a name; object: whoever sees the object."""
    name: RoomName | None = None
    """What it is called; needed by public, private and announcement rooms."""
    topic: Topic | None = None
    """What it is about."""
    agency_id: UUID | None = None
    """The team of a public or announcement room: an agency."""
    group_id: UUID | None = None
    """The team of a public or announcement room: a group."""
    object_type: TalkedAbout | None = Field(default=None, examples=["claim"])
    """Of a room of kind object: what kind of object."""
    object_id: UUID | None = None
    """Which one."""
    member_ids: list[UUID] = Field(
        default=[], max_length=100, examples=[["01936f1e-7a5c-7b0e-9d4a-3c2b1a0f9e8d"]]
    )
    """Colleagues to take along; you are in it anyway."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.kind in NAMED and self.name is None:
            raise PydanticCustomError("room_needs_name", "A discussion of this kind needs a name.")
        if (self.kind is DiscussionKind.OBJECT) != (self.object_id is not None):
            raise PydanticCustomError("room_object", "A discussion of an object names it; others name none.")
        if (self.object_type is None) != (self.object_id is None):
            raise PydanticCustomError("object_half_named", "Give object_type and object_id together.")
        team = [self.agency_id, self.group_id]
        open_kind = self.kind in (DiscussionKind.PUBLIC, DiscussionKind.ANNOUNCEMENT)
        if any(team) and (all(team) or not open_kind):
            raise PydanticCustomError("room_team", "Only an open discussion has a team, and one.")
        if self.kind is DiscussionKind.DIRECT and not 1 <= len({*self.member_ids}) < MOST_IN_DIRECT:
            raise PydanticCustomError("room_direct", "A direct discussion has one to eight other people.")
        return self


class DiscussionPatch(Input):
    """What its owners change; a field left out stays."""

    name: RoomName | MISSING = MISSING
    """What it is called."""
    topic: Topic | None | MISSING = MISSING
    """What it is about."""


class DiscussionRead(Output):
    """A room, as the one who asks sees it."""

    id: UUID
    """Identifier."""
    kind: DiscussionKind
    """Who it is for."""
    name: str | None = Field(max_length=80, examples=["Sinistres Alger Centre"])
    """What it is called; null for direct talks and rooms of objects."""
    topic: str | None = Field(max_length=300, examples=["Dossiers de la semaine"])
    """What it is about."""
    agency_id: UUID | None
    """Its team, where that is an agency."""
    group_id: UUID | None
    """Its team, where that is a group."""
    object_type: str | None = Field(max_length=40, examples=["claim"])
    """What kind of object it is about (the list may grow)."""
    object_id: UUID | None
    """Which one."""
    member_count: int = Field(ge=0, examples=[7])
    """How many follow it."""
    member_ids: list[UUID] = Field(max_length=MOST_IN_DIRECT)
    """Who takes part in a direct talk; empty for the other kinds."""
    my_role: DiscussionRole | None
    """What you are there; null: you may read it, and do not follow it."""
    muted: bool
    """Whether you wish not to be bothered by it."""
    last_number: int = Field(ge=0, examples=[128])
    """Number of its last message; 0: there is none."""
    last_message_at: Timestamp
    """When that was written; else when the room was opened."""
    last_read_number: int = Field(ge=0, examples=[120])
    """How far you have read."""
    unread: int = Field(ge=0, le=100, examples=[8])
    """Messages of others beyond that; 100 stands for a hundred or more."""
    mentioned: bool
    """Whether one of them names you."""
    archived_at: Timestamp | None
    """When it was archived."""
    created_at: Timestamp
    """When it was opened."""
    created_by_id: UUID | None
    """By whom."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class DiscussionPage(Page[DiscussionRead]):
    """One page of rooms."""


class DiscussionQuery(ListQuery):
    """Which rooms."""

    sortable: ClassVar = {"last_message_at": Discussion.last_message_at, "name": Discussion.name_folded}

    sort: Literal["last_message_at", "-last_message_at", "name", "-name"] = "-last_message_at"
    """Sort key; a leading `-` means descending."""
    which: Annotated[Literal["mine", "open", "all"], whose] = "mine"
    """mine: those that you follow; open: public ones and announcements that you may read; all: whatever you
    may read."""
    archived: Annotated[bool | None, whether_archived] = False
    """Archived ones, or those in use."""
    kind: Annotated[list[DiscussionKind] | None, one_of(Discussion.kind)] = Field(default=None, max_length=5)
    """One or several kinds."""
    object_type: Annotated[TalkedAbout | None, equals(Discussion.object_type)] = Field(
        default=None, examples=["claim"]
    )
    """About this kind of object."""
    object_id: Annotated[UUID | None, equals(Discussion.object_id)] = None
    """About this object."""
    agency_id: Annotated[UUID | None, equals(Discussion.agency_id)] = None
    """Of the team of this agency."""
    group_id: Annotated[UUID | None, equals(Discussion.group_id)] = None
    """Of the team of this group."""
    name_prefix: Annotated[str | None, starts_with(Discussion.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["sinistres"]
    )
    """Beginning of the name, accents and case ignored."""


class DiscussionMemberRead(Output):
    """Somebody who follows a room."""

    user_id: UUID
    """Who."""
    role: DiscussionRole
    """What they are there."""
    last_read_number: int = Field(ge=0, examples=[120])
    """How far they have read."""
    last_read_at: Timestamp | None
    """When they last said so."""
    created_at: Timestamp
    """Since when they follow it."""


class DiscussionMemberPage(Page[DiscussionMemberRead]):
    """One page of the people of a room."""


class DiscussionMemberQuery(ListQuery):
    """Which people of a room."""

    sortable: ClassVar = {"created_at": DiscussionMember.created_at}

    sort: Literal["created_at", "-created_at"] = "created_at"
    """Sort key; a leading `-` means descending."""
    role: Annotated[list[DiscussionRole] | None, one_of(DiscussionMember.role)] = Field(
        default=None, max_length=2
    )
    """Owners, members or both."""


class MembersOfOneDiscussion(DiscussionMemberQuery):
    """The same, of a room in sight."""

    discussion_id: Annotated[UUID, equals(DiscussionMember.discussion_id)]
    """Which room."""


class DiscussionInvitation(Input):
    """Who is to follow a room from now on."""

    user_ids: list[UUID] = Field(
        min_length=1, max_length=100, examples=[["01936f1e-7a5c-7b0e-9d4a-3c2b1a0f9e8d"]]
    )
    """Colleagues; who follows it already stays as they are."""
    role: DiscussionRole = DiscussionRole.MEMBER
    """What they are there; only an owner makes owners."""


class DiscussionReading(Input):
    """How far one has read."""

    number: int = Field(ge=0, le=2_147_483_647, examples=[128])
    """Number of the last message that was on the screen; a lower one than before changes nothing."""


class DiscussionPreference(Input):
    """How one wishes to be bothered."""

    muted: bool
    """true: no notifications, but for direct talks nothing else changes."""


class UnreadDiscussion(Output):
    """A room in which something is new."""

    discussion_id: UUID
    """Which one."""
    unread: int = Field(ge=0, le=100, examples=[8])
    """Messages of others that were not read; 100 stands for a hundred or more."""
    mentioned: bool
    """Whether one of them names you."""
    last_number: int = Field(ge=1, examples=[128])
    """Number of the last message."""
    last_read_number: int = Field(ge=0, examples=[120])
    """How far you have read: give it as `after` to catch up."""


class UnreadDiscussions(Output):
    """Everything that is new, in one answer."""

    data: list[UnreadDiscussion] = Field(max_length=500)
    """The latest first; archived and muted rooms are left out, unless you are named there."""

"""Rooms in which the staff talk, and what is said there (domain.md B-43).

Tables of their own: no customer, no partner and no ticket refers to them, and whoever speaks or listens is a
row of `users`. What is said and what a room is called reach neither the audit log nor the event log.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Literal, get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, at_most, folded
from crm_api.core.words import Searched


class DiscussionKind(StrEnum):
    """Who a room is for: all or a team, the invited, a few people, who sees an object, or who listens."""

    PUBLIC = "public"
    PRIVATE = "private"
    DIRECT = "direct"
    OBJECT = "object"
    ANNOUNCEMENT = "announcement"


class DiscussionRole(StrEnum):
    """What somebody is in a room: one who looks after it, or one who talks there."""

    OWNER = "owner"
    MEMBER = "member"


class DiscussionMark(StrEnum):
    """What a message is besides talk: something decided, or something promised."""

    DECISION = "decision"
    PROMISE = "promise"


class DiscussionReaction(StrEnum):
    """What is answered without a word."""

    THUMBS_UP = "thumbs_up"
    THUMBS_DOWN = "thumbs_down"
    HEART = "heart"
    LAUGH = "laugh"
    SURPRISED = "surprised"
    SAD = "sad"
    THANKS = "thanks"
    CELEBRATE = "celebrate"
    SEEN = "seen"
    DONE = "done"
    QUESTION = "question"


TalkedAbout = Literal[
    "account", "claim", "contact", "lead", "mission_order", "opportunity", "policy", "quote", "ticket"
]
"""Objects that have a room: those whose rows are seen by owner and agency. What hangs on others has none."""
ABOUT: tuple[str, ...] = get_args(TalkedAbout)
OPEN_KINDS = (DiscussionKind.PUBLIC, DiscussionKind.ANNOUNCEMENT)
"""Everybody, or everybody of the team, reads these without being invited."""
EDITABLE = timedelta(hours=24)
"""So long its author may change a message."""
KEPT = timedelta(days=731)
"""24 months (domain.md B-61)."""
UNATTACHED = timedelta(days=1)
"""So long a file waits for its message."""
LONGEST, MOST_MENTIONS, MOST_FILES = 8_000, 20, 10
MOST_IN_DIRECT = 9
SEARCHED = Searched(texts=("body",), tags=False)


def _reference(column: str, table: str, name: str, **more: Any) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{table}.organization_id", f"{table}.id"], name=name, **more
    )


class Discussion(Entity):
    """A room. `last_number` and `last_message_at` follow its messages without making a new version."""

    __tablename__ = "discussions"
    label = "discussion"
    private: ClassVar = frozenset(
        {"name", "name_folded", "topic", "direct_key", "object_type", "object_id", "agency_id", "group_id"}
    )
    __table_args__ = (
        Index("ix_discussions_latest", "organization_id", "last_message_at", "id"),
        Index("ix_discussions_kind", "organization_id", "kind", "last_message_at", "id"),
        Index("ix_discussions_name", "organization_id", "name_folded", "id"),
        Index(
            "uq_discussions_object",
            *("organization_id", "object_type", "object_id"),
            unique=True,
            postgresql_where=text("kind = 'object'"),
        ),
        Index(
            "uq_discussions_direct",
            *("organization_id", "direct_key"),
            unique=True,
            postgresql_where=text("kind = 'direct'"),
        ),
        _reference("agency_id", "agencies", "fk_discussions_agency"),
        _reference("group_id", "groups", "fk_discussions_group"),
        CheckConstraint("(kind = 'object') = (object_id IS NOT NULL)", name="object_named"),
        CheckConstraint("(object_type IS NULL) = (object_id IS NULL)", name="whole_object"),
        CheckConstraint("(kind = 'direct') = (direct_key IS NOT NULL)", name="direct_key_given"),
        CheckConstraint("kind IN ('direct', 'object') OR name IS NOT NULL", name="called_something"),
        CheckConstraint("agency_id IS NULL OR group_id IS NULL", name="one_team"),
        CheckConstraint(
            "kind IN ('public', 'announcement') OR (agency_id IS NULL AND group_id IS NULL)",
            name="open_to_team",
        ),
        at_most("name", 80),
        at_most("topic", 300),
        at_most("object_type", 40),
        at_most("direct_key", 64),
    )

    kind: Mapped[DiscussionKind]
    name: Mapped[str | None]
    name_folded: Mapped[str] = folded("name", "topic")
    topic: Mapped[str | None]
    agency_id: Mapped[UUID | None]
    group_id: Mapped[UUID | None]
    object_type: Mapped[str | None]
    object_id: Mapped[UUID | None]
    direct_key: Mapped[str | None]
    """What the people of a direct talk are known by: there is one room for the same people."""
    archived_at: Mapped[datetime | None]
    last_number: Mapped[int] = mapped_column(server_default="0", default=0)
    last_message_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class DiscussionMember(Entity):
    """Somebody who follows a room, and how far they have read it."""

    __tablename__ = "discussion_members"
    label = "discussion_member"
    private: ClassVar = frozenset({"discussion_id", "user_id"})
    __table_args__ = (
        Index("uq_discussion_members_user", "organization_id", "discussion_id", "user_id", unique=True),
        Index("ix_discussion_members_user", "organization_id", "user_id", "discussion_id"),
        Index("ix_discussion_members_joined", "organization_id", "discussion_id", "created_at", "id"),
        _reference("discussion_id", "discussions", "fk_discussion_members_discussion", ondelete="CASCADE"),
        _reference("user_id", "users", "fk_discussion_members_user"),
    )

    discussion_id: Mapped[UUID]
    user_id: Mapped[UUID]
    role: Mapped[DiscussionRole] = mapped_column(default=DiscussionRole.MEMBER)
    muted: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    last_read_number: Mapped[int] = mapped_column(server_default="0", default=0)
    last_read_at: Mapped[datetime | None]
    last_mention_number: Mapped[int] = mapped_column(server_default="0", default=0)


class DiscussionMessage(Entity):
    """One message; `number` counts within its room without a gap. Removed, it leaves a tombstone."""

    __tablename__ = "discussion_messages"
    label = "discussion_message"
    private: ClassVar = frozenset({"body", "mentions", "discussion_id", "promised_by_id", "promise_due_on"})
    __table_args__ = (
        Index("uq_discussion_messages_number", "organization_id", "discussion_id", "number", unique=True),
        Index("ix_discussion_messages_newest", "organization_id", "discussion_id", "created_at", "id"),
        Index(
            "ix_discussion_messages_thread",
            *("organization_id", "thread_id", "number"),
            postgresql_where=text("thread_id IS NOT NULL"),
        ),
        Index(
            "ix_discussion_messages_pinned",
            *("organization_id", "discussion_id", "created_at", "id"),
            postgresql_where=text("pinned_at IS NOT NULL"),
        ),
        Index(
            "ix_discussion_messages_marked",
            *("organization_id", "discussion_id", "mark", "created_at", "id"),
            postgresql_where=text("mark IS NOT NULL"),
        ),
        Index("ix_discussion_messages_reply", "organization_id", "reply_to_id"),
        Index("ix_discussion_messages_age", "organization_id", "created_at", "id"),
        _reference("discussion_id", "discussions", "fk_discussion_messages_discussion", ondelete="CASCADE"),
        _reference("author_id", "users", "fk_discussion_messages_author"),
        _reference("promised_by_id", "users", "fk_discussion_messages_promised_by"),
        _reference(
            *("reply_to_id", "discussion_messages", "fk_discussion_messages_reply"),
            ondelete="SET NULL (reply_to_id)",
        ),
        CheckConstraint(f"cardinality(mentions) <= {MOST_MENTIONS}", name="mentions_count"),
        CheckConstraint("removed_at IS NULL OR body = ''", name="tombstone_says_nothing"),
        CheckConstraint("mark = 'promise' OR promised_by_id IS NULL", name="who_promised"),
        CheckConstraint("mark = 'promise' OR promise_due_on IS NULL", name="promised_for"),
        at_most("body", LONGEST),
        {"info": {"ddl": SEARCHED.triggers("discussion_messages", "discussion_message")}},
    )

    discussion_id: Mapped[UUID]
    number: Mapped[int]
    author_id: Mapped[UUID]
    body: Mapped[str]
    reply_to_id: Mapped[UUID | None]
    thread_id: Mapped[UUID | None]
    """The first message of the thread; none of the first one itself."""
    mentions: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"), default=list)
    mark: Mapped[DiscussionMark | None]
    marked_by_id: Mapped[UUID | None]
    promised_by_id: Mapped[UUID | None]
    promise_due_on: Mapped[date | None]
    pinned_at: Mapped[datetime | None]
    pinned_by_id: Mapped[UUID | None]
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[UUID | None]


def _of_message(name: str) -> ForeignKeyConstraint:
    return _reference("message_id", "discussion_messages", name, ondelete="CASCADE")


class DiscussionRevision(Ledger):
    """A message as it was before it was changed or removed."""

    __tablename__ = "discussion_revisions"
    __table_args__ = (_of_message("fk_discussion_revisions_message"),)

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    written_at: Mapped[datetime]
    replaced_at: Mapped[datetime]
    body: Mapped[str]


class DiscussionResponse(Ledger):
    """One reaction of one person to one message."""

    __tablename__ = "discussion_responses"
    __table_args__ = (
        _of_message("fk_discussion_responses_message"),
        _reference("user_id", "users", "fk_discussion_responses_user"),
    )

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    reaction: Mapped[DiscussionReaction] = mapped_column(primary_key=True)


class DiscussionAttachment(Ledger):
    """A file that hangs on a message, and on nothing else."""

    __tablename__ = "discussion_attachments"
    __table_args__ = (
        Index("uq_discussion_attachments_file", "organization_id", "file_id", unique=True),
        _of_message("fk_discussion_attachments_message"),
        _reference("file_id", "files", "fk_discussion_attachments_file", ondelete="CASCADE"),
    )

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    file_id: Mapped[UUID] = mapped_column(primary_key=True)

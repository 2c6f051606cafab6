"""Messages as they are written, changed, listed and read."""

from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.core.words import words
from crm_api.discussions.filters import whether_named, whether_pinned
from crm_api.discussions.models import (
    LONGEST,
    MOST_FILES,
    MOST_MENTIONS,
    DiscussionMark,
    DiscussionMessage,
    DiscussionReaction,
)
from crm_api.files.models import ScanStatus
from crm_api.kit.listing import ListQuery, Page, above, at_least, below, equals, one_of
from crm_api.kit.schemas import Day, Input, Moment, Output, Timestamp

Said = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST,
        examples=["L'expert passe **jeudi**. @Lila, tu préviens le client ?"],
    ),
]
Named = Annotated[
    list[UUID], Field(max_length=MOST_MENTIONS, examples=[["01936f1e-7a5c-7b0e-9d4a-3c2b1a0f9e8d"]])
]


class DiscussionMessageCreate(Input):
    """Something to say."""

    discussion_id: UUID
    """Where."""
    body: Said
    """The text, as Markdown; show it through a renderer that lets no HTML pass."""
    reply_to_id: UUID | None = None
    """The message that it answers: both stand in one thread."""
    mentions: Named = []
    """Colleagues to be told; each must be able to read the discussion."""
    file_ids: list[UUID] = Field(
        default=[], max_length=MOST_FILES, examples=[["01936f1e-7a5c-7b0e-9d4a-3c2b1a0f9e8d"]]
    )
    """Files that you uploaded to the discussion, each for one message."""


class DiscussionMessagePatch(Input):
    """What its author changes within 24 hours; a field left out stays."""

    body: Said | MISSING = MISSING
    """The text."""
    mentions: Named | MISSING = MISSING
    """Colleagues named; those named before are not told again."""


class DiscussionMarking(Input):
    """What a message is from now on."""

    mark: DiscussionMark
    """Decided, or promised."""
    promised_by_id: UUID | None = None
    """Who promises; its author when left out."""
    promise_due_on: Day | None = Field(default=None, examples=["2026-12-10"])
    """Until which day."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.mark is not DiscussionMark.PROMISE and (self.promised_by_id or self.promise_due_on):
            raise PydanticCustomError("not_a_promise", "Only a promise has somebody who keeps it, and a day.")
        return self


class DiscussionResponseGiven(Input):
    """A reaction."""

    reaction: DiscussionReaction
    """Which one."""


class DiscussionReactionCount(Output):
    """One reaction to a message."""

    reaction: DiscussionReaction
    """Which one."""
    count: int = Field(ge=1, examples=[3])
    """How many gave it."""
    mine: bool
    """Whether you did."""


class DiscussionFile(Output):
    """A file that hangs on a message."""

    id: UUID
    """Identifier; the message gives the link to its content."""
    name: str = Field(max_length=200, examples=["constat.pdf"])
    """Its name."""
    size: int = Field(ge=1, examples=[182_040])
    """Bytes."""
    media_type: str = Field(max_length=100, examples=["application/pdf"])
    """What it is."""
    scan_status: ScanStatus
    """Only a clean one is given out."""


class DiscussionMessageRead(Output):
    """A message, or the tombstone of one."""

    id: UUID
    """Identifier."""
    discussion_id: UUID
    """Where it was said."""
    number: int = Field(ge=1, examples=[128])
    """Its place in the discussion, without a gap."""
    author_id: UUID
    """Who said it."""
    body: str | None = Field(max_length=LONGEST, examples=["L'expert passe **jeudi**."])
    """The text, as Markdown; null: it was removed."""
    reply_to_id: UUID | None
    """What it answers."""
    thread_id: UUID | None
    """The first message of its thread."""
    reply_count: int = Field(ge=0, examples=[2])
    """Messages of the thread that it began."""
    mentions: Named
    """Colleagues named."""
    mark: DiscussionMark | None
    """Whether it is a decision or a promise."""
    marked_by_id: UUID | None
    """Who said so."""
    promised_by_id: UUID | None
    """Who keeps the promise."""
    promise_due_on: Day | None = Field(examples=["2026-12-10"])
    """Until which day."""
    pinned_at: Timestamp | None
    """When it was put on top."""
    pinned_by_id: UUID | None
    """By whom."""
    reactions: list[DiscussionReactionCount] = Field(max_length=20)
    """What was answered without a word."""
    files: list[DiscussionFile] = Field(max_length=MOST_FILES)
    """What hangs on it."""
    created_at: Timestamp
    """When it was said."""
    edited_at: Timestamp | None
    """When its author last changed it."""
    removed_at: Timestamp | None
    """When it was removed."""
    removed_by_id: UUID | None
    """By whom."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class DiscussionMessagePage(Page[DiscussionMessageRead]):
    """One page of messages."""


class DiscussionMessageQuery(ListQuery):
    """Which messages: of one discussion, or with these words."""

    sortable: ClassVar = {"created_at": DiscussionMessage.created_at, "number": DiscussionMessage.number}

    sort: Literal["created_at", "-created_at", "number", "-number"] = "-created_at"
    """Sort key; a leading `-` means descending. With `after` it is `number`."""
    discussion_id: Annotated[UUID | None, equals(DiscussionMessage.discussion_id)] = None
    """Of this discussion. Without it, `q` is needed."""
    q: Annotated[str | None, words(DiscussionMessage)] = Field(
        default=None, min_length=2, max_length=100, examples=["expert jeudi"]
    )
    """Words that begin words of the message, in any order; of the discussions that you may read."""
    after: Annotated[int | None, above(DiscussionMessage.number)] = Field(
        default=None, ge=0, le=2_147_483_647, examples=[120]
    )
    """What came after the message of this number: to catch up."""
    before: Annotated[int | None, below(DiscussionMessage.number)] = Field(
        default=None, ge=0, le=2_147_483_647, examples=[120]
    )
    """What came before the message of this number."""
    thread_id: Annotated[UUID | None, equals(DiscussionMessage.thread_id)] = None
    """Answers of the thread that this message began."""
    author_id: Annotated[list[UUID] | None, one_of(DiscussionMessage.author_id)] = Field(
        default=None, max_length=50
    )
    """One or several authors."""
    mark: Annotated[list[DiscussionMark] | None, one_of(DiscussionMessage.mark)] = Field(
        default=None, max_length=2
    )
    """Decisions, promises or both."""
    pinned: Annotated[bool | None, whether_pinned] = None
    """true: those that stand on top."""
    naming_me: Annotated[bool | None, whether_named] = None
    """true: those that name you."""
    created_at_gte: Annotated[Moment | None, at_least(DiscussionMessage.created_at)] = None
    """Said at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(DiscussionMessage.created_at)] = None
    """Said before this moment."""


class DiscussionRevisionRead(Output):
    """A message as it was."""

    version: int = Field(ge=1, examples=[1])
    """Which version it was."""
    body: str = Field(max_length=LONGEST, examples=["L'expert passe mercredi."])
    """The text."""
    written_at: Timestamp
    """When it was written so."""
    replaced_at: Timestamp
    """When it was changed."""


class DiscussionHistory(Output):
    """What a message said before."""

    data: list[DiscussionRevisionRead] = Field(max_length=1000)
    """The latest first; nothing of a message that was removed."""


class DiscussionExport(Input):
    """What is to be exported for an audit, and why. It is written down who asked."""

    reason: str = Field(min_length=10, max_length=300, examples=["Réquisition du tribunal, dossier 118/26"])
    """Why; kept in the audit log."""
    said_gte: Moment = Field(examples=["2026-11-01T00:00:00+01:00"])
    """Said at this moment or later."""
    said_lt: Moment = Field(examples=["2026-12-01T00:00:00+01:00"])
    """Said before this moment; 731 days later at most."""
    discussion_id: UUID | None = None
    """Only of this discussion."""
    author_id: UUID | None = None
    """Only of this author."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not 0 < (self.said_lt - self.said_gte).days + 1 <= 732:
            raise PydanticCustomError("period_length", "The period ends after it begins, within 731 days.")
        return self

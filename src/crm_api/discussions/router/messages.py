"""What is said, and the export for an audit."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.discussions.auditing import DiscussionAudit
from crm_api.discussions.errors import (
    DiscussionArchived,
    DiscussionFileTaken,
    DiscussionMessageEditClosed,
    DiscussionMessageRemoved,
    DiscussionOwnersOnly,
    NotYourDiscussionMessage,
    OnlyPeopleTalk,
)
from crm_api.discussions.router.doors import Auditor, Reader, Writer, exports, said
from crm_api.discussions.schemas.message import (
    DiscussionExport,
    DiscussionHistory,
    DiscussionMarking,
    DiscussionMessageCreate,
    DiscussionMessagePage,
    DiscussionMessagePatch,
    DiscussionMessageQuery,
    DiscussionMessageRead,
    DiscussionResponseGiven,
)
from crm_api.discussions.talk import Talk
from crm_api.files.errors import FileNotClean
from crm_api.files.schemas import SignedFileLink
from crm_api.jobs.schemas import JobRead
from crm_api.kit.schemas import Json

_STANDING = refusals(DiscussionMessageRemoved, DiscussionArchived, DiscussionOwnersOnly)


@said.get("")
async def list_discussion_messages(
    ctx: Reader, query: Annotated[DiscussionMessageQuery, Query()]
) -> Json[DiscussionMessagePage]:
    """List the messages of a discussion, or search your discussions by words.

    After a pause, `after` with the number of the last message you have gives all that came since. 404 for a
    discussion that does not exist for you.
    """
    return await Talk(ctx).page(query)


@said.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(
        DiscussionArchived, DiscussionOwnersOnly, DiscussionFileTaken, DiscussionMessageRemoved
    ),
)
async def post_discussion_message(ctx: Writer, body: DiscussionMessageCreate) -> Json[DiscussionMessageRead]:
    """Say something in a discussion; colleagues named in `mentions` are told, and follow it from now on.

    In an announcement only owners speak.
    """
    return await Talk(ctx).say(body)


@said.get("/{discussion_message_id}")
async def get_discussion_message(ctx: Reader, discussion_message_id: UUID) -> Json[DiscussionMessageRead]:
    """Read a message, or its tombstone."""
    return await Talk(ctx).get(discussion_message_id)


@said.patch(
    "/{discussion_message_id}",
    openapi_extra=refusals(
        *(NotYourDiscussionMessage, DiscussionMessageEditClosed),
        *(DiscussionMessageRemoved, DiscussionArchived),
    ),
)
async def update_discussion_message(
    ctx: Writer,
    discussion_message_id: UUID,
    body: Annotated[DiscussionMessagePatch, MergePatch],
    version: IfMatch,
) -> Json[DiscussionMessageRead]:
    """Change a message you wrote less than 24 hours ago; what it said is kept."""
    return await Talk(ctx).change(discussion_message_id, body, version)


@said.delete(
    "/{discussion_message_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=refusals(NotYourDiscussionMessage, DiscussionMessageRemoved, DiscussionArchived),
)
async def remove_discussion_message(ctx: Writer, discussion_message_id: UUID, version: IfMatch) -> None:
    """Remove a message: a tombstone stays, without a word.

    By its author, or by an owner of the discussion.
    """
    await Talk(ctx).take_back(discussion_message_id, version)


@said.get("/{discussion_message_id}/history")
async def get_discussion_message_history(ctx: Reader, discussion_message_id: UUID) -> Json[DiscussionHistory]:
    """Read what a message said before it was changed."""
    return await Talk(ctx).history(discussion_message_id)


@said.post("/{discussion_message_id}/pin", openapi_extra=_STANDING)
async def pin_discussion_message(
    ctx: Writer, discussion_message_id: UUID, version: IfMatch
) -> Json[DiscussionMessageRead]:
    """Put a message on top of its discussion."""
    return await Talk(ctx).pin(discussion_message_id, version, on=True)


@said.post("/{discussion_message_id}/unpin", openapi_extra=_STANDING)
async def unpin_discussion_message(
    ctx: Writer, discussion_message_id: UUID, version: IfMatch
) -> Json[DiscussionMessageRead]:
    """Take a message off the top."""
    return await Talk(ctx).pin(discussion_message_id, version, on=False)


@said.post("/{discussion_message_id}/mark", openapi_extra=_STANDING)
async def mark_discussion_message(
    ctx: Writer, discussion_message_id: UUID, body: DiscussionMarking, version: IfMatch
) -> Json[DiscussionMessageRead]:
    """Mark a message as a decision or a promise."""
    return await Talk(ctx).mark(discussion_message_id, body, version)


@said.post("/{discussion_message_id}/unmark", openapi_extra=_STANDING)
async def unmark_discussion_message(
    ctx: Writer, discussion_message_id: UUID, version: IfMatch
) -> Json[DiscussionMessageRead]:
    """Take the mark off a message."""
    return await Talk(ctx).mark(discussion_message_id, None, version)


@said.post(
    "/{discussion_message_id}/react", openapi_extra=refusals(DiscussionMessageRemoved, DiscussionArchived)
)
async def react_to_discussion_message(
    ctx: Writer, discussion_message_id: UUID, body: DiscussionResponseGiven
) -> Json[DiscussionMessageRead]:
    """React to a message; the same reaction counts once."""
    return await Talk(ctx).respond(discussion_message_id, body.reaction, on=True)


@said.post(
    "/{discussion_message_id}/unreact", openapi_extra=refusals(DiscussionMessageRemoved, DiscussionArchived)
)
async def take_reaction_back(
    ctx: Writer, discussion_message_id: UUID, body: DiscussionResponseGiven
) -> Json[DiscussionMessageRead]:
    """Take a reaction back."""
    return await Talk(ctx).respond(discussion_message_id, body.reaction, on=False)


@said.post("/{discussion_message_id}/files/{file_id}/link", openapi_extra=refusals(FileNotClean))
async def link_discussion_file(ctx: Reader, discussion_message_id: UUID, file_id: UUID) -> SignedFileLink:
    """Get a link to a file of a message, good for a minute."""
    return await Talk(ctx).link(discussion_message_id, file_id)


@exports.post("", status_code=status.HTTP_202_ACCEPTED, openapi_extra=refusals(OnlyPeopleTalk))
async def export_discussions_for_audit(ctx: Auditor, body: DiscussionExport) -> Json[JobRead]:
    """Export what was said in a time, private discussions too, for an audit.

    The only way to read what one was not invited to: with a reason, and it stays in the audit log who asked.
    The file (JSON, one message a line, with former wordings and what was removed) is yours alone, for a week.
    """
    return await DiscussionAudit(ctx).start(body)

"""Rooms and who follows them."""

from typing import Annotated
from uuid import UUID

from fastapi import File, Query, Request, Response, UploadFile, status
from pydantic import BaseModel

from crm_api.core.http import IfMatch, MergePatch, upserted
from crm_api.core.openapi import refusals
from crm_api.core.uploads import uploaded
from crm_api.discussions.errors import (
    AnnouncementsReserved,
    DiscussionArchived,
    DiscussionExists,
    DiscussionMembersFixed,
    DiscussionNotArchived,
    DiscussionNotJoined,
    DiscussionOwnersOnly,
    OnlyPeopleTalk,
)
from crm_api.discussions.router.doors import Reader, Writer, router
from crm_api.discussions.schemas.room import (
    DiscussionCreate,
    DiscussionInvitation,
    DiscussionMemberPage,
    DiscussionMemberQuery,
    DiscussionPage,
    DiscussionPatch,
    DiscussionPreference,
    DiscussionQuery,
    DiscussionRead,
    DiscussionReading,
    UnreadDiscussions,
)
from crm_api.discussions.service import DiscussionService
from crm_api.discussions.talk import Talk
from crm_api.files.errors import FileEmpty, FileTooLarge, FileTypeRefused
from crm_api.files.models import LARGEST
from crm_api.files.schemas import FileRead, file_name
from crm_api.kit.schemas import Json

_OWNERS = refusals(DiscussionOwnersOnly)


class DiscussionFileForm(BaseModel):
    """A file for the next message."""

    file: Annotated[
        UploadFile,
        File(description="The file, 20 MiB at most.", json_schema_extra={"maxLength": LARGEST}),
    ]


MEMBERSHIP = {"x-unversioned": "a membership is there or not; it has no versions"}
MARKER = {"x-unversioned": "a marker only goes forward; it has no versions"}
CHOICE = {"x-unversioned": "one's own switch, on or off; it has no versions"}


@router.get("")
async def list_discussions(ctx: Reader, query: Annotated[DiscussionQuery, Query()]) -> Json[DiscussionPage]:
    """List discussions: those that you follow, with what is new in each.

    `which=open` lists those that you could join. With `object_id`: the one about that object.
    A private or direct discussion exists for its members only.
    """
    return await DiscussionService(ctx).page(query)


@router.post(
    "",
    responses=upserted(DiscussionRead),
    openapi_extra=refusals(OnlyPeopleTalk, AnnouncementsReserved, DiscussionExists),
)
async def open_discussion(ctx: Writer, body: DiscussionCreate) -> Json[DiscussionRead]:
    """Open a discussion.

    For the same people of a direct talk, or the same object, there is one: it is given back (200).
    """
    return await DiscussionService(ctx).open(body)


@router.get("/unread")
async def list_unread_discussions(ctx: Reader) -> UnreadDiscussions:
    """Read what is new in all discussions that you follow."""
    return await DiscussionService(ctx).unread()


@router.get("/{discussion_id}")
async def get_discussion(ctx: Reader, discussion_id: UUID) -> Json[DiscussionRead]:
    """Read a discussion's sheet."""
    return await DiscussionService(ctx).get(discussion_id)


@router.patch("/{discussion_id}", openapi_extra=_OWNERS)
async def update_discussion(
    ctx: Writer, discussion_id: UUID, body: Annotated[DiscussionPatch, MergePatch], version: IfMatch
) -> Json[DiscussionRead]:
    """Rename a discussion; by its owners."""
    return await DiscussionService(ctx).update(discussion_id, body, version)


@router.post("/{discussion_id}/archive", openapi_extra=refusals(DiscussionOwnersOnly, DiscussionArchived))
async def archive_discussion(ctx: Writer, discussion_id: UUID, version: IfMatch) -> Json[DiscussionRead]:
    """Archive a discussion: it is read, and nothing more is said; by its owners."""
    return await DiscussionService(ctx).archive(discussion_id, version)


@router.post("/{discussion_id}/reopen", openapi_extra=refusals(DiscussionOwnersOnly, DiscussionNotArchived))
async def reopen_discussion(ctx: Writer, discussion_id: UUID, version: IfMatch) -> Json[DiscussionRead]:
    """Reopen an archived discussion; by its owners."""
    return await DiscussionService(ctx).reopen(discussion_id, version)


@router.post("/{discussion_id}/join", openapi_extra=refusals(DiscussionArchived))
async def join_discussion(ctx: Writer, discussion_id: UUID) -> Json[DiscussionRead]:
    """Follow a discussion that you may read."""
    return await DiscussionService(ctx).join(discussion_id)


@router.post(
    "/{discussion_id}/leave",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=refusals(DiscussionNotJoined, DiscussionMembersFixed),
)
async def leave_discussion(ctx: Writer, discussion_id: UUID) -> None:
    """Follow a discussion no longer.

    When its last owner leaves, whoever has followed it the longest looks after it.
    """
    await DiscussionService(ctx).leave(discussion_id)


@router.get("/{discussion_id}/members")
async def list_discussion_members(
    ctx: Reader, discussion_id: UUID, query: Annotated[DiscussionMemberQuery, Query()]
) -> Json[DiscussionMemberPage]:
    """List who follows a discussion, and how far each has read it."""
    return await DiscussionService(ctx).people(discussion_id, query)


@router.post(
    "/{discussion_id}/members",
    openapi_extra=refusals(DiscussionNotJoined, DiscussionOwnersOnly, DiscussionMembersFixed),
)
async def invite_to_discussion(
    ctx: Writer, discussion_id: UUID, body: DiscussionInvitation
) -> Json[DiscussionRead]:
    """Have colleagues follow a discussion; by who follows it. Only owners make owners."""
    return await DiscussionService(ctx).invite(discussion_id, body)


@router.delete(
    "/{discussion_id}/members/{user_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=MEMBERSHIP | refusals(DiscussionOwnersOnly, DiscussionMembersFixed),
)
async def remove_discussion_member(ctx: Writer, discussion_id: UUID, user_id: UUID) -> None:
    """Take somebody out of a discussion; by its owners."""
    await DiscussionService(ctx).dismiss(discussion_id, user_id)


@router.put("/{discussion_id}/read", openapi_extra=MARKER | refusals(DiscussionNotJoined))
async def mark_discussion_read(
    ctx: Reader, discussion_id: UUID, body: DiscussionReading
) -> Json[DiscussionRead]:
    """Say how far you have read; it never goes back."""
    return await DiscussionService(ctx).read_up_to(discussion_id, body.number)


@router.put("/{discussion_id}/preference", openapi_extra=CHOICE | refusals(DiscussionNotJoined))
async def set_discussion_preference(
    ctx: Reader, discussion_id: UUID, body: DiscussionPreference
) -> Json[DiscussionRead]:
    """Mute a discussion, or not."""
    return await DiscussionService(ctx).prefer(discussion_id, muted=body.muted)


@router.post(
    "/{discussion_id}/files",
    status_code=status.HTTP_201_CREATED,
    response_model=FileRead,
    openapi_extra=refusals(
        FileTypeRefused, FileTooLarge, FileEmpty, DiscussionArchived, DiscussionOwnersOnly
    ),
)
async def upload_discussion_file(
    ctx: Writer,
    request: Request,
    discussion_id: UUID,
    form: Annotated[DiscussionFileForm, File(media_type="multipart/form-data")],
) -> Response:
    """Upload a file for your next message in a discussion.

    Name it in `file_ids` of the message within a day. Nobody reads it but through the message.
    """
    name = file_name(form.file.filename)
    return await uploaded(
        *(ctx, request, form.file, str(discussion_id)),
        lambda: Talk(ctx).upload(discussion_id, name, form.file.file),
    )

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.kit.schemas import Json
from crm_api.notes.schemas import NoteCreate, NoteHistory, NotePage, NotePatch, NoteQuery, NoteRead
from crm_api.notes.service import NoteService

router = Router("notes")
Reader = Annotated[Context, requires("notes:read")]
Writer = Annotated[Context, requires("comments:write")]
Restorer = Annotated[Context, requires("admin:restore")]


@router.get("")
async def list_notes(ctx: Reader, query: Annotated[NoteQuery, Query()]) -> Json[NotePage]:
    """List the notes on an object.

    Private notes are their author's, notes of a team those of its agency. 404 for an object you may not see.
    """
    return await NoteService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_note(ctx: Writer, body: NoteCreate) -> Json[NoteRead]:
    """Write a note on an object; colleagues named in `mentions` are told."""
    return await NoteService(ctx).write(body)


@router.get("/{note_id}")
async def get_note(ctx: Reader, note_id: UUID) -> Json[NoteRead]:
    """Read a note, in the bin or not."""
    return await NoteService(ctx).get(note_id)


@router.patch("/{note_id}")
async def update_note(
    ctx: Writer, note_id: UUID, body: Annotated[NotePatch, MergePatch], version: IfMatch
) -> Json[NoteRead]:
    """Change a note you wrote less than 24 hours ago; what it said is kept."""
    return await NoteService(ctx).update(note_id, body, version)


@router.delete("/{note_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_note(ctx: Writer, note_id: UUID, version: IfMatch) -> None:
    """Put a note into the bin.

    Your own for 24 hours; any, for whoever may restore.
    """
    await NoteService(ctx).delete(note_id, version)


@router.post("/{note_id}/restore")
async def restore_note(ctx: Restorer, note_id: UUID) -> Json[NoteRead]:
    """Take a note out of the bin."""
    return await NoteService(ctx).restore(note_id)


@router.post("/{note_id}/pin")
async def pin_note(ctx: Writer, note_id: UUID, version: IfMatch) -> Json[NoteRead]:
    """Put a note on top of its object."""
    return await NoteService(ctx).pin(note_id, version)


@router.post("/{note_id}/unpin")
async def unpin_note(ctx: Writer, note_id: UUID, version: IfMatch) -> Json[NoteRead]:
    """Take a note off the top."""
    return await NoteService(ctx).unpin(note_id, version)


@router.get("/{note_id}/history")
async def get_note_history(ctx: Reader, note_id: UUID) -> Json[NoteHistory]:
    """Read what a note said before."""
    return await NoteService(ctx).history(note_id)


ROUTERS = (router,)

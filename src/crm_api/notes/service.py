from uuid import UUID

from pydantic import MISSING

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.objects import require_object
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import Deleted, ValidationFailed, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.notes.errors import NoteEditClosed, NotesOnNotes, NotYourNote
from crm_api.notes.events import ColleaguesMentioned
from crm_api.notes.models import EDITABLE, Note, NoteRevision, NoteVisibility
from crm_api.notes.repository import NoteRepository
from crm_api.notes.schemas import NoteCreate, NoteHistory, NotePage, NotePatch, NoteQuery, NoteRead
from crm_api.notifications.models import NotificationKind
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message
from crm_api.users.service import UserService


class NoteService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.notes = NoteRepository(ctx)

    async def page(self, query: NoteQuery) -> Json[NotePage]:
        """Raises UnknownObject. Only an empty page asks for the object itself."""
        found = await self.notes.page(query, NotePage)
        if found.body.startswith(b'{"data":[]'):
            await require_object(self.ctx, query.object_type, query.object_id)
        return found

    async def get(self, note_id: UUID) -> Json[NoteRead]:
        return await self.notes.get(note_id)

    async def history(self, note_id: UUID) -> Json[NoteHistory]:
        return await self.notes.history(note_id)

    async def write(self, data: NoteCreate) -> Json[NoteRead]:
        """Raises UnknownObject, NotesOnNotes."""
        self.ctx.begin()
        if data.object_type == Note.label:
            raise NotesOnNotes
        await require_object(self.ctx, data.object_type, data.object_id)
        note = Note(**data.model_dump(), agency_id=self.ctx.principal.agency_id)
        note.mentions = await self._mentioned(data.mentions)
        await self.notes.save(note)
        await self._tell(note, set())
        return await self.notes.get(note.id)

    async def update(self, note_id: UUID, data: NotePatch, version: int) -> Json[NoteRead]:
        """By its author, for a day; what it said is kept. Raises NotYourNote, NoteEditClosed."""
        note = await self._authored(note_id, version)
        before, told = _revision(note), set(note.mentions)
        given = {name: value for name, value in dict(data).items() if value is not MISSING}
        if "mentions" in given:
            given["mentions"] = await self._mentioned(given["mentions"])
        changes = {name: value for name, value in given.items() if getattr(note, name) != value}
        if not changes:
            return await self.notes.get(note_id)
        for name, value in changes.items():
            setattr(note, name, value)
        if note.visibility is NoteVisibility.PRIVATE and note.mentions:
            raise ValidationFailed.at("/mentions", "private_mentions", "A private note mentions nobody.")
        note.edited_at = before.replaced_at
        self.ctx.session.add(before)
        await self.notes.save(note)
        await self._tell(note, told)
        return await self.notes.get(note_id)

    async def pin(self, note_id: UUID, version: int) -> Json[NoteRead]:
        return await self.notes.edit(note_id, {"pinned": True}, version)

    async def unpin(self, note_id: UUID, version: int) -> Json[NoteRead]:
        return await self.notes.edit(note_id, {"pinned": False}, version)

    async def delete(self, note_id: UUID, version: int) -> None:
        """To the bin: by its author for a day, by who may restore at any time."""
        if "admin:restore" in self.ctx.principal.scopes:
            await self.notes.discard(note_id, version)
            return
        note = await self._authored(note_id, version)
        await self.notes.discard(note_id, note.version)

    async def restore(self, note_id: UUID) -> Json[NoteRead]:
        return await self.notes.restore(note_id)

    async def _authored(self, note_id: UUID, version: int) -> Note:
        note = await self.notes.load(note_id)
        if note.deleted_at is not None:
            raise Deleted(id=str(note_id))
        if note.created_by_id != self.ctx.principal.id:
            raise NotYourNote
        if now() - note.created_at > EDITABLE:
            raise NoteEditClosed(hours=int(EDITABLE.total_seconds() // 3600))
        if version not in (note.version, ANY_VERSION):
            raise VersionConflict(current_version=note.version)
        return note

    async def _mentioned(self, user_ids: list[UUID]) -> list[UUID]:
        """Each once. Raises ValidationFailed for who does not work here."""
        once = list(dict.fromkeys(user_ids))
        if once:
            await UserService(self.ctx).refuse_unknown(once, "/mentions")
        return once

    async def _tell(self, note: Note, told: set[UUID]) -> None:
        """Whoever is newly named, but for oneself."""
        fresh = [one for one in note.mentions if one not in told and one != self.ctx.principal.id]
        if not fresh:
            return
        await publish(self.ctx, ColleaguesMentioned(note.id, note.object_type, note.object_id, tuple(fresh)))
        await NotificationService(self.ctx).notify(
            fresh,
            NotificationKind.MENTION,
            title=Message("mentioned", author=await self._author()),
            body=Message("mentioned_in", text=note.body),
            object_type=note.object_type,
            object_id=note.object_id,
            dedupe_key=f"note:{note.id}",
        )

    async def _author(self) -> str:
        if not self.ctx.principal.is_person:
            return "API"
        me = (await UserService(self.ctx).get(self.ctx.principal.id)).value
        return f"{me.first_name} {me.last_name}"


def _revision(note: Note) -> NoteRevision:
    return NoteRevision(
        note_id=note.id,
        version=note.version,
        written_at=note.edited_at or note.created_at,
        replaced_at=now(),
        body=note.body,
        about={
            "visibility": note.visibility.value,
            "is_internal": note.is_internal,
            "mentions": [str(one) for one in note.mentions],
        },
    )

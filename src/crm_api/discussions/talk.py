"""What is said in rooms: written, changed, taken back, marked, answered."""

from collections.abc import Sequence
from datetime import timedelta
from typing import BinaryIO
from uuid import UUID

from pydantic import MISSING

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.principal import system
from crm_api.core.repository import ANY_VERSION
from crm_api.discussions.audience import Audience
from crm_api.discussions.errors import (
    DiscussionArchived,
    DiscussionMessageEditClosed,
    DiscussionMessageRemoved,
    DiscussionOwnersOnly,
    NotYourDiscussionMessage,
)
from crm_api.discussions.events import DiscussionMessageAnswered
from crm_api.discussions.models import (
    EDITABLE,
    UNATTACHED,
    DiscussionKind,
    DiscussionMark,
    DiscussionMessage,
    DiscussionReaction,
    DiscussionRevision,
    DiscussionRole,
)
from crm_api.discussions.repository.messages import DiscussionMessageRepository
from crm_api.discussions.repository.rooms import DiscussionRepository, MemberRepository
from crm_api.discussions.schemas.message import (
    DiscussionHistory,
    DiscussionMarking,
    DiscussionMessageCreate,
    DiscussionMessagePage,
    DiscussionMessagePatch,
    DiscussionMessageQuery,
    DiscussionMessageRead,
)
from crm_api.discussions.schemas.room import DiscussionRead
from crm_api.discussions.telling import tell_named
from crm_api.files.models import FileKind
from crm_api.files.schemas import FileRead, SignedFileLink
from crm_api.files.service import FileService
from crm_api.kit.errors import NotFound, ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json


class Talk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.messages = DiscussionMessageRepository(ctx)
        self.rooms = DiscussionRepository(ctx)
        self.members = MemberRepository(ctx)

    # --- reads

    async def page(self, query: DiscussionMessageQuery) -> Json[DiscussionMessagePage]:
        """Raises ValidationFailed without a room and without words, NotFound for a room that is not there."""
        if query.discussion_id is None and (query.q is None or query.sort.endswith("number")):
            raise ValidationFailed.at(
                "discussion_id", "discussion_or_words", "Say which discussion, or which words.", "query"
            )
        if query.after is not None and "sort" not in query.model_fields_set:
            query.sort = "number"
        found = await self.messages.page(query, DiscussionMessagePage)
        if query.discussion_id is not None and found.body.startswith(b'{"data":[]'):
            await self.rooms.get(query.discussion_id)
        return found

    async def get(self, message_id: UUID) -> Json[DiscussionMessageRead]:
        return await self.messages.get(message_id)

    async def history(self, message_id: UUID) -> Json[DiscussionHistory]:
        return await self.messages.history(message_id)

    # --- saying

    async def say(self, data: DiscussionMessageCreate) -> Json[DiscussionMessageRead]:
        """Raises NotFound, DiscussionArchived, DiscussionOwnersOnly, DiscussionFileTaken."""
        self.ctx.begin()
        room = await self._open_room(data.discussion_id, speaking=True)
        me = self.ctx.principal.id
        thread_id = await self._thread(room.id, data.reply_to_id)
        named = await self._named(room.id, data.mentions)
        files = await self._own_files(data.file_ids)
        await self.members.join(room.id, [me, *named])
        said = DiscussionMessage(
            id=new_id(),
            discussion_id=room.id,
            number=await self.rooms.next_number(room.id),
            author_id=me,
            body=data.body,
            reply_to_id=data.reply_to_id,
            thread_id=thread_id,
            mentions=named,
        )
        await self.messages.save(said)
        await self.messages.attach(said.id, files)
        await FileService(self.ctx).keep_until(files, None)
        await self.members.read_up_to(room.id, said.number)
        await self._tell(room, said, named)
        return await self.messages.get(said.id)

    async def change(
        self, message_id: UUID, data: DiscussionMessagePatch, version: int
    ) -> Json[DiscussionMessageRead]:
        """By its author, for a day; what it said is kept.

        Raises NotYourDiscussionMessage, DiscussionMessageEditClosed.
        """
        said = await self._standing(message_id, version)
        if said.author_id != self.ctx.principal.id:
            raise NotYourDiscussionMessage
        if now() - said.created_at > EDITABLE:
            raise DiscussionMessageEditClosed(hours=EDITABLE // timedelta(hours=1))
        room = await self._open_room(said.discussion_id)
        before = _revision(said)
        named = said.mentions if data.mentions is MISSING else await self._named(room.id, data.mentions)
        fresh = [one for one in named if one not in said.mentions]
        body = said.body if data.body is MISSING else data.body
        if (body, named) == (said.body, said.mentions):
            return await self.messages.get(message_id)
        said.body, said.mentions, said.edited_at = body, named, before.replaced_at
        self.ctx.session.add(before)
        await self.messages.save(said)
        await self._tell(room, said, fresh)
        return await self.messages.get(message_id)

    async def take_back(self, message_id: UUID, version: int) -> None:
        """A tombstone stays: by its author, or by an owner of the room. Its files go.

        Raises NotYourDiscussionMessage.
        """
        said = await self._standing(message_id, version)
        room = await self._open_room(said.discussion_id)
        if said.author_id != self.ctx.principal.id and room.my_role is not DiscussionRole.OWNER:
            raise NotYourDiscussionMessage
        self.ctx.session.add(_revision(said))
        said.body, said.mentions = "", []
        said.mark = said.marked_by_id = said.promised_by_id = said.promise_due_on = None
        said.pinned_at = said.pinned_by_id = None
        said.removed_at, said.removed_by_id = now(), self.ctx.principal.id
        await self.messages.save(said)
        await self.messages.silence(message_id)
        await FileService(self.ctx).keep_until(await self.messages.attached([message_id]), now())

    # --- what is made of it

    async def pin(self, message_id: UUID, version: int, *, on: bool) -> Json[DiscussionMessageRead]:
        said = await self._standing(message_id, version)
        await self._open_room(said.discussion_id, speaking=True)
        said.pinned_at, said.pinned_by_id = (now(), self.ctx.principal.id) if on else (None, None)
        await self.messages.save(said)
        return await self.messages.get(message_id)

    async def mark(
        self, message_id: UUID, data: DiscussionMarking | None, version: int
    ) -> Json[DiscussionMessageRead]:
        """As a decision or a promise; None takes the mark off. Raises ValidationFailed."""
        said = await self._standing(message_id, version)
        room = await self._open_room(said.discussion_id, speaking=True)
        said.mark = said.marked_by_id = said.promised_by_id = said.promise_due_on = None
        if data is not None:
            said.mark, said.marked_by_id = data.mark, self.ctx.principal.id
        if data is not None and data.mark is DiscussionMark.PROMISE:
            if data.promised_by_id:
                await self._named(room.id, [data.promised_by_id], "/promised_by_id")
            said.promised_by_id = data.promised_by_id or said.author_id
            said.promise_due_on = data.promise_due_on
        await self.messages.save(said)
        return await self.messages.get(message_id)

    async def respond(
        self, message_id: UUID, reaction: DiscussionReaction, *, on: bool
    ) -> Json[DiscussionMessageRead]:
        """By whoever reads it; given twice it counts once."""
        self.ctx.begin()
        said = (await self.messages.get(message_id)).value
        if said.removed_at is not None:
            raise DiscussionMessageRemoved
        await self._open_room(said.discussion_id)
        act = self.messages.respond if on else self.messages.take_back
        if await act(message_id, reaction):
            await publish(self.ctx, DiscussionMessageAnswered(message_id))
        return await self.messages.get(message_id)

    # --- files

    async def upload(self, discussion_id: UUID, name: str, content: BinaryIO) -> Json[FileRead]:
        """For the next message; seen by nobody else until then, and gone in a day if none comes."""
        await self._open_room(discussion_id, speaking=True)
        files = FileService(self.ctx)
        until = now() + UNATTACHED
        file_id = await files.add(name, content, FileKind.DISCUSSION, kept_until=until)
        return await files.get(file_id)

    async def link(self, message_id: UUID, file_id: UUID) -> SignedFileLink:
        """For who reads the message. The file itself is nobody's but its author's: this is its only door."""
        found = await self.messages.get(message_id)
        if file_id not in {file.id for file in found.value.files}:
            raise NotFound(id=str(file_id))
        self.ctx.note("discussion_message.file_opened", "discussion_message", message_id)
        house = Context(system(self.ctx.organization_id), self.ctx.database, self.ctx.tools)
        return await FileService(house).sign_link(file_id)

    # --- inside

    async def _open_room(self, discussion_id: UUID, *, speaking: bool = False) -> DiscussionRead:
        """Raises NotFound, DiscussionArchived; DiscussionOwnersOnly for who only listens to announcements."""
        room = (await self.rooms.get(discussion_id)).value
        if room.archived_at is not None:
            raise DiscussionArchived
        listens = room.kind is DiscussionKind.ANNOUNCEMENT and room.my_role is not DiscussionRole.OWNER
        if speaking and listens:
            raise DiscussionOwnersOnly
        return room

    async def _standing(self, message_id: UUID, version: int) -> DiscussionMessage:
        said = await self.messages.load(message_id)
        if said.removed_at is not None:
            raise DiscussionMessageRemoved
        if version not in (said.version, ANY_VERSION):
            raise VersionConflict(current_version=said.version)
        return said

    async def _thread(self, discussion_id: UUID, reply_to_id: UUID | None) -> UUID | None:
        """Raises NotFound for a message of another room, DiscussionMessageRemoved."""
        if reply_to_id is None:
            return None
        first = (await self.messages.get(reply_to_id)).value
        if first.discussion_id != discussion_id:
            raise NotFound(id=str(reply_to_id))
        if first.removed_at is not None:
            raise DiscussionMessageRemoved
        return first.thread_id or first.id

    async def _named(
        self, discussion_id: UUID, user_ids: Sequence[UUID], pointer: str = "/mentions"
    ) -> list[UUID]:
        once = list(dict.fromkeys(user_ids))
        if once:
            await Audience(self.ctx).refuse_outsiders(discussion_id, once, pointer)
        return once

    async def _own_files(self, file_ids: Sequence[UUID]) -> list[UUID]:
        """Uploaded by oneself for a discussion. Raises NotFound."""
        files, once = FileService(self.ctx), list(dict.fromkeys(file_ids))
        for file_id in once:
            found = (await files.get(file_id)).value
            mine = found.created_by_id == self.ctx.principal.id and found.kind is FileKind.DISCUSSION
            if not mine or found.deleted_at is not None:
                raise NotFound(id=str(file_id))
        return once

    async def _tell(self, room: DiscussionRead, said: DiscussionMessage, named: Sequence[UUID]) -> None:
        """Whoever is named follows the room from now on, and finds the message in their list."""
        others = [one for one in named if one != self.ctx.principal.id]
        if not others:
            return
        await self.members.join(room.id, others)
        await self.members.named(room.id, said.number, others)
        quiet = await self.members.muting(room.id, others)
        await tell_named(self.ctx, room.name, said, [one for one in others if one not in quiet])


def _revision(said: DiscussionMessage) -> DiscussionRevision:
    return DiscussionRevision(
        message_id=said.id,
        version=said.version,
        written_at=said.edited_at or said.created_at,
        replaced_at=now(),
        body=said.body,
    )

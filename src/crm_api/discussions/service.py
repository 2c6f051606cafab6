from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.objects import require_object
from crm_api.discussions.audience import Audience
from crm_api.discussions.errors import (
    AnnouncementsReserved,
    DiscussionArchived,
    DiscussionMembersFixed,
    DiscussionNotArchived,
    DiscussionNotJoined,
    DiscussionOwnersOnly,
    OnlyPeopleTalk,
)
from crm_api.discussions.events import DiscussionJoined, DiscussionLeft
from crm_api.discussions.models import Discussion, DiscussionKind, DiscussionMember, DiscussionRole
from crm_api.discussions.repository.rooms import DiscussionRepository, MemberRepository
from crm_api.discussions.schemas.room import (
    DiscussionCreate,
    DiscussionInvitation,
    DiscussionMemberPage,
    DiscussionMemberQuery,
    DiscussionPage,
    DiscussionPatch,
    DiscussionQuery,
    DiscussionRead,
    MembersOfOneDiscussion,
    UnreadDiscussions,
)
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.users.service import UserService

ANNOUNCES = "settings:manage"
_KIND = DiscussionKind


class DiscussionService:
    """Rooms and who follows them; what is said there is `talk.Talk`."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rooms = DiscussionRepository(ctx)
        self.members = MemberRepository(ctx)

    # --- reads

    async def page(self, query: DiscussionQuery) -> Json[DiscussionPage]:
        """Whoever names an object wants its room, followed or not."""
        if query.object_id is not None and "which" not in query.model_fields_set:
            query.which = "all"
        return await self.rooms.page(query, DiscussionPage)

    async def get(self, discussion_id: UUID) -> Json[DiscussionRead]:
        return await self.rooms.get(discussion_id)

    async def unread(self) -> UnreadDiscussions:
        return UnreadDiscussions(data=await self.rooms.unread())

    async def people(self, discussion_id: UUID, query: DiscussionMemberQuery) -> Json[DiscussionMemberPage]:
        """Raises NotFound."""
        if not await self.rooms.seen([discussion_id]):
            raise NotFound(id=str(discussion_id))
        of_it = MembersOfOneDiscussion(discussion_id=discussion_id, **dict(query))
        return await self.members.page(of_it, DiscussionMemberPage)

    # --- rooms

    async def open(self, data: DiscussionCreate) -> Json[DiscussionRead]:
        """The room there is already for these people or this object, or a new one.

        Raises OnlyPeopleTalk, AnnouncementsReserved, UnknownObject, NotFound, ValidationFailed.
        """
        if not self.ctx.principal.is_person:
            raise OnlyPeopleTalk
        if data.kind is _KIND.ANNOUNCEMENT and ANNOUNCES not in self.ctx.principal.scopes:
            raise AnnouncementsReserved
        self.ctx.begin()
        others = [one for one in dict.fromkeys(data.member_ids) if one != self.ctx.principal.id]
        await UserService(self.ctx).refuse_unknown(others, "/member_ids")
        key = self._key(others) if data.kind is _KIND.DIRECT else None
        if data.object_type and data.object_id:
            await require_object(self.ctx, data.object_type, data.object_id)
            await Audience(self.ctx).refuse_blind(data.object_type, data.object_id, others, "/member_ids")
        if known := await self._known(data, key):
            return known
        if data.agency_id:
            await AgencyService(self.ctx).get(data.agency_id)
        room = Discussion(id=new_id(), direct_key=key, **data.model_dump(exclude={"member_ids"}))
        await self.rooms.save(room)
        await self.members.join(room.id, [self.ctx.principal.id], DiscussionRole.OWNER)
        await self.members.join(room.id, others)
        made = await self.rooms.get(room.id)
        made.created = True
        return made

    async def _known(self, data: DiscussionCreate, key: str | None) -> Json[DiscussionRead] | None:
        if key is not None:
            return await self.rooms.find(kind=_KIND.DIRECT, direct_key=key)
        if data.kind is not _KIND.OBJECT:
            return None
        about = {"object_type": data.object_type, "object_id": data.object_id}
        return await self.rooms.find(kind=_KIND.OBJECT, **about)

    def _key(self, others: Sequence[UUID]) -> str:
        """The same for the same people, whoever begins."""
        people = sorted(str(one) for one in {*others, self.ctx.principal.id})
        return sha256("|".join(people).encode()).hexdigest()

    async def update(self, discussion_id: UUID, data: DiscussionPatch, version: int) -> Json[DiscussionRead]:
        await self._looked_after(discussion_id)
        return await self.rooms.edit(discussion_id, data, version)

    async def archive(self, discussion_id: UUID, version: int) -> Json[DiscussionRead]:
        """Raises DiscussionOwnersOnly, DiscussionArchived."""
        if (await self._looked_after(discussion_id)).archived_at is not None:
            raise DiscussionArchived
        return await self.rooms.edit(discussion_id, {"archived_at": now()}, version)

    async def reopen(self, discussion_id: UUID, version: int) -> Json[DiscussionRead]:
        """Raises DiscussionOwnersOnly, DiscussionNotArchived."""
        if (await self._looked_after(discussion_id)).archived_at is None:
            raise DiscussionNotArchived
        return await self.rooms.edit(discussion_id, {"archived_at": None}, version)

    # --- who follows it

    async def join(self, discussion_id: UUID) -> Json[DiscussionRead]:
        """Raises NotFound, DiscussionArchived. Again, it changes nothing."""
        self.ctx.begin()
        room = (await self.rooms.get(discussion_id)).value
        if room.archived_at is not None:
            raise DiscussionArchived
        await self._joined(discussion_id, [self.ctx.principal.id])
        return await self.rooms.get(discussion_id)

    async def leave(self, discussion_id: UUID) -> None:
        """Raises NotFound, DiscussionNotJoined, DiscussionMembersFixed."""
        room, mine = await self._mine(discussion_id)
        if room.kind is _KIND.DIRECT:
            raise DiscussionMembersFixed
        await self._gone(mine)

    async def invite(self, discussion_id: UUID, data: DiscussionInvitation) -> Json[DiscussionRead]:
        """By who follows it. Raises DiscussionOwnersOnly, DiscussionMembersFixed, ValidationFailed."""
        room, mine = await self._mine(discussion_id)
        if room.kind is _KIND.DIRECT:
            raise DiscussionMembersFixed
        if data.role is DiscussionRole.OWNER and mine.role is not DiscussionRole.OWNER:
            raise DiscussionOwnersOnly
        if room.kind is _KIND.OBJECT:
            await Audience(self.ctx).refuse_outsiders(discussion_id, data.user_ids, "/user_ids")
        else:
            await UserService(self.ctx).refuse_unknown(data.user_ids, "/user_ids")
        await self._joined(discussion_id, data.user_ids, data.role)
        return await self.rooms.get(discussion_id)

    async def dismiss(self, discussion_id: UUID, user_id: UUID) -> None:
        """Raises NotFound, DiscussionOwnersOnly, DiscussionMembersFixed."""
        room = await self._looked_after(discussion_id)
        if room.kind is _KIND.DIRECT:
            raise DiscussionMembersFixed
        member = await self.members.of(discussion_id, user_id)
        if member is None:
            raise NotFound(id=str(user_id))
        await self._gone(member)

    async def read_up_to(self, discussion_id: UUID, number: int) -> Json[DiscussionRead]:
        """Raises NotFound, DiscussionNotJoined."""
        self.ctx.begin()
        await self.rooms.get(discussion_id)
        if not await self.members.read_up_to(discussion_id, number):
            raise DiscussionNotJoined
        return await self.rooms.get(discussion_id)

    async def prefer(self, discussion_id: UUID, *, muted: bool) -> Json[DiscussionRead]:
        """Raises NotFound, DiscussionNotJoined."""
        _, mine = await self._mine(discussion_id)
        mine.muted = muted
        await self.members.save(mine)
        return await self.rooms.get(discussion_id)

    async def hand_over(self, user_id: UUID) -> None:
        """Somebody has left the company: their rooms go on without them."""
        rooms = await self.members.rooms_of(user_id)
        await self.members.leave_all(user_id)
        for discussion_id in rooms:
            await self._inherit(discussion_id)

    # --- inside

    async def _looked_after(self, discussion_id: UUID) -> DiscussionRead:
        """Raises NotFound, DiscussionOwnersOnly."""
        self.ctx.begin()
        room = (await self.rooms.get(discussion_id)).value
        if room.my_role is not DiscussionRole.OWNER:
            raise DiscussionOwnersOnly
        return room

    async def _mine(self, discussion_id: UUID) -> tuple[DiscussionRead, DiscussionMember]:
        """Raises NotFound, DiscussionNotJoined."""
        self.ctx.begin()
        room = (await self.rooms.get(discussion_id)).value
        mine = await self.members.mine(discussion_id)
        if mine is None:
            raise DiscussionNotJoined
        return room, mine

    async def _joined(self, discussion_id: UUID, user_ids: Sequence[UUID], *role: Any) -> None:
        if await self.members.join(discussion_id, user_ids, *role):
            await publish(self.ctx, DiscussionJoined(discussion_id))

    async def _gone(self, member: DiscussionMember) -> None:
        discussion_id = member.discussion_id
        await self.members.remove(member)
        await self._inherit(discussion_id)
        await publish(self.ctx, DiscussionLeft(discussion_id))

    async def _inherit(self, discussion_id: UUID) -> None:
        """A room whose last owner has left is looked after by who has followed it the longest."""
        heir = await self.members.heir(discussion_id)
        if heir is not None and not await self.members.has_owner(discussion_id):
            heir.role = DiscussionRole.OWNER
            await self.members.save(heir)

"""Who of the staff could read a room if they looked: judged with the rights of each, as of now."""

from collections.abc import Sequence
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.objects import seen_objects
from crm_api.core.principal import Principal
from crm_api.discussions.repository.rooms import DiscussionRepository, MemberRepository
from crm_api.kit.errors import NotFound, ValidationFailed
from crm_api.users.access import UserAccess
from crm_api.users.models import UserStatus
from crm_api.users.service import UserService

READS = "discussions:read"


class Audience:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def refuse_outsiders(self, discussion_id: UUID, user_ids: Sequence[UUID], pointer: str) -> None:
        """Members may read it, others may where it is open to them. Raises ValidationFailed."""
        others = await self._strangers(discussion_id, user_ids, pointer)
        for user_id in others:
            theirs = await self._seat(user_id)
            if theirs is None or not await DiscussionRepository(theirs).seen([discussion_id]):
                raise _cannot_read(pointer, user_ids.index(user_id))

    async def refuse_blind(
        self, object_type: str, object_id: UUID, user_ids: Sequence[UUID], pointer: str
    ) -> None:
        """A room of an object is for who sees the object. Raises ValidationFailed."""
        for at, user_id in enumerate(user_ids):
            theirs = await self._seat(user_id)
            if theirs is None or not await seen_objects(theirs, object_type, [object_id]):
                raise _cannot_read(pointer, at)

    async def _strangers(self, discussion_id: UUID, user_ids: Sequence[UUID], pointer: str) -> list[UUID]:
        await UserService(self.ctx).refuse_unknown(user_ids, pointer)
        known = await MemberRepository(self.ctx).among(discussion_id, user_ids)
        return [user_id for user_id in user_ids if user_id not in known]

    async def _seat(self, user_id: UUID) -> Context | None:
        """As if they asked; None for who does not work here any more, or may not read discussions at all."""
        try:
            authority = await UserAccess(self.ctx).authority(user_id)
        except NotFound:
            return None
        if authority.status is not UserStatus.ACTIVE or READS not in authority.scopes:
            return None
        principal = Principal(
            id=user_id,
            organization_id=self.ctx.organization_id,
            scopes=authority.scopes,
            data_scope=authority.data_scope,
            agency_id=authority.agency_id,
            agency_ids=authority.agency_ids,
        )
        return Context(principal, self.ctx.database, self.ctx.tools)


def _cannot_read(pointer: str, at: int) -> ValidationFailed:
    return ValidationFailed.at(
        f"{pointer}/{at}", "cannot_read_discussion", "This colleague cannot read the discussion."
    )

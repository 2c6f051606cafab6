"""Rooms, who follows them, and what is new there."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Executable,
    ScalarSelect,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.discussions.errors import DiscussionExists
from crm_api.discussions.models import (
    Discussion,
    DiscussionKind,
    DiscussionMember,
    DiscussionMessage,
    DiscussionRole,
)
from crm_api.discussions.schemas.room import DiscussionMemberRead, DiscussionRead, UnreadDiscussion
from crm_api.discussions.sight import reach, rooms_in_sight
from crm_api.kit.ids import new_id

MOST_COUNTED, MOST_ROOMS = "100", "500"
_NOTHING: ColumnElement[int] = literal_column("0")


class DiscussionRepository(Repository[Discussion, DiscussionRead]):
    model, read = Discussion, DiscussionRead
    refusals = {"uq_discussions_object": DiscussionExists, "uq_discussions_direct": DiscussionExists}

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.visibility = reach(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        return rooms_in_sight(self.ctx)

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        room = table_of(Discussion).c
        members = table_of(DiscussionMember).alias("member")
        here = members.c.organization_id == room.organization_id, members.c.discussion_id == room.id
        count = select(func.count()).select_from(members).where(*here).scalar_subquery()
        people = select(members.c.user_id).where(*here).order_by(members.c.user_id)
        read = func.coalesce(_mine("last_read_number"), _NOTHING)
        is_direct = room.kind == literal_column(f"'{DiscussionKind.DIRECT.value}'")
        nobody = cast(literal_column("'{}'", Text()), ARRAY(Uuid()))
        return {
            **super().columns(),
            "member_count": count,
            "member_ids": case(
                (is_direct, func.array(people.scalar_subquery(), type_=ARRAY(Uuid()))), else_=nobody
            ),
            "my_role": _mine("role"),
            "muted": func.coalesce(_mine("muted"), literal_column("false")),
            "last_read_number": read,
            "unread": case((_mine("last_read_number").is_(None), _NOTHING), else_=_unread(room, read)),
            "mentioned": func.coalesce(_mine("last_mention_number"), _NOTHING) > read,
        }

    # --- what is new

    async def unread(self) -> list[UnreadDiscussion]:
        """Of the rooms that one follows: one statement."""
        rows = await self.rows("unread", self._unread)
        names = UnreadDiscussion.model_fields
        return [UnreadDiscussion.model_validate(dict(zip(names, row, strict=True))) for row in rows]

    def _unread(self) -> Select[Any]:
        room, member = table_of(Discussion).c, table_of(DiscussionMember).c
        told = member.last_mention_number > member.last_read_number
        fresh = select(_unread(room, member.last_read_number).label("count")).lateral("fresh")
        return (
            self.select(room.id, fresh.c.count, told, room.last_number, member.last_read_number)
            .select_from(
                table_of(DiscussionMember)
                .join(
                    table_of(Discussion),
                    and_(room.organization_id == member.organization_id, room.id == member.discussion_id),
                )
                .join(fresh, true())
            )
            .where(
                member.organization_id == bindparam("organization_id"),
                member.user_id == bindparam("actor_id", type_=Uuid()),
                room.archived_at.is_(None),
                room.last_number > member.last_read_number,
                or_(~member.muted, told),
                fresh.c.count > _NOTHING,
            )
            .order_by(room.last_message_at.desc(), room.id.desc())
            .limit(literal_column(MOST_ROOMS))
        )

    async def next_number(self, discussion_id: UUID) -> int:
        """For a message that is about to be said; the room is locked by whoever asks."""
        rows = await self.ctx.write(self._statement("next number", self._next_number), {"id": discussion_id})
        return int(rows[0][0])

    def _next_number(self) -> Executable:
        table = table_of(Discussion)
        own = (
            table.c.organization_id == bindparam("organization_id"),
            table.c.id == bindparam("id", type_=Uuid()),
        )
        later = {
            "last_number": table.c.last_number + literal_column("1"),
            "last_message_at": func.clock_timestamp(),
        }
        return update(table).where(*own).values(later).returning(table.c.last_number)


class MemberRepository(Repository[DiscussionMember, DiscussionMemberRead]):
    """Of rooms that were found to be in sight."""

    model, read = DiscussionMember, DiscussionMemberRead

    async def mine(self, discussion_id: UUID) -> DiscussionMember | None:
        return await self.of(discussion_id, self.ctx.principal.id)

    async def of(self, discussion_id: UUID, user_id: UUID) -> DiscussionMember | None:
        return await self.ctx.session.scalar(
            select(DiscussionMember).where(
                DiscussionMember.discussion_id == discussion_id, DiscussionMember.user_id == user_id
            )
        )

    async def among(self, discussion_id: UUID, user_ids: Sequence[UUID]) -> set[UUID]:
        """Those of them that follow it."""
        return set(
            await self.ctx.session.scalars(
                select(DiscussionMember.user_id).where(
                    DiscussionMember.discussion_id == discussion_id, DiscussionMember.user_id.in_(user_ids)
                )
            )
        )

    async def muting(self, discussion_id: UUID, user_ids: Sequence[UUID]) -> set[UUID]:
        """Those of them who wish not to be bothered."""
        return set(
            await self.ctx.session.scalars(
                select(DiscussionMember.user_id).where(
                    DiscussionMember.discussion_id == discussion_id,
                    DiscussionMember.user_id.in_(user_ids),
                    DiscussionMember.muted,
                )
            )
        )

    async def join(
        self, discussion_id: UUID, user_ids: Sequence[UUID], role: DiscussionRole = DiscussionRole.MEMBER
    ) -> int:
        """They follow it, having read all that was said so far; how many did not before."""
        known = await self.among(discussion_id, user_ids)
        fresh = [user_id for user_id in dict.fromkeys(user_ids) if user_id not in known]
        if not fresh:
            return 0
        room = await self.ctx.session.get_one(Discussion, (self.ctx.organization_id, discussion_id))
        await self.ctx.session.refresh(room, ["last_number"])
        rows = [
            {
                "organization_id": self.ctx.organization_id,
                "id": new_id(),
                "version": 1,
                "discussion_id": discussion_id,
                "user_id": user_id,
                "role": role,
                "last_read_number": room.last_number,
                "created_by_id": self.ctx.principal.id,
            }
            for user_id in fresh
        ]
        written = await self.ctx.session.scalars(
            insert(table_of(DiscussionMember))
            .values(rows)
            .on_conflict_do_nothing()
            .returning(table_of(DiscussionMember).c.id)
        )
        return len(written.all())

    async def heir(self, discussion_id: UUID) -> DiscussionMember | None:
        """Who looks after a room when its last owner leaves: who has followed it the longest."""
        return await self.ctx.session.scalar(
            select(DiscussionMember)
            .where(DiscussionMember.discussion_id == discussion_id)
            .order_by(DiscussionMember.created_at, DiscussionMember.id)
            .limit(1)
        )

    async def has_owner(self, discussion_id: UUID) -> bool:
        found = select(DiscussionMember.id).where(
            DiscussionMember.discussion_id == discussion_id, DiscussionMember.role == DiscussionRole.OWNER
        )
        return await self.ctx.session.scalar(found.limit(1)) is not None

    async def rooms_of(self, user_id: UUID) -> list[UUID]:
        found = select(DiscussionMember.discussion_id).where(DiscussionMember.user_id == user_id)
        return list(await self.ctx.session.scalars(found))

    async def leave_all(self, user_id: UUID) -> None:
        mine = DiscussionMember.organization_id == self.ctx.organization_id
        await self.ctx.session.execute(
            delete(DiscussionMember).where(mine, DiscussionMember.user_id == user_id)
        )

    async def read_up_to(self, discussion_id: UUID, number: int) -> bool:
        """Never back; whether one follows the room. It is no change that anybody is told of."""
        values = {"discussion_id": discussion_id, "number": number}
        return bool(await self.ctx.write(self._statement("read up to", self._read_up_to), values))

    def _read_up_to(self) -> Executable:
        member, room = table_of(DiscussionMember), table_of(Discussion)
        number = bindparam("number", type_=member.c.last_read_number.type)
        values = {
            "last_read_number": func.greatest(
                member.c.last_read_number, func.least(number, room.c.last_number)
            ),
            "last_read_at": func.clock_timestamp(),
        }
        return (
            update(member)
            .where(
                member.c.organization_id == bindparam("organization_id"),
                member.c.discussion_id == bindparam("discussion_id", type_=Uuid()),
                member.c.user_id == bindparam("actor_id", type_=Uuid()),
                room.c.organization_id == member.c.organization_id,
                room.c.id == member.c.discussion_id,
            )
            .values(values)
            .returning(member.c.id)
        )

    async def named(self, discussion_id: UUID, number: int, user_ids: Sequence[UUID]) -> None:
        """Their list says that somebody named them."""
        values = {"discussion_id": discussion_id, "number": number, "user_ids": [*user_ids]}
        await self.ctx.write(self._statement("named", self._named), values)

    def _named(self) -> Executable:
        member = table_of(DiscussionMember)
        return (
            update(member)
            .where(
                member.c.organization_id == bindparam("organization_id"),
                member.c.discussion_id == bindparam("discussion_id", type_=Uuid()),
                member.c.user_id == any_(bindparam("user_ids", type_=ARRAY(Uuid()))),
            )
            .values(last_mention_number=bindparam("number", type_=member.c.last_mention_number.type))
            .returning(member.c.id)
        )


def _mine(column: str) -> ScalarSelect[Any]:
    """Of the principal's own membership; null without one."""
    room, member = table_of(Discussion).c, table_of(DiscussionMember).alias("mine")
    return (
        select(member.c[column])
        .where(
            member.c.organization_id == room.organization_id,
            member.c.discussion_id == room.id,
            member.c.user_id == bindparam("actor_id", type_=Uuid()),
        )
        .correlate_except(member)
        .scalar_subquery()
    )


def _unread(room: Any, read: ColumnElement[int]) -> ScalarSelect[Any]:
    """Messages of others beyond `read`, a hundred at most: an old backlog costs no more than a fresh one."""
    said = table_of(DiscussionMessage).alias("fresh_message")
    fresh = (
        select(literal_column("1"))
        .select_from(said)
        .where(
            said.c.organization_id == room.organization_id,
            said.c.discussion_id == room.id,
            said.c.number > read,
            said.c.author_id != bindparam("actor_id", type_=Uuid()),
            said.c.removed_at.is_(None),
        )
        .limit(literal_column(MOST_COUNTED))
        .correlate_except(said)
        .subquery("counted")
    )
    return select(func.count()).select_from(fresh).scalar_subquery()

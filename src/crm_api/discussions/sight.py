"""Which rooms exist for somebody: the same condition for rooms, messages, searches and streams.

Nobody but a person of the staff sees any: not a program, not a partner, not a customer of the portal, not
the house itself. An administrator is a person like others here.
"""

from collections.abc import Hashable
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    false,
    literal_column,
    or_,
    select,
)

from crm_api.core.context import Context
from crm_api.core.inheritance import object_in_sight, sights
from crm_api.core.plain import table_of
from crm_api.core.sight import scopes_of
from crm_api.discussions.models import ABOUT, OPEN_KINDS, Discussion, DiscussionKind, DiscussionMember
from crm_api.roles.models import GroupMember


def reach(ctx: Context) -> Hashable:
    """What the shape of `rooms_in_sight` depends on."""
    return (True, sights(ctx, Discussion.label, _read(ctx))) if ctx.principal.is_person else (False,)


def _read(ctx: Context) -> list[str]:
    """The kinds of object that the principal may read at all."""
    return [kind for kind in ABOUT if scopes_of(ctx.tools, kind) <= ctx.principal.scopes]


def rooms_in_sight(ctx: Context) -> list[ColumnElement[bool]]:
    """Parameters only, no values. Rooms of an object belong to who sees the object, members or not."""
    room = table_of(Discussion).c
    own = room.organization_id == bindparam("organization_id")
    if not ctx.principal.is_person:
        return [own, false()]
    about = object_in_sight(ctx, Discussion.label, room.object_type, room.object_id, _read(ctx))
    is_object = room.kind == _word(DiscussionKind.OBJECT)
    is_open = room.kind.in_([_word(kind) for kind in OPEN_KINDS])
    return [
        own,
        or_(
            and_(room.kind != _word(DiscussionKind.OBJECT), follows()),
            and_(is_open, _of_team()),
            and_(is_object, about),
        ),
    ]


def follows() -> ColumnElement[bool]:
    """Whether the principal is a member."""
    room, member = table_of(Discussion).c, table_of(DiscussionMember).alias("follower")
    return exists(
        select(literal_column("1"))
        .select_from(member)
        .where(
            member.c.organization_id == room.organization_id,
            member.c.discussion_id == room.id,
            member.c.user_id == _me(),
        )
        .correlate_except(member)
    )


def followed() -> Select[tuple[UUID]]:
    """The rooms that the principal follows."""
    member = table_of(DiscussionMember).alias("following")
    return select(member.c.discussion_id).where(
        member.c.organization_id == bindparam("organization_id"), member.c.user_id == _me()
    )


def _of_team() -> ColumnElement[bool]:
    """For everybody, or for the agency or the group of the principal."""
    room, link = table_of(Discussion).c, GroupMember.__table__.alias("teammate")
    below = room.agency_id == any_(bindparam("agency_ids", type_=ARRAY(Uuid())))
    in_group = exists(
        select(literal_column("1"))
        .select_from(link)
        .where(
            link.c.organization_id == room.organization_id,
            link.c.group_id == room.group_id,
            link.c.user_id == _me(),
        )
        .correlate_except(link)
    )
    nobodys = and_(room.agency_id.is_(None), room.group_id.is_(None))
    return or_(nobodys, room.agency_id == bindparam("team_id", type_=Uuid()), below, in_group)


def _me() -> ColumnElement[object]:
    return bindparam("actor_id", type_=Uuid())


def _word(kind: DiscussionKind) -> ColumnElement[str]:
    return literal_column(f"'{kind.value}'")

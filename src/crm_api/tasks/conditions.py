"""The conditions by which tasks are listed."""

from collections.abc import Hashable, Mapping
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Uuid, bindparam, exists, false, func, literal_column, not_
from sqlalchemy.orm import InstrumentedAttribute

from crm_api.roles.models import GroupMember
from crm_api.tasks.models import IS_UNFINISHED, Task

_UNFINISHED = literal_column(IS_UNFINISHED, Boolean())


def whose_they_are(_: str, kind: Hashable) -> ColumnElement[bool]:
    me = bindparam("actor_id", type_=Uuid())
    columns: Mapping[Hashable, InstrumentedAttribute[Any]] = {
        "mine": Task.assignee_user_id,
        "made_by_me": Task.created_by_id,
        "delegated_by_me": Task.delegated_by_id,
    }
    if kind == "my_groups":
        return _of_my_groups()
    return columns[kind] == me if kind in columns else false()


def are_unfinished(_: str, wanted: Hashable) -> ColumnElement[bool]:
    return _UNFINISHED if wanted else not_(_UNFINISHED)


def are_overdue(_: str, wanted: Hashable) -> ColumnElement[bool]:
    late = _UNFINISHED & (Task.due_at < func.now())
    return late if wanted else not_(late)


def _of_my_groups() -> ColumnElement[bool]:
    return exists().where(
        GroupMember.organization_id == bindparam("organization_id", type_=Uuid()),
        GroupMember.group_id == Task.group_id,
        GroupMember.user_id == bindparam("actor_id", type_=Uuid()),
    )

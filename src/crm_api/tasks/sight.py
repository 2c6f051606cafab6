"""Which tasks somebody sees: for the lists of tasks, and for the timeline."""

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, or_, select

from crm_api.core.plain import table_of
from crm_api.core.visibility import Variant
from crm_api.roles.models import GroupMember
from crm_api.tasks.models import Task


def seen_tasks(reach: Variant) -> list[ColumnElement[bool]]:
    """Mine, made or handed on by me, of one of my groups, of one of my agencies."""
    if reach == "all":
        return []
    tasks, me = table_of(Task).c, bindparam("actor_id", type_=Uuid())
    mine = [tasks.assignee_user_id == me, tasks.created_by_id == me, tasks.delegated_by_id == me]
    mine.append(
        tasks.group_id.in_(
            select(GroupMember.group_id).where(
                GroupMember.organization_id == bindparam("organization_id", type_=Uuid()),
                GroupMember.user_id == me,
            )
        )
    )
    if reach == "agencies":
        mine.append(tasks.agency_id == any_(bindparam("agency_ids", type_=ARRAY(Uuid()))))
    return [or_(*mine)]

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    text,
)

from crm_api.agencies.models import Agency
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.visibility import Variant, variant_of
from crm_api.roles.models import Group, GroupMember
from crm_api.tasks.errors import UnknownAssignee, UnknownAssigneeGroup, UnknownBlocker, UnknownTaskAgency
from crm_api.tasks.models import Task, TaskDependency
from crm_api.tasks.schemas.task import TaskRead
from crm_api.tasks.sight import seen_tasks
from crm_api.users.models import User, UserStatus

CALL_CENTRE = "call_centre"
"""The group of the seed that answers every customer."""
_UNFINISHED = "('open', 'in_progress')"
# Every task that the ones named wait for, directly or through others.
_WAITED_FOR = """WITH RECURSIVE waited AS (
    SELECT blocker_id FROM task_dependencies
    WHERE organization_id = :organization_id AND task_id = ANY (:ids)
    UNION
    SELECT d.blocker_id FROM task_dependencies d JOIN waited ON d.task_id = waited.blocker_id
    WHERE d.organization_id = :organization_id
) SELECT blocker_id FROM waited"""


class TaskRepository(Repository[Task, TaskRead]):
    model, read = Task, TaskRead
    refusals = {
        "fk_tasks_assignee": UnknownAssignee,
        "fk_tasks_group": UnknownAssigneeGroup,
        "fk_tasks_agency": UnknownTaskAgency,
        "fk_task_dependencies_blocker": UnknownBlocker,
    }

    visibility: Variant

    def __init__(self, ctx: Context) -> None:
        self.visibility = variant_of(ctx.principal)
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        return [*super().visible(), *seen_tasks(self.visibility)]

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        tasks, links = table_of(Task).c, TaskDependency.__table__.alias("link")
        blockers = table_of(Task).alias("blocker")
        waits = links.c.organization_id == tasks.organization_id, links.c.task_id == tasks.id
        unfinished: ColumnElement[bool] = literal_column(
            f"blocker.status IN {_UNFINISHED} AND blocker.deleted_at IS NULL"
        )
        # A scalar, not EXISTS: PostgreSQL would first hash every blocked task of the organization (90 ms).
        blocker = (
            select(literal_column("true"))
            .where(
                *waits,
                blockers.c.organization_id == links.c.organization_id,
                blockers.c.id == links.c.blocker_id,
                unfinished,
            )
            .limit(literal_column("1"))
            .scalar_subquery()
        )
        ids = select(links.c.blocker_id).where(*waits).order_by(links.c.blocker_id)
        late = tasks.status.in_([literal_column("'open'"), literal_column("'in_progress'")])
        return {
            **super().columns(),
            "is_overdue": late & (tasks.due_at < func.now()),
            "is_blocked": blocker.is_not(None),
            "blocked_by_ids": func.array(ids.scalar_subquery(), type_=ARRAY(Uuid())),
        }

    # --- who does it

    async def active_colleague(self, user_id: UUID) -> UUID | None:
        """The agency of an active user. Raises UnknownAssignee."""
        rows = await self._colleague(user_id)
        if not rows:
            raise UnknownAssignee
        agency_id: UUID | None = rows[0][0]
        return agency_id

    async def is_active(self, user_id: UUID) -> bool:
        return bool(await self._colleague(user_id))

    async def _colleague(self, user_id: UUID) -> Sequence[Sequence[Any]]:
        return await self.rows(
            "colleague",
            lambda: select(User.agency_id).where(
                User.organization_id == bindparam("organization_id"),
                User.id == bindparam("user_id"),
                User.status == UserStatus.ACTIVE,
            ),
            {"user_id": user_id},
        )

    async def leads_agency(self, agency_id: UUID) -> bool:
        """Whether this principal is the head of that agency."""
        rows = await self.rows(
            "head",
            lambda: select(Agency.id).where(
                Agency.organization_id == bindparam("organization_id"),
                Agency.id == bindparam("agency_id"),
                Agency.manager_user_id == bindparam("actor_id"),
            ),
            {"agency_id": agency_id},
        )
        return bool(rows)

    async def in_group(self, group_id: UUID) -> bool:
        """Whether this principal is one of its members."""
        rows = await self.rows(
            "member",
            lambda: select(GroupMember.user_id).where(
                GroupMember.organization_id == bindparam("organization_id"),
                GroupMember.group_id == bindparam("group_id"),
                GroupMember.user_id == bindparam("actor_id"),
            ),
            {"group_id": group_id},
        )
        return bool(rows)

    # --- what it waits for

    async def wait_for(self, task_id: UUID, blocker_ids: Collection[UUID]) -> None:
        """For these, and for no others."""
        session = self.ctx.session
        await session.execute(delete(TaskDependency).where(TaskDependency.task_id == task_id))
        session.add_all(TaskDependency(task_id=task_id, blocker_id=each) for each in sorted(blocker_ids))
        with self.refusing():
            await session.flush()

    async def waited_for(self, ids: Collection[UUID]) -> set[UUID]:
        """Everything that these tasks wait for. Who changes dependencies comes one after the other."""
        organization_id = self.ctx.organization_id
        lock = func.pg_advisory_xact_lock(func.hashtextextended(f"{organization_id}|task dependencies", 0))
        await self.ctx.session.execute(select(lock))
        values = {"organization_id": organization_id, "ids": [*ids]}
        typed = text(_WAITED_FOR).bindparams(bindparam("ids", type_=ARRAY(Uuid())))
        return {row[0] for row in await self.ctx.session.execute(typed, values)}

    async def open_blockers(self, task_id: UUID) -> int:
        rows = await self.rows(
            "open blockers",
            lambda: (
                select(func.count())
                .select_from(TaskDependency)
                .join(
                    Task,
                    (Task.organization_id == TaskDependency.organization_id)
                    & (Task.id == TaskDependency.blocker_id),
                )
                .where(
                    TaskDependency.organization_id == bindparam("organization_id"),
                    TaskDependency.task_id == bindparam("task_id"),
                    literal_column(f"tasks.status IN {_UNFINISHED} AND tasks.deleted_at IS NULL"),
                )
            ),
            {"task_id": task_id},
        )
        return int(rows[0][0])

    # --- tasks that the house makes

    async def with_key(self, dedupe_key: str) -> Task | None:
        """Locked until the end of the use case; equal ones are made one after the other."""
        name = f"{self.ctx.organization_id}|task|{dedupe_key}"
        lock = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", name, Text()), 0)))
        await self.ctx.session.execute(lock)
        statement = select(Task).where(Task.dedupe_key == dedupe_key).with_for_update()
        return await self.ctx.session.scalar(statement)

    async def who_answers(self, agency_id: UUID | None) -> tuple[UUID | None, UUID | None]:
        """Of an agency its active head; else the group of the call centre. Raises UnknownAssignee."""
        head = (
            select(User.id)
            .join(
                Agency, (Agency.organization_id == User.organization_id) & (Agency.manager_user_id == User.id)
            )
            .where(Agency.id == agency_id, User.status == UserStatus.ACTIVE)
        )
        if agency_id and (found := await self.ctx.session.scalar(head)):
            return found, None
        group = await self.ctx.session.scalar(select(Group.id).where(Group.code == CALL_CENTRE))
        if group is None:
            raise UnknownAssignee
        return None, group

    async def newly_overdue(self, most: int) -> Sequence[Task]:
        """Those whose moment has passed and of which nobody was told, the oldest first."""
        statement = (
            select(Task)
            .where(
                literal_column(f"tasks.status IN {_UNFINISHED}"),
                Task.deleted_at.is_(None),
                Task.due_at < func.now(),
                Task.overdue_told_at.is_(None),
            )
            .order_by(Task.due_at, Task.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        return (await self.ctx.session.scalars(statement)).all()

    async def move_unfinished(self, column: str, from_id: UUID, to_id: UUID) -> None:
        """What an agency or a colleague has not finished goes to another, with its lines in the journal."""
        await self.edit_all(
            f"unfinished of {column}",
            lambda: [
                table_of(Task).c[column] == bindparam("leaving"),
                literal_column(f"tasks.status IN {_UNFINISHED}"),
            ],
            {"leaving": from_id},
            {column: to_id},
        )

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, delete, exists, func, not_, or_, select
from sqlalchemy.dialects.postgresql import insert

from crm_api.channels.models.inboxes import Inbox, InboxItem, InboxReading
from crm_api.channels.schemas.items import ME, InboxItemRead
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.visibility import visible_rows
from crm_api.roles.models import GroupMember


class InboxItemRepository(Repository[InboxItem, InboxItemRead]):
    model, read = InboxItem, InboxItemRead
    rows_by_owner = True

    def visible(self) -> list[ColumnElement[bool]]:
        """Mine, those of my agencies, and all that is in the inboxes of my groups."""
        table = table_of(InboxItem)
        mine = table.c.organization_id == bindparam("organization_id")
        seen = visible_rows(table, self.visibility)
        return [mine, or_(*seen, _of_my_team(table))] if seen else [mine]

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        table, readings = table_of(InboxItem), InboxReading.__table__
        read = exists().where(
            readings.c.organization_id == table.c.organization_id,
            readings.c.inbox_item_id == table.c.id,
            readings.c.user_id == ME,
            readings.c.read_at >= table.c.last_inbound_at,
        )
        return {**super().columns(), "is_unread": not_(read)}

    async def of_ticket(self, ticket_id: UUID) -> InboxItem | None:
        """Locked, whoever sees it."""
        found: InboxItem | None = await self.ctx.session.scalar(
            select(InboxItem)
            .where(InboxItem.organization_id == self.ctx.organization_id, InboxItem.ticket_id == ticket_id)
            .with_for_update()
        )
        return found

    async def seen_of(self, ids: Sequence[UUID]) -> list[InboxItem]:
        """Those of `ids` that this principal sees, locked in one order."""
        statement = select(InboxItem).where(*self.visible(), InboxItem.id.in_(ids))
        ordered = statement.order_by(InboxItem.id).with_for_update()
        return list(await self.ctx.session.scalars(ordered, self.ctx.bound))

    async def mark(self, ids: Sequence[UUID], at: datetime | None) -> None:
        """Read by this principal up to then; None: not read."""
        if not ids:
            return
        me, mine = self.ctx.principal.id, self.ctx.organization_id
        if at is None:
            await self.ctx.session.execute(
                delete(InboxReading).where(
                    InboxReading.organization_id == mine,
                    InboxReading.user_id == me,
                    InboxReading.inbox_item_id.in_(ids),
                )
            )
            return
        rows = [{"organization_id": mine, "user_id": me, "inbox_item_id": id, "read_at": at} for id in ids]
        statement = insert(InboxReading).values(rows)
        later = func.greatest(InboxReading.read_at, statement.excluded.read_at)
        await self.ctx.session.execute(
            statement.on_conflict_do_update(
                index_elements=["organization_id", "user_id", "inbox_item_id"], set_={"read_at": later}
            )
        )


def _of_my_team(table: Any) -> ColumnElement[bool]:
    inboxes, members = table_of(Inbox), GroupMember.__table__
    mine = (
        select(inboxes.c.id)
        .join(
            members,
            (members.c.organization_id == inboxes.c.organization_id)
            & (members.c.group_id == inboxes.c.group_id),
        )
        .where(
            inboxes.c.organization_id == bindparam("organization_id"),
            members.c.user_id == bindparam("actor_id", type_=Uuid()),
        )
    )
    condition: ColumnElement[bool] = table.c.inbox_id.in_(mine)
    return condition

"""Statuses, categories and settings of an organization."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.kit.ids import new_id
from crm_api.tickets.errors import (
    TicketCategoryCodeTaken,
    TicketStatusCodeTaken,
    TicketStatusNeeded,
    UnknownTicketPart,
)
from crm_api.tickets.models.setup import TicketCategory, TicketSettings, TicketStatusOption
from crm_api.tickets.models.words import TicketStatus
from crm_api.tickets.schemas.settings import TicketSettingsRead
from crm_api.tickets.schemas.setup import TicketCategoryRead, TicketStatusRead


class TicketStatusRepository(Repository[TicketStatusOption, TicketStatusRead]):
    model, read = TicketStatusOption, TicketStatusRead
    refusals = {
        "uq_ticket_statuses_code": TicketStatusCodeTaken,
        "ck_ticket_statuses_default_is_active": TicketStatusNeeded,
    }

    async def default_of(self, category: TicketStatus) -> TicketStatusOption | None:
        found = select(TicketStatusOption).where(
            TicketStatusOption.organization_id == self.ctx.organization_id,
            TicketStatusOption.category == category,
            TicketStatusOption.is_default.is_(True),
        )
        return await self.ctx.session.scalar(found)

    async def furnish(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Those that are not there yet."""
        who = {"organization_id": self.ctx.organization_id, "created_by_id": self.ctx.principal.id}
        values = [{"id": new_id(), "version": 1, **who, **row} for row in rows]
        await self.ctx.session.execute(insert(TicketStatusOption).values(values).on_conflict_do_nothing())

    async def undefault(self, category: TicketStatus) -> None:
        """Room for another default of the category."""
        row = await self.default_of(category)
        if row is not None:
            row.is_default = False
            await self.save(row)


class TicketCategoryRepository(Repository[TicketCategory, TicketCategoryRead]):
    model, read = TicketCategory, TicketCategoryRead
    refusals = {
        "uq_ticket_categories_code": TicketCategoryCodeTaken,
        "fk_ticket_categories_parent": UnknownTicketPart,
        "fk_ticket_categories_group": UnknownTicketPart,
    }

    async def height(self, category_id: UUID) -> int:
        """Levels below it."""
        child, grandchild = table_of(TicketCategory).alias("child"), table_of(TicketCategory).alias("grand")
        rows = await self.rows(
            "height",
            lambda: (
                select(func.count(child.c.id), func.count(grandchild.c.id))
                .select_from(child)
                .outerjoin(
                    grandchild,
                    (grandchild.c.organization_id == child.c.organization_id)
                    & (grandchild.c.parent_id == child.c.id),
                )
                .where(
                    child.c.organization_id == bindparam("organization_id"),
                    child.c.parent_id == bindparam("category_id", type_=Uuid()),
                )
            ),
            {"category_id": category_id},
        )
        return 2 if rows[0][1] else 1 if rows[0][0] else 0

    async def relevel(self, parent_id: UUID, level: int) -> None:
        """What is below it stands one level lower."""
        found = select(TicketCategory).where(
            TicketCategory.organization_id == self.ctx.organization_id, TicketCategory.parent_id == parent_id
        )
        for child in (await self.ctx.session.scalars(found)).all():
            child.level = level + 1
            await self.save(child)
            await self.relevel(child.id, child.level)

    async def group_of(self, category_id: UUID) -> UUID | None:
        """Who answers such tickets: its group, else that of the category above."""
        for _ in range(3):
            row = await self.ctx.session.get(TicketCategory, (self.ctx.organization_id, category_id))
            if row is None or row.group_id is not None:
                return row.group_id if row else None
            if row.parent_id is None:
                return None
            category_id = row.parent_id
        return None


class TicketSettingsRepository(Repository[TicketSettings, TicketSettingsRead]):
    model, read = TicketSettings, TicketSettingsRead

    async def kept(self) -> tuple[dict[str, Any], int, UUID | None]:
        """What was chosen, its version, its key; nothing, 0 and None while nobody chose."""
        t = table_of(TicketSettings)
        rows = await self.rows(
            "kept", lambda: self.select(t.c.content, t.c.version, t.c.id).limit(literal_column("1"))
        )
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else ({}, 0, None)

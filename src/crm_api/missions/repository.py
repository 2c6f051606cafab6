from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Integer, Uuid, bindparam, literal_column, select

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.visibility import variant_of
from crm_api.missions.errors import UnknownAssignee, UnknownMissionAgency
from crm_api.missions.filters import is_overdue
from crm_api.missions.models import MissionOrder, MissionStatus
from crm_api.missions.schemas import MissionOrderRead
from crm_api.users.models import User

MOST_WARNINGS = 20


class MissionOrderRepository(Repository[MissionOrder, MissionOrderRead]):
    model, read = MissionOrder, MissionOrderRead
    refusals = {
        "fk_mission_orders_assignee": UnknownAssignee,
        "fk_mission_orders_agency": UnknownMissionAgency,
    }

    def __init__(self, ctx: Any) -> None:
        """Who issues orders sees those of their agencies; the others, their own (domain.md C-3)."""
        issues = "mission_orders:issue" in ctx.principal.scopes or ctx.principal.kind == "system"
        self.visibility = variant_of(ctx.principal) if issues else "own"
        super().__init__(ctx)

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        table = table_of(MissionOrder)
        return {
            **super().columns(),
            "assignee_user_id": table.c.owner_user_id,
            "is_overdue": is_overdue(table),
        }

    async def overlapping(
        self, assignee_id: UUID, starts_on: date, ends_on: date, but: UUID
    ) -> Sequence[Sequence[Any]]:
        """Other orders of that person between two days: id, number, starts_on, ends_on, in their order.

        Whoever sees them: that somebody is away is not a secret of the agency that sends.
        """
        return await self.rows(
            "overlapping",
            _overlapping,
            {"assignee": assignee_id, "first": starts_on, "last": ends_on, "but": but},
        )

    async def proof(self, mission_order_id: UUID) -> Sequence[Any] | None:
        """number, status, place, starts_on, ends_on, name of who is sent."""
        orders, users = table_of(MissionOrder), table_of(User)
        same = (users.c.organization_id == orders.c.organization_id) & (users.c.id == orders.c.owner_user_id)
        name = users.c.first_name.concat(literal_column("' '")).concat(users.c.last_name)
        columns = orders.c.number, orders.c.status, orders.c.place, orders.c.starts_on, orders.c.ends_on
        rows = await self.rows(
            "proof",
            lambda: (
                self.select(*columns, name)
                .join_from(orders, users, same)
                .where(orders.c.id == bindparam("id", type_=Uuid()))
            ),
            {"id": mission_order_id},
        )
        return rows[0] if rows else None

    async def newly_overdue(self) -> list[MissionOrder]:
        """Those that are late and of which the house has not said so yet, locked."""
        mine = MissionOrder.organization_id == self.ctx.organization_id
        late = is_overdue(), MissionOrder.overdue_since.is_(None)
        statement = select(MissionOrder).where(mine, *late).order_by(MissionOrder.ends_on).limit(1000)
        return list(await self.ctx.session.scalars(statement.with_for_update(skip_locked=True)))

    async def hand_over(self, user_id: UUID, to_user_id: UUID) -> None:
        """The drafts and orders under way of a colleague who left, with their lines in the journal."""
        orders = table_of(MissionOrder)
        await self.edit_all(
            "open of assignee",
            lambda: [orders.c.owner_user_id == bindparam("leaving"), _open(orders)],
            {"leaving": user_id},
            {"owner_user_id": to_user_id},
        )

    async def move_open(self, from_agency_id: UUID, to_agency_id: UUID) -> None:
        """The drafts and orders under way of an agency, with their lines in the journal."""
        orders = table_of(MissionOrder)
        await self.edit_all(
            "open of agency",
            lambda: [orders.c.agency_id == bindparam("closing"), _open(orders)],
            {"closing": from_agency_id},
            {"agency_id": to_agency_id},
        )


def _open(orders: Any) -> ColumnElement[bool]:
    closed: Collection[MissionStatus] = (MissionStatus.APPROVED, MissionStatus.CANCELLED)
    condition: ColumnElement[bool] = orders.c.status != MissionStatus.COMPLETED
    for status in closed:
        condition &= orders.c.status != status
    return condition


def _overlapping() -> Any:
    orders = table_of(MissionOrder)
    return (
        select(orders.c.id, orders.c.number, orders.c.starts_on, orders.c.ends_on)
        .where(
            orders.c.organization_id == bindparam("organization_id"),
            orders.c.owner_user_id == bindparam("assignee", type_=Uuid()),
            orders.c.starts_on <= bindparam("last", type_=Date()),
            orders.c.starts_on > bindparam("first", type_=Date()) - literal_column("90", Integer()),
            orders.c.ends_on >= bindparam("first", type_=Date()),
            orders.c.status != MissionStatus.CANCELLED,
            orders.c.id != bindparam("but", type_=Uuid()),
        )
        .order_by(orders.c.starts_on, orders.c.id)
        .limit(literal_column(str(MOST_WARNINGS), Integer()))
    )

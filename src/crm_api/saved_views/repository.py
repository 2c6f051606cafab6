from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.roles.errors import UnknownRole
from crm_api.saved_views.errors import ViewNameTaken
from crm_api.saved_views.models import DefaultView, SavedView, ViewVisibility
from crm_api.saved_views.schemas import SavedViewRead
from crm_api.users.models import User

ME = bindparam("actor_id", type_=Uuid())


class SavedViewRepository(Repository[SavedView, SavedViewRead]):
    """One's own, and those shared with one's role, one's agency or everybody."""

    model, read = SavedView, SavedViewRead
    refusals = {"uq_saved_views_name": ViewNameTaken, "fk_saved_views_role": UnknownRole}

    def visible(self) -> list[ColumnElement[bool]]:
        t = table_of(SavedView).c
        mine = t.owner_user_id == ME
        for_all = t.visibility == ViewVisibility.ALL
        for_role = and_(t.visibility == ViewVisibility.ROLE, t.role_id == _of_me(User.role_id))
        for_team = and_(t.visibility == ViewVisibility.TEAM, t.agency_id == _of_me(User.agency_id))
        return [*super().visible(), or_(mine, for_all, for_role, for_team)]

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        t, d = table_of(SavedView).c, DefaultView.__table__.c
        chosen = exists().where(
            d.organization_id == t.organization_id, d.user_id == ME, d.entity == t.entity, d.view_id == t.id
        )
        return {**super().columns(), "is_default": chosen}

    async def agency_of_me(self) -> UUID | None:
        found = select(User.agency_id).where(User.id == self.ctx.principal.id)
        return await self.ctx.session.scalar(found)

    async def begin_with(self, view: SavedView) -> None:
        """Instead of the one before."""
        values = {"user_id": self.ctx.principal.id, "entity": view.entity, "view_id": view.id}
        statement = insert(DefaultView).values(organization_id=self.ctx.organization_id, **values)
        keys = ["organization_id", "user_id", "entity"]
        await self.ctx.session.execute(
            statement.on_conflict_do_update(index_elements=keys, set_={"view_id": view.id})
        )

    async def begin_plain(self, view: SavedView) -> None:
        mine = DefaultView.user_id == self.ctx.principal.id, DefaultView.view_id == view.id
        own = DefaultView.organization_id == self.ctx.organization_id
        await self.ctx.session.execute(delete(DefaultView).where(own, *mine))


def _of_me(column: Any) -> Any:
    me = User.organization_id == bindparam("organization_id"), User.id == ME
    return select(column).where(*me).scalar_subquery()

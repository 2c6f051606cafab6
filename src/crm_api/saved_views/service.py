from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import MISSING

from crm_api.core.context import Context
from crm_api.core.entities import Entities, Shape
from crm_api.custom_fields.models import CustomEntity
from crm_api.custom_fields.service import CustomFieldService
from crm_api.kit.errors import Deleted, ValidationFailed, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search, Searchable, SearchFilter
from crm_api.saved_views.errors import NoTeamToShareWith, SharingNotAllowed, ViewOfSomebodyElse
from crm_api.saved_views.models import SavedView, ViewVisibility
from crm_api.saved_views.repository import SavedViewRepository
from crm_api.saved_views.schemas import (
    SavedViewCreate,
    SavedViewPage,
    SavedViewPatch,
    SavedViewQuery,
    SavedViewRead,
)

SHARE = "settings:manage"
"""To share with a role or with all, and to change what is shared so."""
WIDE = frozenset({ViewVisibility.ROLE, ViewVisibility.ALL})


class SavedViewService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.views = SavedViewRepository(ctx)
        self.shapes: Entities = ctx.tools.entities

    async def page(self, query: SavedViewQuery) -> Json[SavedViewPage]:
        return await self.views.page(query, SavedViewPage)

    async def get(self, view_id: UUID) -> Json[SavedViewRead]:
        return await self.views.get(view_id)

    async def keep(self, data: SavedViewCreate) -> Json[SavedViewRead]:
        """Raises ValidationFailed for what its list has not."""
        self.ctx.begin()
        view = SavedView(owner_user_id=self.ctx.principal.id, entity=data.entity)
        await self._fill(view, dict(data))
        return await self.views.get(view.id)

    async def update(self, view_id: UUID, data: SavedViewPatch, version: int) -> Json[SavedViewRead]:
        view = await self._own(view_id, version)
        await self._fill(view, {name: value for name, value in data if value is not MISSING})
        return await self.views.get(view_id)

    async def discard(self, view_id: UUID, version: int) -> None:
        await self._own(view_id, version)
        await self.views.discard(view_id, version)

    async def restore(self, view_id: UUID) -> Json[SavedViewRead]:
        self._refuse_stranger(await self.views.load(view_id))
        return await self.views.restore(view_id)

    async def begin_with(self, view_id: UUID) -> Json[SavedViewRead]:
        """From now on this user begins the list with it."""
        view = await self.views.load(view_id)
        if view.deleted_at is not None:
            raise Deleted(id=str(view_id))
        await self.views.begin_with(view)
        return await self.views.get(view_id)

    async def begin_plain(self, view_id: UUID) -> None:
        await self.views.begin_plain(await self.views.load(view_id))

    async def _own(self, view_id: UUID, version: int) -> SavedView:
        view = await self.views.load(view_id)
        self._refuse_stranger(view)
        if view.deleted_at is not None:
            raise Deleted(id=str(view_id))
        if version != view.version:
            raise VersionConflict(current_version=view.version)
        return view

    def _refuse_stranger(self, view: SavedView) -> None:
        administers = view.visibility in WIDE and SHARE in self.ctx.principal.scopes
        if view.owner_user_id != self.ctx.principal.id and not administers:
            raise ViewOfSomebodyElse

    async def _fill(self, view: SavedView, given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            setattr(view, name, value.model_dump() if isinstance(value, SearchFilter) else value)
        await self._judge(view)
        await self._share(view)
        await self.views.save(view)

    async def _share(self, view: SavedView) -> None:
        if (view.visibility == ViewVisibility.ROLE) != (view.role_id is not None):
            raise ValidationFailed.at(
                "/role_id", "role_misplaced", "Name a role to share with one, and only then."
            )
        if view.visibility in WIDE and SHARE not in self.ctx.principal.scopes:
            raise SharingNotAllowed(required_scopes=[SHARE])
        if view.visibility != ViewVisibility.TEAM:
            view.agency_id = None
        elif view.agency_id is None:
            view.agency_id = await self.views.agency_of_me()
            if view.agency_id is None:
                raise NoTeamToShareWith

    async def _judge(self, view: SavedView) -> None:
        """By the grammar of the list itself. Raises ValidationFailed."""
        shape = self.shapes.get(view.entity)
        if shape is None or not shape.listed.scopes <= self.ctx.principal.scopes:
            raise ValidationFailed.at("/entity", "unknown_entity", "There is no such list for you.")
        own = await self._own_fields(shape)
        shown = (shape.read.model_fields.keys() - {"custom_fields"}) | own.keys()
        for at, column in enumerate(view.columns):
            if column not in shown or column in view.columns[:at]:
                raise ValidationFailed.at(
                    f"/columns/{at}", "unknown_column", "The list has no such column, or it is there twice."
                )
        if view.group_by is not None and view.group_by not in shown:
            raise ValidationFailed.at("/group_by", "unknown_column", "The list has no such column.")
        try:
            asked = Search(filter=SearchFilter.model_validate(view.filters or {}), sort=view.sort or [])
            asked.selection(shape.query, own)
        except ValidationFailed as refusal:
            for fault in refusal.extra["errors"]:
                fault["pointer"] = fault["pointer"].replace("/filter", "/filters", 1)
            raise

    async def _own_fields(self, shape: Shape) -> Mapping[str, Searchable]:
        if shape.label not in {str(entity) for entity in CustomEntity}:
            return {}
        column = getattr(shape.model, "custom_fields", None)
        return (
            await CustomFieldService(self.ctx).searchable(shape.label, column) if column is not None else {}
        )

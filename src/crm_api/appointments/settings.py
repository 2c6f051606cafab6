"""Rooms and things, and how many appointments agencies take at once."""

from uuid import UUID

from crm_api.appointments.repository import CapacityRepository, ResourceRepository
from crm_api.appointments.schemas.settings import (
    CapacityCreate,
    CapacityPage,
    CapacityPatch,
    CapacityQuery,
    CapacityRead,
    ResourceCreate,
    ResourcePage,
    ResourcePatch,
    ResourceQuery,
    ResourceRead,
)
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import VersionConflict
from crm_api.kit.schemas import Json


class ResourceService:
    def __init__(self, ctx: Context) -> None:
        self.resources = ResourceRepository(ctx)

    async def page(self, query: ResourceQuery) -> Json[ResourcePage]:
        return await self.resources.page(query, ResourcePage)

    async def get(self, resource_id: UUID) -> Json[ResourceRead]:
        return await self.resources.get(resource_id)

    async def create(self, data: ResourceCreate) -> Json[ResourceRead]:
        return await self.resources.add(data)

    async def update(self, resource_id: UUID, data: ResourcePatch, version: int) -> Json[ResourceRead]:
        return await self.resources.edit(resource_id, data, version)


class CapacityService:
    def __init__(self, ctx: Context) -> None:
        self.capacities = CapacityRepository(ctx)

    async def page(self, query: CapacityQuery) -> Json[CapacityPage]:
        return await self.capacities.page(query, CapacityPage)

    async def get(self, capacity_id: UUID) -> Json[CapacityRead]:
        return await self.capacities.get(capacity_id)

    async def create(self, data: CapacityCreate) -> Json[CapacityRead]:
        return await self.capacities.add(data)

    async def update(self, capacity_id: UUID, data: CapacityPatch, version: int) -> Json[CapacityRead]:
        return await self.capacities.edit(capacity_id, data, version)

    async def delete(self, capacity_id: UUID, version: int) -> None:
        capacity = await self.capacities.load(capacity_id)
        if version not in (capacity.version, ANY_VERSION):
            raise VersionConflict(current_version=capacity.version)
        await self.capacities.remove(capacity)

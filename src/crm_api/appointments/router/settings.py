from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.appointments.router.doors import Planner, Reader, capacities, resources
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
from crm_api.appointments.settings import CapacityService, ResourceService
from crm_api.core.http import IfMatch, MergePatch
from crm_api.kit.schemas import Json


@resources.get("")
async def list_appointment_resources(
    ctx: Reader, query: Annotated[ResourceQuery, Query()]
) -> Json[ResourcePage]:
    """List rooms and things that appointments can take."""
    return await ResourceService(ctx).page(query)


@resources.post("", status_code=status.HTTP_201_CREATED)
async def create_appointment_resource(ctx: Planner, body: ResourceCreate) -> Json[ResourceRead]:
    """Record a room or a thing that only one appointment at a time can have."""
    return await ResourceService(ctx).create(body)


@resources.get("/{resource_id}")
async def get_appointment_resource(ctx: Reader, resource_id: UUID) -> Json[ResourceRead]:
    """Read a room or a thing."""
    return await ResourceService(ctx).get(resource_id)


@resources.patch("/{resource_id}")
async def update_appointment_resource(
    ctx: Planner, resource_id: UUID, body: Annotated[ResourcePatch, MergePatch], version: IfMatch
) -> Json[ResourceRead]:
    """Change a room or a thing, or take it out of use."""
    return await ResourceService(ctx).update(resource_id, body, version)


@capacities.get("")
async def list_appointment_capacities(
    ctx: Reader, query: Annotated[CapacityQuery, Query()]
) -> Json[CapacityPage]:
    """List how many appointments agencies take at once."""
    return await CapacityService(ctx).page(query)


@capacities.post("", status_code=status.HTTP_201_CREATED)
async def create_appointment_capacity(ctx: Planner, body: CapacityCreate) -> Json[CapacityRead]:
    """Limit how many appointments of a type an agency takes at once."""
    return await CapacityService(ctx).create(body)


@capacities.get("/{capacity_id}")
async def get_appointment_capacity(ctx: Reader, capacity_id: UUID) -> Json[CapacityRead]:
    """Read a capacity."""
    return await CapacityService(ctx).get(capacity_id)


@capacities.patch("/{capacity_id}")
async def update_appointment_capacity(
    ctx: Planner, capacity_id: UUID, body: Annotated[CapacityPatch, MergePatch], version: IfMatch
) -> Json[CapacityRead]:
    """Change a capacity; what is booked stays."""
    return await CapacityService(ctx).update(capacity_id, body, version)


@capacities.delete("/{capacity_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_appointment_capacity(ctx: Planner, capacity_id: UUID, version: IfMatch) -> None:
    """Lift a limit for good: the agency then takes any number."""
    await CapacityService(ctx).delete(capacity_id, version)

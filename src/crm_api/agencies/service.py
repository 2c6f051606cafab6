from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from crm_api.agencies.errors import (
    AgencyClosedForGood,
    AgencyHasBranches,
    AgencyTreeCircle,
    AgencyTreeTooDeep,
    TransferTargetUnfit,
)
from crm_api.agencies.events import AgencyClosed
from crm_api.agencies.models import AGENCY, DEEPEST, Agency, AgencyStatus
from crm_api.agencies.repository import AgencyRepository, RegionRepository
from crm_api.agencies.schemas import (
    AgencyClose,
    AgencyCreate,
    AgencyNode,
    AgencyPage,
    AgencyPatch,
    AgencyQuery,
    AgencyRead,
    AgencyTree,
    RegionCreate,
    RegionNode,
    RegionPage,
    RegionPatch,
    RegionQuery,
    RegionRead,
)
from crm_api.core.context import Context
from crm_api.core.events import publish
from crm_api.kit.clock import today
from crm_api.kit.errors import ValidationFailed, VersionConflict
from crm_api.kit.schemas import Json


class RegionService:
    def __init__(self, ctx: Context) -> None:
        self.regions = RegionRepository(ctx)

    async def page(self, query: RegionQuery) -> Json[RegionPage]:
        return await self.regions.page(query, RegionPage)

    async def get(self, region_id: UUID) -> Json[RegionRead]:
        return await self.regions.get(region_id)

    async def create(self, data: RegionCreate) -> Json[RegionRead]:
        return await self.regions.add(data)

    async def update(self, region_id: UUID, data: RegionPatch, version: int) -> Json[RegionRead]:
        return await self.regions.edit(region_id, data, version)


class AgencyService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.agencies = AgencyRepository(ctx)

    async def page(self, query: AgencyQuery) -> Json[AgencyPage]:
        return await self.agencies.page(query, AgencyPage)

    async def get(self, agency_id: UUID) -> Json[AgencyRead]:
        return await self.agencies.get(agency_id)

    async def refuse_unknown(self, agency_ids: Collection[UUID], pointer: str) -> None:
        """Whoever names agencies names ours. Raises ValidationFailed."""
        if set(agency_ids) - await self.agencies.present([*agency_ids]):
            raise ValidationFailed.at(pointer, "unknown_agency", "There is no such agency here.")

    async def ids_by_code(self, codes: Sequence[str]) -> dict[str, UUID]:
        """Agency number -> id, for those that exist."""
        return await self.agencies.ids_by_code(codes)

    async def serves(self, wilaya_code: str) -> bool:
        """Whether an active agency is in that wilaya; a house without agencies serves the whole country."""
        key = "wilayas served", self.ctx.organization_id
        served: frozenset[str] | None = self.ctx.tools.memory.get(key)
        if served is None:
            served = await self.agencies.wilayas_served()
            self.ctx.tools.memory.put(key, served)
        return not served or wilaya_code in served

    async def open(self, data: AgencyCreate) -> Json[AgencyRead]:
        self.ctx.begin()
        if data.parent_agency_id:
            await self._refuse_misplaced(None, data.parent_agency_id)
        return await self.agencies.add(data)

    async def update(self, agency_id: UUID, data: AgencyPatch, version: int) -> Json[AgencyRead]:
        self.ctx.begin()
        agency = await self.agencies.load(agency_id)
        if agency.status is AgencyStatus.CLOSED:
            raise AgencyClosedForGood
        if isinstance(data.parent_agency_id, UUID):
            await self._refuse_misplaced(agency_id, data.parent_agency_id)
        return await self.agencies.edit(agency_id, data, version)

    async def suspend(self, agency_id: UUID, version: int) -> Json[AgencyRead]:
        return await self._move(agency_id, version, AgencyStatus.SUSPENDED)

    async def resume(self, agency_id: UUID, version: int) -> Json[AgencyRead]:
        return await self._move(agency_id, version, AgencyStatus.ACTIVE)

    async def close(self, agency_id: UUID, data: AgencyClose, version: int) -> Json[AgencyRead]:
        """For good. Whoever holds work of the agency moves it, in the same transaction, to the other."""
        target = await self.agencies.load(data.transfer_to_agency_id)
        if target.id == agency_id or target.status is not AgencyStatus.ACTIVE:
            raise TransferTargetUnfit
        agency = await self._loaded(agency_id, version)
        AGENCY.check(agency.status, AgencyStatus.CLOSED)
        if await self.agencies.open_children(agency_id):
            raise AgencyHasBranches
        agency.status, agency.transferred_to_id = AgencyStatus.CLOSED, target.id
        agency.closed_on = data.closed_on or today()
        await self.agencies.save(agency)
        await publish(self.ctx, AgencyClosed(agency_id, target.id))
        return await self.agencies.get(agency_id)

    async def tree(self) -> AgencyTree:
        """The whole network, region by region: two statements, whatever its size."""
        below: dict[UUID | None, list[Sequence[Any]]] = defaultdict(list)
        for row in await self.agencies.network():
            below[row[6]].append(row)
        regions = await RegionRepository(self.ctx).page(RegionQuery(limit=200), RegionPage)
        return AgencyTree(
            regions=[
                RegionNode(
                    id=region.id,
                    code=region.code,
                    name=region.name,
                    agencies=[_node(row, below) for row in below[None] if row[5] == region.id],
                )
                for region in regions.value.data
            ]
        )

    async def _move(self, agency_id: UUID, version: int, status: AgencyStatus) -> Json[AgencyRead]:
        agency = await self._loaded(agency_id, version)
        AGENCY.check(agency.status, status)
        agency.status = status
        await self.agencies.save(agency)
        return await self.agencies.get(agency_id)

    async def _loaded(self, agency_id: UUID, version: int) -> Agency:
        agency = await self.agencies.load(agency_id)
        if version not in (agency.version, -1):
            raise VersionConflict(current_version=agency.version)
        return agency

    async def _refuse_misplaced(self, agency_id: UUID | None, parent_id: UUID) -> None:
        """No circle, and three levels at most, the agencies below the moved one counted."""
        parents = {row[0]: row[6] for row in await self.agencies.network()}
        above: list[UUID] = []
        step: UUID | None = parent_id
        while step is not None and step not in above:
            above.append(step)
            step = parents.get(step)
        if agency_id in above:
            raise AgencyTreeCircle
        if len(above) + _height(agency_id, parents) > DEEPEST:
            raise AgencyTreeTooDeep


def _height(agency_id: UUID | None, parents: dict[UUID, UUID | None]) -> int:
    children = [child for child, parent in parents.items() if agency_id and parent == agency_id]
    return 1 + max((_height(child, parents) for child in children), default=0)


def _node(row: Sequence[Any], below: dict[UUID | None, list[Sequence[Any]]]) -> AgencyNode:
    children = [_node(child, below) for child in below[row[0]]]
    return AgencyNode(id=row[0], code=row[1], name=row[2], type=row[3], status=row[4], children=children)

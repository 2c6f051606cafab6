from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.agencies.importing import AgencyImportService
from crm_api.agencies.schemas import (
    AgencyClose,
    AgencyCreate,
    AgencyListQuery,
    AgencyPage,
    AgencyPatch,
    AgencyRead,
    AgencyTree,
    RegionCreate,
    RegionPage,
    RegionPatch,
    RegionQuery,
    RegionRead,
)
from crm_api.agencies.service import AgencyService, RegionService
from crm_api.core.context import Context
from crm_api.core.http import Csv, IfMatch, MergePatch, Router, requires
from crm_api.jobs.schemas import JobRead
from crm_api.kit.schemas import Json

regions = Router("regions", tag="agencies")
router = Router("agencies")
Reader = Annotated[Context, requires("agencies:read")]
Writer = Annotated[Context, requires("agencies:write")]
Importer = Annotated[Context, requires("agencies:write", "data:import", keyed=True)]


@regions.get("")
async def list_regions(ctx: Reader, query: Annotated[RegionQuery, Query()]) -> Json[RegionPage]:
    """List the regional directorates."""
    return await RegionService(ctx).page(query)


@regions.post("", status_code=status.HTTP_201_CREATED)
async def create_region(ctx: Writer, body: RegionCreate) -> Json[RegionRead]:
    """Open a regional directorate."""
    return await RegionService(ctx).create(body)


@regions.get("/{region_id}")
async def get_region(ctx: Reader, region_id: UUID) -> Json[RegionRead]:
    """Read a regional directorate."""
    return await RegionService(ctx).get(region_id)


@regions.patch("/{region_id}")
async def update_region(
    ctx: Writer, region_id: UUID, body: Annotated[RegionPatch, MergePatch], version: IfMatch
) -> Json[RegionRead]:
    """Change a regional directorate."""
    return await RegionService(ctx).update(region_id, body, version)


@router.get("")
async def list_agencies(ctx: Reader, query: Annotated[AgencyListQuery, Query()]) -> Json[AgencyPage]:
    """List the agencies of the network."""
    return await AgencyService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_agency(ctx: Writer, body: AgencyCreate) -> Json[AgencyRead]:
    """Open an agency.

    General agents and brokers need their licence number. The tree has three levels at most.
    """
    return await AgencyService(ctx).open(body)


@router.get("/tree")
async def get_agency_tree(ctx: Reader) -> AgencyTree:
    """Read the whole network as a tree, region by region."""
    return await AgencyService(ctx).tree()


@router.post("/imports", status_code=status.HTTP_202_ACCEPTED)
async def import_agencies(ctx: Importer, body: Csv) -> Json[JobRead]:
    """Import the network from a CSV table of up to 5,000 lines.

    Columns: `code`, `name`, `type`, `region_code`, `wilaya_code`, and if wanted `parent_code`,
    `intermediary_license_number`, `mandate_start`, `mandate_end`, `address`, `commune_code`, `phone`,
    `email`, `commission_scheme_code`, `opened_on`. A number that exists is updated with the cells that are
    filled, so the same table may be sent again. Follow the job at `Location`; its results tell what became
    of each line.
    """
    return await AgencyImportService(ctx).start(body)


@router.get("/{agency_id}")
async def get_agency(ctx: Reader, agency_id: UUID) -> Json[AgencyRead]:
    """Read an agency."""
    return await AgencyService(ctx).get(agency_id)


@router.patch("/{agency_id}")
async def update_agency(
    ctx: Writer, agency_id: UUID, body: Annotated[AgencyPatch, MergePatch], version: IfMatch
) -> Json[AgencyRead]:
    """Change an agency; its number never changes."""
    return await AgencyService(ctx).update(agency_id, body, version)


@router.post("/{agency_id}/suspend")
async def suspend_agency(ctx: Writer, agency_id: UUID, version: IfMatch) -> Json[AgencyRead]:
    """Suspend an active agency."""
    return await AgencyService(ctx).suspend(agency_id, version)


@router.post("/{agency_id}/resume")
async def resume_agency(ctx: Writer, agency_id: UUID, version: IfMatch) -> Json[AgencyRead]:
    """Put a suspended agency back to work."""
    return await AgencyService(ctx).resume(agency_id, version)


@router.post("/{agency_id}/close")
async def close_agency(ctx: Writer, agency_id: UUID, body: AgencyClose, version: IfMatch) -> Json[AgencyRead]:
    """Close an agency for good and hand its open work to another one.

    In the same transaction, every open lead and every customer portfolio of the agency moves to
    `transfer_to_agency_id`. Refused while agencies below it are open.
    """
    return await AgencyService(ctx).close(agency_id, body, version)


ROUTERS = (regions, router)

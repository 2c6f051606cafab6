from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from crm_api.agencies.errors import (
    AgencyCodeTaken,
    RegionCodeTaken,
    UnknownManager,
    UnknownOpeningCalendar,
    UnknownParentAgency,
    UnknownRegion,
)
from crm_api.agencies.models import Agency, AgencyStatus, Region
from crm_api.agencies.schemas import AgencyRead, RegionRead
from crm_api.core.repository import Repository


class RegionRepository(Repository[Region, RegionRead]):
    model, read = Region, RegionRead
    refusals = {"uq_regions_code": RegionCodeTaken, "fk_regions_director": UnknownManager}

    async def ids_by_code(self) -> dict[str, UUID]:
        rows = await self.rows("by code", lambda: self.select(Region.code, Region.id))
        return {row[0]: row[1] for row in rows}


class AgencyRepository(Repository[Agency, AgencyRead]):
    model, read = Agency, AgencyRead
    refusals = {
        "uq_agencies_code": AgencyCodeTaken,
        "fk_agencies_organization_id_region_id": UnknownRegion,
        "fk_agencies_manager": UnknownManager,
        "fk_agencies_calendar": UnknownOpeningCalendar,
        "fk_agencies_organization_id_parent_agency_id": UnknownParentAgency,
    }

    async def network(self) -> Sequence[Sequence[Any]]:
        """Every agency as (id, code, name, type, status, region_id, parent_agency_id), by code."""
        columns = Agency.id, Agency.code, Agency.name, Agency.type, Agency.status
        return await self.rows(
            "network",
            lambda: self.select(*columns, Agency.region_id, Agency.parent_agency_id).order_by(Agency.code),
        )

    async def present(self, agency_ids: Sequence[UUID]) -> set[UUID]:
        """Those of them that are agencies here."""
        rows = await self.rows(
            "present",
            lambda: self.select(Agency.id).where(Agency.id == any_(bindparam("ids", type_=ARRAY(Uuid())))),
            {"ids": [*agency_ids]},
        )
        return {row[0] for row in rows}

    async def open_children(self, agency_id: UUID) -> bool:
        """Whether agencies directly below this one are not closed."""
        rows = await self.rows(
            "open children",
            lambda: (
                self.select(Agency.id)
                .where(Agency.parent_agency_id == bindparam("parent"), Agency.status != AgencyStatus.CLOSED)
                .limit(1)
            ),
            {"parent": agency_id},
        )
        return bool(rows)

    async def wilayas_served(self) -> frozenset[str]:
        """Where an active agency is."""
        rows = await self.rows(
            "wilayas served",
            lambda: self.select(Agency.wilaya_code).where(Agency.status == AgencyStatus.ACTIVE).distinct(),
        )
        return frozenset(row[0] for row in rows)

    async def ids_by_code(self, codes: Sequence[str]) -> dict[str, UUID]:
        rows = await self.rows(
            "by code",
            lambda: self.select(Agency.code, Agency.id).where(
                Agency.code == any_(bindparam("codes", type_=ARRAY(Agency.code.type)))
            ),
            {"codes": list(codes)},
        )
        return {row[0]: row[1] for row in rows}

    async def load_by_code(self, codes: Sequence[str]) -> dict[str, Agency]:
        """The agencies of these numbers, locked until the end of the use case."""
        statement = select(Agency).where(*self.visible(), Agency.code.in_(codes)).with_for_update()
        found = await self.ctx.session.scalars(statement, self.ctx.bound)
        return {agency.code: agency for agency in found}

    async def save_all(self, agencies: Sequence[Agency]) -> None:
        self.ctx.session.add_all(agencies)
        with self.refusing():
            await self.ctx.session.flush()

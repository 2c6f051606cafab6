"""Sales targets cascade: company, region, agency, person. Those below never silently exceed the one above."""

from typing import Any
from uuid import UUID

from pydantic import MISSING

from crm_api.agencies.schemas import AgencyRead
from crm_api.agencies.service import AgencyService
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.opportunities.errors import TargetExceedsParent, UnknownAgency, UnknownOwner
from crm_api.opportunities.models.forecast import SalesTarget
from crm_api.opportunities.repository.targets import SalesTargetRepository
from crm_api.opportunities.schemas.targets import (
    SalesTargetCreate,
    SalesTargetPage,
    SalesTargetPatch,
    SalesTargetQuery,
    SalesTargetRead,
    end_of,
)
from crm_api.users.service import UserService


class SalesTargetService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.targets = SalesTargetRepository(ctx)

    async def page(self, query: SalesTargetQuery) -> Json[SalesTargetPage]:
        return await self.targets.page(query, SalesTargetPage)

    async def get(self, target_id: UUID) -> Json[SalesTargetRead]:
        return await self.targets.get(target_id)

    async def set(self, data: SalesTargetCreate) -> Json[SalesTargetRead]:
        """Raises TargetTaken, TargetExceedsParent, and who or what is unknown."""
        self.ctx.begin()
        target = SalesTarget(
            level=data.level,
            period=data.period,
            starts_on=data.starts_on,
            ends_on=end_of(data.period, data.starts_on),
            amount=data.amount,
            **await self._scope(data),
        )
        await self.targets.save(target)
        return await self._weighed(target, data.accept_excess)

    async def change(self, target_id: UUID, data: SalesTargetPatch, version: int) -> Json[SalesTargetRead]:
        target = await self._loaded(target_id, version)
        if data.amount is not MISSING:
            target.amount = data.amount
            await self.targets.save(target)
        return await self._weighed(target, data.accept_excess)

    async def remove(self, target_id: UUID, version: int) -> None:
        """For good; those below stay."""
        await self.targets.remove(await self._loaded(target_id, version))

    async def _loaded(self, target_id: UUID, version: int) -> SalesTarget:
        target = await self.targets.load(target_id)
        if version not in (target.version, ANY_VERSION):
            raise VersionConflict(current_version=target.version)
        return target

    async def _weighed(self, target: SalesTarget, accept_excess: bool) -> Json[SalesTargetRead]:
        """Against the one above, and against those below: an excess is refused unless it is accepted."""
        above = await self.targets.above(target)
        if not accept_excess:
            for one in filter(None, (above, target)):
                excess = await self.targets.allocated(one) - one.amount.centimes
                if excess > 0:
                    raise TargetExceedsParent(difference=Money.of(excess).amount, parent_id=str(one.id))
        return await self.targets.get(target.id)

    async def _scope(self, data: SalesTargetCreate) -> dict[str, Any]:
        """The region of an agency and the agency of a person are theirs on this day."""
        if data.user_id is not None:
            try:
                user = (await UserService(self.ctx).get(data.user_id)).value
            except NotFound as error:
                raise UnknownOwner from error
            if user.agency_id is None:
                raise UnknownAgency
            agency = await self._agency(user.agency_id)
            return {"owner_user_id": user.id, "agency_id": agency.id, "region_id": agency.region_id}
        if data.agency_id is not None:
            agency = await self._agency(data.agency_id)
            return {"agency_id": agency.id, "region_id": agency.region_id}
        return {"region_id": data.region_id}

    async def _agency(self, agency_id: UUID) -> AgencyRead:
        try:
            return (await AgencyService(self.ctx).get(agency_id)).value
        except NotFound as error:
            raise UnknownAgency from error

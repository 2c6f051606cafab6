"""Canned responses: kept by whom they belong to, filled in, counted when they are used."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import MISSING

from crm_api.agencies.service import AgencyService
from crm_api.core.context import Context
from crm_api.core.principal import DataScope
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.errors import Deleted, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.knowledge.errors import CannedResponseOfAnother, UnknownCannedAgency
from crm_api.knowledge.models.article import KbLanguage
from crm_api.knowledge.models.replies import CannedResponse, CannedScope
from crm_api.knowledge.repository.replies import CannedResponseRepository
from crm_api.knowledge.schemas.replies import (
    CannedFill,
    CannedPreview,
    CannedResponseCreate,
    CannedResponsePage,
    CannedResponsePatch,
    CannedResponseQuery,
    CannedResponseRead,
    FilledText,
)
from crm_api.knowledge.variables import filled, named
from crm_api.organizations.service import OrganizationService
from crm_api.users.service import UserService


class CannedService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.responses = CannedResponseRepository(ctx)

    async def page(self, query: CannedResponseQuery) -> Json[CannedResponsePage]:
        return await self.responses.page(query, CannedResponsePage)

    async def get(self, response_id: UUID) -> Json[CannedResponseRead]:
        return await self.responses.get(response_id)

    async def create(self, data: CannedResponseCreate) -> Json[CannedResponseRead]:
        """Raises CannedResponseOfAnother, UnknownCannedAgency."""
        self._refuse_shared(data.scope)
        agency_id = (
            (data.agency_id or self.ctx.principal.agency_id) if data.scope is CannedScope.TEAM else None
        )
        if data.scope is CannedScope.TEAM and agency_id is None:
            raise UnknownCannedAgency
        person = self.ctx.principal.is_person
        self.ctx.begin()
        response = CannedResponse(
            **data.model_dump(exclude={"agency_id"}),
            id=new_id(),
            agency_id=agency_id,
            owner_id=self.ctx.principal.id if person else None,
        )
        await self.responses.save(response)
        return await self.responses.get(response.id)

    async def update(
        self, response_id: UUID, data: CannedResponsePatch, version: int
    ) -> Json[CannedResponseRead]:
        response = await self._own(response_id, version)
        for name, value in data:
            if value is not MISSING:
                setattr(response, name, value)
        await self.responses.save(response)
        return await self.responses.get(response_id)

    async def delete(self, response_id: UUID, version: int) -> None:
        response = await self._own(response_id, version)
        await self.responses.discard(response.id, version)

    async def preview(self, data: CannedPreview) -> FilledText:
        """A text that is being written; nothing is counted."""
        return await self._filled(data.body, data.values)

    async def use(self, response_id: UUID, data: CannedFill) -> FilledText:
        """Filled in and counted. Raises NotFound."""
        self.ctx.begin()
        response = (await self.responses.get(response_id)).value
        arabic = data.language is KbLanguage.AR and response.body_ar
        await self.responses.used(response_id)
        return await self._filled(arabic or response.body_fr, data.values)

    async def _filled(self, body: str, values: Mapping[str, str]) -> FilledText:
        text, missing = filled(body, await self._known(body) | dict(values))
        return FilledText(text=text, missing=missing)

    async def _known(self, body: str) -> dict[str, str]:
        """What the house can say by itself, where the text asks for it."""
        wanted, principal = set(named(body)), self.ctx.principal
        known = {"date": today().strftime("%d/%m/%Y")}
        if "organization.name" in wanted:
            known["organization.name"] = (await OrganizationService(self.ctx).shown()).name or ""
        if "agent.name" in wanted and principal.is_person:
            user = (await UserService(self.ctx).get(principal.id)).value
            known["agent.name"] = f"{user.first_name} {user.last_name}"
        if "agency.name" in wanted and principal.agency_id:
            known["agency.name"] = (await AgencyService(self.ctx).get(principal.agency_id)).value.name
        return known

    def _refuse_shared(self, scope: CannedScope) -> None:
        if scope is not CannedScope.PERSONAL and self.ctx.principal.data_scope is not DataScope.ALL:
            raise CannedResponseOfAnother

    async def _own(self, response_id: UUID, version: int) -> CannedResponse:
        response = await self.responses.load(response_id)
        if response.deleted_at is not None:
            raise Deleted(id=str(response_id))
        if version not in (response.version, ANY_VERSION):
            raise VersionConflict(current_version=response.version)
        self._refuse_shared(response.scope)
        return response

from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.organizations.events import OrganizationActivated
from crm_api.organizations.models import ORGANIZATION, Organization, OrganizationStatus
from crm_api.organizations.repository import OrganizationRepository


class OrganizationService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.organizations = OrganizationRepository(ctx)

    async def register(self) -> UUID:
        """A new organization, in draft: the one that the context names."""
        draft = Organization(id=self.ctx.organization_id, status=OrganizationStatus.DRAFT)
        return (await self.organizations.save(draft)).id

    async def administrator_verified(self) -> None:
        """An administrator's address is proved; the first proof counts."""
        organization = await self.organizations.mine()
        organization.administrator_verified_at = organization.administrator_verified_at or now()
        await self._activate_when_ready(organization)

    async def _activate_when_ready(self, organization: Organization) -> None:
        """Drafts only. Who furnishes the house (roles, groups, keys) listens, in the same transaction."""
        ready = organization.status is OrganizationStatus.DRAFT and organization.is_complete
        if ready and organization.administrator_verified_at is not None:
            ORGANIZATION.check(organization.status, OrganizationStatus.ACTIVE)
            organization.status, organization.activated_at = OrganizationStatus.ACTIVE, now()
            await self.organizations.save(organization)
            await publish(self.ctx, OrganizationActivated(organization.id))
        else:
            await self.organizations.save(organization)

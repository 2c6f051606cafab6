from uuid import UUID

from crm_api.core.repository import Repository
from crm_api.organizations.errors import TradeRegisterTaken
from crm_api.organizations.models import Organization
from crm_api.organizations.schemas import OrganizationRead


class OrganizationRepository(Repository[Organization, OrganizationRead]):
    model, read = Organization, OrganizationRead
    refusals = {"uq_organizations_trade_register": TradeRegisterTaken}

    async def mine(self) -> Organization:
        """The organization of the context, locked."""
        organization_id: UUID = self.ctx.organization_id
        return await self.load(organization_id)

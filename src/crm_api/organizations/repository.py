from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, cast

from crm_api.core.repository import Repository
from crm_api.organizations.errors import TradeRegisterTaken
from crm_api.organizations.models import Organization
from crm_api.organizations.schemas import OrganizationRead


class OrganizationRepository(Repository[Organization, OrganizationRead]):
    model, read = Organization, OrganizationRead
    refusals = {"uq_organizations_trade_register": TradeRegisterTaken}

    async def mine(self) -> Organization:
        """The organization of the context, locked."""
        return await self.load(self.ctx.organization_id)

    async def kept(self) -> Sequence[Any]:
        """(settings as JSON, version, key of the logo), not locked."""
        rows = await self.rows(
            "kept",
            lambda: self.select(
                cast(Organization.settings, Text), Organization.version, Organization.logo_key
            ),
        )
        return rows[0]

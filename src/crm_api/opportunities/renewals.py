"""Sales that contracts open and win: a renewal sixty days ahead, won by the contract that goes on from it."""

from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.external_ids import ExternalId
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import DomainError
from crm_api.opportunities.models.pipeline import OpportunityType
from crm_api.opportunities.schemas.actions import OpportunityWin
from crm_api.opportunities.schemas.content import OpportunityCreate
from crm_api.opportunities.service import OpportunityService
from crm_api.opportunities.steps import OpportunitySteps
from crm_api.policies.service import PolicyService
from crm_api.policies.terms import local_day

RENEWAL_OF = "crm.renewal"
"""The system in whose name a renewal is known by the contract that ends."""


class RenewalSales:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.service, self.policies = OpportunityService(ctx), PolicyService(ctx)

    async def open(self, policy_id: UUID) -> None:
        """In the pipeline of renewals, with the premium of today; nothing where it is open already, or where
        the organization has no pipeline for it."""
        self.ctx.begin()
        opportunities = self.service.opportunities
        if await opportunities.claim_external_id(RENEWAL_OF, str(policy_id)) is not None:
            return
        policy = (await self.policies.get(policy_id)).value
        sale = OpportunityCreate(
            name=f"Renouvellement {policy.number}",
            type=OpportunityType.RENEWAL,
            account_id=policy.account_id,
            contact_id=policy.policyholder_contact_id,
            product_code=policy.product_code,
            amount=policy.annual_net_premium,
            close_date=local_day(policy.expires_at),
            owner_user_id=policy.producer_user_id,
            agency_id=policy.agency_id,
            external_ids=[ExternalId(system=RENEWAL_OF, value=str(policy_id))],
        )
        try:
            async with self.ctx.session.begin_nested():
                await self.service.create(sale)
        except DomainError as refused:  # the contract itself must not wait for a sale
            self.ctx.note("policy.renewal_not_opened", "policy", policy_id, reason=refused.code)

    async def win(self, policy_id: UUID) -> None:
        """The open sale that this contract names, or the renewal of the one before; nothing where there is
        none, or where it still waits for somebody."""
        self.ctx.begin()
        policy = await self.policies.policies.held(policy_id)
        sale_id = policy.opportunity_id
        if sale_id is None and policy.previous_policy_id is not None:
            previous = str(policy.previous_policy_id)
            sale_id = await self.service.opportunities.claim_external_id(RENEWAL_OF, previous)
        if sale_id is None:
            return
        try:
            async with self.ctx.session.begin_nested():
                won = OpportunityWin(policy_number=policy.number)
                await OpportunitySteps(self.ctx).win(sale_id, won, ANY_VERSION)
        except DomainError as refused:
            self.ctx.note("opportunity.not_won", "opportunity", sale_id, reason=refused.code)

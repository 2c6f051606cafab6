"""An accepted quote becomes a contract (E-2 step 8)."""

from datetime import UTC, datetime, time
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.clock import ALGIERS
from crm_api.kit.ids import new_id
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.policies.errors import PolicySystemIsMaster
from crm_api.policies.models.policy import PolicyChannel
from crm_api.policies.schemas.actions import QuoteConvert
from crm_api.policies.schemas.content import PolicyCreate
from crm_api.policies.schemas.contents import PolicyCoverageInput
from crm_api.policies.schemas.policy import PolicyTold
from crm_api.policies.service import PolicyService
from crm_api.quotes.conversion import QuoteForPolicy
from crm_api.quotes.service import QuoteService

_SAME = ("policy_fee", "vat", "fga", "dimension_stamp", "graduated_stamp", "vehicle_tax")


class QuoteConversion:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.service = PolicyService(ctx)

    async def convert(self, quote_id: UUID, data: QuoteConvert) -> Json[PolicyTold]:
        """The contract, issued with what the quote promised, to the centime.

        Where a policy system is the master it issues the contract, and names the quote when it tells of it:
        PolicySystemIsMaster. Raises what `QuoteService.take_for_conversion` and recording a contract raise.
        """
        if self.ctx.tools.settings.policy_mode != "standalone":
            raise PolicySystemIsMaster
        self.ctx.begin()
        policy_id = new_id()
        quote = await QuoteService(self.ctx).take_for_conversion(quote_id, policy_id)
        more = {"id": policy_id, "quote_id": quote_id}
        policy = await self.service.draft(_agreed(quote, data), **more)
        await self.service.sign(policy)
        return await self.service.told(policy)


def _agreed(quote: QuoteForPolicy, data: QuoteConvert) -> PolicyCreate:
    begins = max(datetime.combine(quote.effective_on, time(), ALGIERS).astimezone(UTC), now())
    ends = datetime.combine(quote.expires_on, time(), ALGIERS).astimezone(UTC)
    alone = data.object_ids[0] if len(data.object_ids) == 1 else None
    return PolicyCreate(
        account_id=quote.account_id,
        product_code=quote.product_code,
        plan_code=quote.plan_code,
        policyholder_contact_id=quote.contact_id,
        channel=PolicyChannel(quote.channel),
        agency_id=quote.agency_id,
        producer_user_id=quote.seller_user_id,
        opportunity_id=quote.opportunity_id,
        effective_at=begins,
        expires_at=ends,
        term_months=quote.term_months or 0,
        payment_plan=data.payment_plan,
        renewal_type=data.renewal_type,
        net_premium=Money.of(quote.net_premium.centimes + quote.surcharge.centimes),
        **{name: getattr(quote, name) for name in _SAME},
        object_ids=data.object_ids,
        parties=data.parties,
        coverages=[
            PolicyCoverageInput(
                coverage_code=one.code,
                insured_object_id=alone,
                net_premium=one.net_premium,
                sum_insured=one.sum_insured,
                limit_amount=one.limit,
                deductible_amount=one.deductible,
            )
            for one in quote.coverages
        ],
    )

"""The chain of contracts: which end soon, and the next one of each."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.kit.errors import ValidationFailed
from crm_api.kit.listing import Count
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.organizations.service import OrganizationService
from crm_api.policies.errors import PolicyAlreadyRenewed, PolicyNotRenewable
from crm_api.policies.models.policy import Policy, PolicyStatus, PriceChangeReason
from crm_api.policies.repository.renewals import RenewalRepository
from crm_api.policies.schemas.content import LINES, PolicyCreate
from crm_api.policies.schemas.contents import PolicyCoverageInput, PolicyPartyInput
from crm_api.policies.schemas.policy import PolicyTold
from crm_api.policies.schemas.renewals import (
    GRACE_DAYS,
    PolicyRenew,
    RenewalFilter,
    RenewalPage,
    RenewalQuery,
)
from crm_api.policies.service import PolicyService

RENEWABLE = frozenset({PolicyStatus.IN_FORCE, PolicyStatus.SUSPENDED, PolicyStatus.EXPIRED})
_KEPT = ("plan_code", "payment_plan", "bonus_malus_coefficient")


class RenewalService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.renewals, self.service = RenewalRepository(ctx), PolicyService(ctx)

    async def page(self, query: RenewalQuery) -> Json[RenewalPage]:
        return await self.renewals.page(query, RenewalPage)

    async def count(self, query: RenewalFilter) -> Count:
        return await self.renewals.count(query)

    async def notice_days(self) -> int:
        """So many days before its end, the renewal of a contract is to be prepared."""
        return (await OrganizationService(self.ctx).settings()).renewal_notice_days

    async def renew(self, policy_id: UUID, data: PolicyRenew, version: int) -> Json[PolicyTold]:
        """The next contract: the same customer, objects, parties and coverages, unless told otherwise.

        This one is `renewed` once that one is in force and its own term is over.
        Raises PolicyNotRenewable, PolicyAlreadyRenewed, and what recording a contract raises.
        """
        before = await self.service.loaded(policy_id, version)
        if before.status not in RENEWABLE:
            raise PolicyNotRenewable
        if before.next_policy_id is not None:
            raise PolicyAlreadyRenewed(existing_id=str(before.next_policy_id))
        begins = data.effective_at or before.expires_at
        if not before.expires_at <= begins <= before.expires_at + timedelta(days=GRACE_DAYS):
            raise ValidationFailed.at(
                "/effective_at", "no_renewal", "It goes on where the contract before ends, or within 30 days."
            )
        contents = await self.service.contents.as_json(before)
        given = {
            "account_id": before.account_id,
            "product_code": before.product_code,
            "policyholder_contact_id": before.policyholder_contact_id,
            "channel": before.channel,
            "agency_id": before.agency_id,
            "producer_user_id": before.owner_user_id,
            "effective_at": begins,
            "term_months": data.term_months or before.term_months or 12,
            "renewal_type": before.renewal_type,
            "notice_days": before.notice_days,
            "previous_policy_id": before.id,
            "tags": before.tags,
            "issue": data.issue,
            **{name: getattr(data, name) or getattr(before, name) for name in _KEPT},
            **self._premium(before, data),
            **self._contents(contents, data),
        }
        after = await self.service.draft(PolicyCreate.model_validate(given))
        after.price_change_reason = _reason(before, after, data)
        await self.service.policies.save(after)
        if data.issue:
            await self.service.sign(after)
        return await self.service.told(after)

    def _premium(self, before: Policy, data: PolicyRenew) -> dict[str, Money]:
        """As it is given; else that of the whole term before, with the taxes of it."""
        if data.net_premium is not None:
            return {name: getattr(data, name) or Money.of(0) for name in LINES}
        return {name: getattr(before, name) for name in LINES} | {"net_premium": before.term_net_premium}

    def _contents(self, known: dict[str, Any], data: PolicyRenew) -> dict[str, Any]:
        parties = [
            PolicyPartyInput.model_validate({**party, "valid_from": None}) for party in known["parties"]
        ]
        names = PolicyCoverageInput.model_fields.keys() - {"effective_at", "expires_at"}
        coverages = [
            PolicyCoverageInput.model_validate({name: one[name] for name in names})
            for one in known["coverages"]
        ]
        return {
            "object_ids": known["object_ids"] if data.object_ids is None else data.object_ids,
            "parties": parties if data.parties is None else data.parties,
            "coverages": coverages if data.coverages is None else data.coverages,
        }


def _reason(before: Policy, after: Policy, data: PolicyRenew) -> PriceChangeReason | None:
    """As somebody said; else what else is other, and the tariff where nothing is."""
    if before.annual_net_premium == after.annual_net_premium:
        return None
    if data.price_change_reason is not None:
        return data.price_change_reason
    if before.bonus_malus_coefficient != after.bonus_malus_coefficient:
        return PriceChangeReason.BONUS_MALUS
    if before.plan_code != after.plan_code or data.coverages is not None or data.object_ids is not None:
        return PriceChangeReason.COVER_CHANGE
    return PriceChangeReason.TERM if before.term_months != after.term_months else PriceChangeReason.TARIFF

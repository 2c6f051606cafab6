"""Every version of a contract, kept for good: what was agreed, from when on."""

from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from crm_api.core.context import Context
from crm_api.policies.contents import PolicyContents
from crm_api.policies.models.policy import Policy, PolicyVersion
from crm_api.policies.repository.policies import PolicyRepository
from crm_api.policies.schemas.content import LINES

AGREED = (
    *("product_code", "plan_code", "branch_code", "policyholder_contact_id"),
    *("effective_at", "expires_at", "term_months", "renewal_type", "payment_plan"),
)


class PolicyRecorder:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.policies = PolicyRepository(ctx)

    async def first(self, policy: Policy) -> None:
        """The contract as it was signed; a proposal has no versions yet."""
        await self.keep(policy)

    async def keep(self, policy: Policy, endorsement_id: UUID | None = None, at: Any = None) -> None:
        """The contract as it stands now, as its version `version_no`, from `at` on (its effect)."""
        await self.policies.save(policy)
        version = PolicyVersion(
            policy_id=policy.id,
            version_no=policy.version_no,
            effective_at=at or policy.effective_at,
            endorsement_id=endorsement_id,
            net_premium=policy.net_premium,
            total_premium=policy.total_premium,
            snapshot=snapshot(policy) | await PolicyContents(self.ctx).as_json(policy),
            recorded_by_id=self.ctx.principal.id,
        )
        self.policies.keep_version(version)


def snapshot(policy: Policy) -> dict[str, Any]:
    """What was agreed, as JSON."""
    agreed: dict[str, Any] = {name: getattr(policy, name) for name in AGREED}
    coefficient = policy.bonus_malus_coefficient
    agreed["bonus_malus_coefficient"] = None if coefficient is None else f"{coefficient:f}"
    agreed["premium"] = {name: getattr(policy, name) for name in (*LINES, "total_premium")}
    known: dict[str, Any] = to_jsonable_python(agreed)
    return known

"""Whether a contract covered at a moment, and why not: for who takes a claim in."""

from datetime import datetime
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.errors import NotFound
from crm_api.policies.models.policy import PolicyStatus
from crm_api.policies.repository.endorsements import PolicyHistory
from crm_api.policies.schemas.cover import NoCoverReason, PolicyCover


class CoverService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.history = PolicyHistory(ctx)

    async def at(
        self, policy_id: UUID, at: datetime | None = None, *, whoever_sees: bool = False
    ) -> PolicyCover:
        """As far as is known today. `whoever_sees`: for the house. Raises NotFound."""
        moment = at or now()
        row = await self.history.cover(policy_id, moment, whoever_sees)
        if row is None:
            raise NotFound(id=str(policy_id))
        status, since, terminated_at, expires_at, suspended, version_no = row
        reason: NoCoverReason | None = None
        if status in (PolicyStatus.PROPOSED, PolicyStatus.CANCELLED):
            reason = NoCoverReason(str(status))
        elif since is None or moment < since:
            reason = NoCoverReason.NOT_BEGUN
        elif terminated_at is not None and moment >= terminated_at:
            reason = NoCoverReason.TERMINATED
        elif moment >= expires_at:
            reason = NoCoverReason.EXPIRED
        elif suspended:
            reason = NoCoverReason.SUSPENDED
        return PolicyCover(
            policy_id=policy_id, at=moment, covered=reason is None, reason=reason, version_no=version_no
        )

"""What people decide on the proposals of the clock: two of them, one after the other (E-7)."""

from uuid import UUID

from crm_api.billing.clock import DunningClock
from crm_api.billing.delays import TERMINATE
from crm_api.billing.errors import (
    DunningDayNotReached,
    DunningNotThere,
    PostingNumberNeeded,
    ProposalNeedsAnother,
    ReceivableDisputedNow,
)
from crm_api.billing.models.dunning import (
    PROPOSAL,
    DunningChannel,
    DunningProposal,
    DunningStepKind,
    ProposalKind,
    ProposalStatus,
)
from crm_api.billing.models.receivable import DunningState, Receivable, ReceivableStatus
from crm_api.billing.repository.dunning import DunningProposalRepository
from crm_api.billing.repository.receivables import ReceivableRepository
from crm_api.billing.repository.schedules import Contracts
from crm_api.billing.schemas.dunning import (
    DunningProposalPage,
    DunningProposalQuery,
    DunningProposalRead,
    ProposalApproved,
    ProposalRefused,
)
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.errors import VersionConflict
from crm_api.kit.schemas import Json
from crm_api.policies.models.policy import PolicyStatus, TerminationReason
from crm_api.policies.service import PolicyService

_WAITS = {
    ProposalKind.SUSPENSION: DunningState.SUSPENSION_PROPOSED,
    ProposalKind.TERMINATION: DunningState.TERMINATION_PROPOSED,
}
_BACK = {
    ProposalKind.SUSPENSION: DunningState.FORMAL_NOTICE_SENT,
    ProposalKind.TERMINATION: DunningState.SUSPENDED,
}
SUSPENDED_FOR = "Prime impayée : mise en demeure restée sans effet"


class ProposalService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.proposals, self.receivables = DunningProposalRepository(ctx), ReceivableRepository(ctx)
        self.contracts, self.clock = Contracts(ctx), DunningClock(ctx)

    async def page(self, query: DunningProposalQuery) -> Json[DunningProposalPage]:
        return await self.proposals.page(query, DunningProposalPage)

    async def get(self, proposal_id: UUID) -> Json[DunningProposalRead]:
        return await self.proposals.get(proposal_id)

    async def confirm(self, proposal_id: UUID, version: int) -> Json[DunningProposalRead]:
        """The file is complete: the letter is there, and nothing was paid."""
        proposal, _ = await self._stepping(proposal_id, version, ProposalStatus.CONFIRMED)
        proposal.confirmed_by_id, proposal.confirmed_at = self.ctx.principal.id, now()
        return await self._done(proposal)

    async def approve(
        self, proposal_id: UUID, data: ProposalApproved, version: int
    ) -> Json[DunningProposalRead]:
        """The contract is suspended, or ended. Raises ProposalNeedsAnother, PostingNumberNeeded."""
        proposal, receivable = await self._stepping(proposal_id, version, ProposalStatus.APPROVED)
        if proposal.confirmed_by_id == self.ctx.principal.id:
            raise ProposalNeedsAnother
        if proposal.kind is ProposalKind.TERMINATION and data.posting_number is None:
            raise PostingNumberNeeded
        proposal.approved_by_id, proposal.decided_at = self.ctx.principal.id, now()
        proposal.decision_reason, proposal.posting_number = data.reason, data.posting_number
        await self.proposals.save(proposal)
        if proposal.kind is ProposalKind.SUSPENSION:
            await self._suspend(receivable)
        else:
            await self._terminate(receivable, data.posting_number)
        return await self.proposals.get(proposal.id)

    async def refuse(
        self, proposal_id: UUID, data: ProposalRefused, version: int
    ) -> Json[DunningProposalRead]:
        """The clock stands where it stood, and moves on again on the day given."""
        proposal, receivable = await self._stepping(proposal_id, version, ProposalStatus.REFUSED)
        if data.resume_on <= today():
            raise DunningDayNotReached(until=str(today()))
        proposal.decided_at, proposal.decision_reason = now(), data.reason
        self.clock.move(receivable, _BACK[proposal.kind], data.resume_on)
        await self.receivables.save(receivable)
        await self.clock.tell(receivable)
        return await self._done(proposal)

    # --- inside

    async def _suspend(self, receivable: Receivable) -> None:
        next_on = (await self.clock.delays.after(TERMINATE, today())).on
        self.clock.move(receivable, DunningState.SUSPENDED, next_on)
        self.clock.step(receivable, DunningStepKind.SUSPENSION, today())
        await self.receivables.save(receivable)
        await self.clock.tell(receivable)
        assert receivable.policy_id is not None  # noqa: S101 - a proposal is about a contract
        policy = (await self.contracts.of(receivable.policy_id)).policy
        if policy.status is PolicyStatus.IN_FORCE:  # another debt of it may have suspended it already
            await PolicyService(self.ctx).suspend(policy.id, SUSPENDED_FOR)

    async def _terminate(self, receivable: Receivable, posting_number: str | None) -> None:
        self.clock.move(receivable, DunningState.TERMINATED, None)
        receivable.dunning_level = 4
        step = self.clock.step(receivable, DunningStepKind.TERMINATION, today())
        step.channel, step.posting_number = DunningChannel.REGISTERED_LETTER, posting_number
        await self.receivables.save(receivable)
        await self.clock.tell(receivable)
        assert receivable.policy_id is not None  # noqa: S101 - a proposal is about a contract
        policy = (await self.contracts.of(receivable.policy_id)).policy
        if policy.status in (PolicyStatus.IN_FORCE, PolicyStatus.SUSPENDED):
            await PolicyService(self.ctx).terminate(policy.id, TerminationReason.NON_PAYMENT)

    async def _stepping(
        self, proposal_id: UUID, version: int, wanted: ProposalStatus
    ) -> tuple[DunningProposal, Receivable]:
        """Contract and debt first, as payments lock them; so a payment on its way is waited for."""
        seen = (await self.proposals.get(proposal_id)).value
        await self.contracts.hold([seen.policy_id])
        receivable = (await self.receivables.locked([seen.receivable_id], seen=False))[seen.receivable_id]
        proposal = await self.proposals.load(proposal_id)
        if version not in (proposal.version, ANY_VERSION):
            raise VersionConflict(current_version=proposal.version)
        PROPOSAL.check(proposal.status, wanted)
        if receivable.status is ReceivableStatus.DISPUTED:
            raise ReceivableDisputedNow
        if receivable.dunning_state is not _WAITS[proposal.kind]:
            raise DunningNotThere(state=receivable.dunning_state, wanted=str(_WAITS[proposal.kind]))
        proposal.status = wanted
        return proposal, receivable

    async def _done(self, proposal: DunningProposal) -> Json[DunningProposalRead]:
        await self.proposals.save(proposal)
        return await self.proposals.get(proposal.id)

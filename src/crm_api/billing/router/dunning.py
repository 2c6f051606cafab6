from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from crm_api.billing.errors import (
    ArrearsPlanRunning,
    ArrearsPlanUnfit,
    DunningDayNotReached,
    DunningNotThere,
    NoArrearsPlan,
    NothingOwed,
    PostingNumberNeeded,
    PromiseTooLate,
    ProposalNeedsAnother,
    ReceivableDisputedNow,
    ReceivableNotDisputed,
)
from crm_api.billing.explaining import DunningExplainer
from crm_api.billing.paper import BillingPaper
from crm_api.billing.proposals import ProposalService
from crm_api.billing.router.doors import PAPER, Collector, DebtReader, proposals, receivables, sheet
from crm_api.billing.schemas.dunning import (
    ArrearsPlanCreate,
    DunningExplained,
    DunningProposalPage,
    DunningProposalQuery,
    DunningProposalRead,
    FormalNoticePosted,
    PromiseCreate,
    ProposalApproved,
    ProposalRefused,
)
from crm_api.billing.schemas.receivable import DisputeOpened, ReceivableRead
from crm_api.billing.service import ReceivableService
from crm_api.core.http import IfMatch
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json

_UNASKED = ReceivableDisputedNow, NothingOwed


@receivables.get("/{receivable_id}/dunning")
async def explain_dunning(ctx: DebtReader, receivable_id: UUID) -> DunningExplained:
    """Explain the legal clock of a debt: every date with its rule, its source, and what stopped it.

    What happened, what comes (by the limits as they are today), when it stood still, and what it waits for.
    """
    return await DunningExplainer(ctx).explain(receivable_id)


@receivables.get(
    "/{receivable_id}/formal-notice",
    response_class=Response,
    responses=PAPER,
    openapi_extra=refusals(DunningNotThere),
)
async def print_formal_notice(ctx: DebtReader, receivable_id: UUID, request: Request) -> Response:
    """Print the formal notice (mise en demeure) of a debt, in French, for a registered letter."""
    return sheet(await BillingPaper(ctx).formal_notice(receivable_id))


@receivables.post(
    "/{receivable_id}/formal-notice",
    openapi_extra=refusals(DunningNotThere, DunningDayNotReached, *_UNASKED),
)
async def post_formal_notice(
    ctx: Collector, receivable_id: UUID, body: FormalNoticePosted, version: IfMatch
) -> Json[ReceivableRead]:
    """Record that the formal notice was posted, with its number: the delay of the law runs from that day."""
    return await ReceivableService(ctx).post_formal_notice(receivable_id, body, version)


@receivables.post("/{receivable_id}/promise", openapi_extra=refusals(PromiseTooLate, *_UNASKED))
async def promise_payment(
    ctx: Collector, receivable_id: UUID, body: PromiseCreate, version: IfMatch
) -> Json[ReceivableRead]:
    """Record a promise to pay: the clock waits for the days that the house gives for it."""
    return await ReceivableService(ctx).promise(receivable_id, body, version)


@receivables.post("/{receivable_id}/dispute", openapi_extra=refusals())
async def dispute_receivable(
    ctx: Collector, receivable_id: UUID, body: DisputeOpened, version: IfMatch
) -> Json[ReceivableRead]:
    """Record that the customer contests a debt: the clock stands still."""
    return await ReceivableService(ctx).dispute(receivable_id, body, version)


@receivables.post("/{receivable_id}/resolve", openapi_extra=refusals(ReceivableNotDisputed))
async def resolve_dispute(ctx: Collector, receivable_id: UUID, version: IfMatch) -> Json[ReceivableRead]:
    """Resolve a dispute: the debt is owed, and the clock goes on as many days later."""
    return await ReceivableService(ctx).resolve(receivable_id, version)


@receivables.post(
    "/{receivable_id}/plan", openapi_extra=refusals(ArrearsPlanUnfit, ArrearsPlanRunning, *_UNASKED)
)
async def agree_arrears_plan(
    ctx: Collector, receivable_id: UUID, body: ArrearsPlanCreate, version: IfMatch
) -> Json[ReceivableRead]:
    """Agree that a debt is paid in parts: the clock stands still while they come in time."""
    return await ReceivableService(ctx).agree(receivable_id, body, version)


@receivables.post("/{receivable_id}/plan/cancel", openapi_extra=refusals(NoArrearsPlan))
async def cancel_arrears_plan(ctx: Collector, receivable_id: UUID, version: IfMatch) -> Json[ReceivableRead]:
    """Give such an agreement up: the clock goes on."""
    return await ReceivableService(ctx).give_up_plan(receivable_id, version)


@proposals.get("")
async def list_dunning_proposals(
    ctx: DebtReader, query: Annotated[DunningProposalQuery, Query()]
) -> Json[DunningProposalPage]:
    """List proposals of the legal clock: contracts to suspend, contracts to end."""
    return await ProposalService(ctx).page(query)


@proposals.get("/{dunning_proposal_id}")
async def get_dunning_proposal(ctx: DebtReader, dunning_proposal_id: UUID) -> Json[DunningProposalRead]:
    """Read a proposal of the legal clock."""
    return await ProposalService(ctx).get(dunning_proposal_id)


@proposals.post(
    "/{dunning_proposal_id}/confirm", openapi_extra=refusals(ReceivableDisputedNow, DunningNotThere)
)
async def confirm_dunning_proposal(
    ctx: Collector, dunning_proposal_id: UUID, version: IfMatch
) -> Json[DunningProposalRead]:
    """Confirm that the file of a proposal is complete: the first of two steps."""
    return await ProposalService(ctx).confirm(dunning_proposal_id, version)


@proposals.post(
    "/{dunning_proposal_id}/approve",
    openapi_extra=refusals(ProposalNeedsAnother, PostingNumberNeeded, ReceivableDisputedNow, DunningNotThere),
)
async def approve_dunning_proposal(
    ctx: Collector, dunning_proposal_id: UUID, body: ProposalApproved, version: IfMatch
) -> Json[DunningProposalRead]:
    """Approve a proposal: the contract is suspended, or ended. Not by who confirmed it."""
    return await ProposalService(ctx).approve(dunning_proposal_id, body, version)


@proposals.post(
    "/{dunning_proposal_id}/refuse",
    openapi_extra=refusals(DunningDayNotReached, ReceivableDisputedNow, DunningNotThere),
)
async def refuse_dunning_proposal(
    ctx: Collector, dunning_proposal_id: UUID, body: ProposalRefused, version: IfMatch
) -> Json[DunningProposalRead]:
    """Refuse a proposal; the clock moves on again on the day you give."""
    return await ProposalService(ctx).refuse(dunning_proposal_id, body, version)

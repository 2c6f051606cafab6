from uuid import UUID

from crm_api.core.http import IfMatch
from crm_api.kit.schemas import Json
from crm_api.opportunities.router.doors import Approver, Reopener, Writer, router
from crm_api.opportunities.schemas.actions import (
    ApprovalRefusal,
    OpportunityLose,
    OpportunityMove,
    OpportunityReopen,
    OpportunityWin,
    ProbabilityOverride,
)
from crm_api.opportunities.schemas.opportunity import OpportunityRead
from crm_api.opportunities.steps import OpportunitySteps


@router.post("/{opportunity_id}/move")
async def move_opportunity(
    ctx: Writer, opportunity_id: UUID, body: OpportunityMove, version: IfMatch
) -> Json[OpportunityRead]:
    """Move an opportunity to another open stage, by the rules of its pipeline.

    Where the stage needs approval it stays, with `pending_stage`, until a second person approves.
    422 `validation_failed` names the fields that the stage requires.
    """
    return await OpportunitySteps(ctx).move(opportunity_id, body, version)


@router.post("/{opportunity_id}/approve-move")
async def approve_opportunity_move(
    ctx: Approver, opportunity_id: UUID, version: IfMatch
) -> Json[OpportunityRead]:
    """Agree that an opportunity enters the stage it waits for; never one's own request."""
    return await OpportunitySteps(ctx).approve(opportunity_id, version)


@router.post("/{opportunity_id}/refuse-move")
async def refuse_opportunity_move(
    ctx: Approver, opportunity_id: UUID, body: ApprovalRefusal, version: IfMatch
) -> Json[OpportunityRead]:
    """Leave an opportunity where it is."""
    return await OpportunitySteps(ctx).refuse(opportunity_id, body, version)


@router.post("/{opportunity_id}/win")
async def win_opportunity(
    ctx: Writer, opportunity_id: UUID, body: OpportunityWin, version: IfMatch
) -> Json[OpportunityRead]:
    """Record that the sale came about.

    The number of the policy proves it; its amount is frozen from then on.
    """
    return await OpportunitySteps(ctx).win(opportunity_id, body, version)


@router.post("/{opportunity_id}/lose")
async def lose_opportunity(
    ctx: Writer, opportunity_id: UUID, body: OpportunityLose, version: IfMatch
) -> Json[OpportunityRead]:
    """Record that the sale did not come about, for a reason."""
    return await OpportunitySteps(ctx).lose(opportunity_id, body, version)


@router.post("/{opportunity_id}/reopen")
async def reopen_opportunity(
    ctx: Reopener, opportunity_id: UUID, body: OpportunityReopen, version: IfMatch
) -> Json[OpportunityRead]:
    """Open a won or lost opportunity again; the reason is recorded."""
    return await OpportunitySteps(ctx).reopen(opportunity_id, body, version)


@router.post("/{opportunity_id}/override-probability")
async def override_opportunity_probability(
    ctx: Writer, opportunity_id: UUID, body: ProbabilityOverride, version: IfMatch
) -> Json[OpportunityRead]:
    """Say how likely it is, where you know better than its stage; it holds until the next move."""
    return await OpportunitySteps(ctx).override(opportunity_id, body, version)

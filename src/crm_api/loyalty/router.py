from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.core.objects import UnknownObject
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json
from crm_api.loyalty import errors
from crm_api.loyalty.schemas import (
    LoyaltyAccountCreate,
    LoyaltyAccountPage,
    LoyaltyAccountQuery,
    LoyaltyAccountRead,
    LoyaltyAdjustment,
    LoyaltyFigures,
    LoyaltyProgramPatch,
    LoyaltyProgramRead,
    LoyaltyRedemptionCancel,
    LoyaltyRedemptionCreate,
    LoyaltyRedemptionPage,
    LoyaltyRedemptionQuery,
    LoyaltyRedemptionRead,
    LoyaltyRewardCreate,
    LoyaltyRewardPage,
    LoyaltyRewardQuery,
    LoyaltyRewardRead,
    LoyaltyTransactionPage,
    LoyaltyTransactionQuery,
)
from crm_api.loyalty.service import LoyaltyService

program = Router("loyalty-program", tag="loyalty")
accounts = Router("loyalty-accounts", tag="loyalty")
transactions = Router("loyalty-transactions", tag="loyalty")
rewards = Router("loyalty-rewards", tag="loyalty")
redemptions = Router("loyalty-redemptions", tag="loyalty")
Reader = Annotated[Context, requires("loyalty:read")]
Writer = Annotated[Context, requires("loyalty:write")]


@program.get("")
async def get_loyalty_program(ctx: Reader) -> Json[LoyaltyProgramRead]:
    """Read the rules of the loyalty programme."""
    return await LoyaltyService(ctx).program()


@program.patch("")
async def update_loyalty_program(
    ctx: Writer, body: Annotated[LoyaltyProgramPatch, MergePatch], version: IfMatch
) -> Json[LoyaltyProgramRead]:
    """Change the rules of the loyalty programme; points that were earned stay."""
    return await LoyaltyService(ctx).change_program(body, version)


@program.get("/figures")
async def get_loyalty_figures(ctx: Reader) -> LoyaltyFigures:
    """Read how many points of twelve months were issued and redeemed (D-62), and what is outstanding."""
    return await LoyaltyService(ctx).figures()


@accounts.get("")
async def list_loyalty_accounts(
    ctx: Reader, query: Annotated[LoyaltyAccountQuery, Query()]
) -> Json[LoyaltyAccountPage]:
    """List the points of the people whom you see."""
    return await LoyaltyService(ctx).page(query)


@accounts.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(UnknownObject, errors.EnrolmentWithoutConsent, errors.AlreadyEnrolled),
)
async def enrol_in_loyalty(ctx: Writer, body: LoyaltyAccountCreate) -> Json[LoyaltyAccountRead]:
    """Let somebody take part, with their consent; premium collected from now on brings points."""
    return await LoyaltyService(ctx).enrol(body)


@accounts.get("/{loyalty_account_id}")
async def get_loyalty_account(ctx: Reader, loyalty_account_id: UUID) -> Json[LoyaltyAccountRead]:
    """Read somebody's points."""
    return await LoyaltyService(ctx).get(loyalty_account_id)


@accounts.post(
    "/{loyalty_account_id}/adjust",
    openapi_extra=refusals(errors.NotEnoughPoints, errors.LoyaltyAccountClosed),
)
async def adjust_loyalty_points(
    ctx: Writer, loyalty_account_id: UUID, body: LoyaltyAdjustment, version: IfMatch
) -> Json[LoyaltyAccountRead]:
    """Give or take points by hand, with a reason."""
    return await LoyaltyService(ctx).adjust(loyalty_account_id, body, version)


@accounts.post("/{loyalty_account_id}/close", openapi_extra=refusals(errors.LoyaltyAccountClosed))
async def close_loyalty_account(
    ctx: Writer, loyalty_account_id: UUID, version: IfMatch
) -> Json[LoyaltyAccountRead]:
    """Close an account: nothing is earned or spent any more."""
    return await LoyaltyService(ctx).close(loyalty_account_id, version)


@transactions.get("")
async def list_loyalty_transactions(
    ctx: Reader, query: Annotated[LoyaltyTransactionQuery, Query()]
) -> Json[LoyaltyTransactionPage]:
    """List the movements of points."""
    return await LoyaltyService(ctx).movements(query)


@rewards.get("")
async def list_loyalty_rewards(
    ctx: Reader, query: Annotated[LoyaltyRewardQuery, Query()]
) -> Json[LoyaltyRewardPage]:
    """List what points buy."""
    return await LoyaltyService(ctx).page_rewards(query)


@rewards.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(errors.RewardCodeTaken, errors.RewardOnCompulsoryCover, errors.RewardCoverUnknown),
)
async def create_loyalty_reward(ctx: Writer, body: LoyaltyRewardCreate) -> Json[LoyaltyRewardRead]:
    """Offer a reward; a discount on compulsory cover is refused (art. 245 bis)."""
    return await LoyaltyService(ctx).offer(body)


@rewards.get("/{reward_id}")
async def get_loyalty_reward(ctx: Reader, reward_id: UUID) -> Json[LoyaltyRewardRead]:
    """Read a reward."""
    return await LoyaltyService(ctx).reward(reward_id)


@redemptions.get("")
async def list_loyalty_redemptions(
    ctx: Reader, query: Annotated[LoyaltyRedemptionQuery, Query()]
) -> Json[LoyaltyRedemptionPage]:
    """List the rewards that were ordered."""
    return await LoyaltyService(ctx).page_redemptions(query)


@redemptions.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(
        *(errors.NotEnoughPoints, errors.RewardOutOfStock, errors.RewardNotOffered),
        *(errors.RewardOnCompulsoryCover, errors.LoyaltyAccountClosed, errors.LoyaltyInactive),
    ),
)
async def redeem_loyalty_reward(ctx: Writer, body: LoyaltyRedemptionCreate) -> Json[LoyaltyRedemptionRead]:
    """Order a reward with points; the points go at once."""
    return await LoyaltyService(ctx).redeem(body)


@redemptions.get("/{redemption_id}")
async def get_loyalty_redemption(ctx: Reader, redemption_id: UUID) -> Json[LoyaltyRedemptionRead]:
    """Read an order."""
    return await LoyaltyService(ctx).redemption(redemption_id)


@redemptions.post("/{redemption_id}/approve")
async def approve_loyalty_redemption(
    ctx: Writer, redemption_id: UUID, version: IfMatch
) -> Json[LoyaltyRedemptionRead]:
    """Approve an order."""
    return await LoyaltyService(ctx).approve(redemption_id, version)


@redemptions.post("/{redemption_id}/deliver")
async def deliver_loyalty_redemption(
    ctx: Writer, redemption_id: UUID, version: IfMatch
) -> Json[LoyaltyRedemptionRead]:
    """Say that the reward was handed over."""
    return await LoyaltyService(ctx).deliver(redemption_id, version)


@redemptions.post("/{redemption_id}/cancel")
async def cancel_loyalty_redemption(
    ctx: Writer, redemption_id: UUID, body: LoyaltyRedemptionCancel, version: IfMatch
) -> Json[LoyaltyRedemptionRead]:
    """Cancel an order: the points come back."""
    return await LoyaltyService(ctx).cancel(redemption_id, body, version)


ROUTERS = (program, accounts, transactions, rewards, redemptions)

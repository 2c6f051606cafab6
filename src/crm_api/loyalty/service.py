from fractions import Fraction
from typing import Any
from uuid import UUID

from pydantic import MISSING

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.objects import require_object
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.errors import ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.loyalty.errors import (
    EnrolmentWithoutConsent,
    LoyaltyAccountClosed,
    LoyaltyInactive,
    NotEnoughPoints,
    RewardCoverUnknown,
    RewardNotOffered,
    RewardOnCompulsoryCover,
    RewardOutOfStock,
)
from crm_api.loyalty.events import RewardRedeemed
from crm_api.loyalty.models import (
    REDEMPTION,
    TIER_COUNTS,
    LoyaltyAccount,
    LoyaltyMovement,
    LoyaltyOrigin,
    LoyaltyRedemption,
    LoyaltyStatus,
    RedemptionStatus,
)
from crm_api.loyalty.points import PointsDesk, months_after
from crm_api.loyalty.repository import (
    AccountRepository,
    ProgramRepository,
    RedemptionRepository,
    RewardRepository,
    TransactionRepository,
)
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


class LoyaltyService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.programs = ProgramRepository(ctx)
        self.accounts = AccountRepository(ctx)
        self.transactions = TransactionRepository(ctx)
        self.rewards = RewardRepository(ctx)
        self.redemptions = RedemptionRepository(ctx)
        self.desk = PointsDesk(ctx)

    # --- the programme

    async def program(self) -> Json[LoyaltyProgramRead]:
        return await self.programs.get((await self.programs.mine()).id)

    async def change_program(self, data: LoyaltyProgramPatch, version: int) -> Json[LoyaltyProgramRead]:
        """Raises ValidationFailed for tiers that do not rise."""
        program = await self.programs.load((await self.programs.mine()).id)
        if version not in (program.version, ANY_VERSION):
            raise VersionConflict(current_version=program.version)
        for name, value in dict(data).items():
            if value is not MISSING:
                setattr(program, name, value)
        if not program.silver_from < program.gold_from < program.platinum_from:
            raise ValidationFailed.at("/gold_from", "loyalty_tiers", "Each tier asks for more than the last.")
        await self.programs.save(program)
        return await self.programs.get(program.id)

    async def figures(self) -> LoyaltyFigures:
        """D-62, of twelve months."""
        issued, redeemed, outstanding, accounts = await self.transactions.figures(now() - TIER_COUNTS)
        rate = None if not issued else f"{float(round(Fraction(redeemed, issued), 4)):.4f}"
        return LoyaltyFigures(
            issued=issued,
            redeemed=max(redeemed, 0),
            redemption_rate=rate,
            outstanding=outstanding,
            accounts=accounts,
        )

    # --- accounts

    async def page(self, query: LoyaltyAccountQuery) -> Json[LoyaltyAccountPage]:
        return await self.accounts.page(query, LoyaltyAccountPage)

    async def get(self, account_id: UUID) -> Json[LoyaltyAccountRead]:
        return await self.accounts.get(account_id)

    async def movements(self, query: LoyaltyTransactionQuery) -> Json[LoyaltyTransactionPage]:
        return await self.transactions.page(query, LoyaltyTransactionPage)

    async def enrol(self, data: LoyaltyAccountCreate) -> Json[LoyaltyAccountRead]:
        """Raises UnknownObject, EnrolmentWithoutConsent, AlreadyEnrolled."""
        self.ctx.begin()
        await require_object(self.ctx, "contact", data.contact_id)
        if not await self.accounts.consented(data.consent_id, data.contact_id):
            raise EnrolmentWithoutConsent
        account = LoyaltyAccount(id=new_id(), enrolled_at=now(), **dict(data))
        await self.accounts.save(account)
        return await self.accounts.get(account.id)

    async def close(self, account_id: UUID, version: int) -> Json[LoyaltyAccountRead]:
        """What is left is kept on the books, and cannot be spent. Raises LoyaltyAccountClosed."""
        account = await self._loaded(account_id, version)
        account.status = LoyaltyStatus.CLOSED
        await self.accounts.save(account)
        return await self.accounts.get(account_id)

    async def adjust(
        self, account_id: UUID, data: LoyaltyAdjustment, version: int
    ) -> Json[LoyaltyAccountRead]:
        """Raises NotEnoughPoints, LoyaltyAccountClosed."""
        account = await self._loaded(account_id, version)
        _refuse_less_than(account, -data.points)
        kind = LoyaltyMovement.ADJUST, LoyaltyOrigin.STAFF
        line = self.desk.line(account, *kind, data.points, f"adjust|{new_id()}")
        line.reason = data.reason
        if data.points > 0:
            line.expires_on = months_after(today(), (await self.programs.mine()).validity_months)
        await self.desk.move(account, line)
        return await self.accounts.get(account_id)

    async def _loaded(self, account_id: UUID, version: int) -> LoyaltyAccount:
        account = await self.accounts.load(account_id)
        if version not in (account.version, ANY_VERSION):
            raise VersionConflict(current_version=account.version)
        if account.status is LoyaltyStatus.CLOSED:
            raise LoyaltyAccountClosed
        return account

    # --- rewards

    async def page_rewards(self, query: LoyaltyRewardQuery) -> Json[LoyaltyRewardPage]:
        return await self.rewards.page(query, LoyaltyRewardPage)

    async def reward(self, reward_id: UUID) -> Json[LoyaltyRewardRead]:
        return await self.rewards.get(reward_id)

    async def offer(self, data: LoyaltyRewardCreate) -> Json[LoyaltyRewardRead]:
        """Raises RewardOnCompulsoryCover, RewardCoverUnknown, RewardCodeTaken."""
        self.ctx.begin()
        await self._refuse_compulsory(data.coverage_code)
        return await self.rewards.add(data)

    async def _refuse_compulsory(self, coverage_code: str | None) -> None:
        if coverage_code is None:
            return
        compulsory = await self.accounts.compulsory(coverage_code)
        if compulsory is None:
            raise RewardCoverUnknown(coverage=coverage_code)
        if compulsory:
            raise RewardOnCompulsoryCover(coverage=coverage_code)

    # --- orders

    async def page_redemptions(self, query: LoyaltyRedemptionQuery) -> Json[LoyaltyRedemptionPage]:
        return await self.redemptions.page(query, LoyaltyRedemptionPage)

    async def redemption(self, redemption_id: UUID) -> Json[LoyaltyRedemptionRead]:
        return await self.redemptions.get(redemption_id)

    async def redeem(self, data: LoyaltyRedemptionCreate) -> Json[LoyaltyRedemptionRead]:
        """Account first, then reward: two orders at once come one after the other.

        Raises NotFound, NotEnoughPoints, RewardOutOfStock, RewardNotOffered, RewardOnCompulsoryCover.
        """
        account = await self.accounts.load(data.loyalty_account_id)
        reward = await self.rewards.load(data.reward_id)
        program = await self.programs.mine()
        if not program.active:
            raise LoyaltyInactive
        if account.status is LoyaltyStatus.CLOSED:
            raise LoyaltyAccountClosed
        if reward.valid_from > today() or (reward.valid_to is not None and reward.valid_to < today()):
            raise RewardNotOffered
        await self._refuse_compulsory(reward.coverage_code)
        _refuse_less_than(account, reward.cost_points)
        if reward.stock is not None:
            if reward.stock == 0:
                raise RewardOutOfStock
            reward.stock -= 1
            await self.rewards.save(reward)
        order = LoyaltyRedemption(id=new_id(), points=reward.cost_points, **dict(data))
        await self.redemptions.save(order)
        kind = LoyaltyMovement.REDEEM, LoyaltyOrigin.REDEMPTION
        line = self.desk.line(account, *kind, -order.points, f"redeem|{order.id}")
        line.source_id = order.id
        await self.desk.move(account, line)
        await publish(self.ctx, RewardRedeemed(order.id, account.id, reward.id))
        return await self.redemptions.get(order.id)

    async def approve(self, redemption_id: UUID, version: int) -> Json[LoyaltyRedemptionRead]:
        return await self._step(redemption_id, RedemptionStatus.APPROVED, version)

    async def deliver(self, redemption_id: UUID, version: int) -> Json[LoyaltyRedemptionRead]:
        return await self._step(redemption_id, RedemptionStatus.DELIVERED, version)

    async def cancel(
        self, redemption_id: UUID, data: LoyaltyRedemptionCancel, version: int
    ) -> Json[LoyaltyRedemptionRead]:
        """The points come back, and the piece goes back into stock."""
        return await self._step(redemption_id, RedemptionStatus.CANCELLED, version, cancel_reason=data.reason)

    async def _step(
        self, redemption_id: UUID, wanted: RedemptionStatus, version: int, **more: Any
    ) -> Json[LoyaltyRedemptionRead]:
        order = await self.redemptions.load(redemption_id)
        if version not in (order.version, ANY_VERSION):
            raise VersionConflict(current_version=order.version)
        REDEMPTION.check(order.status, wanted)
        order.status = wanted
        for name, value in more.items():
            setattr(order, name, value)
        await self.redemptions.save(order)
        if wanted is RedemptionStatus.CANCELLED:
            account = await self.accounts.held(order.loyalty_account_id)
            kind = LoyaltyMovement.REVERSE, LoyaltyOrigin.REDEMPTION
            line = self.desk.line(account, *kind, order.points, f"cancel|{order.id}")
            line.source_id = order.id
            await self.desk.move(account, line)
            reward = await self.rewards.load(order.reward_id)
            if reward.stock is not None:
                reward.stock += 1
                await self.rewards.save(reward)
        return await self.redemptions.get(redemption_id)


def _refuse_less_than(account: LoyaltyAccount, points: int) -> None:
    if points > account.balance:
        raise NotEnoughPoints(missing=points - account.balance)

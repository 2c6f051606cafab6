"""How points come and go: one movement at a time, on a locked account, each once."""

from datetime import date
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.clock import today
from crm_api.kit.ids import new_id
from crm_api.loyalty.events import LoyaltyPointsMoved, LoyaltyTierChanged
from crm_api.loyalty.models import (
    TIER_COUNTS,
    LoyaltyAccount,
    LoyaltyMovement,
    LoyaltyOrigin,
    LoyaltyProgram,
    LoyaltyTier,
    LoyaltyTransaction,
)
from crm_api.loyalty.repository import AccountRepository, ProgramRepository, TransactionRepository


def points_of(centimes: int, dinars_per_point: int) -> int:
    """Whole points of net premium: 66 604.40 DA at 100 DA a point are 666."""
    return max(centimes, 0) // (100 * dinars_per_point)


def tier_of(program: LoyaltyProgram, points: int) -> LoyaltyTier:
    """By the points earned in twelve months."""
    if points >= program.platinum_from:
        return LoyaltyTier.PLATINUM
    if points >= program.gold_from:
        return LoyaltyTier.GOLD
    return LoyaltyTier.SILVER if points >= program.silver_from else LoyaltyTier.STANDARD


def months_after(day: date, months: int) -> date:
    """The same day so many months on, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError


class PointsDesk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.accounts = AccountRepository(ctx)
        self.transactions = TransactionRepository(ctx)
        self.programs = ProgramRepository(ctx)

    async def settle(self, policy_id: UUID) -> None:
        """What the premium collected of a contract is worth now, less what it brought already.

        So a contract in twelve parts brings what it would at once, and a cheque that bounces takes it back.
        """
        account = await self.accounts.of_policy(policy_id)
        program = await self.programs.mine() if account is not None else None
        if account is None or program is None or not program.active:
            return
        collected = await self.accounts.collected(policy_id, account.enrolled_at)
        posted, count = await self.transactions.posted(account.id, policy_id)
        difference = points_of(collected, program.dinars_per_point) - posted
        key = f"premium|{policy_id}|{count + 1}"
        if difference > 0:
            await self.earn(account, program, LoyaltyOrigin.PREMIUM, difference, key, policy_id)
        elif difference < 0:
            await self._take_back(account, -difference, key, policy_id)

    async def earn(
        self,
        account: LoyaltyAccount,
        program: LoyaltyProgram,
        origin: LoyaltyOrigin,
        points: int,
        key: str,
        source_id: UUID | None,
    ) -> None:
        """On a locked account; what it owes is paid first."""
        ends = months_after(today(), program.validity_months)
        line = self.line(account, LoyaltyMovement.EARN, origin, points, key)
        line.source_id, line.expires_on = source_id, ends
        await self.move(account, line)
        if account.owed:
            paid = min(account.owed, account.balance)
            debt = self.line(account, LoyaltyMovement.REVERSE, LoyaltyOrigin.DEBT, -paid, f"debt|{line.id}")
            account.owed -= paid
            await self.move(account, debt)
        await self.rank(account, program)

    async def _take_back(self, account: LoyaltyAccount, points: int, key: str, policy_id: UUID) -> None:
        """As far as they are still there; the rest is owed."""
        there = min(points, account.balance)
        line = self.line(account, LoyaltyMovement.REVERSE, LoyaltyOrigin.PREMIUM, -there, key)
        line.source_id, line.shortfall = policy_id, points - there
        account.owed += points - there
        await self.move(account, line)
        await self.rank(account, await self.programs.mine())

    async def rank(self, account: LoyaltyAccount, program: LoyaltyProgram) -> None:
        points = await self.transactions.earned_since(account.id, now() - TIER_COUNTS)
        tier = tier_of(program, points)
        if tier is account.tier:
            return
        account.tier = tier
        account.tier_until = None if tier is LoyaltyTier.STANDARD else today() + TIER_COUNTS
        await self.accounts.save(account)
        await publish(self.ctx, LoyaltyTierChanged(account.id, str(tier)))

    async def move(self, account: LoyaltyAccount, line: LoyaltyTransaction) -> None:
        """The account is locked; the database refuses what would make it negative."""
        account.balance += line.points
        await self.transactions.save(line)
        await self.accounts.save(account)
        moved = account.id, str(line.type), line.points, account.balance
        await publish(self.ctx, LoyaltyPointsMoved(*moved))

    def line(
        self, account: LoyaltyAccount, type: LoyaltyMovement, origin: LoyaltyOrigin, points: int, key: str
    ) -> LoyaltyTransaction:
        return LoyaltyTransaction(
            id=new_id(),
            loyalty_account_id=account.id,
            type=type,
            origin=origin,
            points=points,
            shortfall=0,
            idempotency_key=key,
        )

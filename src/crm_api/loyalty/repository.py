"""Points as rows: accounts, movements, rewards, and what earns."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Executable, and_, case, cast, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from crm_api.billing.models.receivable import Receivable
from crm_api.billing.models.schedule import Instalment
from crm_api.claims.models.claim import Claim
from crm_api.consents.models import Consent, ConsentStatus
from crm_api.core.context import Context
from crm_api.core.inheritance import in_sight
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.loyalty.errors import AlreadyEnrolled, RewardCodeTaken
from crm_api.loyalty.models import (
    LoyaltyAccount,
    LoyaltyMovement,
    LoyaltyOrigin,
    LoyaltyProgram,
    LoyaltyRedemption,
    LoyaltyReward,
    LoyaltyStatus,
    LoyaltyTransaction,
)
from crm_api.loyalty.schemas import (
    LoyaltyAccountRead,
    LoyaltyProgramRead,
    LoyaltyRedemptionRead,
    LoyaltyRewardRead,
    LoyaltyTransactionRead,
)
from crm_api.policies.models.policy import Policy
from crm_api.products.models import CoverageDefinition
from crm_api.relationships.models import Relationship, RelationshipType

EARNINGS = (LoyaltyOrigin.PREMIUM, LoyaltyOrigin.NO_CLAIM, LoyaltyOrigin.REFERRAL)
"""What makes a tier."""


def _of_people_in_sight(ctx: Context, account_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """The account belongs to a contact that this principal sees."""
    contact, conditions = in_sight(ctx, "contact")
    account = table_of(LoyaltyAccount).alias("seen_account")
    return exists(
        select(account.c.id)
        .join(contact, contact.c.id == account.c.contact_id)
        .where(
            account.c.organization_id == contact.c.organization_id, account.c.id == account_id, *conditions
        )
    )


def _sight(ctx: Context) -> Any:
    return ctx.tools.objects["contact"](ctx).visibility


class ProgramRepository(Repository[LoyaltyProgram, LoyaltyProgramRead]):
    model, read = LoyaltyProgram, LoyaltyProgramRead

    async def mine(self) -> LoyaltyProgram:
        """Made with the rules of the house where there is none."""
        found = await self.ctx.session.scalar(select(LoyaltyProgram))
        if found is None:
            row = {"organization_id": self.ctx.organization_id, "version": 1}
            table = table_of(LoyaltyProgram)
            from_nothing = insert(table).values(id=self.ctx.organization_id, **row).on_conflict_do_nothing()
            await self.ctx.session.execute(from_nothing)
            found = (await self.ctx.session.scalars(select(LoyaltyProgram))).one()
        return found


class AccountRepository(Repository[LoyaltyAccount, LoyaltyAccountRead]):
    model, read = LoyaltyAccount, LoyaltyAccountRead
    refusals = {"uq_loyalty_accounts_contact": AlreadyEnrolled}

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.visibility = _sight(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        return [*super().visible(), _of_people_in_sight(self.ctx, table_of(LoyaltyAccount).c.id)]

    async def held(self, account_id: UUID) -> LoyaltyAccount:
        """Locked, whoever asks."""
        found = select(LoyaltyAccount).where(LoyaltyAccount.id == account_id).with_for_update()
        return (await self.ctx.session.scalars(found, execution_options={"populate_existing": True})).one()

    async def of_policy(self, policy_id: UUID) -> LoyaltyAccount | None:
        """That of its policyholder, locked."""
        holder = select(Policy.policyholder_contact_id).where(
            Policy.organization_id == self.ctx.organization_id, Policy.id == policy_id
        )
        found = (
            select(LoyaltyAccount)
            .where(LoyaltyAccount.contact_id == holder.scalar_subquery())
            .where(LoyaltyAccount.status == LoyaltyStatus.ACTIVE)
            .with_for_update()
        )
        return await self.ctx.session.scalar(found, execution_options={"populate_existing": True})

    async def consented(self, consent_id: UUID, contact_id: UUID) -> bool:
        found = select(Consent.id).where(
            Consent.id == consent_id,
            Consent.subject_id == contact_id,
            Consent.status == ConsentStatus.GRANTED,
            func.coalesce(Consent.expires_at > func.now(), True),
        )
        return await self.ctx.session.scalar(found) is not None

    async def collected(self, policy_id: UUID, since: datetime) -> int:
        """Centimes of net premium of this contract that are paid now, of debts settled since then."""
        found = (
            select(func.coalesce(func.sum(cast(Instalment.net, BigInteger)), 0))
            .join(
                Receivable,
                and_(
                    Receivable.organization_id == Instalment.organization_id,
                    Receivable.instalment_id == Instalment.id,
                ),
            )
            .where(Instalment.policy_id == policy_id, Receivable.settled_at >= since)
        )
        return int(await self.ctx.session.scalar(found) or 0)

    async def compulsory(self, coverage_code: str) -> bool | None:
        """Whether the law makes this cover compulsory; None: no product has it."""
        found = select(func.bool_or(CoverageDefinition.mandatory)).where(
            CoverageDefinition.code == coverage_code
        )
        answer: bool | None = await self.ctx.session.scalar(found)
        return answer


class TransactionRepository(Repository[LoyaltyTransaction, LoyaltyTransactionRead]):
    model, read = LoyaltyTransaction, LoyaltyTransactionRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.visibility = _sight(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        account_id = table_of(LoyaltyTransaction).c.loyalty_account_id
        return [*super().visible(), _of_people_in_sight(self.ctx, account_id)]

    async def known(self, key: str) -> bool:
        found = select(LoyaltyTransaction.id).where(LoyaltyTransaction.idempotency_key == key)
        return await self.ctx.session.scalar(found) is not None

    async def posted(self, account_id: UUID, source_id: UUID) -> tuple[int, int]:
        """Points that a contract brought, less those taken back or owed; and how many movements."""
        t = LoyaltyTransaction
        found = select(func.coalesce(func.sum(t.points - t.shortfall), 0), func.count()).where(
            t.source_id == source_id, t.loyalty_account_id == account_id, t.origin == LoyaltyOrigin.PREMIUM
        )
        total, count = (await self.ctx.session.execute(found)).one()
        return int(total), int(count)

    async def earned_since(self, account_id: UUID, moment: datetime) -> int:
        t = LoyaltyTransaction
        found = select(func.coalesce(func.sum(t.points - t.shortfall), 0)).where(
            t.loyalty_account_id == account_id, t.origin.in_(EARNINGS), t.created_at >= moment
        )
        return int(await self.ctx.session.scalar(found) or 0)

    async def run_out(self, day: date, account_id: UUID | None = None) -> Sequence[tuple[UUID, int]]:
        """Account and points that run out by this day: what was spent came of the oldest ones."""
        t = LoyaltyTransaction
        gained = and_(t.expires_on.is_not(None), t.points > 0)
        old = func.sum(case((and_(gained, t.expires_on <= day), t.points), else_=0))
        spent = -func.sum(case((gained, 0), else_=t.points))
        found = (
            select(t.loyalty_account_id, old - spent)
            .group_by(t.loyalty_account_id)
            .having(old > spent)
            .order_by(t.loyalty_account_id)
        )
        if account_id is not None:
            found = found.where(t.loyalty_account_id == account_id)
        else:
            due = select(t.loyalty_account_id).where(t.expires_on <= day)
            found = found.where(t.loyalty_account_id.in_(due))
        return [(row[0], int(row[1])) for row in await self.ctx.session.execute(found)]

    async def gifts(self, since: datetime, until: datetime) -> Sequence[tuple[UUID, LoyaltyOrigin, UUID]]:
        """(account, why, contract or person) of years without a claim that ended between these moments, and
        of people referred whose first contract began then."""
        found: list[tuple[UUID, LoyaltyOrigin, UUID]] = []
        for origin, statement in (
            (LoyaltyOrigin.NO_CLAIM, self._quiet_years(since, until)),
            (LoyaltyOrigin.REFERRAL, self._referred(since, until)),
        ):
            found += [(row[0], origin, row[1]) for row in (await self.ctx.session.execute(statement)).all()]
        return found

    def _quiet_years(self, since: datetime, until: datetime) -> Executable:
        claimed = exists(
            select(Claim.id).where(
                Claim.organization_id == Policy.organization_id,
                Claim.policy_id == Policy.id,
            )
        )
        return (
            select(LoyaltyAccount.id, Policy.id)
            .join(
                Policy,
                and_(
                    Policy.organization_id == LoyaltyAccount.organization_id,
                    Policy.policyholder_contact_id == LoyaltyAccount.contact_id,
                ),
            )
            .where(
                Policy.organization_id == self.ctx.organization_id,
                LoyaltyAccount.status == LoyaltyStatus.ACTIVE,
                Policy.term_months >= 12,
                Policy.expires_at >= since,
                Policy.expires_at < until,
                Policy.expires_at >= LoyaltyAccount.enrolled_at,
                Policy.status.in_(("in_force", "expired", "renewed")),
                ~claimed,
            )
            .order_by(Policy.id)
        )

    def _referred(self, since: datetime, until: datetime) -> Executable:
        return (
            select(LoyaltyAccount.id, Policy.policyholder_contact_id)
            .join(
                Relationship,
                and_(
                    Relationship.organization_id == LoyaltyAccount.organization_id,
                    Relationship.to_contact_id == LoyaltyAccount.contact_id,
                    Relationship.type == RelationshipType.REFERRED_BY,
                ),
            )
            .join(
                Policy,
                and_(
                    Policy.organization_id == Relationship.organization_id,
                    Policy.policyholder_contact_id == Relationship.from_contact_id,
                ),
            )
            .where(
                Policy.organization_id == self.ctx.organization_id,
                LoyaltyAccount.status == LoyaltyStatus.ACTIVE,
                Policy.effective_at >= since,
                Policy.effective_at < until,
                Policy.effective_at >= LoyaltyAccount.enrolled_at,
                Policy.status.not_in(("proposed", "cancelled")),
            )
            .distinct()
        )

    async def figures(self, since: datetime) -> tuple[int, int, int, int]:
        """(issued, redeemed, outstanding, accounts)."""
        t = LoyaltyTransaction
        issued = func.sum(case((t.type == LoyaltyMovement.EARN, t.points), else_=0))
        spent = -func.sum(case((t.origin == LoyaltyOrigin.REDEMPTION, t.points), else_=0))
        moved = (
            await self.ctx.session.execute(
                select(func.coalesce(issued, 0), func.coalesce(spent, 0)).where(t.created_at >= since)
            )
        ).one()
        held = (
            await self.ctx.session.execute(
                select(func.coalesce(func.sum(LoyaltyAccount.balance), 0), func.count())
            )
        ).one()
        return int(moved[0]), int(moved[1]), int(held[0]), int(held[1])


class RewardRepository(Repository[LoyaltyReward, LoyaltyRewardRead]):
    model, read = LoyaltyReward, LoyaltyRewardRead
    refusals = {"uq_loyalty_rewards_code": RewardCodeTaken}


class RedemptionRepository(Repository[LoyaltyRedemption, LoyaltyRedemptionRead]):
    model, read = LoyaltyRedemption, LoyaltyRedemptionRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.visibility = _sight(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        account_id = table_of(LoyaltyRedemption).c.loyalty_account_id
        return [*super().visible(), _of_people_in_sight(self.ctx, account_id)]

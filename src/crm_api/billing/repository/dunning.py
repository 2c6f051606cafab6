from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from crm_api.billing.models.dunning import (
    ArrearsPart,
    ArrearsPlan,
    ArrearsPlanStatus,
    DunningPause,
    DunningProposal,
    DunningStep,
    DunningStepKind,
    PauseKind,
    PremiumPromiseStatus,
    PromiseToPay,
    ProposalStatus,
)
from crm_api.billing.models.receivable import Receivable
from crm_api.billing.schemas.dunning import DunningProposalRead
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.kit.money import Money
from crm_api.policies.models.policy import Policy

AT_ONCE = 1000


class DunningProposalRepository(Repository[DunningProposal, DunningProposalRead]):
    model, read = DunningProposal, DunningProposalRead

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        table, policies, debts = table_of(DunningProposal), table_of(Policy), table_of(Receivable)
        policy = (policies.c.organization_id == table.c.organization_id) & (
            policies.c.id == table.c.policy_id
        )
        debt = (debts.c.organization_id == table.c.organization_id) & (debts.c.id == table.c.receivable_id)
        return {
            **super().columns(),
            "producer_id": table.c.owner_user_id,
            "policy_number": select(policies.c.number).where(policy).correlate(table).scalar_subquery(),
            "balance": select(debts.c.balance).where(debt).correlate(table).scalar_subquery(),
        }

    async def waiting(self, receivable_id: UUID) -> list[DunningProposal]:
        """Those of a debt on which nobody has decided, locked."""
        statement = select(DunningProposal).where(
            DunningProposal.organization_id == self.ctx.organization_id,
            DunningProposal.receivable_id == receivable_id,
            DunningProposal.status.in_([ProposalStatus.PROPOSED, ProposalStatus.CONFIRMED]),
        )
        return list(await self.ctx.session.scalars(statement.with_for_update()))

    async def of(self, receivable_id: UUID) -> list[DunningProposal]:
        statement = select(DunningProposal).where(
            DunningProposal.organization_id == self.ctx.organization_id,
            DunningProposal.receivable_id == receivable_id,
        )
        return list(
            await self.ctx.session.scalars(statement.order_by(DunningProposal.created_at, DunningProposal.id))
        )


class DunningRepository:
    """The evidence beside the debt: steps, pauses, promises, plans."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def keep(self, *rows: Any) -> None:
        self.ctx.session.add_all(rows)

    async def flush(self) -> None:
        await self.ctx.session.flush()

    async def steps(self, receivable_id: UUID) -> list[DunningStep]:
        """In the order in which they were taken."""
        return await self._of(DunningStep, receivable_id, DunningStep.id)

    async def step(self, receivable_id: UUID, cycle: int, kind: DunningStepKind) -> DunningStep | None:
        """The last of its kind in a cycle."""
        found = [
            one
            for one in await self.steps(receivable_id)
            if one.cycle == cycle and DunningStepKind(one.kind) is kind
        ]
        return found[-1] if found else None

    async def pauses(self, receivable_id: UUID) -> list[DunningPause]:
        return await self._of(DunningPause, receivable_id, DunningPause.created_at, DunningPause.id)

    async def pause(self, receivable_id: UUID, kind: PauseKind) -> DunningPause | None:
        """The one that runs without an end."""
        return next(
            (one for one in await self.pauses(receivable_id) if one.to_on is None and one.kind is kind), None
        )

    async def promises(self, receivable_id: UUID) -> list[PromiseToPay]:
        return await self._of(PromiseToPay, receivable_id, PromiseToPay.created_at, PromiseToPay.id)

    async def open_promise(self, receivable_id: UUID) -> PromiseToPay | None:
        promises = await self.promises(receivable_id)
        return next((one for one in promises if one.status is PremiumPromiseStatus.OPEN), None)

    async def plans(self, receivable_id: UUID) -> list[ArrearsPlan]:
        return await self._of(ArrearsPlan, receivable_id, ArrearsPlan.created_at, ArrearsPlan.id)

    async def active_plan(self, receivable_id: UUID) -> ArrearsPlan | None:
        plans = await self.plans(receivable_id)
        return next((one for one in plans if one.status is ArrearsPlanStatus.ACTIVE), None)

    async def parts(self, plan_ids: Sequence[UUID]) -> list[ArrearsPart]:
        statement = select(ArrearsPart).where(
            ArrearsPart.organization_id == self.ctx.organization_id, ArrearsPart.plan_id.in_(plan_ids)
        )
        return list(await self.ctx.session.scalars(statement.order_by(ArrearsPart.plan_id, ArrearsPart.seq)))

    async def broken_promises(self, on: date) -> list[tuple[PromiseToPay, Receivable]]:
        """Whose day has passed, with their debts, locked."""
        statement = (
            select(PromiseToPay, Receivable)
            .join(Receivable, _same_debt(PromiseToPay))
            .where(
                PromiseToPay.organization_id == self.ctx.organization_id,
                PromiseToPay.status == PremiumPromiseStatus.OPEN,
                PromiseToPay.promised_on < on,
            )
            .order_by(PromiseToPay.promised_on, PromiseToPay.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        return [(row[0], row[1]) for row in await self.ctx.session.execute(statement)]

    async def broken_plans(self, on: date) -> list[tuple[ArrearsPlan, Receivable]]:
        """Of which less was paid than the parts that fell due before `on`; with their debts, locked."""
        wanted = (
            select(func.sum(cast(ArrearsPart.amount, BigInteger)))
            .where(
                ArrearsPart.organization_id == ArrearsPlan.organization_id,
                ArrearsPart.plan_id == ArrearsPlan.id,
                ArrearsPart.due_on < on,
            )
            .correlate(ArrearsPlan)
            .scalar_subquery()
        )
        paid = cast(Receivable.paid_amount, BigInteger) - cast(ArrearsPlan.paid_before, BigInteger)
        statement = (
            select(ArrearsPlan, Receivable)
            .join(Receivable, _same_debt(ArrearsPlan))
            .where(
                ArrearsPlan.organization_id == self.ctx.organization_id,
                ArrearsPlan.status == ArrearsPlanStatus.ACTIVE,
                wanted > paid,
            )
            .order_by(ArrearsPlan.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        return [(row[0], row[1]) for row in await self.ctx.session.execute(statement)]

    async def suspended_once(self, policy_id: UUID) -> list[Receivable]:
        """The debts of a contract for which it was suspended, and that are paid."""
        suspension = select(DunningStep.id).where(
            DunningStep.organization_id == Receivable.organization_id,
            DunningStep.receivable_id == Receivable.id,
            DunningStep.cycle == Receivable.dunning_cycle,
            DunningStep.kind == DunningStepKind.SUSPENSION,
        )
        back = select(DunningStep.id).where(
            DunningStep.organization_id == Receivable.organization_id,
            DunningStep.receivable_id == Receivable.id,
            DunningStep.cycle == Receivable.dunning_cycle,
            DunningStep.kind == DunningStepKind.REINSTATEMENT,
        )
        statement = select(Receivable).where(
            Receivable.organization_id == self.ctx.organization_id,
            Receivable.policy_id == policy_id,
            suspension.exists(),
            ~back.exists(),
        )
        return list(await self.ctx.session.scalars(statement))

    async def _of(self, kind: Any, receivable_id: UUID, *order: Any) -> list[Any]:
        statement = select(kind).where(
            kind.organization_id == self.ctx.organization_id, kind.receivable_id == receivable_id
        )
        return list(await self.ctx.session.scalars(statement.order_by(*order)))


def _same_debt(kind: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = (Receivable.organization_id == kind.organization_id) & (
        Receivable.id == kind.receivable_id
    )
    return condition


def centimes(amount: Money | None) -> int:
    return amount.centimes if amount else 0

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, select

from crm_api.accounts.models import Account
from crm_api.billing.errors import UnknownCollector, WriteOffAlreadyRequested
from crm_api.billing.filters import bucket, days_past_due
from crm_api.billing.models.receivable import OWED, Receivable, WriteOff
from crm_api.billing.schemas.receivable import ReceivableRead, WriteOffRead
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.policies.models.policy import Policy


class ReceivableRepository(Repository[Receivable, ReceivableRead]):
    model, read = Receivable, ReceivableRead
    refusals = {"fk_receivables_collector": UnknownCollector}

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        table = table_of(Receivable)
        accounts, policies = table_of(Account), table_of(Policy)
        account = (accounts.c.organization_id == table.c.organization_id) & (
            accounts.c.id == table.c.account_id
        )
        policy = (policies.c.organization_id == table.c.organization_id) & (
            policies.c.id == table.c.policy_id
        )
        return {
            **super().columns(),
            "producer_id": table.c.owner_user_id,
            "account_name": select(accounts.c.name).where(account).correlate(table).scalar_subquery(),
            "account_number": select(accounts.c.number).where(account).correlate(table).scalar_subquery(),
            "policy_number": select(policies.c.number).where(policy).correlate(table).scalar_subquery(),
            "days_past_due": days_past_due(table),
            "ageing_bucket": bucket(table),
        }

    async def locked(self, ids: Sequence[UUID], *, seen: bool = True) -> dict[UUID, Receivable]:
        """These, locked in the order of their keys, so that two cashiers never wait for each other.

        `seen`: only those that this principal sees.
        """
        mine: list[Any] = self.visible() if seen else [Receivable.organization_id == self.ctx.organization_id]
        wanted = Receivable.id == any_(bindparam("ids", type_=ARRAY(Uuid())))
        return await self._locked([*mine, wanted], {"ids": list(ids)})

    async def seen_one(self, receivable_id: UUID) -> Receivable | None:
        """As it is now, not locked."""
        statement = select(Receivable).where(*self.visible(), Receivable.id == receivable_id)
        return await self.ctx.session.scalar(statement, self.ctx.bound)

    async def named(self, ids: Sequence[UUID]) -> list[Receivable]:
        """These, whoever sees them, not locked, in the order of their days: for `Settling.hold`."""
        statement = (
            select(Receivable)
            .where(
                Receivable.organization_id == self.ctx.organization_id,
                Receivable.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
            )
            .order_by(Receivable.due_on, Receivable.id)
        )
        return list(await self.ctx.session.scalars(statement, {"ids": list(ids)}))

    async def owed_by(self, account_id: UUID, policy_id: UUID | None = None) -> list[Receivable]:
        """What an account owes (of one contract), not disputed, the oldest first; not locked yet."""
        wanted = [
            Receivable.organization_id == self.ctx.organization_id,
            Receivable.account_id == account_id,
            Receivable.status.in_([status for status in OWED if status != "disputed"]),
        ]
        if policy_id is not None:
            wanted.append(Receivable.policy_id == policy_id)
        statement = select(Receivable).where(*wanted).order_by(Receivable.due_on, Receivable.id)
        return list(await self.ctx.session.scalars(statement))

    async def of_policy(self, policy_id: UUID) -> list[Receivable]:
        """All of a contract, locked."""
        mine = [
            Receivable.organization_id == self.ctx.organization_id,
            Receivable.policy_id == policy_id,
        ]
        return sorted((await self._locked(mine, {})).values(), key=lambda one: (one.due_on, one.id))

    async def _locked(self, wanted: Sequence[Any], values: Mapping[str, Any]) -> dict[UUID, Receivable]:
        statement = select(Receivable).where(*wanted).order_by(Receivable.id).with_for_update()
        fresh = {"populate_existing": True}
        found = await self.ctx.session.scalars(
            statement, {**self.ctx.bound, **values}, execution_options=fresh
        )
        return {one.id: one for one in found}


class WriteOffRepository(Repository[WriteOff, WriteOffRead]):
    model, read = WriteOff, WriteOffRead
    refusals = {"uq_write_offs_open": WriteOffAlreadyRequested}

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        return {**super().columns(), "requested_by_id": table_of(WriteOff).c.owner_user_id}

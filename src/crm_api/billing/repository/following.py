"""What is of an account, and goes with it when two accounts become one."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam

from crm_api.billing.filters import owed
from crm_api.billing.models.payment import Payment
from crm_api.billing.models.receivable import Receivable
from crm_api.billing.models.schedule import Instalment, InstalmentStatus
from crm_api.billing.repository.payments import CustomerCreditRepository, PaymentRepository
from crm_api.billing.repository.receivables import ReceivableRepository
from crm_api.billing.repository.schedules import InstalmentRepository, PremiumReceiptRepository
from crm_api.core.context import Context
from crm_api.core.following import follow, go_back
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository


class Followed:
    def __init__(self, ctx: Context) -> None:
        self.instalments, self.receivables = InstalmentRepository(ctx), ReceivableRepository(ctx)
        self.kinds: Mapping[str, Repository[Any, Any]] = {
            repository.model.label: repository
            for repository in (
                self.instalments,
                PremiumReceiptRepository(ctx),
                self.receivables,
                PaymentRepository(ctx),
                CustomerCreditRepository(ctx),
            )
        }

    async def follow(self, from_id: UUID, to_id: UUID) -> dict[str, list[UUID]]:
        """Kind -> the rows that now are of the other account."""
        return {kind: await follow(one, "account_id", from_id, to_id) for kind, one in self.kinds.items()}

    async def go_back(self, kind: str, ids: Sequence[UUID], from_id: UUID, to_id: UUID) -> None:
        """Of these, whichever are still there."""
        await go_back(self.kinds[kind], "account_id", ids, from_id, to_id)

    async def hand_on(self, column: str, from_id: UUID, to_id: UUID) -> None:
        """What is not finished goes to another agency (`agency_id`) or another person (`owner_user_id`)."""
        parts, debts = table_of(Instalment).c, table_of(Receivable).c
        done = [InstalmentStatus.PAID, InstalmentStatus.CANCELLED, InstalmentStatus.REFUNDED]
        leaving = {"leaving": from_id}
        await self.instalments.edit_all(
            f"unfinished of {column}",
            lambda: [parts[column] == bindparam("leaving"), *(parts.status != status for status in done)],
            leaving,
            {column: to_id},
        )
        await self.receivables.edit_all(
            f"owed of {column}",
            lambda: [debts[column] == bindparam("leaving"), owed(table_of(Receivable))],
            leaving,
            {column: to_id},
        )

    async def collect_instead(self, from_id: UUID, to_id: UUID) -> None:
        """Somebody else collects what is owed."""
        debts = table_of(Receivable).c
        await self.receivables.edit_all(
            "owed of collector",
            lambda: [debts.collector_user_id == bindparam("leaving"), owed(table_of(Receivable))],
            {"leaving": from_id},
            {"collector_user_id": to_id},
        )

    async def needs_account(self, account_id: UUID) -> bool:
        """Whether money of it is on record: such an account is not put in the bin."""
        for name in (Payment.label, Receivable.label):
            if await self.kinds[name].find(account_id=account_id) is not None:
                return True
        return False

"""Ageing, statement, and the figures of premiums that need billing (domain.md D-27 to D-29)."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from crm_api.accounts.service import AccountService
from crm_api.billing.filters import AgeingBucket
from crm_api.billing.repository.reports import MOST_MOVEMENTS, BillingReports
from crm_api.billing.schemas.ageing import AgeingCell, AgeingCube, AgeingQuery
from crm_api.billing.schemas.statement import AccountStatement, Movement, MovementKind, StatementQuery
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.clock import today
from crm_api.kit.money import Money

FIGURES = Decimal("0.0001")


def collection_rate(due: int, paid: int) -> Decimal | None:
    """D-27: paid of what fell due, as a fraction of four digits; None where nothing fell due."""
    return None if due == 0 else (Decimal(paid) / Decimal(due)).quantize(FIGURES)


def dso(receivables: int, billed: int, days: int) -> Decimal | None:
    """D-29: days of sales outstanding, one digit; None where nothing was billed."""
    return None if billed == 0 else (Decimal(receivables) / Decimal(billed) * days).quantize(Decimal("0.1"))


class BillingFigures:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.reports = BillingReports(ctx)

    async def ageing(self, query: AgeingQuery) -> AgeingCube:
        on = query.as_of or today()
        rows = await self.reports.ageing(query.axes, on, query.kind, query.agency_id)
        cells = [
            AgeingCell(
                age=AgeingBucket(row[0]) if row[0] else None,
                client_type=row[1],
                branch=row[2],
                agency_id=row[3],
                intermediary_id=row[4],
                count=row[5],
                balance=Money.of(row[6]),
                disputed=Money.of(row[7]),
            )
            for row in rows
        ]
        order = list(AgeingBucket)
        if cells and cells[0].age is not None:
            cells.sort(key=lambda cell: order.index(cell.age or AgeingBucket.NOT_DUE))
        return AgeingCube(
            as_of=on,
            computed_at=now(),
            cells=cells,
            count=sum(row[5] for row in rows),
            balance=Money.of(sum(row[6] for row in rows)),
            disputed=Money.of(sum(row[7] for row in rows)),
        )

    async def statement(self, account_id: UUID, query: StatementQuery) -> AccountStatement:
        """Raises NotFound."""
        await AccountService(self.ctx).get(account_id)
        last = query.to_on or max(today(), query.from_on or date.min)
        first = query.from_on or last - timedelta(days=365)
        carried, *rows = await self.reports.movements(account_id, first, last)
        balance = (carried[5] or 0) - (carried[6] or 0)
        opening, movements = balance, []
        for row in rows[:MOST_MOVEMENTS]:
            balance += row[5] - row[6]
            movements.append(
                Movement(
                    on=row[0],
                    kind=MovementKind(row[1]),
                    number=row[2],
                    object_id=row[3],
                    policy_id=row[4],
                    debit=Money.of(row[5]),
                    credit=Money.of(row[6]),
                    balance=Money.of(balance),
                )
            )
        return AccountStatement(
            account_id=account_id,
            from_on=first,
            to_on=last,
            opening=Money.of(opening),
            closing=Money.of(balance),
            movements=movements,
            has_more=len(rows) > MOST_MOVEMENTS,
        )

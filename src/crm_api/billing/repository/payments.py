from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by

from crm_api.billing.errors import (
    PaymentIntentTaken,
    ReturnAlreadyRequested,
    UnknownBillingAccount,
    UnknownBillingAgency,
)
from crm_api.billing.models.payment import CustomerCredit, Payment, PaymentAllocation, PaymentReturn
from crm_api.billing.schemas.payment import AllocationRead, CustomerCreditRead, PaymentRead, PaymentReturnRead
from crm_api.core.money import Centimes
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.statements import wire

NOTHING = literal_column("0", BigInteger())
MOST_WARNINGS = 20


class PaymentRepository(Repository[Payment, PaymentRead]):
    model, read = Payment, PaymentRead
    refusals = {
        "uq_payments_intent": PaymentIntentTaken,
        "fk_payments_account": UnknownBillingAccount,
        "fk_payments_agency": UnknownBillingAgency,
    }

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        table, lines, credits = table_of(Payment), table_of(PaymentAllocation), table_of(CustomerCredit)
        of_this = (lines.c.organization_id == table.c.organization_id) & (lines.c.payment_id == table.c.id)
        left = (credits.c.organization_id == table.c.organization_id) & (credits.c.payment_id == table.c.id)
        paid = (
            select(_sum(lines.c.amount))
            .where(of_this, lines.c.taken_back_at.is_(None))
            .correlate(table)
            .scalar_subquery()
        )
        held = select(_sum(credits.c.balance)).where(left).correlate(table).scalar_subquery()
        pairs: list[Any] = []
        for name in AllocationRead.model_fields:
            pairs += literal_column(f"'{name}'"), wire(lines.c[name])
        each = aggregate_order_by(func.json_build_object(*pairs), lines.c.created_at, lines.c.id)
        all_of_them = func.coalesce(func.json_agg(each), literal_column("'[]'::json", JSON()))
        return {
            **super().columns(),
            "cashier_id": table.c.owner_user_id,
            "allocated_amount": type_coerce(paid, Centimes()),
            "unallocated_amount": type_coerce(held, Centimes()),
            "allocations": select(all_of_them).where(of_this).correlate(table).scalar_subquery(),
        }

    async def like(self, payment: Payment) -> Sequence[Sequence[Any]]:
        """Id and number of others with the same method, reference, amount and value date."""
        await self.ctx.session.flush()
        statement = (
            select(Payment.id, Payment.number)
            .where(
                Payment.organization_id == self.ctx.organization_id,
                Payment.reference == payment.reference,
                Payment.method == payment.method,
                Payment.amount == payment.amount,
                Payment.value_date == payment.value_date,
                Payment.direction == payment.direction,
                Payment.id != payment.id,
            )
            .order_by(Payment.created_at, Payment.id)
            .limit(MOST_WARNINGS)
        )
        return (await self.ctx.session.execute(statement)).all()

    async def with_intent(self, provider: str, intent_id: str) -> Payment | None:
        """Locked; whoever sees it: a payment service is no colleague of an agency."""
        statement = (
            select(Payment)
            .where(
                Payment.organization_id == self.ctx.organization_id,
                Payment.psp_provider == provider,
                Payment.psp_intent_id == intent_id,
            )
            .with_for_update()
        )
        return await self.ctx.session.scalar(statement, execution_options={"populate_existing": True})

    async def origin(self, credit: CustomerCredit) -> Payment | None:
        """The payment of which a credit was left, whoever sees it."""
        if credit.payment_id is None:
            return None
        return await self.ctx.session.get(Payment, (self.ctx.organization_id, credit.payment_id))

    async def allocations(self, payment_id: UUID) -> list[PaymentAllocation]:
        """Those that stand."""
        statement = select(PaymentAllocation).where(
            PaymentAllocation.organization_id == self.ctx.organization_id,
            PaymentAllocation.payment_id == payment_id,
            PaymentAllocation.taken_back_at.is_(None),
        )
        return list(await self.ctx.session.scalars(statement.order_by(PaymentAllocation.id)))


class CustomerCreditRepository(Repository[CustomerCredit, CustomerCreditRead]):
    model, read = CustomerCredit, CustomerCreditRead

    async def held(self, credit_id: UUID) -> CustomerCredit:
        """Locked, whoever sees it."""
        return (await self._locked(CustomerCredit.id == credit_id))[0]

    async def among(self, account_ids: Collection[UUID]) -> set[UUID]:
        """Those of these accounts for which something is held."""
        statement = select(CustomerCredit.account_id).where(
            CustomerCredit.organization_id == self.ctx.organization_id,
            CustomerCredit.account_id == any_(bindparam("accounts", type_=ARRAY(Uuid()))),
            cast(CustomerCredit.balance, BigInteger) > NOTHING,
        )
        return set(await self.ctx.session.scalars(statement, {"accounts": list(account_ids)}))

    async def of_payment(self, payment_id: UUID) -> list[CustomerCredit]:
        """Locked, the oldest first."""
        return await self._locked(CustomerCredit.payment_id == payment_id)

    async def left_to(self, account_id: UUID) -> list[CustomerCredit]:
        """Of which something is left, locked, the oldest first."""
        return await self._locked(
            CustomerCredit.account_id == account_id, cast(CustomerCredit.balance, BigInteger) > NOTHING
        )

    async def _locked(self, *wanted: ColumnElement[bool]) -> list[CustomerCredit]:
        statement = (
            select(CustomerCredit)
            .where(CustomerCredit.organization_id == self.ctx.organization_id, *wanted)
            .order_by(CustomerCredit.created_at, CustomerCredit.id)
            .with_for_update()
        )
        found = await self.ctx.session.scalars(statement, execution_options={"populate_existing": True})
        return list(found)

    async def allocations(self, credit_id: UUID) -> list[PaymentAllocation]:
        """What it pays, and was not taken back; the newest first."""
        statement = select(PaymentAllocation).where(
            PaymentAllocation.organization_id == self.ctx.organization_id,
            PaymentAllocation.credit_id == credit_id,
            PaymentAllocation.taken_back_at.is_(None),
        )
        found = await self.ctx.session.scalars(
            statement.order_by(PaymentAllocation.created_at.desc(), PaymentAllocation.id.desc())
        )
        return list(found)


class PaymentReturnRepository(Repository[PaymentReturn, PaymentReturnRead]):
    model, read = PaymentReturn, PaymentReturnRead
    refusals = {"uq_payment_returns_open": ReturnAlreadyRequested}

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        return {**super().columns(), "requested_by_id": table_of(PaymentReturn).c.owner_user_id}


def _sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(cast(func.sum(cast(column, BigInteger)), BigInteger), NOTHING)

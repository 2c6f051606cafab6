"""Figures over base rows, each in one statement, of the rows that this principal sees."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Text, Uuid, bindparam, text
from sqlalchemy.sql.elements import TextClause

from crm_api.billing.repository.receivables import ReceivableRepository
from crm_api.billing.schemas.ageing import AgeingAxis
from crm_api.core.context import Context
from crm_api.core.visibility import variant_of
from crm_api.policies.repository.policies import PolicyRepository

_BUCKETS = """CASE WHEN r.due_on >= :on THEN 'not_due' WHEN :on - r.due_on <= 30 THEN 'd1_30'
        WHEN :on - r.due_on <= 60 THEN 'd31_60' WHEN :on - r.due_on <= 90 THEN 'd61_90'
        WHEN :on - r.due_on <= 180 THEN 'd91_180' WHEN :on - r.due_on <= 365 THEN 'd181_365'
        ELSE 'over_365' END"""
_AXES = {
    AgeingAxis.AGE: _BUCKETS,
    AgeingAxis.CLIENT_TYPE: "a.type",
    AgeingAxis.BRANCH: "p.branch_code",
    AgeingAxis.AGENCY: "r.agency_id",
    AgeingAxis.INTERMEDIARY: "r.owner_user_id",
}
_VISIBLE = {
    "all": "",
    "own": " AND (r.owner_user_id = :actor_id OR r.created_by_id = :actor_id)",
    "agencies": """ AND (r.owner_user_id = :actor_id OR r.created_by_id = :actor_id
        OR r.agency_id = ANY(:agency_ids))""",
}
MOST_CELLS, MOST_MOVEMENTS = 10_000, 1000


class BillingReports:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.receivables, self.policies = ReceivableRepository(ctx), PolicyRepository(ctx)

    async def ageing(
        self, axes: Sequence[AgeingAxis], on: date, kind: str | None, agency_id: UUID | None
    ) -> Sequence[Sequence[Any]]:
        """One value for each axis of `AgeingAxis` (None where not asked for), count, balance, disputed.

        Centimes. The same conditions as `visible()` of receivables; a test holds the two to each other.
        """
        variant = variant_of(self.ctx.principal)
        columns = ", ".join(_AXES[axis] if axis in axes else "NULL" for axis in AgeingAxis)
        grouped = ", ".join(str(at) for at, axis in enumerate(AgeingAxis, 1) if axis in axes)
        sql = f"""SELECT {columns}, count(*)::integer, coalesce(sum(r.balance), 0)::bigint,
            coalesce(sum(r.balance) FILTER (WHERE r.status = 'disputed'), 0)::bigint
        FROM receivables r
        JOIN accounts a ON a.organization_id = r.organization_id AND a.id = r.account_id
        LEFT JOIN policies p ON p.organization_id = r.organization_id AND p.id = r.policy_id
        WHERE r.organization_id = :organization_id AND r.balance > 0{_VISIBLE[variant]}
            {"AND r.kind = :kind" if kind else ""} {"AND r.agency_id = :agency_id" if agency_id else ""}
        GROUP BY {grouped} ORDER BY {grouped} LIMIT {MOST_CELLS}"""  # noqa: S608 - constants of the house
        shape = ("ageing", variant, tuple(axes), kind is not None, agency_id is not None)
        values = {"on": on, "kind": kind, "agency_id": agency_id}
        return await self.receivables.rows(shape, lambda: typed(sql), values)

    async def standing(self, policy_id: UUID, on: date) -> Sequence[Any] | None:
        """A contract and its money: the fields of `coverage.Standing`; None for no contract.

        Who sees the contract sees whether it covers.
        """
        seen = self.policies
        sql = """SELECT p.status, p.source_system, p.effective_at, p.expires_at, p.reinstates_at,
            coalesce(sum(r.balance) FILTER (WHERE r.due_on < :on), 0)::bigint,
            min(r.due_on) FILTER (WHERE r.due_on < :on AND r.balance > 0),
            array_agg(DISTINCT r.dunning_state) FILTER (WHERE r.due_on < :on AND r.balance > 0),
            coalesce(bool_or(r.status = 'disputed'), false),
            EXISTS (SELECT FROM payment_allocations l
                JOIN payments m ON m.organization_id = l.organization_id AND m.id = l.payment_id
                JOIN receivables d ON d.organization_id = l.organization_id AND d.id = l.receivable_id
                WHERE l.organization_id = p.organization_id AND d.policy_id = p.id
                    AND l.taken_back_at IS NULL AND m.status IN ('received', 'deposited')),
            (SELECT i.due_on FROM instalments i WHERE i.organization_id = p.organization_id
                AND i.policy_id = p.id AND i.total > i.paid_amount
                AND i.status IN ('scheduled', 'billed', 'partially_paid', 'overdue')
                ORDER BY i.due_on, i.id LIMIT 1),
            (SELECT i.total - i.paid_amount FROM instalments i WHERE i.organization_id = p.organization_id
                AND i.policy_id = p.id AND i.total > i.paid_amount
                AND i.status IN ('scheduled', 'billed', 'partially_paid', 'overdue')
                ORDER BY i.due_on, i.id LIMIT 1)
        FROM policies p
        LEFT JOIN receivables r ON r.organization_id = p.organization_id AND r.policy_id = p.id
        WHERE p.organization_id = :organization_id AND p.id = :id{seen}
        GROUP BY p.organization_id, p.id"""
        variant = variant_of(self.ctx.principal)
        whole = sql.replace("{seen}", _VISIBLE[variant].replace("r.", "p."))
        rows = await seen.rows(("standing", variant), lambda: typed(whole), {"id": policy_id, "on": on})
        return rows[0] if rows else None

    async def movements(self, account_id: UUID, first: date, last: date) -> Sequence[Sequence[Any]]:
        """on, kind, number, object_id, policy_id, debit, credit (centimes), and before the first line (kind
        None) the balance that was carried over. Who sees the account sees its statement."""
        return await self.receivables.rows(
            "statement", lambda: typed(_STATEMENT), {"id": account_id, "first": first, "last": last}
        )


_STATEMENT = f"""WITH lines AS (
    SELECT issued_on AS "on", CASE WHEN total < 0 THEN 'refund_receipt' ELSE 'receipt' END AS kind, number,
        id, policy_id, greatest(total, 0) AS debit, greatest(-total, 0) AS credit, created_at
    FROM premium_receipts WHERE organization_id = :organization_id AND account_id = :id
    UNION ALL
    SELECT (created_at AT TIME ZONE 'Africa/Algiers')::date, 'other_debt', coalesce(external_id, ''), id,
        policy_id, original_amount, 0, created_at
    FROM receivables
    WHERE organization_id = :organization_id AND account_id = :id AND receipt_id IS NULL
    UNION ALL
    SELECT (settled_at AT TIME ZONE 'Africa/Algiers')::date, 'written_off', '', id, policy_id, 0,
        written_off_amount, settled_at
    FROM receivables
    WHERE organization_id = :organization_id AND account_id = :id AND written_off_amount > 0
    UNION ALL
    SELECT (received_at AT TIME ZONE 'Africa/Algiers')::date,
        CASE direction WHEN 'in' THEN 'payment' ELSE 'paid_out' END, number, id, NULL,
        CASE direction WHEN 'out' THEN amount ELSE 0 END, CASE direction WHEN 'in' THEN amount ELSE 0 END,
        received_at
    FROM payments
    WHERE organization_id = :organization_id AND account_id = :id
        AND (status IN ('received', 'deposited', 'cleared', 'settled', 'reversed', 'refunded', 'bounced')
            OR (status = 'cancelled' AND method = 'cheque' AND psp_intent_id IS NULL))
    UNION ALL
    SELECT (ended_at AT TIME ZONE 'Africa/Algiers')::date, 'bounced', number, id, NULL, amount, 0, ended_at
    FROM payments
    WHERE organization_id = :organization_id AND account_id = :id
        AND (status = 'bounced' OR (status = 'cancelled' AND method = 'cheque' AND psp_intent_id IS NULL))
)
SELECT :first, NULL::text, '', :id, NULL::uuid, greatest(sum(debit - credit), 0)::bigint,
    greatest(-sum(debit - credit), 0)::bigint, NULL::timestamptz
FROM lines WHERE "on" < :first
UNION ALL
(SELECT "on", kind, number, id, policy_id, debit::bigint, credit::bigint, created_at FROM lines
WHERE "on" BETWEEN :first AND :last ORDER BY "on", created_at, id LIMIT {MOST_MOVEMENTS + 1})
ORDER BY 1, 8 NULLS FIRST"""  # noqa: S608 - constants

_TYPES: dict[str, Any] = {
    "organization_id": Uuid(),
    "actor_id": Uuid(),
    "id": Uuid(),
    "agency_id": Uuid(),
    "on": Date(),
    "first": Date(),
    "last": Date(),
    "kind": Text(),
    "agency_ids": ARRAY(Uuid()),
}


def typed(sql: str) -> TextClause:
    statement = text(sql)
    names = list(statement._bindparams)
    return statement.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in names))

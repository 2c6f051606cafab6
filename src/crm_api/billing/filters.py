"""What lists of receivables are filtered by beside plain columns, and what `days past due` means in SQL."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Text, and_, case, cast, func, literal_column, not_, or_
from sqlalchemy.types import BigInteger

from crm_api.billing.models.receivable import DunningState, Receivable, ReceivableKind
from crm_api.kit.listing import Filter, matching

TODAY = literal_column("(now() AT TIME ZONE 'Africa/Algiers')::date", Date())
ZERO = literal_column("0", BigInteger())


class AgeingBucket(StrEnum):
    """How many days a debt is past due (balance âgée, domain.md D-28)."""

    NOT_DUE = "not_due"
    D1_30 = "d1_30"
    D31_60 = "d31_60"
    D61_90 = "d61_90"
    D91_180 = "d91_180"
    D181_365 = "d181_365"
    OVER_365 = "over_365"


BOUNDS: tuple[tuple[AgeingBucket, int, int | None], ...] = (
    (AgeingBucket.D1_30, 1, 30),
    (AgeingBucket.D31_60, 31, 60),
    (AgeingBucket.D61_90, 61, 90),
    (AgeingBucket.D91_180, 91, 180),
    (AgeingBucket.D181_365, 181, 365),
    (AgeingBucket.OVER_365, 366, None),
)
"""Days past due, both ends included."""
ASKED_BY_LETTER = (
    DunningState.FORMAL_NOTICE_SENT,
    DunningState.SUSPENSION_PROPOSED,
    DunningState.SUSPENDED,
    DunningState.TERMINATION_PROPOSED,
    DunningState.TERMINATED,
)
"""A registered letter went out and nothing came: what makes a bad payer."""


def bucket_of(days: int) -> AgeingBucket:
    """30 days are `d1_30`, 31 are `d31_60`; not due yet, or due today, is `not_due`."""
    return next(
        (bucket for bucket, least, most in BOUNDS if days >= least and (most is None or days <= most)),
        AgeingBucket.NOT_DUE,
    )


def owed(table: Any = Receivable) -> ColumnElement[bool]:
    return getattr(table, "c", table).balance > ZERO  # type: ignore[no-any-return]


def days_past_due(table: Any, on: ColumnElement[Any] = TODAY) -> ColumnElement[int]:
    """Local days; 0 while it is not due, and once nothing is left."""
    columns = getattr(table, "c", table)
    late = func.greatest(on - columns.due_on, literal_column("0", Integer()), type_=Integer())
    return case((owed(table), late), else_=literal_column("0", Integer()))


def bucket(table: Any, on: ColumnElement[Any] = TODAY) -> ColumnElement[str]:
    days = days_past_due(table, on)
    whens = [
        (days >= literal_column(str(least), Integer()), literal_column(f"'{name}'", Text()))
        for name, least, _ in reversed(BOUNDS)
    ]
    return cast(case(*whens, else_=literal_column("'not_due'", Text())), Text)


def _aged(_: str, wanted: Any) -> ColumnElement[bool]:
    """As a range of due dates, which an index serves."""
    column = Receivable.due_on
    if wanted == AgeingBucket.NOT_DUE:
        return and_(owed(), column >= TODAY)
    _, least, most = next(row for row in BOUNDS if row[0] == wanted)
    conditions = [owed(), column <= TODAY - literal_column(str(least), Integer())]
    if most is not None:
        conditions.append(column >= TODAY - literal_column(str(most), Integer()))
    return and_(*conditions)


def _bad() -> ColumnElement[bool]:
    states = or_(*(Receivable.dunning_state == state for state in ASKED_BY_LETTER))
    return and_(owed(), Receivable.kind == ReceivableKind.PREMIUM, Receivable.disputed_at.is_(None), states)


def _yes_or_no(condition: Any) -> Filter:
    return matching(lambda _, wanted: condition() if wanted else not_(condition()), bool, reads=bool)


in_bucket: Filter = matching(_aged, lambda value: value, reads=AgeingBucket)
is_owed: Filter = _yes_or_no(owed)
is_past_due: Filter = _yes_or_no(lambda: and_(owed(), Receivable.due_on < TODAY))
bad_payers: Filter = _yes_or_no(_bad)

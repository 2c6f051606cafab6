"""In which month somebody was born, asked without ever reading a birth date (class P3).

The date is sealed; what can be looked up is its blind index. A month is the indexes of all its days in the
years that living customers were born in: a few thousand looks into one index.
"""

import calendar
from collections.abc import Hashable, Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import ARRAY, ColumnElement, Text, any_, bindparam, select

from crm_api.contacts.civil import blind_values
from crm_api.contacts.models import Contact, ContactKey, KeyKind
from crm_api.core.context import Context
from crm_api.kit.listing import Filter

THIS_MONTH = "this_month"
MONTHS = (THIS_MONTH, *(str(month) for month in range(1, 13)))
OLDEST = 111
"""Years (domain.md B-9: 16 to 110)."""
_KEY = ContactKey.__table__


def _born(name: str, _: Hashable) -> ColumnElement[bool]:
    return Contact.__table__.c.id.in_(
        select(_KEY.c.contact_id).where(
            _KEY.c.organization_id == bindparam("organization_id"),
            _KEY.c.kind == KeyKind.BIRTH_DATE.value,
            _KEY.c.value == any_(bindparam(name, type_=ARRAY(Text()))),
        )
    )


_MONTH = Literal[MONTHS]  # type: ignore[valid-type]
BIRTH_MONTH = (
    Filter("eq", None, _born, bound=lambda value: [value], reads=_MONTH),
    Filter("in", None, _born, reads=Annotated[list[_MONTH], Field(min_length=1, max_length=12)]),
)


async def digests(ctx: Context, months: Iterable[str], on: date) -> list[str]:
    """What the index may hold for somebody born in one of these months."""
    wanted = {on.month if month == THIS_MONTH else int(month) for month in months}
    found: list[str] = []
    for year in range(on.year - OLDEST, on.year + 1):
        for month in wanted:
            for day in range(1, calendar.monthrange(year, month)[1] + 1):
                found += await blind_values(ctx, KeyKind.BIRTH_DATE, f"{year:04}-{month:02}-{day:02}")
    return found


def is_month(rule: Any) -> bool:
    return rule in BIRTH_MONTH

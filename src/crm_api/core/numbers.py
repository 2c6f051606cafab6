"""The numbers that people read on the telephone: C00012345, P-2026-000777. Unique; gaps are normal.

A process reserves a block in a statement of its own and gives it out from memory: creating costs no round
trip more, and no transaction waits for another's number. A restart loses what is left of a block.
"""

from collections.abc import Callable

from sqlalchemy import BigInteger, Executable, Text, bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.context import Context
from crm_api.core.db import Ledger
from crm_api.core.statements import compiled

BLOCK = 20


class NumberSequence(Ledger):
    """The last number that was reserved under a name (`account`, `lead.2026`)."""

    __tablename__ = "number_sequences"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


def account_number(number: int) -> str:
    """Code client: C00012345."""
    return f"C{number:08d}"


def yearly(letter: str) -> Callable[[int, int], str]:
    """P-2026-000777, from the year and the number."""
    return lambda year, number: f"{letter}-{year}-{number:06d}"


async def next_number(ctx: Context, name: str) -> int:
    """The next number under `name`, from 1; a sequence per year carries the year in its name."""
    return (await next_numbers(ctx, name, 1))[0]


async def next_numbers(ctx: Context, name: str, count: int) -> list[int]:
    """Several at once, for imports."""
    key = ctx.organization_id, name
    reserved = ctx.tools.numbers.get(key, [])
    if len(reserved) < count:
        size = max(BLOCK, count - len(reserved))
        values = {"organization_id": ctx.organization_id, "name": name, "size": size}
        statement = compiled("number sequences", _reserve)
        # Not in the transaction of the use case: the row would stay locked to its end.
        rows = await ctx.database.fetch(ctx.organization_id, statement, values)
        last = int(rows[0][0])
        # Somebody may have reserved meanwhile: what is there now counts, not what was there before.
        reserved = ctx.tools.numbers.get(key, []) + list(range(last - size + 1, last + 1))
    ctx.tools.numbers[key] = reserved[count:]
    return reserved[:count]


def _reserve() -> Executable:
    size = bindparam("size", type_=BigInteger())
    table = NumberSequence.__table__
    reserving = insert(NumberSequence).values(
        organization_id=bindparam("organization_id", type_=table.c.organization_id.type),
        name=bindparam("name", type_=Text()),
        value=size,
    )
    return reserving.on_conflict_do_update(
        index_elements=["organization_id", "name"], set_={"value": NumberSequence.value + size}
    ).returning(NumberSequence.value)

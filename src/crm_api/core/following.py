"""Two accounts or two persons become one: what names the one that goes names the other, until undone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository


async def follow(repository: Repository[Any, Any], party: str, from_id: UUID, to_id: UUID) -> list[UUID]:
    """All rows that name it in the column `party` name the other one; which. Whoever sees them."""
    column = table_of(repository.model).c[party]
    return await repository.edit_all(
        f"of {party}", lambda: [column == bindparam("leaving")], {"leaving": from_id}, {party: to_id}
    )


async def go_back(
    repository: Repository[Any, Any], party: str, ids: Sequence[UUID], from_id: UUID, to_id: UUID
) -> None:
    """Of these rows, whichever still name `from_id` there."""
    columns = table_of(repository.model).c
    await repository.edit_all(
        f"back to {party}",
        lambda: [
            columns[party] == bindparam("leaving"),
            columns.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        ],
        {"leaving": from_id, "ids": list(ids)},
        {party: to_id},
    )

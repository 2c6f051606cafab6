"""Rows that hang on an object by its type and key, hung on another one."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository


class Sheet(NamedTuple):
    """Something that others hang on."""

    type: str
    id: UUID


async def rehang(
    repository: Repository[Any, Any], old: Sheet, new: Sheet, ids: Sequence[UUID] | None = None
) -> list[UUID]:
    """Of `ids`, or of all that hang on `old`, in or out of sight, with their lines in the journal; which."""
    table = table_of(repository.model).c

    def where() -> list[Any]:
        hanging = [
            table.object_type == bindparam("old_type", type_=Text()),
            table.object_id == bindparam("old_id", type_=Uuid()),
        ]
        if ids is None:
            return hanging
        return [*hanging, table.id == any_(bindparam("ids", type_=ARRAY(Uuid())))]

    values: dict[str, Any] = {"old_type": old.type, "old_id": old.id}
    if ids is not None:
        values["ids"] = [*ids]
    shape = "hanging" if ids is None else "hanging of these"
    return await repository.edit_all(shape, where, values, {"object_type": new.type, "object_id": new.id})

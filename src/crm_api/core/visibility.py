"""Which rows of its organization a principal sees (domain.md C-5), as conditions of a statement.

A variant is part of every statement's shape, and its conditions hold parameters only: two principals of
one variant share one statement and never one value.
"""

from typing import Any, Literal

from sqlalchemy import ARRAY, ColumnElement, Table, any_, bindparam, or_

from crm_api.core.principal import DataScope, Principal

Variant = Literal["all", "agencies", "own"]


def variant_of(principal: Principal) -> Variant:
    """`agency` and `region` differ only by the list of agencies that the principal carries."""
    if principal.data_scope is DataScope.ALL:
        return "all"
    return "own" if principal.data_scope is DataScope.OWN or not principal.agency_ids else "agencies"


def visible_rows(table: Table, variant: Any) -> list[ColumnElement[bool]]:
    """Mine, made by me, or of one of my agencies."""
    if variant == "all":
        return []
    me = bindparam("actor_id", type_=table.c.id.type)
    mine = [table.c.owner_user_id == me, table.c.created_by_id == me]
    if variant == "agencies":
        agencies = bindparam("agency_ids", type_=ARRAY(table.c.id.type))
        mine.append(table.c.agency_id == any_(agencies))
    return [or_(*mine)]

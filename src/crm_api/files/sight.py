"""Which documents on an object in sight somebody reads: also for the timeline."""

from sqlalchemy import ColumnElement, Text, bindparam, literal_column, or_

from crm_api.core.plain import table_of
from crm_api.core.principal import Principal
from crm_api.files.models import HEALTH, WORKING, File, FilePiiClass


def readable_files(principal: Principal) -> list[ColumnElement[bool]]:
    """Working files and health data are no matter of `data_scope`."""
    table = table_of(File)
    own = table.c.organization_id == bindparam("organization_id", type_=table.c.id.type)
    house, health = readers(principal)
    if house:
        return [own]
    mine = table.c.created_by_id == bindparam("actor_id", type_=table.c.id.type)
    conditions = [own, or_(table.c.kind.not_in([word(kind) for kind in WORKING]), mine)]
    if not health:
        conditions.append(or_(table.c.pii_class != word(FilePiiClass.P4), mine))
    return conditions


def readers(principal: Principal) -> tuple[bool, bool]:
    """What of the principal that depends on: the house itself, and who may read health data."""
    return principal.kind == "system", HEALTH in principal.scopes


def word(constant: str) -> ColumnElement[str]:
    return literal_column(f"'{constant}'", Text())

"""What a list may bring, in the order in which a first day goes (domain.md E-13)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crm_api.core.context import Context
from crm_api.imports.columns import Columns
from crm_api.imports.likeness import Seen
from crm_api.imports.models import ImportEntity, ImportMode
from crm_api.imports.rows import Options
from crm_api.imports.setwise import SetWise, Taker
from crm_api.imports.targets.accounts import AccountDesk
from crm_api.imports.targets.agencies import AGENCY_COLUMNS, AgencyTaker
from crm_api.imports.targets.contacts import ContactDesk
from crm_api.imports.targets.leads import LeadDesk
from crm_api.imports.targets.opportunities import OpportunityDesk
from crm_api.imports.targets.users import USER_COLUMNS, InvitationTaker

EVERY_MODE = (ImportMode.CREATE, ImportMode.UPDATE, ImportMode.UPSERT)


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of object that a list may bring."""

    entity: ImportEntity
    scope: str
    """What somebody must be allowed to do one by one, to do it to many."""
    columns: Columns
    keys: Mapping[str, Any]
    """Fields that may tell existing records apart."""
    taker: Callable[[Context, Columns, Options, Seen], Taker]
    modes: tuple[ImportMode, ...] = EVERY_MODE
    undo: bool = True


def _set_wise(scope: str, desk: Any) -> Target:
    """A domain with a desk is taken in by sets: this line is all that one more needs."""
    return Target(
        ImportEntity(desk.entity),
        scope,
        desk.columns,
        desk.keys,
        lambda ctx, columns, options, seen: SetWise(ctx, desk(ctx), columns, options, seen),
    )


TARGETS: Mapping[ImportEntity, Target] = {
    target.entity: target
    for target in (
        Target(
            ImportEntity.AGENCY,
            "agencies:write",
            AGENCY_COLUMNS,
            {"code": str.upper},
            lambda ctx, _, options, __: AgencyTaker(ctx, options),
            (ImportMode.UPSERT,),
            undo=False,
        ),
        Target(
            ImportEntity.USER,
            "users:invite",
            USER_COLUMNS,
            {},
            lambda ctx, _, options, __: InvitationTaker(ctx, options),
            (ImportMode.CREATE,),
            undo=False,
        ),
        _set_wise("accounts:write", AccountDesk),
        _set_wise("contacts:write", ContactDesk),
        _set_wise("leads:write", LeadDesk),
        _set_wise("opportunities:write", OpportunityDesk),
    )
}

"""What rows name by number, code or address: agencies, staff, accounts, people. Asked for all at once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.contacts.models import KeyKind
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.imports.columns import Columns
from crm_api.imports.repository import ids_by
from crm_api.imports.rows import Row, fault
from crm_api.kit.identifiers import email_key
from crm_api.kit.phones import to_e164
from crm_api.opportunities.pipelines import PipelineService

Lookup = Callable[[Sequence[str]], Awaitable[Mapping[str, Any]]]
UNKNOWN = {
    "agency": ("unknown_agency", "There is no such agency here."),
    "user": ("unknown_user", "There is no such user here."),
    "account": ("unknown_account", "There is no such account here."),
    "contact": ("unknown_person", "There is nobody here, or several, with this telephone or address."),
    "pipeline": ("unknown_pipeline_code", "There is no such pipeline here."),
}


class References:
    def __init__(self, ctx: Context, columns: Columns, locale: str) -> None:
        self.ctx, self.columns, self.locale = ctx, columns, locale

    async def resolve(self, rows: Sequence[Row]) -> None:
        """Puts the id where the name stood; a name that leads nowhere is a fault of its row."""
        for column in self.columns.columns:
            if column.kind not in UNKNOWN:
                continue
            named = {_key(column.kind, row.values[column.name]) for row in rows if column.name in row.values}
            found = await self._found(column.kind, sorted(named)) if named else {}
            for row in rows:
                if column.name not in row.values:
                    continue
                id = found.get(_key(column.kind, row.values[column.name]))
                if id is None:
                    code, english = UNKNOWN[column.kind]
                    row.faults.append(fault(column.name, code, english, self.locale))
                else:
                    row.values[column.name] = id

    async def _found(self, kind: str, names: Sequence[str]) -> Mapping[str, Any]:
        if kind == "agency":
            return await AgencyService(self.ctx).ids_by_code(names)
        if kind == "user":
            found = await ids_by(self.ctx.tools.objects["user"](self.ctx), "email", names)
        elif kind == "contact":
            found = await self._people(names)
        elif kind == "pipeline":
            return await PipelineService(self.ctx).ids_by_code(names)
        else:
            found = await ids_by(self.ctx.tools.objects["account"](self.ctx), "number", names)
        return {name: ids[0] for name, ids in found.items()}

    async def _people(self, names: Sequence[str]) -> dict[str, list[UUID]]:
        """By e-mail or telephone; a family shares one, and nobody can tell who of them is meant."""
        contacts = ContactService(self.ctx)
        mails = await contacts.holders(KeyKind.EMAIL, [name for name in names if "@" in name])
        phones = await contacts.holders(KeyKind.PHONE, [name for name in names if "@" not in name])
        return {name: ids for name, ids in (mails | phones).items() if len(ids) == 1}


def _key(kind: str, value: str) -> str:
    if kind == "contact":
        return email_key(value) if "@" in value else to_e164(value) or value
    return value.upper() if kind in ("agency", "account") else value.lower()

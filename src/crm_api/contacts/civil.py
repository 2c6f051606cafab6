"""What the State knows of a person (class P3): sealed together, shown masked, found by blind index only."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import MISSING, BaseModel
from pydantic_core import to_jsonable_python

from crm_api.contacts.models import MAJORITY, Contact, ContactKey, KeyKind
from crm_api.core.context import Context
from crm_api.core.sealing import OPEN, seal, vault_of
from crm_api.core.vault import mask

FIELDS = (
    "birth_date",
    "birth_place_commune",
    "nationality",
    "gender",
    "national_id_number",
    "id_document",
    "driving_licence",
    "profession",
    "employer",
    "marital_status",
    "children_count",
    "deceased_on",
)
BLIND = {KeyKind.NATIONAL_ID: "national_id_number", KeyKind.BIRTH_DATE: "birth_date"}
"""By which of them a person can be found."""
_NUMBERS = frozenset({"national_id_number", "number"})
"""Of these a mask shows the last characters; the end of a trade or a town would say too much."""


def civil_of(data: BaseModel) -> dict[str, Any]:
    """The class P3 fields that the caller gave, as JSON values."""
    given = {name: getattr(data, name, MISSING) for name in FIELDS}
    return {name: to_jsonable_python(value) for name, value in given.items() if value is not MISSING}


async def seal_civil(ctx: Context, person: Contact, civil: Mapping[str, Any]) -> None:
    """Seals `civil` (None removes) beside what is sealed already."""
    await seal(ctx, person, civil)
    person.masked = {name: _discreet(name, shown) for name, shown in person.masked.items()}


async def civil_in_clear(ctx: Context, person: Contact) -> dict[str, Any]:
    """For the machine's own rules; what a human reads goes through `core.sealing.unseal`."""
    return await opened(ctx, person.sealed, person.id)


async def opened(ctx: Context, sealed: bytes | None, contact_id: UUID) -> dict[str, Any]:
    """The same, of a row that was read without its sheet."""
    if sealed is None:
        return {}
    vault = await vault_of(ctx)
    return vault.open(sealed, table=Contact.__tablename__, row_id=contact_id)


async def blind_keys(ctx: Context, civil: Mapping[str, Any]) -> list[ContactKey]:
    """Under the newest key of the organization; the caller says whose they are."""
    known = {kind: str(civil[field]) for kind, field in BLIND.items() if civil.get(field)}
    if not known:
        return []
    vault = await vault_of(ctx)
    return [ContactKey(kind=kind, value=vault.blind(known[kind], BLIND[kind]).hex()) for kind in known]


async def blind_values(ctx: Context, kind: KeyKind, value: str) -> list[str]:
    """What `ContactKey.value` may be for it: under every key that the organization has had."""
    vault = await vault_of(ctx)
    return [digest.hex() for digest in vault.blinds(value, BLIND[kind])]


def is_minor(birth_date: date, on: date) -> bool:
    """Below nineteen."""
    years = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    return years < MAJORITY


def _discreet(name: str, shown: Any) -> Any:
    if isinstance(shown, dict):
        return {part: _discreet(part, value) for part, value in shown.items()}
    if isinstance(shown, list):
        return [_discreet(name, value) for value in shown]
    return shown if name in _NUMBERS | OPEN else mask("")

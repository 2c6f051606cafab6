"""Who may know of which facts: a stream says no more than what reading the objects would.

- A fact that names a recipient is for that recipient alone.
- An object that reads `leads` is known to who holds leads:read, by the rules of its own repository: owner and
  agency are compared here, for all listeners at once; a repository with other rules is asked for each.
- What nothing hangs on (roles, settings, keys) is known to who reads the whole log (events:read), unless the
  registry says whom to tell (`registry.TOLD`: calls that ring).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, literal_column, select

from crm_api.core.context import Context
from crm_api.core.db import Owned
from crm_api.core.feed import Fact
from crm_api.core.plain import table_of
from crm_api.core.pool import Database
from crm_api.core.principal import DataScope, Principal
from crm_api.core.repository import Repository
from crm_api.core.statements import compiled
from crm_api.core.tools import Tools
from crm_api.core.visibility import variant_of

WHOLE_LOG = "events:read"
RECIPIENT = "recipient_id"
Known = type[Repository[Any, Any]]


class Told(NamedTuple):
    """A kind that streams tell of although nothing hangs on it, and what it takes to be told."""

    repository: Known
    scopes: frozenset[str]


class Row(NamedTuple):
    """What decides about one object, as it is now."""

    version: int
    owner_user_id: UUID | None
    agency_id: UUID | None
    created_by_id: UUID | None


def scopes_of(tools: Tools, kind: str) -> frozenset[str]:
    """What its list asks for; without a list, what reading `documents` is called."""
    if kind in tools.told:
        told: Told = tools.told[kind]
        return told.scopes
    shape = tools.entities.get(kind)
    scopes: frozenset[str] = shape.listed.scopes if shape else frozenset({f"{kind}s:read"})
    return scopes


def asks_itself(repository: Known) -> bool:
    """Whether its rows are seen by other rules than owner and agency."""
    return repository.visible is not Repository.visible and not repository.rows_by_owner


class Sight:
    """Of some facts of one organization."""

    def __init__(self, database: Database, tools: Tools, organization_id: UUID) -> None:
        self._database, self._tools, self._organization_id = database, tools, organization_id
        self._rows: dict[UUID, Row] = {}
        self._asked: dict[Principal, dict[str, set[UUID]]] = defaultdict(dict)
        self._ids: dict[str, list[UUID]] = {}
        self.asked: set[Principal] = set()

    async def look(self, facts: Iterable[Fact]) -> None:
        """One statement for each kind of object."""
        found: dict[str, set[UUID]] = defaultdict(set)
        for fact in facts:
            if self._known(fact.object_type) is not None:
                found[fact.object_type].add(fact.object_id)
        for kind, ids in found.items():
            self._ids[kind] = list(ids)
            repository: Known = self._known(kind)
            statement = compiled(("sight", repository.model), partial(_rows, repository.model))
            values = {"organization_id": self._organization_id, "ids": self._ids[kind]}
            for row in await self._database.fetch(self._organization_id, statement, values, repeatable=True):
                self._rows[row[0]] = Row(*row[1:])

    @property
    def must_ask(self) -> bool:
        return any(asks_itself(self._known(kind)) for kind in self._ids)

    async def ask(self, principal: Principal) -> None:
        """For the kinds that only their own repository can judge."""
        self.asked.add(principal)
        for kind, ids in self._ids.items():
            repository: Known = self._known(kind)
            if asks_itself(repository) and scopes_of(self._tools, kind) <= principal.scopes:
                asked = repository(Context(principal, self._database, self._tools))
                self._asked[principal][kind] = await _in_sight(asked, ids)

    def _known(self, kind: str) -> Any:
        """None: nobody but who reads the whole log is told of such things."""
        told = self._tools.told.get(kind)
        return told.repository if told else self._tools.objects.get(kind)

    def version(self, fact: Fact) -> int | None:
        row = self._rows.get(fact.object_id)
        return row.version if row else None

    def shows(self, principal: Principal, fact: Fact) -> bool:
        recipient = fact.data.get(RECIPIENT)
        if recipient is not None:
            return bool(recipient == str(principal.id))
        repository: Known | None = self._known(fact.object_type)
        if repository is None:
            return WHOLE_LOG in principal.scopes
        if not scopes_of(self._tools, fact.object_type) <= principal.scopes:
            return False
        if asks_itself(repository):
            return fact.object_id in self._asked[principal].get(fact.object_type, ())
        if principal.data_scope is DataScope.ALL or not issubclass(repository.model, Owned):
            return True
        row = self._rows.get(fact.object_id)
        return row is not None and _is_theirs(row, principal)


def _is_theirs(row: Row, principal: Principal) -> bool:
    if principal.id in (row.owner_user_id, row.created_by_id):
        return True
    return variant_of(principal) == "agencies" and row.agency_id in principal.agency_ids


def _rows(model: Any) -> Select[Any]:
    t = table_of(model).c
    nobody = literal_column("NULL", Uuid())
    owner, agency = (t.owner_user_id, t.agency_id) if issubclass(model, Owned) else (nobody, nobody)
    own = t.organization_id == bindparam("organization_id")
    return select(t.id, t.version, owner, agency, t.created_by_id).where(
        own, t.id == any_(bindparam("ids", type_=ARRAY(Uuid())))
    )


async def _in_sight(repository: Repository[Any, Any], ids: Sequence[UUID]) -> set[UUID]:
    """In the bin or not."""
    t = table_of(repository.model).c
    wanted = any_(bindparam("ids", type_=ARRAY(Uuid())))
    rows = await repository.rows(
        "in sight", lambda: repository.select(t.id).where(t.id == wanted), {"ids": ids}
    )
    return {row[0] for row in rows}

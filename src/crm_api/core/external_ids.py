"""What other systems call our objects: (system, value) names one object of its kind, and no two.

The row itself shows the list (`core.db.ExternallyKnown`), so that every read and write stays one statement;
a trigger keeps the ledger, whose key is the referee and the way to find the object.
"""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError
from sqlalchemy import Index, Select, Text, and_, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.batch import Changeable
from crm_api.core.context import Context
from crm_api.core.db import Entity, Ledger
from crm_api.core.plain import table_of
from crm_api.core.repository import ANY_VERSION, Repository
from crm_api.core.statements import compiled, unnested
from crm_api.kit.errors import Duplicate, NotFound
from crm_api.kit.schemas import Input, Json

M = TypeVar("M", bound=Entity)
R = TypeVar("R", bound=BaseModel)
C = TypeVar("C", bound=BaseModel)
P = TypeVar("P", bound=BaseModel)


class ExternalIdTaken(Duplicate):
    """Another object has this external id."""


REFUSALS = {"pk_external_ids": ExternalIdTaken}
"""For the `refusals` of a repository whose objects other systems name."""
_KEEP = """CREATE OR REPLACE FUNCTION crm_keep_external_ids() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM external_ids x
        USING jsonb_to_recordset(OLD.external_ids) AS e(system text, value text)
        WHERE x.organization_id = OLD.organization_id AND x.entity = TG_ARGV[0]
            AND x.system = e.system AND x.value = e.value AND x.object_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO external_ids (organization_id, entity, system, value, object_id)
        SELECT NEW.organization_id, TG_ARGV[0], e.system, e.value, NEW.id
        FROM jsonb_to_recordset(NEW.external_ids) AS e(system text, value text);
    END IF;
    RETURN NULL;
END $$"""


class ExternalIdLine(Ledger):
    __tablename__ = "external_ids"
    __table_args__ = (
        Index("ix_external_ids_object", "organization_id", "entity", "object_id"),
        {"info": {"ddl": (_KEEP,)}},
    )

    entity: Mapped[str] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[UUID]


def ledger_triggers(table: str, entity: str) -> tuple[str, ...]:
    """What keeps the ledger of a table; a row without external ids costs nothing. For `info["ddl"]`."""
    keeps = f"FOR EACH ROW WHEN ({{}}) EXECUTE FUNCTION crm_keep_external_ids('{entity}')"
    fresh = keeps.format("NEW.external_ids <> '[]'")
    moved = keeps.format("NEW.external_ids IS DISTINCT FROM OLD.external_ids")
    gone = keeps.format("OLD.external_ids <> '[]'")
    return (
        _KEEP,
        f"CREATE TRIGGER external_ids_kept AFTER INSERT ON {table} {fresh}",
        f"CREATE TRIGGER external_ids_moved AFTER UPDATE OF external_ids ON {table} {moved}",
        f"CREATE TRIGGER external_ids_freed AFTER DELETE ON {table} {gone}",
    )


ExternalSystem = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        pattern=r"^[a-z0-9][a-z0-9_.-]*$",
        description="The other system, in small letters.",
        examples=["policy_admin"],
    ),
]
ExternalValue = Annotated[
    str,
    Field(min_length=1, max_length=120, description="Its identifier there.", examples=["CL-889120"]),
]


class ExternalId(Input):
    """What another system calls this object."""

    system: ExternalSystem
    """The other system, in small letters."""
    value: ExternalValue
    """Its identifier there."""


def _each_once(ids: list[ExternalId]) -> list[ExternalId]:
    if len({(one.system, one.value) for one in ids}) < len(ids):
        raise PydanticCustomError("repeated_external_id", "This external id is given twice")
    return ids


ExternalIds = Annotated[
    list[ExternalId],
    Field(max_length=20, examples=[[{"system": "policy_admin", "value": "CL-889120"}]]),
    AfterValidator(_each_once),
]
"""A name is unique among the objects of one kind: 409 `external_id_taken`."""


class ExternallyKnownRepository(Repository[M, R]):
    """Parent of the repositories of objects that other systems name."""

    async def get_by_external_id(self, system: str, value: str) -> Json[R]:
        """One statement. Raises NotFound."""
        rows = await self.rows("by external id", self._by_external_id, {"system": system, "value": value})
        if not rows:
            raise NotFound
        return self._json(rows[0])

    def _by_external_id(self) -> Select[Any]:
        named = self._named(self.model.label).scalar_subquery()
        return self.select(*self._read()).where(table_of(self.model).c.id == named)

    async def claim_external_id(self, system: str, value: str) -> UUID | None:
        """Whose it is; nobody else can ask for the same one before the end of this use case."""
        lock = f"{self.ctx.organization_id}|{self.model.label}|{system}|{value}"
        session = self.ctx.session
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(lock, 0))))
        named = {"organization_id": self.ctx.organization_id, "system": system, "value": value}
        found: UUID | None = await session.scalar(self._named(self.model.label), named)
        return found

    @staticmethod
    def _named(entity: str) -> Select[Any]:
        line = ExternalIdLine
        return select(line.object_id).where(
            line.organization_id == bindparam("organization_id"),
            line.entity == entity,
            line.system == bindparam("system"),
            line.value == bindparam("value"),
        )


async def objects_named(
    ctx: Context, entity: str, names: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    """(system, value) -> whose it is, of those that some object has, visible or not."""
    if not names:
        return {}
    systems, values = zip(*names, strict=True)
    bound = {"entity": entity, "systems": [*systems], "values": [*values]}
    rows = await ctx.fetch(compiled("objects named", _objects_named), bound)
    return {(row[0], row[1]): row[2] for row in rows}


def _objects_named() -> Select[Any]:
    line = ExternalIdLine
    asked = unnested(systems=Text(), values=Text())
    same = (
        line.system == asked.c.systems,
        line.value == asked.c["values"],
    )
    columns: list[Any] = [line.system, line.value, line.object_id]
    return (
        select(*columns)
        .join(asked, and_(*same))
        .where(line.organization_id == bindparam("organization_id"), line.entity == bindparam("entity"))
    )


async def upsert(
    repository: ExternallyKnownRepository[M, R],
    service: Changeable[C, P, R],
    name: ExternalId,
    data: C,
    patch: type[P],
) -> Json[R]:
    """Creates the object that `name` means, or changes it: fields left out of `data` stay as they are.

    Two at once make one object. `Json.created` tells which of the two happened.
    """
    ctx: Context = repository.ctx
    ctx.begin()
    object_id = await repository.claim_external_id(name.system, name.value)
    given: list[ExternalId] = list(getattr(data, "external_ids", []))
    if name not in given and (object_id is None or "external_ids" in data.model_fields_set):
        data = data.model_copy(update={"external_ids": [*given, name]})
    if object_id is None:
        made = await service.create(data)
        made.created = True
        return made
    changes = {field: getattr(data, field) for field in data.model_fields_set if field in patch.model_fields}
    return await service.update(object_id, patch.model_validate(changes), ANY_VERSION)

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import JsonValue, ValidationError

from crm_api.core.context import Context
from crm_api.core.custom_values import custom_field
from crm_api.core.problems import fault_of
from crm_api.core.repository import ANY_VERSION
from crm_api.custom_fields.errors import CustomFieldNeedsOptions, TooManyCustomFields
from crm_api.custom_fields.models import MOST_PER_ENTITY, WITH_OPTIONS, CustomFieldStatus
from crm_api.custom_fields.repository import CustomFieldRepository
from crm_api.custom_fields.schemas import (
    CustomFieldCreate,
    CustomFieldPage,
    CustomFieldPatch,
    CustomFieldQuery,
    CustomFieldRead,
)
from crm_api.custom_fields.values import checked
from crm_api.kit.errors import ValidationFailed, VersionConflict
from crm_api.kit.listing import Column
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Searchable


class CustomFieldService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.fields = CustomFieldRepository(ctx)

    # --- the definitions

    async def page(self, query: CustomFieldQuery) -> Json[CustomFieldPage]:
        return await self.fields.page(query, CustomFieldPage)

    async def get(self, field_id: UUID) -> Json[CustomFieldRead]:
        return await self.fields.get(field_id)

    async def define(self, data: CustomFieldCreate) -> Json[CustomFieldRead]:
        self.ctx.begin()
        if await self.fields.counted_alone(data.entity) >= MOST_PER_ENTITY:
            raise TooManyCustomFields(most=MOST_PER_ENTITY)
        self._forget(data.entity)
        return await self.fields.add(data)

    async def update(self, field_id: UUID, data: CustomFieldPatch, version: int) -> Json[CustomFieldRead]:
        field = await self.fields.load(field_id)
        if isinstance(data.options, list) and bool(data.options) != (field.type in WITH_OPTIONS):
            raise CustomFieldNeedsOptions
        self._forget(field.entity)
        return await self.fields.edit(field_id, data, version)

    async def retire(self, field_id: UUID, version: int) -> None:
        """Values stay where they are; nobody can write new ones. Nothing happens to a retired field."""
        field = await self.fields.load(field_id)
        if version not in (field.version, ANY_VERSION):
            raise VersionConflict(current_version=field.version)
        field.status = CustomFieldStatus.RETIRED
        self._forget(field.entity)
        await self.fields.save(field)

    # --- for the domains whose objects have such fields

    async def validated(
        self, entity: str, given: Mapping[str, JsonValue], kept: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """What to store: `given` checked and laid over `kept` (None: the object is new); null takes away.

        Raises ValidationFailed that names /custom_fields/<key>. Usually no round trip: definitions are
        remembered for seconds.
        """
        definitions = {
            d.key: d for d in await self.definitions(entity) if d.status is CustomFieldStatus.ACTIVE
        }
        faults: list[dict[str, Any]] = []
        values = dict(kept or {})
        for key, value in given.items():
            if (definition := definitions.get(key)) is None:
                faults.append(_fault(key, "unknown_custom_field", "There is no such field to write."))
            elif value is None:
                values.pop(key, None)
            else:
                try:
                    values[key] = checked(definition, value)
                except ValidationError as error:
                    faults += _faults(key, error)
        needed = definitions if kept is None else given.keys() & definitions.keys()
        wrong = {fault["pointer"].split("/")[2] for fault in faults}
        faults += _missing((definitions[key] for key in sorted(needed)), values, wrong)
        if faults:
            raise ValidationFailed(*faults)
        return values

    async def searchable(self, entity: str, column: Column) -> Mapping[str, Searchable]:
        """`custom.<key>` for the body of a search: `searchable("lead", Lead.custom_fields)`."""
        definitions = await self.definitions(entity)
        return {f"custom.{d.key}": custom_field(column, d.key, str(d.type)) for d in definitions}

    async def definitions(self, entity: str) -> Sequence[CustomFieldRead]:
        """Of one kind of object, retired ones too; remembered for seconds."""
        key = "custom_fields", self.ctx.organization_id, str(entity)
        known: Sequence[CustomFieldRead] | None = self.ctx.tools.memory.get(key)
        if known is None:
            known = await self.fields.of(entity)
            self.ctx.tools.memory.put(key, known)
        return known

    def _forget(self, entity: str) -> None:
        self.ctx.tools.memory.forget(("custom_fields", self.ctx.organization_id, str(entity)))


def _missing(
    needed: Iterable[CustomFieldRead], values: Mapping[str, Any], wrong: set[str]
) -> list[dict[str, Any]]:
    return [
        _fault(field.key, "missing", "Field required")
        for field in needed
        if field.required and field.key not in values and field.key not in wrong
    ]


def _fault(key: str, code: str, detail: str) -> dict[str, Any]:
    return fault_of({"loc": ("body", "custom_fields", key), "type": code, "msg": detail})


def _faults(key: str, error: ValidationError) -> list[dict[str, Any]]:
    found = error.errors(include_url=False, include_input=False)[:20]
    return [fault_of({**fault, "loc": ("body", "custom_fields", key, *fault["loc"])}) for fault in found]

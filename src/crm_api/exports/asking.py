"""An export from the request to the rows: who asks, what they may have, and which statement gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import from_json, to_json
from sqlalchemy import Text, func, literal_column

from crm_api.auth.clients import ApiClientService
from crm_api.auth.sessions import may_act
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.principal import DataScope, Principal
from crm_api.core.repository import Repository
from crm_api.custom_fields.service import CustomFieldService
from crm_api.exports.columns import Column, column_of
from crm_api.exports.entities import Exportable
from crm_api.exports.errors import ExportNoLongerAllowed
from crm_api.exports.schemas import ExportRequest
from crm_api.kit.errors import NotFound, Unauthenticated, ValidationFailed
from crm_api.kit.listing import Selection
from crm_api.kit.searching import Searchable
from crm_api.users.access import UserAccess

P3 = "pii:export"
MOST_ROWS, MOST_ROWS_OF_A_PORTFOLIO = 100_000, 1_000
"""For who sees everything, and for who sees a part (domain.md C-3)."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked, as the run keeps it until the job looks again what they may do."""

    id: UUID
    kind: str
    scopes: frozenset[str]

    def to_json(self, request: ExportRequest, rows: int) -> bytes:
        about = {"id": self.id, "kind": self.kind, "scopes": sorted(self.scopes)}
        return bytes(to_json({"asker": about, "request": request.model_dump(mode="json"), "rows": rows}))


def asked(stored: bytes) -> tuple[Asker, ExportRequest, int]:
    whole = from_json(stored)
    about = whole["asker"]
    asker = Asker(UUID(about["id"]), about["kind"], frozenset(about["scopes"]))
    return asker, ExportRequest.model_validate(whole["request"]), whole["rows"]


async def principal_now(ctx: Context, asker: Asker) -> Principal:
    """With the rights of today, and no more than when they asked. Raises ExportNoLongerAllowed."""
    try:
        if asker.kind == "client":
            found, _ = await ApiClientService(ctx).principal_of_token(asker.id)
            return replace(found, scopes=found.scopes & asker.scopes)
        authority = await UserAccess(ctx).authority(asker.id)
    except (NotFound, Unauthenticated) as gone:
        raise ExportNoLongerAllowed from gone
    if not may_act(authority):
        raise ExportNoLongerAllowed
    return Principal(
        id=asker.id,
        organization_id=ctx.organization_id,
        scopes=authority.scopes & asker.scopes,
        data_scope=authority.data_scope,
        agency_id=authority.agency_id,
        agency_ids=authority.agency_ids,
    )


def most_rows(principal: Principal) -> int:
    return MOST_ROWS if principal.data_scope is DataScope.ALL else MOST_ROWS_OF_A_PORTFOLIO


class Wanted:
    """The rows and columns of one request, as this principal may see them."""

    def __init__(self, ctx: Context, entity: Exportable, request: ExportRequest) -> None:
        self.ctx, self.entity, self.request = ctx, entity, request
        self.repository: Repository[Any, BaseModel] = ctx.tools.objects[entity.label](ctx)

    async def selection(self) -> Selection:
        """Raises ValidationFailed."""
        own: Mapping[str, Searchable] = {}
        if self.entity.custom_fields is not None:
            own = await CustomFieldService(self.ctx).searchable(self.entity.label, self.entity.custom_fields)
        return self.request.search().selection(self.entity.query, own)

    def columns(self) -> list[Column]:
        """Raises ValidationFailed that names the field."""
        known = self.repository.columns()
        readable = [name for name in self.repository.read.model_fields if name in known]
        if not self.request.fields:
            return [one for name in readable if (one := column_of(name, known[name])).is_usual]
        columns = []
        for at, name in enumerate(dict.fromkeys(self.request.fields)):
            key = name.removeprefix("custom.")
            if key != name and self.entity.custom_fields is not None:
                columns.append(Column(name, "text", self._custom(key)))
            elif name in readable:
                columns.append(column_of(name, known[name]))
            else:
                raise ValidationFailed.at(f"/fields/{at}", "unknown_field", "There is no such field.")
        return columns

    def _custom(self, key: str) -> Any:
        held = table_of(self.repository.model).c.custom_fields
        return func.jsonb_extract_path_text(held, literal_column(f"'{key}'", Text()), type_=Text())

    async def statement(
        self, cells: Sequence[Any], shape: Sequence[str], most: int
    ) -> tuple[str, tuple[Any, ...]]:
        chosen = await self.selection()
        sql, arguments = self.repository.whole(chosen, cells, (self.entity.resource, *shape), most)
        return sql, arguments

    async def count(self) -> int:
        return (await self.repository.count(await self.selection())).count

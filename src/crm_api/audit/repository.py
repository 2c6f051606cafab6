from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, literal_column, null, select
from sqlalchemy.dialects.postgresql import JSONB

from crm_api.audit.schemas import AuditEventRead
from crm_api.core.context import Context
from crm_api.core.journal import AuditLine
from crm_api.core.principal import DataScope
from crm_api.core.repository import Repository
from crm_api.core.seal import HEADS, AuditSeal, Verdict, reading, verify
from crm_api.core.statements import as_json

NEWEST = 10_000
"""Links that are checked while somebody waits."""


class AuditEventRepository(Repository[Any, AuditEventRead]):
    model, read = AuditLine, AuditEventRead

    def __init__(self, ctx: Context) -> None:
        self.visibility = "own" if ctx.principal.data_scope is DataScope.OWN else "all"
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        """Whoever works on their own rows sees their own actions."""
        if self.visibility == "all":
            return super().visible()
        line = AuditLine.__table__.c
        return [*super().visible(), line.actor_id == bindparam("actor_id", type_=line.actor_id.type)]

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        line, seal = AuditLine.__table__.c, AuditSeal.__table__.c
        mine = seal.organization_id == line.organization_id, seal.audit_id == line.id
        pairs: list[ColumnElement[Any]] = []
        for name, column in ("type", line.actor_type), ("id", line.actor_id), ("ip", line.ip):
            pairs += [literal_column(f"'{name}'"), column]
        hexed = func.encode(seal.hash, literal_column("'hex'"))
        return {
            **super().columns(),
            "actor": func.jsonb_build_object(*pairs, type_=JSONB()),
            "seq": select(seal.seq).where(*mine).scalar_subquery(),
            "hash": select(hexed).where(*mine).scalar_subquery(),
        }

    def _read(self, fields: Iterable[str] | None = None) -> tuple[ColumnElement[Any], ...]:
        """A line has no version: nobody changes it."""
        return as_json(self.columns(), fields or self.read.model_fields), null(), AuditLine.__table__.c.id

    async def verify(self) -> Verdict:
        tools = self.ctx.tools
        folder = tools.settings.data_dir / HEADS
        return await verify(reading(self.ctx), self.ctx.organization_id, tools.keys, folder, NEWEST)

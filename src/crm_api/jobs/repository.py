from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Float, bindparam, case, cast, func, literal_column
from sqlalchemy.dialects.postgresql import JSONB

from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.progress import JobResult, JobRun, RunStatus, start
from crm_api.core.repository import Repository
from crm_api.jobs.schemas import JobRead, JobResultRead

SEES_ALL = "jobs:manage"
"""Administrators see everybody's runs; others see what they started themselves."""


class JobRepository(Repository[JobRun, JobRead]):
    model, read = JobRun, JobRead

    def __init__(self, ctx: Context) -> None:
        self.visibility = "all" if SEES_ALL in ctx.principal.scopes else "mine"
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        if self.visibility == "all":
            return super().visible()
        table = table_of(JobRun)
        return [*super().visible(), table.c.created_by_id == bindparam("actor_id", type_=table.c.id.type)]

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        table = table_of(JobRun)
        t = table.c
        share = cast(t.done + t.failed, Float) / func.greatest(t.total, 1)
        pairs: list[ColumnElement[Any]] = []
        for name in ("total", "done", "failed"):
            pairs += [literal_column(f"'{name}'"), t[name]]
        return {
            **super().columns(),
            "progress": case((t.status == RunStatus.SUCCEEDED, 1.0), else_=func.least(share, 1.0)),
            "counts": func.jsonb_build_object(*pairs, type_=JSONB()),
        }

    async def start(self, kind: str, input: bytes) -> UUID:
        return await start(self.ctx, kind, input=input)


class JobResultRepository(Repository[JobResult, JobResultRead]):
    model, read = JobResult, JobResultRead

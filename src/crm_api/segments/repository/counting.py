"""How many people a rule finds, and who: before anything is kept."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, Integer, exists, func, literal_column, select
from sqlalchemy.exc import DBAPIError

from crm_api.core.context import Context
from crm_api.core.inheritance import in_sight
from crm_api.core.statements import Statement, compiled
from crm_api.core.visibility import variant_of
from crm_api.segments.errors import SegmentTooSlow
from crm_api.segments.planning import PEOPLE, Plan, alive
from crm_api.segments.subjects import ONE

SAMPLE = 10


class Counting:
    """Among the people whom this principal sees. Each question has its time; SegmentTooSlow after that."""

    def __init__(self, ctx: Context, on: date) -> None:
        self.ctx, self.on = ctx, on
        _, self._seen = in_sight(ctx, "contact")
        self._variant = variant_of(ctx.principal)

    async def found(self, plan: Plan) -> tuple[int, Sequence[Sequence[Any]]]:
        """How many, and [id, display name, agency] of ten."""
        values = await plan.values(self.ctx, self.on)
        counted = compiled(("preview", plan.shape, self._variant), lambda: self._asked(plan, func.count()))
        count = int((await self._in_time(counted, values))[0][0])
        if not count:
            return 0, []
        columns = PEOPLE.c.id, PEOPLE.c.display_name, PEOPLE.c.agency_id
        some: ColumnElement[int] = literal_column(str(SAMPLE), Integer())
        sample = compiled(
            ("preview sample", plan.shape, self._variant), lambda: self._asked(plan, *columns).limit(some)
        )
        return count, await self._in_time(sample, values)

    async def people(self) -> int:
        """All of them; remembered for some seconds."""
        principal = self.ctx.principal
        who = "all" if self._variant == "all" else principal.id
        key = "people of segments", self.ctx.organization_id, who
        known: int | None = self.ctx.tools.memory.get(key)
        if known is None:
            statement = compiled(
                ("people of segments", self._variant),
                lambda: select(func.count()).select_from(PEOPLE).where(*alive(), *self._seen),
            )
            known = int((await self._in_time(statement, {}))[0][0])
            self.ctx.tools.memory.put(key, known)
        return known

    async def lets_everybody_in(self, plan: Plan) -> bool:
        """Whether there are people and the rule keeps none of them out. A question that takes long: no."""
        if plan.is_empty:
            return True
        statement = compiled(
            ("everybody", plan.shape),
            lambda: select(
                exists(select(ONE).select_from(PEOPLE).where(*alive())),
                exists(select(ONE).select_from(PEOPLE).where(*plan.outside())),
            ).execution_options(varied=True),
        )
        values = await plan.values(self.ctx, self.on)
        try:
            ((people, outside),) = await self.ctx.apart().fetch(statement, values)
        except asyncpg.QueryCanceledError:
            return False
        return bool(people and not outside)

    def _asked(self, plan: Plan, *columns: Any) -> Any:
        statement = select(*columns).select_from(PEOPLE)
        return statement.where(*plan.conditions(touched=False), *self._seen).execution_options(varied=True)

    async def _in_time(self, statement: Statement, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        try:
            return await self.ctx.fetch(statement, values)
        except asyncpg.QueryCanceledError as slow:
            raise SegmentTooSlow from slow
        except DBAPIError as error:
            if isinstance(error.orig and error.orig.__cause__, asyncpg.QueryCanceledError):
                raise SegmentTooSlow from error
            raise

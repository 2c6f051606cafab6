"""Answers, and how many gave which score."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on

from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.visibility import variant_of
from crm_api.surveys.models import SurveyInvitation, SurveyResponse
from crm_api.surveys.repository.surveys import of_my_agencies
from crm_api.surveys.schemas.asking import SurveyResponseRead
from crm_api.surveys.schemas.form import SurveyGrouping


class ResponseRepository(Repository[SurveyResponse, SurveyResponseRead]):
    model, read = SurveyResponse, SurveyResponseRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._reach = variant_of(ctx.principal)
        self.visibility = self._reach

    def visible(self) -> list[ColumnElement[bool]]:
        return [*super().visible(), *of_my_agencies(table_of(SurveyResponse).c, self._reach)]

    async def to_invitation(self, invitation_id: UUID) -> SurveyResponse | None:
        found = select(SurveyResponse).where(SurveyResponse.invitation_id == invitation_id)
        return await self.ctx.session.scalar(found)

    async def keep_nameless(self, fields: Mapping[str, Any], day: datetime) -> None:
        """Past the journal, under a key that tells no time."""
        row = {
            **fields,
            "organization_id": self.ctx.organization_id,
            "id": uuid4(),
            "version": 1,
            "answered_at": day,
            "created_at": day,
            "updated_at": day,
        }
        await self.ctx.session.execute(insert(table_of(SurveyResponse)).values(row))

    async def scores(
        self, values: Mapping[str, Any], grouping: SurveyGrouping | None
    ) -> Sequence[tuple[UUID | None, int, int]]:
        """(agency or colleague, score, how many gave it), in one statement; of one object the last counts."""
        wave = values["wave_id"] is not None
        rows = await self.rows(("scores", grouping, wave), lambda: self._scores(grouping, wave), values)
        return [(row[0], row[1], row[2]) for row in rows]

    def _scores(self, grouping: SurveyGrouping | None, of_wave: bool) -> Select[Any]:
        said = table_of(SurveyResponse).c
        columns = {SurveyGrouping.AGENCY: said.agency_id, SurveyGrouping.AGENT: said.agent_id}
        group = columns[grouping] if grouping else null().cast(Uuid())
        about = func.coalesce(said.related_id, said.id)
        moment = said.answered_at.type
        last = (
            self.select(said.score, group.label("group"))
            .where(
                said.survey_id == bindparam("survey_id", type_=Uuid()),
                said.answered_at >= bindparam("start", type_=moment),
                said.answered_at < bindparam("end", type_=moment),
                said.score.is_not(None),
            )
            .ext(distinct_on(about))
            .order_by(about, said.answered_at.desc(), said.id.desc())
        )
        if of_wave:
            last = last.where(said.wave_id == bindparam("wave_id", type_=Uuid()))
        counted = last.subquery("last")
        return (
            select(counted.c.group, counted.c.score, func.count())
            .group_by(counted.c.group, counted.c.score)
            .order_by(counted.c.group, counted.c.score)
            .limit(literal_column("20000"))
        )

    async def forget_names(self, before: datetime) -> int:
        """Older answers name nobody any more; the scores, the agencies and what was chosen stay."""
        table, asked = table_of(SurveyResponse), table_of(SurveyInvitation)
        own = table.c.organization_id == self.ctx.organization_id
        names = dict.fromkeys(
            ("invitation_id", "contact_id", "related_type", "related_id", "agent_id", "comment")
        )
        old = own, table.c.answered_at < before, table.c.contact_id.is_not(None)
        gone = update(table).where(*old).values(names).returning(table.c.id)
        forgotten = len((await self.ctx.session.scalars(gone)).all())
        mine = asked.c.organization_id == self.ctx.organization_id
        await self.ctx.session.execute(delete(asked).where(mine, asked.c.created_at < before))
        return forgotten

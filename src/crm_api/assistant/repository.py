from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, literal_column, select, text

from crm_api.assistant.errors import UnknownAssistantPart
from crm_api.assistant.models import AssistantSession, AssistantSessionStatus, AssistantTurn
from crm_api.assistant.schemas import AssistantSessionRead, AssistantTurnRead
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository

A_DAY = timedelta(hours=24)
_FIGURES = """SELECT
    count(*) FILTER (WHERE over),
    count(*) FILTER (WHERE over AND alone AND helped),
    count(*) FILTER (WHERE over AND handed_over_at IS NOT NULL),
    count(*) FILTER (WHERE over AND handed_over_at IS NULL AND ticket_at IS NOT NULL),
    count(*) FILTER (WHERE over AND alone AND NOT helped),
    count(*) FILTER (WHERE NOT over)
FROM (
    SELECT handed_over_at, ticket_at, last_turn_at < :a_day_ago AS over,
        handed_over_at IS NULL AND ticket_at IS NULL AS alone,
        coalesce(resolved, answered_count > 0) AS helped
    FROM assistant_sessions
    WHERE organization_id = :organization_id AND created_at >= :start AND created_at < :ending
        AND turn_count > 0
) one"""


class AssistantSessionRepository(Repository[AssistantSession, AssistantSessionRead]):
    model, read = AssistantSession, AssistantSessionRead
    refusals = {
        "fk_assistant_sessions_agency": UnknownAssistantPart,
        "fk_assistant_sessions_contact": UnknownAssistantPart,
    }

    def __init__(self, ctx: Context) -> None:
        """An asker sees their own conversations; who holds `assistant:read`, and the house, all of them."""
        everything = "assistant:read" in ctx.principal.scopes or ctx.principal.kind == "system"
        self.visibility = "everything" if everything else "own"
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        sessions = table_of(AssistantSession)
        if self.visibility == "everything":
            return super().visible()
        me = bindparam("actor_id", type_=sessions.c.created_by_id.type)
        return [*super().visible(), sessions.c.created_by_id == me]

    async def say(self, turn: AssistantTurn) -> None:
        """Beside its session, which is locked."""
        self.ctx.session.add(turn)
        await self.ctx.session.flush()

    async def turns(self, session_id: UUID) -> list[AssistantTurnRead]:
        """In their order. The session must be known to be visible."""
        turns = AssistantTurn.__table__
        names = [name for name in AssistantTurnRead.model_fields if name in turns.c]
        rows = await self.rows(
            "turns",
            lambda: (
                select(*(turns.c[name] for name in names))
                .where(
                    turns.c.organization_id == bindparam("organization_id"),
                    turns.c.session_id == bindparam("session", type_=Uuid()),
                )
                .order_by(turns.c.number)
            ),
            {"session": session_id},
        )
        return [AssistantTurnRead.model_validate(dict(zip(names, row, strict=True))) for row in rows]

    async def figures(self, start: datetime, ending: datetime, at: datetime) -> Sequence[int]:
        """Of conversations with a question: over, contained, handed over, followed by a ticket, unresolved;
        and those whose day after is not over."""
        values = {
            "organization_id": self.ctx.organization_id,
            "start": start,
            "ending": ending,
            "a_day_ago": at - A_DAY,
        }
        return (await self.ctx.session.execute(text(_FIGURES), values)).one()

    async def left_alone(self, contact_id: UUID, since: datetime) -> list[AssistantSession]:
        """Of that contact: not handed over, without a ticket, something said since; locked."""
        statement = (
            select(AssistantSession)
            .where(
                AssistantSession.organization_id == self.ctx.organization_id,
                AssistantSession.contact_id == contact_id,
                AssistantSession.last_turn_at >= since,
                AssistantSession.status != AssistantSessionStatus.HANDED_OVER,
                AssistantSession.ticket_id.is_(None),
                AssistantSession.turn_count > literal_column("0"),
            )
            .limit(20)
        )
        found: Any = await self.ctx.session.scalars(statement.with_for_update())
        return list(found)

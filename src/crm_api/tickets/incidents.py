"""Mass incidents: a flood, a server that is down. Many customers ask, one answer goes to all of them."""

from collections.abc import Sequence
from uuid import UUID

from pydantic_core import from_json, to_json

from crm_api.core.apart import committed
from crm_api.core.batch import alone
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.numbers import next_number, yearly
from crm_api.core.principal import restored, snapshot
from crm_api.core.progress import Line, Run, RunOutcome, refused
from crm_api.core.repository import ANY_VERSION
from crm_api.jobs.schemas import JobRead
from crm_api.jobs.service import JobService
from crm_api.kit.clock import today
from crm_api.kit.errors import DomainError, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.tickets.errors import TicketIncidentClosed
from crm_api.tickets.messaging import Messaging
from crm_api.tickets.models.work import TICKET_INCIDENT, TicketIncident, TicketIncidentStatus
from crm_api.tickets.repository.incidents import TicketIncidentRepository, TicketsOfIncident
from crm_api.tickets.schemas.incidents import (
    TicketIncidentAnswer,
    TicketIncidentAttach,
    TicketIncidentAttached,
    TicketIncidentCreate,
    TicketIncidentPage,
    TicketIncidentPatch,
    TicketIncidentQuery,
    TicketIncidentRead,
)
from crm_api.tickets.schemas.messages import TicketMessageCreate

KIND = "answer_ticket_incident"
PART = 50
"""Tickets answered in one transaction: agents wait for none of them longer than for one part."""
_NUMBER = yearly("I")


class TicketIncidents:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.incidents, self.tickets = TicketIncidentRepository(ctx), TicketsOfIncident(ctx)

    async def page(self, query: TicketIncidentQuery) -> Json[TicketIncidentPage]:
        return await self.incidents.page(query, TicketIncidentPage)

    async def get(self, incident_id: UUID) -> Json[TicketIncidentRead]:
        return await self.incidents.get(incident_id)

    async def create(self, data: TicketIncidentCreate) -> Json[TicketIncidentRead]:
        year = today().year
        number = _NUMBER(year, await next_number(self.ctx, f"{TicketIncident.label}.{year}"))
        return await self.incidents.add(
            {**dict(data), "number": number, "occurred_at": data.occurred_at or now()}
        )

    async def update(
        self, incident_id: UUID, data: TicketIncidentPatch, version: int
    ) -> Json[TicketIncidentRead]:
        """Raises InvalidTransition where it is in that state already."""
        row = await self.incidents.load(incident_id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        given = data.given()
        if "status" in given:
            TICKET_INCIDENT.check(row.status, given["status"])
            row.closed_at = now() if given["status"] is TicketIncidentStatus.CLOSED else None
        for name, value in given.items():
            setattr(row, name, value)
        await self.incidents.save(row)
        return await self.incidents.get(incident_id)

    async def attach(self, incident_id: UUID, data: TicketIncidentAttach) -> TicketIncidentAttached:
        """Raises TicketIncidentClosed."""
        self.ctx.begin()
        await self._refuse_closed(incident_id)
        attached = set(await self.tickets.attach(incident_id, data.ticket_ids))
        asked = list(dict.fromkeys(data.ticket_ids))
        return TicketIncidentAttached(
            attached_ids=[id for id in asked if id in attached],
            left_out_ids=[id for id in asked if id not in attached],
        )

    async def answer(self, incident_id: UUID, data: TicketIncidentAnswer) -> Json[JobRead]:
        """A job writes to each ticket that is not solved; with your rights. Raises TicketIncidentClosed."""
        self.ctx.begin()
        await self._refuse_closed(incident_id)
        asked = {
            "incident_id": str(incident_id),
            "answer": data.model_dump(mode="json"),
            "actor": snapshot(self.ctx.principal),
        }
        return await JobService(self.ctx).start(KIND, to_json(asked))

    async def _refuse_closed(self, incident_id: UUID) -> None:
        await self.incidents.get(incident_id)
        if not await self.tickets.open_one(incident_id):
            raise TicketIncidentClosed


async def answer_all(ctx: Context, run: Run) -> None:
    """Part by part; a ticket that refuses the answer has its line, and keeps nobody else waiting."""
    asked = from_json(await run.input())
    actor = restored(ctx.organization_id, asked["actor"])
    answer = TicketIncidentAnswer.model_validate(asked["answer"])
    message = TicketMessageCreate(
        body=answer.body,
        visibility=answer.visibility,
        status=answer.status,
        document_ids=answer.document_ids,
    )

    def as_actor() -> Context:
        return Context(actor, ctx.database, ctx.tools, ctx.origin)

    async with committed(as_actor()) as part:
        part.begin()
        ids = await TicketsOfIncident(part).unfinished_of(UUID(asked["incident_id"]))
    done = failed = 0
    for first in range(0, len(ids), PART):
        async with committed(as_actor()) as part:
            part.begin()
            lines = await _answered(part, ids[first : first + PART], message, first)
            await run.keep(part, lines)
        failed += sum(line.outcome is RunOutcome.FAILED for line in lines)
        done += sum(line.outcome is not RunOutcome.FAILED for line in lines)
        await run.report(len(ids), done, failed)
    await run.close(href=f"/v1/tickets?incident_id={asked['incident_id']}")


async def _answered(
    ctx: Context, ids: Sequence[UUID], message: TicketMessageCreate, before: int
) -> list[Line]:
    lines = []
    for number, ticket_id in enumerate(ids, before + 1):
        written = await alone(ctx, lambda id=ticket_id: Messaging(ctx).answer(id, message))  # type: ignore[misc]
        if isinstance(written, DomainError):
            lines.append(refused(number, str(ticket_id), written, ctx.origin.locale))
        else:
            lines.append(Line(number, RunOutcome.UPDATED, object_id=ticket_id))
    return lines

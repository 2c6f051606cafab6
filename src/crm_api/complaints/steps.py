"""The steps of a complaint but for its answer: acknowledged, investigated, passed up, contested, closed."""

from datetime import timedelta
from uuid import UUID

from crm_api.complaints.desk import ComplaintDesk
from crm_api.complaints.errors import ComplaintLevelNotHigher, RootCauseMissing
from crm_api.complaints.events import (
    ComplaintAcknowledged,
    ComplaintClosed,
    ComplaintContested,
    ComplaintEscalated,
)
from crm_api.complaints.models import COMPLAINT, HIGHEST, OWED, Complaint, ComplaintStatus
from crm_api.complaints.schemas.complaint import ComplaintRead
from crm_api.complaints.schemas.steps import ComplaintClose, ComplaintEscalate, ComplaintReason
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.schemas import Json
from crm_api.legal_deadlines.reckoning import local_day
from crm_api.tickets.models.words import TicketStatus
from crm_api.tickets.schemas.content import TicketMove
from crm_api.tickets.schemas.messages import TicketMessageCreate
from crm_api.tickets.service import TicketService
from crm_api.tickets.steps import TicketSteps

S = ComplaintStatus


class ComplaintSteps:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk = ComplaintDesk(ctx)

    async def acknowledge(self, complaint_id: UUID, version: int) -> Json[ComplaintRead]:
        """A colleague tells who complains that we have it, and until when we answer."""
        complaint = await self.desk.take(complaint_id, version)
        COMPLAINT.check(complaint.status, S.ACKNOWLEDGED)
        told = TicketMessageCreate(body=acknowledgement(complaint))
        await TicketService(self.ctx).answer(complaint.ticket_id, told)
        await self._acknowledged(complaint)
        return await self.desk.kept(complaint)

    async def acknowledge_by_itself(self, complaint: Complaint) -> None:
        """The house does, before it is late; the first answer of a person stays owed (D-46)."""
        await TicketService(self.ctx).say(complaint.ticket_id, acknowledgement(complaint))
        await self._acknowledged(complaint)

    async def investigate(self, complaint_id: UUID, version: int) -> Json[ComplaintRead]:
        """Somebody looks into it; after an escalation, with a new answer to be written."""
        complaint = await self.desk.take(complaint_id, version)
        COMPLAINT.check(complaint.status, S.INVESTIGATING)
        if complaint.status is S.ESCALATED:
            complaint.answer_text = complaint.decision = complaint.compensation_amount = None
            complaint.answer_drafted_by_id = complaint.answer_drafted_at = None
            complaint.answer_approved_by_id = None
        complaint.status = S.INVESTIGATING
        await self.desk.keep(complaint, "investigating")
        return await self.desk.kept(complaint)

    async def escalate(
        self, complaint_id: UUID, data: ComplaintEscalate, version: int
    ) -> Json[ComplaintRead]:
        """Raises ComplaintLevelNotHigher."""
        complaint = await self.desk.take(complaint_id, version)
        COMPLAINT.check(complaint.status, S.ESCALATED)
        usual = HIGHEST if complaint.status is S.CONTESTED else min(complaint.escalation_level + 1, HIGHEST)
        level = usual if data.level is None else data.level
        stays = complaint.escalation_level == HIGHEST and level == HIGHEST
        if level <= complaint.escalation_level and not stays:
            raise ComplaintLevelNotHigher(level=complaint.escalation_level)
        complaint.status = S.ESCALATED
        await self._raised(complaint, level, data.reason, by_clock=False)
        return await self.desk.kept(complaint)

    async def crossed(self, complaint: Complaint, level: int, reason: str) -> None:
        """The clock of its ticket passed a threshold: what is still owed goes up."""
        if complaint.status not in OWED or complaint.escalation_level >= level:
            return
        if complaint.status is S.INVESTIGATING:
            complaint.status = S.ESCALATED
        await self._raised(complaint, level, reason, by_clock=True)

    async def accept(self, complaint_id: UUID, version: int) -> Json[ComplaintRead]:
        """Who complained agrees with the answer."""
        complaint = await self.desk.take(complaint_id, version)
        COMPLAINT.check(complaint.status, S.ACCEPTED)
        complaint.status = S.ACCEPTED
        await self.desk.keep(complaint, "accepted")
        return await self.desk.kept(complaint)

    async def contest(self, complaint_id: UUID, data: ComplaintReason, version: int) -> Json[ComplaintRead]:
        """Who complained does not agree: the ticket is open again, unless it is closed for good."""
        complaint = await self.desk.take(complaint_id, version)
        COMPLAINT.check(complaint.status, S.CONTESTED)
        complaint.status, complaint.contest_reason = S.CONTESTED, data.reason
        ticket = (await TicketService(self.ctx).get(complaint.ticket_id)).value
        if ticket.status is TicketStatus.SOLVED:
            again = TicketMove(status=TicketStatus.OPEN)
            await TicketSteps(self.ctx).move(complaint.ticket_id, again, ANY_VERSION)
        event = ComplaintContested(complaint.id, complaint.number)
        await self.desk.keep(complaint, "contested", event, note=data.reason)
        return await self.desk.kept(complaint)

    async def close(self, complaint_id: UUID, data: ComplaintClose, version: int) -> Json[ComplaintRead]:
        """Raises RootCauseMissing: what is not understood happens again."""
        complaint = await self.desk.take(complaint_id, version)
        COMPLAINT.check(complaint.status, S.CLOSED)
        complaint.root_cause = data.root_cause or complaint.root_cause
        if complaint.root_cause is None:
            raise RootCauseMissing
        complaint.status, complaint.closed_at = S.CLOSED, now()
        event = ComplaintClosed(complaint.id, complaint.number, complaint.root_cause)
        await self.desk.keep(complaint, "closed", event, note=complaint.root_cause)
        return await self.desk.kept(complaint)

    async def _acknowledged(self, complaint: Complaint) -> None:
        complaint.status, complaint.acknowledged_at = S.ACKNOWLEDGED, now()
        event = ComplaintAcknowledged(complaint.id, complaint.number)
        await self.desk.keep(complaint, "acknowledged", event)

    async def _raised(self, complaint: Complaint, level: int, reason: str, *, by_clock: bool) -> None:
        complaint.escalation_level, complaint.escalation_reason = level, reason
        event = ComplaintEscalated(complaint.id, complaint.number, level, by_clock)
        await self.desk.keep(complaint, "escalated", event, note=reason)


def acknowledgement(complaint: Complaint) -> str:
    """The text of the book (domain.md J, complaint_ack)."""
    received = f"{local_day(complaint.received_at):%d/%m/%Y}"
    text = f"Nous accusons réception de votre réclamation n° {complaint.number} du {received}."
    if complaint.answer_due_at is None:
        return text
    last = local_day(complaint.answer_due_at - timedelta(milliseconds=1))
    return f"{text} Une réponse vous sera adressée au plus tard le {last:%d/%m/%Y}."

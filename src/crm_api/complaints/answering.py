"""The answer to a complaint: one person writes it, another one approves it, a letter goes out."""

from uuid import UUID

from crm_api.complaints.desk import ComplaintDesk
from crm_api.complaints.errors import (
    CompensationWithoutGround,
    ComplaintAnswerClosed,
    ComplaintAnswerMissing,
    OwnComplaintAnswer,
)
from crm_api.complaints.events import ComplaintAnswered
from crm_api.complaints.models import COMPLAINT, Complaint, ComplaintDecision, ComplaintStatus
from crm_api.complaints.paper import ComplaintPaper
from crm_api.complaints.schemas.complaint import ComplaintRead
from crm_api.complaints.schemas.steps import ComplaintAnswerDraft, ComplaintReason
from crm_api.complaints.telling import ComplaintTeller
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.files.models import FileKind
from crm_api.files.service import FileService
from crm_api.kit.schemas import Json
from crm_api.tickets.models.words import TicketStatus
from crm_api.tickets.schemas.messages import TicketMessageCreate
from crm_api.tickets.service import TicketService


class Answering:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk = ComplaintDesk(ctx)

    async def draft(
        self, complaint_id: UUID, data: ComplaintAnswerDraft, version: int
    ) -> Json[ComplaintRead]:
        """Written anew as often as wanted, until it is approved.

        Raises ComplaintAnswerClosed, CompensationWithoutGround.
        """
        complaint = await self.desk.take(complaint_id, version)
        if complaint.status is not ComplaintStatus.INVESTIGATING:
            raise ComplaintAnswerClosed
        amount = data.compensation_amount
        if data.decision is ComplaintDecision.REJECTED and amount is not None and amount.centimes > 0:
            raise CompensationWithoutGround
        complaint.decision, complaint.answer_text = data.decision, data.answer_text
        complaint.compensation_amount = amount
        complaint.answer_drafted_by_id, complaint.answer_drafted_at = self.ctx.principal.id, now()
        complaint.send_back_reason = None
        await self.desk.keep(complaint, "answer_drafted")
        await ComplaintTeller(self.ctx).answer_waits(complaint)
        return await self.desk.kept(complaint)

    async def send_back(self, complaint_id: UUID, data: ComplaintReason, version: int) -> Json[ComplaintRead]:
        """It is not good enough; who wrote it is told. Raises ComplaintAnswerMissing, OwnComplaintAnswer."""
        complaint = await self._drafted(complaint_id, version)
        author_id, complaint.send_back_reason = complaint.answer_drafted_by_id, data.reason
        complaint.answer_drafted_by_id = complaint.answer_drafted_at = None
        await self.desk.keep(complaint, "answer_sent_back", note=data.reason)
        await ComplaintTeller(self.ctx).answer_judged(complaint, author_id, approved=False)
        return await self.desk.kept(complaint)

    async def approve(self, complaint_id: UUID, version: int) -> Json[ComplaintRead]:
        """The letter is made and filed, and sent by the ticket, which is solved.

        Raises ComplaintAnswerMissing, OwnComplaintAnswer.
        """
        complaint = await self._drafted(complaint_id, version)
        complaint.answer_approved_by_id = self.ctx.principal.id
        complaint.status = ComplaintStatus.ANSWERED
        complaint.answered_at = complaint.answered_at or now()
        complaint.answer_document_id = await self._letter(complaint)
        await self._send(complaint)
        assert complaint.decision is not None  # noqa: S101 - drafted with it
        due_at = complaint.answer_due_at
        in_time = due_at is None or complaint.answered_at < due_at
        event = ComplaintAnswered(complaint.id, complaint.number, complaint.decision, in_time)
        await self.desk.keep(complaint, "answered", event)
        author_id = complaint.answer_drafted_by_id
        await ComplaintTeller(self.ctx).answer_judged(complaint, author_id, approved=True)
        return await self.desk.kept(complaint)

    async def _drafted(self, complaint_id: UUID, version: int) -> Complaint:
        complaint = await self.desk.take(complaint_id, version)
        COMPLAINT.check(complaint.status, ComplaintStatus.ANSWERED)
        if complaint.answer_text is None or complaint.answer_drafted_by_id is None:
            raise ComplaintAnswerMissing
        if complaint.answer_drafted_by_id == self.ctx.principal.id:
            raise OwnComplaintAnswer
        return complaint

    async def _letter(self, complaint: Complaint) -> UUID:
        page = await ComplaintPaper(self.ctx).of(complaint)
        return await FileService(self.ctx).add(
            page.name,
            page.content,
            FileKind.COMPLAINT_LETTER,
            links=[(Complaint.label, complaint.id)],
            media_type="application/pdf",
            title=f"Réponse à la réclamation {complaint.number}",
        )

    async def _send(self, complaint: Complaint) -> None:
        """As a public message with the letter; a ticket that is closed takes none."""
        assert complaint.answer_text is not None  # noqa: S101 - drafted
        assert complaint.answer_document_id is not None  # noqa: S101 - just made
        tickets = TicketService(self.ctx)
        ticket = (await tickets.get(complaint.ticket_id)).value
        if ticket.status is TicketStatus.CLOSED:
            return
        solved = None if ticket.status is TicketStatus.SOLVED else TicketStatus.SOLVED
        message = TicketMessageCreate(
            body=complaint.answer_text, document_ids=[complaint.answer_document_id], status=solved
        )
        await tickets.answer(complaint.ticket_id, message)

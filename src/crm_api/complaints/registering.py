"""A complaint enters the register: its number, its legal deadlines, who complains."""

from uuid import UUID

from crm_api.accounts.service import AccountService
from crm_api.calendars.service import CalendarService
from crm_api.complaints.desk import ComplaintDesk
from crm_api.complaints.events import ComplaintReceived
from crm_api.complaints.models import ANSWER_RULES, Complaint, ComplaintRecipient, ComplaintSeverity
from crm_api.complaints.schemas.complaint import ComplaintCreate, ComplaintRead
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.numbers import next_number, yearly
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.legal_deadlines.models import LegalDeadlineCode
from crm_api.legal_deadlines.reckoning import local_day
from crm_api.legal_deadlines.service import LegalDeadlineService
from crm_api.tickets.models.words import TicketPriority, TicketType
from crm_api.tickets.schemas.content import TicketCreate
from crm_api.tickets.schemas.ticket import TicketRead
from crm_api.tickets.service import TicketService

_NUMBER = yearly("R")
_OF_TICKET = frozenset(
    {
        *("subject", "description", "channel", "requester_contact_id", "account_id", "anonymous_party"),
        *("agency_id", "product_code", "branch_code", "claim_id", "policy_id", "document_ids"),
    }
)


class Registering:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk = ComplaintDesk(ctx)
        self.rules, self.calendars = LegalDeadlineService(ctx), CalendarService(ctx)

    async def open(self, data: ComplaintCreate) -> Json[ComplaintRead]:
        """With its ticket, of which this domain hears like everybody else. Raises UnknownTicketPart."""
        self.ctx.begin()
        asked = TicketCreate(
            type=TicketType.COMPLAINT,
            priority=TicketPriority.HIGH,
            **{name: value for name, value in data if name in _OF_TICKET},
        )
        ticket = await TicketService(self.ctx).open(asked)
        complaint = await self.desk.complaints.of_ticket(UUID(str(ticket.id)))
        assert complaint is not None  # noqa: S101 - `enter` heard of the ticket
        given = {name: value for name, value in data if name not in _OF_TICKET and value is not None}
        for name, value in given.items():
            setattr(complaint, name, value)
        if data.severity is None and data.recipient is not ComplaintRecipient.COMPANY:
            complaint.severity = ComplaintSeverity.REGULATORY
        await self.set_deadlines(complaint)
        return await self.desk.kept(complaint)

    async def enter(self, ticket_id: UUID) -> None:
        """A ticket of type complaint has been opened, however it came."""
        ticket = (await TicketService(self.ctx).get(ticket_id)).value
        complaint = Complaint(
            id=new_id(),
            number=await self._number(ticket),
            ticket_id=ticket.id,
            sla_clock_id=ticket.sla_clock_id,
            channel=ticket.channel,
            account_id=ticket.account_id,
            contact_id=ticket.requester_contact_id,
            complainant_name=await self._name(ticket),
            agency_id=ticket.agency_id,
            owner_user_id=ticket.owner_user_id,
            product_code=ticket.product_code,
            branch_code=ticket.branch_code,
            claim_id=ticket.claim_id,
            policy_id=ticket.policy_id,
            received_at=ticket.created_at,
        )
        complaint.recipient = ComplaintRecipient.COMPANY
        await self.set_deadlines(complaint)
        await self.desk.keep(
            complaint,
            "received",
            ComplaintReceived(
                complaint.id, complaint.number, ticket.id, complaint.account_id, complaint.agency_id
            ),
        )

    async def set_deadlines(self, complaint: Complaint) -> None:
        """By the dated rows that held on the day of receipt; none where nothing is laid down."""
        on = local_day(complaint.received_at)
        calendar = await self.calendars.for_agency(complaint.agency_id)
        acknowledge = await self.rules.rule_or_none(LegalDeadlineCode.COMPLAINT_ACKNOWLEDGE, on)
        answer = await self.rules.rule_or_none(ANSWER_RULES[complaint.recipient], on)
        complaint.ack_due_at = acknowledge and acknowledge.due_at(complaint.received_at, calendar)
        complaint.answer_due_at = answer and answer.due_at(complaint.received_at, calendar)

    async def _number(self, ticket: TicketRead) -> str:
        """R-2026-000045: a series of its own, of the year of receipt."""
        year = local_day(ticket.created_at).year
        return _NUMBER(year, await next_number(self.ctx, f"{Complaint.label}.{year}"))

    async def _name(self, ticket: TicketRead) -> str | None:
        if ticket.anonymous_party and ticket.anonymous_party.name:
            return ticket.anonymous_party.name
        try:
            if ticket.requester_contact_id:
                person = (await ContactService(self.ctx).get(ticket.requester_contact_id)).value
                return f"{person.first_name or ''} {person.last_name.upper()}".strip()
            if ticket.account_id:
                return (await AccountService(self.ctx).get(ticket.account_id)).value.name
        except NotFound:  # out of sight of who opened it
            pass
        return None

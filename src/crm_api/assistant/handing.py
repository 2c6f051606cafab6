"""A person takes over: a ticket with the transcript, and when somebody will be there."""

from uuid import UUID

from crm_api.assistant.models import AssistantSession, AssistantSessionStatus, HandOverReason
from crm_api.assistant.repository import AssistantSessionRepository
from crm_api.assistant.schemas import AssistantTurnRead
from crm_api.assistant.texts import said
from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.business_time import NeverOpens
from crm_api.kit.clock import ALGIERS
from crm_api.knowledge.models.article import KbLanguage
from crm_api.tickets.models.words import TicketChannel, TicketLanguage, TicketLevel, TicketType
from crm_api.tickets.schemas.content import TicketCreate
from crm_api.tickets.schemas.words import TicketParty
from crm_api.tickets.service import TicketService

LONGEST_TRANSCRIPT = 9000
_TYPES = {
    HandOverReason.COMPLAINT: TicketType.COMPLAINT,
    HandOverReason.INJURY_OR_DEATH: TicketType.CLAIM_FOLLOW_UP,
}
_SUBJECTS = {
    HandOverReason.ASKED_FOR: "Assistant : le client demande un conseiller",
    HandOverReason.COMPLAINT: "Assistant : réclamation",
    HandOverReason.INJURY_OR_DEATH: "Assistant : blessure ou décès",
    HandOverReason.NOT_UNDERSTOOD: "Assistant : question sans réponse",
}


class HandingOver:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.sessions = AssistantSessionRepository(ctx)

    async def open_ticket(
        self, session: AssistantSession, reason: HandOverReason, last_question: str | None
    ) -> tuple[UUID, str]:
        """Its id and number; the session is marked. `last_question`: what is asked just now."""
        turns = await self.sessions.turns(session.id)
        urgency = TicketLevel.MEDIUM if reason is HandOverReason.NOT_UNDERSTOOD else TicketLevel.HIGH
        party = None
        if session.contact_id is None:
            party = TicketParty(
                name=session.contact_name, phone=session.contact_phone, email=session.contact_email
            )
        ticket = await TicketService(self.ctx).open(
            TicketCreate(
                subject=_SUBJECTS[reason],
                description=transcript(turns, last_question),
                type=self._type(session, reason),
                channel=TicketChannel(session.channel),
                language=TicketLanguage(session.language),
                requester_contact_id=session.contact_id,
                anonymous_party=party,
                agency_id=session.agency_id,
                urgency=urgency,
                impact=urgency,
            )
        )
        session.status, session.hand_over_reason = AssistantSessionStatus.HANDED_OVER, reason
        session.handed_over_at = session.ticket_at = now()
        session.ticket_id = ticket.value.id
        return ticket.value.id, ticket.value.number

    def _type(self, session: AssistantSession, reason: HandOverReason) -> TicketType:
        can_be_called = session.contact_phone or session.contact_id
        usual = TicketType.CALLBACK if can_be_called else TicketType.QUESTION
        return _TYPES.get(reason, usual)

    async def words(
        self, session: AssistantSession, reason: HandOverReason, number: str, language: KbLanguage
    ) -> str:
        """What the asker is told."""
        parts = [said("sorry", language)] if reason is HandOverReason.INJURY_OR_DEATH else []
        parts += [
            said("hand_over", language, number=number),
            await self.staffing(session.agency_id, language),
        ]
        return " ".join(parts)

    async def staffing(self, agency_id: UUID | None, language: KbLanguage) -> str:
        """Whether somebody is there, by the business hours; else when."""
        calendar, at = await CalendarService(self.ctx).for_agency(agency_id), now()
        if calendar.is_open(at):
            return said("staffed", language)
        try:
            opening = calendar.next_opening(at).astimezone(ALGIERS)
        except NeverOpens:
            return said("staffed", language)
        return said("closed", language, opening=opening.strftime("%d/%m/%Y %H:%M"))

    async def is_staffed(self, agency_id: UUID | None) -> bool:
        return (await CalendarService(self.ctx).for_agency(agency_id)).is_open(now())


def transcript(turns: list[AssistantTurnRead], last_question: str | None) -> str:
    """What was said, the newest kept where it is too long for a ticket."""
    lines = [f"{turn.number}. Client : {turn.question}\n   Assistant : {turn.answer}" for turn in turns]
    if last_question:
        lines.append(f"{len(turns) + 1}. Client : {last_question}")
    text = "\n".join(lines) or "Aucune question n'a été posée."
    head = "Transcription de la conversation avec l'assistant (réponses automatiques) :\n"
    return head + (text if len(text) <= LONGEST_TRANSCRIPT else "…\n" + text[-LONGEST_TRANSCRIPT:])

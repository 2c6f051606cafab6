"""Conversations with the assistant: begun, asked, handed over, judged, counted."""

from datetime import datetime, time
from uuid import UUID

from crm_api.assistant.answering import Answering, Said
from crm_api.assistant.errors import AssistantSessionOver, AssistantTooManyTurns
from crm_api.assistant.events import AssistantHandedOver
from crm_api.assistant.handing import HandingOver
from crm_api.assistant.models import (
    ASSISTANT_SESSION,
    MOST_TURNS,
    AssistantSession,
    AssistantSessionStatus,
    AssistantTurn,
    HandOverReason,
    TurnKind,
)
from crm_api.assistant.repository import A_DAY, AssistantSessionRepository
from crm_api.assistant.schemas import (
    AssistantAsk,
    AssistantFigures,
    AssistantFiguresQuery,
    AssistantHandOver,
    AssistantReply,
    AssistantSessionBegun,
    AssistantSessionCreate,
    AssistantSessionPage,
    AssistantSessionQuery,
    AssistantSessionRead,
    AssistantSessionShown,
    AssistantVerdict,
)
from crm_api.assistant.texts import said
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.objects import UnknownObject, seen_objects
from crm_api.kit.clock import ALGIERS
from crm_api.kit.errors import ValidationFailed
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.knowledge.gaps import GapService
from crm_api.knowledge.models.gap import KbGapSource
from crm_api.organizations.service import OrganizationService

UNSURE_TWICE = 2
"""So many questions without an answer, one after the other, bring a person (domain.md B-34)."""


class AssistantService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.sessions, self.handing = AssistantSessionRepository(ctx), HandingOver(ctx)

    # --- reads

    async def page(self, query: AssistantSessionQuery) -> Json[AssistantSessionPage]:
        return await self.sessions.page(query, AssistantSessionPage)

    async def get(self, session_id: UUID) -> AssistantSessionShown:
        session = (await self.sessions.get(session_id)).value
        return AssistantSessionShown(**dict(session), turns=await self.sessions.turns(session_id))

    async def figures(self, query: AssistantFiguresQuery) -> AssistantFigures:
        """D-58, of the local days."""
        if query.end <= query.start:
            raise ValidationFailed.at("end", "period_empty", "The end is after the start.", "query")
        at = now()
        first, last = (datetime.combine(day, time(), ALGIERS) for day in (query.start, query.end))
        over, contained, handed, ticket, unresolved, still_open = await self.sessions.figures(first, last, at)
        return AssistantFigures(
            sessions=over,
            contained=contained,
            containment=f"{contained / over:.4f}" if over else None,
            handed_over=handed,
            followed_by_ticket=ticket,
            unresolved=unresolved,
            still_open=still_open,
            measured_at=at,
        )

    # --- the conversation

    async def begin(self, data: AssistantSessionCreate) -> AssistantSessionBegun:
        """Raises UnknownObject for a contact that one may not see, UnknownAssistantPart."""
        if data.contact_id and not await seen_objects(self.ctx, "contact", [data.contact_id]):
            raise UnknownObject(object_type="contact", object_id=str(data.contact_id))
        self.ctx.begin()
        session = AssistantSession(**dict(data), id=new_id(), last_turn_at=now())
        session.agency_id = data.agency_id or self.ctx.principal.agency_id
        await self.sessions.save(session)
        organization = (await OrganizationService(self.ctx).shown()).name or ""
        return AssistantSessionBegun(
            **dict((await self.sessions.get(session.id)).value),
            disclosure=said("disclosure", data.language, organization=organization),
            is_staffed=await self.handing.is_staffed(session.agency_id),
        )

    async def ask(self, session_id: UUID, data: AssistantAsk) -> AssistantReply:
        """Raises AssistantSessionOver, AssistantTooManyTurns.

        What is looked up, and what a language model says, comes before the transaction: nobody waits for a
        lock meanwhile.
        """
        known = (await self.sessions.get(session_id)).value
        _refuse_over(known.status, known.turn_count)
        answer = await Answering(self.ctx).answer(data.question, known.language)
        self.ctx.begin()
        session = await self.sessions.load(session_id)
        _refuse_over(session.status, session.turn_count)
        return await self._said(session, data.question, answer)

    async def _said(self, session: AssistantSession, question: str, answer: Said) -> AssistantReply:
        reason, kind, text = answer.reason, answer.kind, answer.text
        if kind is TurnKind.NO_ANSWER:
            await self._note_gap(question, answer)
            session.unsure_count += 1
            if session.unsure_count >= UNSURE_TWICE:
                reason, kind = HandOverReason.NOT_UNDERSTOOD, TurnKind.HAND_OVER
        elif kind is TurnKind.ANSWER:
            session.unsure_count, session.answered_count = 0, session.answered_count + 1
        if reason is not None:
            number = await self._hand_over(session, reason, question)
            text = await self.handing.words(session, reason, number, answer.language)
        session.turn_count, session.last_turn_at = session.turn_count + 1, now()
        turn = AssistantTurn(
            session_id=session.id,
            number=session.turn_count,
            kind=kind,
            question=question,
            answer=text,
            confidence=answer.confidence,
            sources=[source.model_dump(mode="json") for source in answer.sources],
            is_rephrased=answer.is_rephrased,
            said_at=session.last_turn_at,
        )
        await self.sessions.save(session)
        await self.sessions.say(turn)
        return AssistantReply(
            number=turn.number,
            kind=kind,
            question=question,
            answer=text,
            confidence=answer.confidence,
            sources=answer.sources,
            is_rephrased=answer.is_rephrased,
            said_at=turn.said_at,
            status=session.status,
            ticket_id=session.ticket_id,
        )

    async def _note_gap(self, question: str, answer: Said) -> None:
        if answer.finding is not None and answer.finding.asked.words:
            await GapService(self.ctx).note(question, answer.finding.asked, KbGapSource.ASSISTANT)

    async def hand_over(self, session_id: UUID, data: AssistantHandOver) -> Json[AssistantSessionRead]:
        """The asker wants a person. Raises AssistantSessionOver."""
        session = await self.sessions.load(session_id)
        _refuse_over(session.status, 0)
        session.contact_name, session.contact_phone = data.name, data.phone
        session.contact_email = data.email
        await self._hand_over(session, HandOverReason.ASKED_FOR, None)
        await self.sessions.save(session)
        return await self.sessions.get(session_id)

    async def _hand_over(
        self, session: AssistantSession, reason: HandOverReason, question: str | None
    ) -> str:
        ASSISTANT_SESSION.check(session.status, AssistantSessionStatus.HANDED_OVER)
        ticket_id, number = await self.handing.open_ticket(session, reason, question)
        await publish(self.ctx, AssistantHandedOver(session.id, str(reason), ticket_id))
        return number

    async def judge(self, session_id: UUID, data: AssistantVerdict) -> Json[AssistantSessionRead]:
        """The asker says whether it helped: the conversation is closed. Raises AssistantSessionOver."""
        session = await self.sessions.load(session_id)
        if AssistantSessionStatus.CLOSED not in ASSISTANT_SESSION.allowed(session.status):
            raise AssistantSessionOver
        session.status, session.resolved = AssistantSessionStatus.CLOSED, data.resolved
        await self.sessions.save(session)
        return await self.sessions.get(session_id)

    async def ticket_followed(self, contact_id: UUID, ticket_id: UUID) -> None:
        """Somebody who had asked the assistant within a day opens a ticket: it was no help (D-58)."""
        for session in await self.sessions.left_alone(contact_id, now() - A_DAY):
            session.ticket_id, session.ticket_at = ticket_id, now()
            await self.sessions.save(session)


def _refuse_over(status: AssistantSessionStatus, turns: int) -> None:
    if status is not AssistantSessionStatus.OPEN:
        raise AssistantSessionOver
    if turns >= MOST_TURNS:
        raise AssistantTooManyTurns

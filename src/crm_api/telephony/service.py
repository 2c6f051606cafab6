from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from crm_api.core.batch import Faulty
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.objects import require_object
from crm_api.core.repository import ANY_VERSION
from crm_api.interactions.events import Linked
from crm_api.interactions.recording import Recording, moment
from crm_api.interactions.schemas import InteractionCreate, InteractionIdentify, ObjectLink
from crm_api.interactions.service import InteractionService
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.telephony.errors import CallKnown, EndsBeforeItBegan
from crm_api.telephony.events import CallEnded, CallMissed, CallRinging
from crm_api.telephony.models import CALL, Call, CallDirection, CallStatus
from crm_api.telephony.repository import CallRepository, Found
from crm_api.telephony.schemas import (
    CallAnswer,
    CallEnd,
    CallIdentify,
    CallMiss,
    CallPage,
    CallQuery,
    CallRead,
    CallRing,
)


class CallService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.calls = CallRepository(ctx)

    async def page(self, query: CallQuery) -> Json[CallPage]:
        return await self.calls.page_of_lines(query)

    async def get(self, call_id: UUID) -> Json[CallRead]:
        return await self.calls.get(call_id)

    # --- what the switchboard tells; told again, each step is answered as it stands

    async def ring(self, data: CallRing) -> Json[CallRead]:
        """Finds out who calls, and says so to the colleague's screen. Raises UnknownAgent, CallKnown."""
        self.ctx.begin()
        known = await self.calls.claim(data.reference)
        if known is not None:
            return await self._known(known)
        matches: list[Found] = await self.calls.having(data.phone) if data.phone else []
        party = only_one(matches)
        agent_id, agency_id = await self._agent(data.agent_user_id)
        call = Call(
            reference=data.reference,
            direction=data.direction,
            phone=data.phone,
            line=data.line,
            match_count=len(matches),
            party_type=party and party.object_type,
            party_id=party and party.object_id,
            rang_at=moment(data.rang_at),
            owner_user_id=agent_id,
            agency_id=agency_id,
        )
        await self.calls.save(call)
        await publish(self.ctx, _ringing(call))
        answer = await self.calls.get(call.id)
        answer.created = True
        return answer

    async def answer(self, call_id: UUID, data: CallAnswer) -> Json[CallRead]:
        call = await self.calls.load(call_id)
        if call.status is CallStatus.ANSWERED:
            return await self.calls.get(call_id)
        CALL.check(call.status, CallStatus.ANSWERED)
        call.status, call.answered_at = CallStatus.ANSWERED, moment(data.answered_at)
        told = await self._taken_by(call, data.agent_user_id)
        return await self._saved(call, *told)

    async def end(self, call_id: UUID, data: CallEnd) -> Json[CallRead]:
        """The call becomes an interaction. Raises EndsBeforeItBegan, UnknownRecording."""
        call = await self.calls.load(call_id)
        if call.status is CallStatus.ENDED:
            return await self.calls.get(call_id)
        CALL.check(call.status, CallStatus.ENDED)
        self._over(call, CallStatus.ENDED, data.ended_at)
        if data.agent_user_id is not None:
            call.owner_user_id, call.agency_id = await self._agent(data.agent_user_id)
        wait = data.wait_seconds
        if wait is None and call.answered_at is not None:
            wait = max(0, int((call.answered_at - call.rang_at).total_seconds()))
        fields = data.model_dump(exclude={"disposition", "wait_seconds", "ended_at", "agent_user_id"})
        call.interaction_id = await self._interaction(
            call, outcome=data.disposition, wait_seconds=wait, **fields
        )
        return await self._saved(call, CallEnded(call.id, call.owner_user_id, call.interaction_id))

    async def miss(self, call_id: UUID, data: CallMiss) -> Json[CallRead]:
        """Nobody picked up: whoever called is to be called back."""
        call = await self.calls.load(call_id)
        if call.status is CallStatus.MISSED:
            return await self.calls.get(call_id)
        CALL.check(call.status, CallStatus.MISSED)
        self._over(call, CallStatus.MISSED, data.ended_at)
        call.interaction_id = await self._interaction(
            call, outcome="no_answer", wait_seconds=data.wait_seconds
        )
        told: list[Event] = []
        if call.direction is CallDirection.INBOUND:
            who = call.owner_user_id, call.agency_id, call.party_type, call.party_id
            told.append(CallMissed(call.id, *who, call.interaction_id))
        return await self._saved(call, *told)

    # --- what the colleague says

    async def identify(self, call_id: UUID, data: CallIdentify, version: int) -> Json[CallRead]:
        """Chosen among several, or found after all; the interaction follows. Raises UnknownObject."""
        call = await self.calls.load(call_id)
        if version not in (call.version, ANY_VERSION):
            raise VersionConflict(current_version=call.version)
        await require_object(self.ctx, data.object_type, data.object_id)
        call.party_type, call.party_id = data.object_type, data.object_id
        if call.interaction_id is not None:
            await self._identify_interaction(call.interaction_id, data)
        return await self._saved(call)

    # ---

    async def _identify_interaction(self, interaction_id: UUID, data: CallIdentify) -> None:
        service = InteractionService(self.ctx)
        known = (await service.get(interaction_id)).value
        who = InteractionIdentify(object_type=data.object_type, object_id=data.object_id)
        if known.anonymous_party is not None:
            await service.identify(interaction_id, who)
        else:
            await service.link(
                interaction_id, ObjectLink(object_type=data.object_type, object_id=data.object_id)
            )

    async def _interaction(self, call: Call, **fields: object) -> UUID:
        """Told by the switchboard, so already recorded if it was told before."""
        party = Linked(call.party_type, call.party_id) if call.party_type and call.party_id else None
        given = {
            **fields,
            "channel": "phone",
            "direction": call.direction.value,
            "occurred_at": call.answered_at or call.rang_at,
            "agent_user_id": call.owner_user_id,
            "external_message_id": f"call:{call.reference}",
            "anonymous_party": None if party else {"phone": call.phone},
        }
        try:
            data = InteractionCreate.model_validate(given)
        except ValidationError as error:
            raise Faulty(error).refusal() from error
        recorded = await InteractionService(self.ctx).record(data, known=[party] if party else [])
        return UUID(str(recorded.id))

    async def _agent(self, agent_user_id: UUID | None) -> tuple[UUID | None, UUID | None]:
        return await Recording(self.ctx).agent(agent_user_id) if agent_user_id else (None, None)

    async def _taken_by(self, call: Call, agent_user_id: UUID | None) -> list[Event]:
        """Another screen must show the call when another colleague picks up."""
        if agent_user_id is None or agent_user_id == call.owner_user_id:
            return []
        call.owner_user_id, call.agency_id = await self._agent(agent_user_id)
        return [_ringing(call)]

    @staticmethod
    def _over(call: Call, status: CallStatus, ended_at: datetime | None) -> None:
        call.status, call.ended_at = status, moment(ended_at) if ended_at else max(now(), call.rang_at)
        if call.ended_at < (call.answered_at or call.rang_at):
            raise EndsBeforeItBegan

    async def _known(self, call_id: UUID) -> Json[CallRead]:
        try:
            return await self.calls.get(call_id)
        except NotFound as error:
            raise CallKnown from error

    async def _saved(self, call: Call, *events: Event) -> Json[CallRead]:
        await self.calls.save(call)
        for event in events:
            await publish(self.ctx, event)
        return await self.calls.get(call.id)


def only_one(matches: list[Found]) -> Found | None:
    """Who it must be. People and leads come before the household that shares their number; of several,
    somebody chooses."""
    people = [found for found in matches if found.object_type != "account"]
    candidates = people or matches
    return candidates[0] if len(candidates) == 1 else None


def _ringing(call: Call) -> CallRinging:
    return CallRinging(
        call.id,
        call.owner_user_id,
        call.agency_id,
        call.direction.value,
        call.party_type,
        call.party_id,
        call.match_count,
    )

from typing import Annotated
from uuid import UUID

from fastapi import Query

from crm_api.core.context import Context
from crm_api.core.http import Audience, IfMatch, Router, requires, upserted
from crm_api.kit.schemas import Json
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
from crm_api.telephony.service import CallService

router = Router("telephony/calls", tag="telephony")
Switchboard = Annotated[Context, requires("calls:ingest")]
Reader = Annotated[Context, requires("interactions:read")]
Writer = Annotated[Context, requires("interactions:write")]
CONNECTORS = {"x-audience": [Audience.STAFF, Audience.PARTNER]}


@router.post("", responses=upserted(CallRead), openapi_extra=CONNECTORS)
async def ring_call(ctx: Switchboard, body: CallRing) -> Json[CallRead]:
    """Tell that a telephone rings.

    For the connector of the switchboard. The number is looked up among people, accounts and open leads:
    one match is the party at once, several wait for somebody to choose, none is an unknown caller. The
    fact `call.ringing` names the colleague whose screen shows the call. Told twice: 200 with what stands.
    """
    return await CallService(ctx).ring(body)


@router.get("")
async def list_calls(ctx: Reader, query: Annotated[CallQuery, Query()]) -> Json[CallPage]:
    """List calls, the latest first."""
    return await CallService(ctx).page(query)


@router.get("/{call_id}")
async def get_call(ctx: Reader, call_id: UUID) -> Json[CallRead]:
    """Read a call, with the cards of everybody who has this number."""
    return await CallService(ctx).get(call_id)


@router.post("/{call_id}/answer", openapi_extra=CONNECTORS)
async def answer_call(ctx: Switchboard, call_id: UUID, body: CallAnswer) -> Json[CallRead]:
    """Tell that somebody picked up."""
    return await CallService(ctx).answer(call_id, body)


@router.post("/{call_id}/end", openapi_extra=CONNECTORS)
async def end_call(ctx: Switchboard, call_id: UUID, body: CallEnd) -> Json[CallRead]:
    """Tell that a call is over: it becomes an interaction.

    Told twice, it is one interaction.
    """
    return await CallService(ctx).end(call_id, body)


@router.post("/{call_id}/miss", openapi_extra=CONNECTORS)
async def miss_call(ctx: Switchboard, call_id: UUID, body: CallMiss) -> Json[CallRead]:
    """Tell that nobody picked up.

    The fact `call.missed` asks for a callback.
    """
    return await CallService(ctx).miss(call_id, body)


@router.post("/{call_id}/identify")
async def identify_caller(ctx: Writer, call_id: UUID, body: CallIdentify, version: IfMatch) -> Json[CallRead]:
    """Say who is on the line: one of the matches, or somebody else; during the call or after."""
    return await CallService(ctx).identify(call_id, body, version)


ROUTERS = (router,)

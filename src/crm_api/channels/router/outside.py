"""What gateways and visitors do, who have no session."""

from typing import Any

from fastapi import status

from crm_api.channels.counter import Counter
from crm_api.channels.counter_links import opened
from crm_api.channels.errors import ChannelSignatureWrong, CounterBusy, CounterUnknown
from crm_api.channels.models.inboxes import InboxChannel
from crm_api.channels.router.doors import Gateway, Guest, Key, Link, counters, gateways
from crm_api.channels.schemas.messages import (
    CounterForm,
    CounterTicket,
    CounterVisit,
    Taken,
    ToldMessage,
    ToldReceipt,
)
from crm_api.channels.signing import SIGNATURE, TIMESTAMP
from crm_api.channels.telling import Gateway as Telling
from crm_api.channels.telling import parts_of
from crm_api.core.context import Context
from crm_api.core.openapi import refusals
from crm_api.core.principal import system

_SIGNED: dict[str, Any] = {
    "parameters": [
        {
            "name": TIMESTAMP,
            "in": "header",
            "required": True,
            "description": "When it was signed: seconds since 1970, within five minutes of now.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,12}$", "maxLength": 12},
            "example": "1795618800",
        },
        {
            "name": SIGNATURE,
            "in": "header",
            "required": True,
            "description": "`v1=` and the HMAC-SHA256 of timestamp, dot and body, in hexadecimal.",
            "schema": {"type": "string", "pattern": "^v1=[0-9a-f]{64}$", "maxLength": 67},
            "example": "v1=" + "0" * 64,
        },
    ],
    **refusals(ChannelSignatureWrong),
}


async def _entered(visitor: Gateway, key: str) -> tuple[Context, InboxChannel, int]:
    """The house, acting for the organization whose channel signed this. Raises ChannelSignatureWrong."""
    organization_id, channel_id = parts_of(key)
    ctx = visitor.enter(system(organization_id))
    body = await visitor.request.body()
    headers = visitor.request.headers
    channel = await Telling(ctx).proved(channel_id, headers.get(TIMESTAMP), headers.get(SIGNATURE), body)
    return ctx, channel, len(body)


@gateways.post("/{channel_key}/messages", status_code=status.HTTP_202_ACCEPTED, openapi_extra=_SIGNED)
async def receive_channel_message(visitor: Gateway, channel_key: Key, body: ToldMessage) -> Taken:
    """Take in a message of a customer: SMS, WhatsApp, Messenger, chat, web form, telephone.

    Once this is answered the message is not lost; its ticket follows a moment later. Told again with the same
    `external_id` it is the same message.
    """
    ctx, channel, size = await _entered(visitor, channel_key)
    return await Telling(ctx).message(channel, body, size)


@gateways.post("/{channel_key}/receipts", status_code=status.HTTP_204_NO_CONTENT, openapi_extra=_SIGNED)
async def receive_channel_receipt(visitor: Gateway, channel_key: Key, body: ToldReceipt) -> None:
    """Hear what became of a message of ours: delivered, or not; told twice it changes nothing."""
    ctx, channel, _ = await _entered(visitor, channel_key)
    await Telling(ctx).receipt(channel, body)


@counters.get("/{link}", openapi_extra=refusals(CounterUnknown))
async def view_counter(visitor: Guest, link: Link) -> CounterForm:
    """See whose counter a QR code belongs to."""
    counter = opened(visitor.tools.links, link)
    return await Counter(visitor.enter(system(counter.organization_id))).form(counter.object_id)


@counters.post(
    "/{link}", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(CounterUnknown, CounterBusy)
)
async def announce_counter_visit(visitor: Guest, link: Link, body: CounterVisit) -> CounterTicket:
    """Announce a visit at the counter: it is a ticket of that agency, whose number is answered."""
    counter = opened(visitor.tools.links, link)
    ctx = visitor.enter(system(counter.organization_id))
    return await Counter(ctx).announce(counter.object_id, body)

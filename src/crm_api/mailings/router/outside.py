"""What providers tell, and what the links in messages do; nobody here has a session."""

from base64 import b64decode
from typing import Any

from fastapi import Response
from starlette.background import BackgroundTask

from crm_api.channels.signing import SIGNATURE, TIMESTAMP
from crm_api.core.openapi import refusals
from crm_api.core.principal import system
from crm_api.core.steps import step
from crm_api.mailings.errors import MessageLinkUnknown, ProviderSignatureWrong
from crm_api.mailings.leading import Leading
from crm_api.mailings.links import Clicked, clicked, opened
from crm_api.mailings.providing import ProviderDoor, parts_of
from crm_api.mailings.router.doors import Key, Link, Provider, Recipient, links, pixels, told
from crm_api.mailings.schemas.providers import EventsTaken, ToldEvents

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
    **refusals(ProviderSignatureWrong),
}
_GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_UNSEEN = {"Cache-Control": "no-store, max-age=0", "Referrer-Policy": "no-referrer"}


@told.post("/{provider_key}/events", openapi_extra=_SIGNED)
async def receive_message_events(visitor: Provider, provider_key: Key, body: ToldEvents) -> EventsTaken:
    """Hear what became of messages: delivered, come back, complained of. Told twice, it counts once.

    A mailbox that is not there, and whoever calls a message spam, gets nothing any more.
    """
    organization_id, provider_id = parts_of(provider_key)
    ctx = visitor.enter(system(organization_id))
    raw = await visitor.request.body()
    headers = visitor.request.headers
    door = ProviderDoor(ctx)
    provider = await door.proved(provider_id, headers.get(TIMESTAMP), headers.get(SIGNATURE), raw)
    return await door.events(provider, body)


@links.get(
    "/{link}",
    response_class=Response,
    status_code=302,
    include_in_schema=False,  # for whoever reads the mail; no client calls it, and it has no answer 2XX
    openapi_extra=refusals(MessageLinkUnknown),
)
async def follow_message_link(visitor: Recipient, link: Link) -> Response:
    """Follow a link of a message; it leads only to what stands in that message, and with `ct` for the
    collector. That it was followed is written down after the answer."""
    click = clicked(visitor.tools.links, link)
    led = await Leading(visitor.enter(system(click.organization_id))).destination(click)
    after = BackgroundTask(_note_click, visitor, click, led.hidden)
    return Response(status_code=302, headers={"Location": led.url, **_UNSEEN}, background=after)


@pixels.get(
    "/{link}",
    response_class=Response,
    responses={200: {"description": "One pixel.", "content": {"image/gif": {}}}},
    openapi_extra=refusals(MessageLinkUnknown),
)
async def open_message(visitor: Recipient, link: Link) -> Response:
    """The picture in a message that nobody sees; that it was fetched is written down after the answer."""
    organization_id, message_id = opened(visitor.tools.links, link)

    async def note() -> None:
        async with step(visitor.enter(system(organization_id))) as ctx:
            await Leading(ctx).opened(message_id)

    return Response(_GIF, media_type="image/gif", headers=_UNSEEN, background=BackgroundTask(note))


async def _note_click(visitor: Recipient, click: Clicked, hidden: bool) -> None:
    async with step(visitor.enter(system(click.organization_id))) as ctx:
        await Leading(ctx).clicked(click, hidden=hidden)

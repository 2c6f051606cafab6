"""Messages that came in and went out, for whoever acts on them."""

import json
import time
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from crm_api.channels.counter_links import link_to
from crm_api.channels.filing import Filing
from crm_api.channels.signing import SIGNATURE, TIMESTAMP, signature_of

if TYPE_CHECKING:
    from survey.estate import Estate, Values


async def _channel(estate: "Estate", kind: str, **more: Any) -> dict[str, Any]:
    inbox = await estate.one("/v1/inboxes/{inbox_id}")
    body = {**inbox, "kind": kind, "name": "Canal", "address": uuid4().hex} | more
    answer = await estate.send(estate.called("createInboxChannel"), {}, body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def key(estate: "Estate") -> "Values":
    channel = await _channel(estate, "whatsapp")
    raw = estate.company.organization_id.bytes + UUID(channel["id"]).bytes
    return {"channel_key": urlsafe_b64encode(raw).rstrip(b"=").decode()}


async def _written(estate: "Estate", kind: str, sender: str) -> str:
    """A message of a customer, filed; its id."""
    channel = await _channel(estate, kind)
    values = {"inbox_channel_id": channel["id"]}
    version = f'"{channel["version"]}"'
    secret = (await estate.send(estate.called("renewChannelSecret"), values, version=version)).json()
    told = {"external_id": uuid4().hex, "sender": {"address": sender}, "text": "Bonjour, mon attestation ?"}
    content = json.dumps(told).encode()
    moment = str(int(time.time()))
    headers = {"Content-Type": "application/json", TIMESTAMP: moment}
    headers[SIGNATURE] = signature_of(secret["secret"], moment, content)
    path = "/v1/" + secret["post_to"].partition("/v1/")[2]
    taken = await estate.client.post(path, content=content, headers=headers)
    assert taken.status_code == 202, taken.text
    ctx = estate.company.context()
    await Filing(ctx).file(UUID(taken.json()["id"]))
    await ctx.commit()
    await ctx.close()
    return str(taken.json()["id"])


async def inbound(estate: "Estate") -> "Values":
    return {"inbound_message_id": await _written(estate, "whatsapp", "0550 11 22 33")}


async def item(estate: "Estate") -> "Values":
    ticket = await _ticket(estate)
    answer = await estate.client.get("/v1/inbox-items", params={"ticket_id": ticket}, headers=estate.headers)
    return {"inbox_item_id": str(answer.json()["data"][0]["id"])}


async def outbound(estate: "Estate") -> "Values":
    ticket = await _ticket(estate)
    path = f"/v1/tickets/{ticket}/messages"
    answer = await estate.client.post(path, json={"body": "Elle part."}, headers=estate.headers)
    assert answer.status_code == 201, answer.text
    listed = await estate.client.get(
        "/v1/outbound-messages", params={"ticket_id": ticket}, headers=estate.headers
    )
    return {"outbound_message_id": str(listed.json()["data"][0]["id"])}


async def _ticket(estate: "Estate") -> str:
    message = await estate.one("/v1/inbound-messages/{inbound_message_id}")
    read = await estate.send(estate.called("getInboundMessage"), message)
    return str(read.json()["ticket_id"])


async def mailbox(estate: "Estate") -> "Values":
    channel = await _channel(estate, "email", address=f"a{uuid4().hex[:12]}@alliance.test")
    operation = estate.called("createMailbox")
    body = await estate.body(operation) | {"channel_id": channel["id"]}
    answer = await estate.send(operation, {}, body)
    assert answer.status_code == 201, answer.text
    return {"mailbox_id": str(answer.json()["id"])}


async def counter(estate: "Estate") -> "Values":
    agency = await estate.one("/v1/agencies/{agency_id}")
    channel = await _channel(estate, "in_person", **agency)
    ctx = estate.company.context()
    link = link_to(ctx, UUID(channel["id"]))
    await ctx.close()
    return {"link": link}


async def conversation(estate: "Estate") -> "Values":
    """A customer who has a sheet writes by the portal."""
    agency = await estate.one("/v1/agencies/{agency_id}")
    person = {"first_name": "Amine", "last_name": "Kaci", "phones": [{"value": "0551 98 76 54"}]}
    person |= {"create_household": True, **agency}
    answer = await estate.client.post("/v1/contacts", json=person, headers=estate.headers)
    assert answer.status_code == 201, answer.text
    await _written(estate, "portal_message", "0551 98 76 54")
    listed = await estate.client.get("/v1/conversations", headers=estate.headers)
    return {"conversation_id": str(listed.json()["data"][0]["id"])}


WAYS = {
    "/v1/public/channels/{channel_key}": key,
    "/v1/public/counters/{link}": counter,
    "/v1/inbound-messages/{inbound_message_id}": inbound,
    "/v1/outbound-messages/{outbound_message_id}": outbound,
    "/v1/mailboxes/{mailbox_id}": mailbox,
    "/v1/conversations/{conversation_id}": conversation,
    "/v1/inbox-items/{inbox_item_id}": item,
}
BODIES = {"/v1/inbox-items/bulk": {"action": "read"}}

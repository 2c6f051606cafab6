"""Other channels: gateways that sign, counters with a poster, answers handed to a gateway."""

import json
import time
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from uuid import UUID

import pytest

from channels.house import Correspondence
from crm_api.channels.counter import MOST_IN_AN_HOUR
from crm_api.channels.counter_links import link_to
from crm_api.channels.signing import SIGNATURE, TIMESTAMP, WINDOW, is_signed, signature_of

pytestmark = pytest.mark.anyio


class Gateway:
    """The other side of a channel: it signs what it posts."""

    def __init__(self, post: Correspondence, url: str, secret: str) -> None:
        self.client, self.secret = post.company.client, secret
        self.path = url.removeprefix(post.company.app.state.tools.settings.base_url).removesuffix("/messages")

    @classmethod
    async def of(cls, post: Correspondence, channel: dict[str, Any]) -> "Gateway":
        path = f"/v1/inbox-channels/{channel['id']}/secret"
        answer = await post.company.send("POST", path, version=channel["version"])
        assert answer.headers["cache-control"] == "no-store"
        return cls(post, answer.json()["post_to"], answer.json()["secret"])

    async def tell(self, what: str, body: Any, *, at: float | None = None, secret: str | None = None) -> Any:
        content = json.dumps(body).encode()
        moment = str(int(time.time() if at is None else at))
        headers = {TIMESTAMP: moment, SIGNATURE: signature_of(secret or self.secret, moment, content)}
        headers["Content-Type"] = "application/json"
        return await self.client.post(f"{self.path}/{what}", content=content, headers=headers)


HELLO = {"external_id": "wamid.1", "sender": {"address": "0550 12 34 56"}, "text": "Où est mon attestation ?"}


async def whatsapp(post: Correspondence, **more: Any) -> Gateway:
    return await Gateway.of(post, await post.channel("whatsapp", "+213770000000", **more))


async def test_a_message_told_five_times_is_one_ticket(post: Correspondence) -> None:
    gateway = await whatsapp(post)
    answers = [(await gateway.tell("messages", HELLO)) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202] * 5
    assert [answer.json()["duplicate"] for answer in answers] == [False, True, True, True, True]
    await post.jobs()
    (ticket,) = await post.tickets()
    assert (ticket["channel"], ticket["anonymous_party"]["phone"]) == ("whatsapp", "+213550123456")
    assert len(await post.messages(ticket["id"])) == 1


async def test_messages_of_one_sender_belong_together_and_chats_apart(post: Correspondence) -> None:
    gateway = await whatsapp(post)
    for number, thread in enumerate((None, None, "chat-2")):
        body = HELLO | {"external_id": f"w{number}"} | ({"thread": thread} if thread else {})
        await gateway.tell("messages", body)
        await post.jobs()
    assert len(await post.tickets()) == 2


async def test_files_of_a_message_become_documents(post: Correspondence) -> None:
    gateway = await whatsapp(post)
    files = [{"name": "c.pdf", "content": "JVBERi0xLjQKJSVFT0YK"}, {"name": "x.exe", "content": "TVqQAAMA"}]
    assert (await gateway.tell("messages", HELLO | {"files": files})).status_code == 202
    await post.jobs()
    (ticket,) = await post.tickets()
    (message,) = await post.messages(ticket["id"])
    assert message["body"].endswith("[Pièces jointes non reprises : x.exe]")
    assert len(message["document_ids"]) == 1


async def test_what_is_not_signed_now_by_the_channel_is_refused(post: Correspondence) -> None:
    gateway = await whatsapp(post)
    refused = [
        await gateway.tell("messages", HELLO, secret="wrong"),
        await gateway.tell("messages", HELLO, at=time.time() - WINDOW - 5),
        await gateway.tell("messages", HELLO, at=time.time() + WINDOW + 5),
        await gateway.client.post(f"{gateway.path}/messages", json=HELLO),
    ]
    gateway.path = gateway.path[:-1] + ("A" if gateway.path[-1] != "A" else "E")
    refused.append(await gateway.tell("messages", HELLO))
    assert [answer.status_code for answer in refused] == [401] * 5
    assert await post.rows("/v1/inbound-messages") == []


def test_a_signature_covers_moment_and_body() -> None:
    signature = signature_of("secret", "1795618800", b"{}")
    assert is_signed("secret", "1795618800", signature, b"{}", 1795618800 + WINDOW)
    assert not is_signed("secret", "1795618801", signature, b"{}", 1795618800)
    assert not is_signed("secret", "1795618800", signature, b"{ }", 1795618800)
    for broken in (None, "", "x", "١٢٣", "9" * 13):
        assert not is_signed("secret", broken, signature, b"{}", 1795618800)


class _Desk(BaseHTTPRequestHandler):
    """A gateway that takes what it is given, or not."""

    taken: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b'{"provider_id": "out-1"}')

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
async def desk(post: Correspondence) -> AsyncIterator[str]:
    """Its address; its host is one that may be reached."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Desk)
    Thread(target=server.serve_forever, daemon=True).start()
    _Desk.taken.clear()
    _Desk.status = 200
    settings = post.company.app.state.tools.settings
    before = settings.inside_hosts
    settings.__dict__["inside_hosts"] = ["127.0.0.1"]
    yield f"http://127.0.0.1:{server.server_port}/send"
    settings.__dict__["inside_hosts"] = before
    server.shutdown()
    server.server_close()


async def test_an_answer_is_handed_to_the_gateway_and_its_receipt_heard(
    post: Correspondence, desk: str
) -> None:
    gateway = await whatsapp(post, send_url=desk)
    await gateway.tell("messages", HELLO)
    await post.jobs()
    (ticket,) = await post.tickets()
    await post.answer(ticket["id"], "Elle part aujourd'hui.")
    await post.jobs()
    ((headers, body),) = _Desk.taken
    told = json.loads(body)
    assert (told["to"], told["text"]) == ("+213550123456", "Elle part aujourd'hui.")
    assert is_signed(
        gateway.secret, headers[TIMESTAMP.lower()], headers[SIGNATURE.lower()], body, time.time()
    )
    receipt = {"provider_id": "out-1", "status": "delivered"}
    for _ in range(2):
        assert (await gateway.tell("receipts", receipt)).status_code == 204
    (sent,) = await post.rows("/v1/outbound-messages")
    assert sent["status"] == "delivered"
    late = receipt | {"status": "failed", "failure_code": "unreachable"}
    await gateway.tell("receipts", late)
    (sent,) = await post.rows("/v1/outbound-messages")
    assert (sent["status"], sent["failure_code"]) == ("bounced", "unreachable")


async def test_a_gateway_that_refuses_for_good_fails_the_message(post: Correspondence, desk: str) -> None:
    gateway = await whatsapp(post, send_url=desk)
    _Desk.status = 422
    await gateway.tell("messages", HELLO)
    await post.jobs()
    (ticket,) = await post.tickets()
    await post.answer(ticket["id"], "Elle part aujourd'hui.")
    await post.jobs()
    (sent,) = await post.rows("/v1/outbound-messages")
    assert (sent["status"], sent["failure_code"]) == ("failed", "http_422")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "[::1]"])
async def test_no_gateway_inside_our_network_is_reached(post: Correspondence, host: str) -> None:
    gateway = await whatsapp(post, send_url=f"http://{host}:9/send")
    await gateway.tell("messages", HELLO)
    await post.jobs()
    (ticket,) = await post.tickets()
    await post.answer(ticket["id"], "Bonjour.")
    await post.jobs()
    (sent,) = await post.rows("/v1/outbound-messages")
    assert (sent["status"], sent["failure_code"]) == ("failed", "host_not_allowed")


async def counter(post: Correspondence) -> tuple[str, str]:
    """The agency, and the path that its poster leads to."""
    agency_id = str(await post.company.agency("16012"))
    channel = await post.channel("in_person", "hydra", agency_id=agency_id)
    ctx = post.company.context()
    link = link_to(ctx, UUID(channel["id"]))
    await ctx.close()
    drawn = await post.company.send("GET", f"/v1/inbox-channels/{channel['id']}/qr")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert drawn.content.startswith(b"<svg")
    return agency_id, f"/v1/public/counters/{link}"


VISIT = {"name": "Karim Bouchareb", "phone": "0550 12 34 56", "subject": "Attestation", "text": "Je viens."}


async def test_who_scans_the_poster_opens_a_ticket_at_that_agency(post: Correspondence) -> None:
    agency_id, path = await counter(post)
    form = await post.company.client.get(path)
    assert form.json() == {"organization": "Alliance Assurances SPA", "agency": "Agence 16012"}
    announced = await post.company.client.post(path, json=VISIT)
    assert announced.status_code == 201, announced.text
    (ticket,) = await post.tickets()
    assert ticket["number"] == announced.json()["number"]
    assert (ticket["channel"], ticket["agency_id"]) == ("in_person", agency_id)
    await post.company.client.post(path, json=VISIT | {"subject": "Autre chose"})
    assert len(await post.tickets()) == 2


async def test_a_forged_poster_leads_nowhere(post: Correspondence) -> None:
    _, path = await counter(post)
    forged = await post.company.client.get(path[:-2] + ("aa" if path[-2:] != "aa" else "bb"))
    assert (forged.status_code, forged.json()["code"]) == (404, "counter_unknown")


async def test_a_counter_takes_so_many_visits_in_an_hour(post: Correspondence) -> None:
    _, path = await counter(post)
    assert (await post.company.client.post(path, json=VISIT)).status_code == 201
    await post.owner.execute(
        """INSERT INTO inbound_messages (organization_id, id, channel_id, kind, source, status, digest,
               thread_key, received_at, size, content, version)
           SELECT organization_id, gen_random_uuid(), channel_id, kind, source, status, n::text, thread_key,
               received_at, 1, '{}', 1 FROM inbound_messages, generate_series(2, $1) n""",
        MOST_IN_AN_HOUR,
    )
    busy = await post.company.client.post(path, json=VISIT)
    assert (busy.status_code, busy.json()["code"]) == (409, "counter_busy")


async def test_a_visit_is_not_gone_on_with_in_the_next_one(post: Correspondence) -> None:
    """Two visitors of one counter share no ticket."""
    _, path = await counter(post)
    for phone in ("0550 12 34 56", "0661 22 33 44"):
        await post.company.client.post(path, json=VISIT | {"phone": phone})
    assert len(await post.tickets()) == 2

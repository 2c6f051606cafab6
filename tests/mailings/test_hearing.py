"""What is told of messages after they left: by providers, pixels, links and who leaves."""

import json
import re
import time
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from crm_api.channels.signing import SIGNATURE, TIMESTAMP, signature_of
from crm_api.mailings.links import visited
from mailings.post import BROWSER, Answer, Post

pytestmark = pytest.mark.anyio
GMAIL = {"User-Agent": "Mozilla/5.0 (Windows NT 5.1) Firefox/11.0 (via ggpht.com GoogleImageProxy)"}
APPLE = {"User-Agent": "Mozilla/5.0"}


def _links(post: Post, address: str = "bouchareb@example.test") -> tuple[str, str, str]:
    """The path of the link, of the trap and of the pixel in a mail."""
    body = post.catcher.to(address).get_body(("html",))
    assert body is not None
    html = body.get_content()
    links = re.findall(r'href="[^"]*?(/r/[^"]+)"', html)
    pixel = re.search(r'src="[^"]*?(/o/[^"]+)"', html)
    assert pixel is not None
    assert len(links) == 2
    return links[0], links[1], pixel[1]


async def _follow(post: Post, path: str, headers: dict[str, str] = BROWSER) -> httpx.Response:
    return await post.company.client.get(path, headers=headers, follow_redirects=False)


async def _arrived(post: Post) -> None:
    """A while ago: nobody takes a reader for a scanner."""
    await post.owner.execute("UPDATE messages SET sent_at = sent_at - interval '1 minute'")


async def _one(post: Post) -> tuple[UUID, UUID]:
    await post.provider()
    karim = await post.person("Bouchareb")
    return await post.sent(karim), karim


async def test_a_link_leads_to_what_stood_in_the_message_and_counts_once(post: Post) -> None:
    send_id, karim = await _one(post)
    await _arrived(post)
    link, _, _ = _links(post)
    for _ in range(2):
        answer = await _follow(post, link)
        assert answer.status_code == 302
        assert answer.headers["location"].startswith("https://offres.example/auto?a=1&b=2&ct=")
    token = httpx.URL(answer.headers["location"]).params["ct"]
    organization, _, contact = visited(post.app.state.tools.links, token)
    assert (organization, contact) == (post.company.organization_id, karim)
    results = await post.results(send_id)
    assert (results["clicked"], results["opened"], results["delivered"]) == (1, 1, 1)
    assert (await post.messages(send_id))[str(karim)]["status"] == "clicked"


async def test_a_forged_token_leads_nowhere(post: Post) -> None:
    await _one(post)
    link, _, pixel = _links(post)
    for path in (link[:-4] + "AAAA", "/r/" + pixel.removeprefix("/o/"), "/r/" + "A" * 119):
        answer = await _follow(post, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "message_link_unknown")


async def test_a_signed_link_to_what_stands_in_no_send_leads_nowhere(post: Post) -> None:
    """Even our own signature does not open a foreign address: the address is a row, not a parameter."""
    await _one(post)
    link, _, _ = _links(post)
    await post.owner.execute("DELETE FROM message_links")
    assert (await _follow(post, link)).status_code == 404


@pytest.mark.parametrize("machine", [GMAIL, APPLE])
async def test_what_a_proxy_opens_is_no_open_and_shows_as_inflated(
    post: Post, machine: dict[str, str]
) -> None:
    send_id, _ = await _one(post)
    _, _, pixel = _links(post)
    assert (await _follow(post, pixel, machine)).headers["content-type"] == "image/gif"
    results = await post.results(send_id)
    assert (results["opened"], results["opened_inflated"]) == (0, 1)
    assert (results["open_rate"], results["open_rate_inflated"]) == ("0.0000", "1.0000")
    for _ in range(2):
        await _follow(post, pixel)
    results = await post.results(send_id)
    assert (results["opened"], results["opened_inflated"]) == (1, 1)


async def test_a_scanner_clicks_too_early_or_where_nobody_sees_a_link(post: Post) -> None:
    send_id, karim = await _one(post)
    link, trap, _ = _links(post)
    await post.owner.execute("UPDATE messages SET sent_at = now() + interval '1 hour'")
    await _follow(post, link)  # at once
    await _arrived(post)
    await post.owner.execute("UPDATE messages SET sent_at = now() - interval '1 hour'")
    await _follow(post, trap)
    assert (await post.results(send_id))["clicked"] == 0
    message = (await post.messages(send_id))[str(karim)]
    events = (await post.got(f"/v1/messages/{message['id']}/events"))["events"]
    assert [(one["type"], one["is_bot"]) for one in events if one["type"] == "clicked"] == [
        ("clicked", True),
        ("clicked", True),
    ]


async def test_who_leaves_by_a_message_is_counted_there_and_gets_nothing_more(post: Post) -> None:
    send_id, karim = await _one(post)
    address = post.catcher.to("bouchareb@example.test")["List-Unsubscribe"].strip("<>")
    path = httpx.URL(address).path
    assert (await post.company.client.get(path)).status_code == 200  # a scanner: nothing happens
    assert (await post.results(send_id))["unsubscribed"] == 0
    answer = await post.company.client.post(path)
    assert answer.is_success, answer.text
    results = await post.results(send_id)
    assert (results["unsubscribed"], results["unsubscribe_rate"]) == (1, "1.0000")
    again = await post.opened(key="B")
    assert (await post.queue(again, karim)).queued == 0


# --- what providers tell


async def _secret(post: Post, provider: Answer) -> tuple[str, str]:
    made = await post.call("POST", f"/v1/message-providers/{provider['id']}/secret", version=1)
    return httpx.URL(made["post_to"]).path, made["secret"]


async def _told(post: Post, path: str, secret: str, *events: Answer) -> httpx.Response:
    body = json.dumps({"events": [{"event_id": uuid4().hex} | event for event in events]}).encode()
    moment = str(int(time.time()))
    headers = {"Content-Type": "application/json", TIMESTAMP: moment}
    headers[SIGNATURE] = signature_of(secret, moment, body)
    return await post.company.client.post(path, content=body, headers=headers)


async def _told_of(post: Post) -> tuple[UUID, str, str, str]:
    """Send, message, and how its provider tells."""
    provider = await post.provider()
    karim = await post.person("Bouchareb")
    path, secret = await _secret(post, provider)
    send_id = await post.sent(karim)
    message: dict[str, Any] = (await post.messages(send_id))[str(karim)]
    return send_id, str(message["id"]), path, secret


async def test_a_provider_tells_with_its_signature_and_twice_is_once(post: Post) -> None:
    send_id, message_id, path, secret = await _told_of(post)
    event = {"event_id": "evt-1", "message_id": message_id, "type": "delivered"}
    first = await _told(post, path, secret, event)
    assert first.json() == {"taken": 1, "known": 0, "unknown": 0}
    assert (await _told(post, path, secret, event)).json() == {"taken": 0, "known": 1, "unknown": 0}
    stranger = {"message_id": str(uuid4()), "type": "delivered"}
    assert (await _told(post, path, secret, stranger)).json()["unknown"] == 1
    forged = await _told(post, path, "not-the-secret", event)
    assert (forged.status_code, forged.json()["code"]) == (401, "provider_signature_wrong")
    assert (await post.results(send_id))["delivered"] == 1


async def test_soft_then_delivered_has_not_bounced(post: Post) -> None:
    send_id, message_id, path, secret = await _told_of(post)
    await _told(post, path, secret, {"message_id": message_id, "type": "soft_bounced"})
    assert (await post.results(send_id))["soft_bounced"] == 1
    await _told(post, path, secret, {"message_id": message_id, "type": "delivered"})
    results = await post.results(send_id)
    assert (results["soft_bounced"], results["delivered"], results["bounce_rate"]) == (0, 1, "0.0000")


@pytest.mark.parametrize("type", ["hard_bounced", "complained"])
async def test_a_dead_mailbox_and_a_complaint_suppress_the_address(post: Post, type: str) -> None:
    send_id, message_id, path, secret = await _told_of(post)
    await _told(post, path, secret, {"message_id": message_id, "type": type, "detail": "550 5.1.1"})
    check = {"channel": "email", "address": "bouchareb@example.test"}
    assert (await post.call("POST", "/v1/suppressions/check", check))["suppressed"] is True
    assert (await post.results(send_id))[type] == 1


async def test_a_receipt_settles_a_message_in_doubt(post: Post) -> None:
    send_id, message_id, path, secret = await _told_of(post)
    await post.owner.execute("UPDATE messages SET status = 'sending', sent_at = NULL, next_at = now()")
    await post.owner.execute("UPDATE send_counts SET sent = 0")
    await post.owner.execute("UPDATE sends SET status = 'sending'")
    await _told(post, path, secret, {"message_id": message_id, "type": "delivered"})
    await post.again()
    assert [*post.catcher.ledger.values()] == [1]
    results = await post.results(send_id)
    assert (results["sent"], results["delivered"]) == (1, 1)

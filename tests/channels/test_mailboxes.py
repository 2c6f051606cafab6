"""Mailboxes are read by IMAP: nothing lost, nothing doubled, whatever the server does."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from channels.house import Correspondence, mail
from channels.imap_server import ImapServer
from crm_api.channels.mail.limits import LARGEST_MAIL
from crm_api.channels.polling import Polling

pytestmark = pytest.mark.anyio


@pytest.fixture
async def server(post: Correspondence) -> AsyncIterator[ImapServer]:
    server = ImapServer()
    settings = post.company.app.state.tools.settings
    before = settings.inside_hosts
    settings.__dict__["inside_hosts"] = ["127.0.0.1"]
    yield server
    settings.__dict__["inside_hosts"] = before
    server.stop()


async def mailbox(post: Correspondence, server: ImapServer, **changed: Any) -> dict[str, Any]:
    body = {"channel_id": post.channel_id, "host": "127.0.0.1", "port": server.port, "security": "none"}
    body |= {"username": "support@alliance.test", "password": "ouvre-toi"} | changed
    return await post.made("/v1/mailboxes", body)


async def poll(post: Correspondence) -> dict[str, Any]:
    """What the schedule does every minute."""
    ctx = post.company.context()
    ctx.begin()
    await Polling(ctx).all()
    await ctx.commit()
    await ctx.close()
    await post.jobs()
    (row,) = await post.rows("/v1/mailboxes")
    return row


async def test_new_mails_are_fetched_once_and_left_where_they_are(
    post: Correspondence, server: ImapServer
) -> None:
    await mailbox(post, server)
    for number in range(3):
        server.folder.add(
            mail(f"Demande {number}", Message_ID=f"<{number}@x.dz>", Subject=f"Demande {number}")
        )
    row = await poll(post)
    assert (row["last_uid"], row["failure_count"], row["last_error"]) == (3, 0, None)
    assert len(await post.tickets()) == 3
    server.folder.add(mail("La suivante", Message_ID="<9@x.dz>", Subject="Suivante"))
    assert (await poll(post))["last_uid"] == 4
    assert len(await post.tickets()) == 4
    assert not {"STORE", "EXPUNGE", "COPY"} & set(server.folder.seen)
    assert "SELECT" not in server.folder.seen


async def test_a_server_that_drops_costs_nothing(post: Correspondence, server: ImapServer) -> None:
    await mailbox(post, server)
    for number in range(5):
        server.folder.add(
            mail(f"Demande {number}", Message_ID=f"<{number}@x.dz>", Subject=f"Demande {number}")
        )
    server.folder.drop_after = 2
    row = await poll(post)
    assert (row["last_uid"], row["failure_count"]) == (2, 1)
    assert row["last_error"]
    server.folder.drop_after = None
    row = await poll(post)
    assert (row["last_uid"], row["failure_count"]) == (5, 0)
    assert len(await post.tickets()) == 5


async def test_a_folder_made_anew_is_read_again_and_doubles_nothing(
    post: Correspondence, server: ImapServer
) -> None:
    await mailbox(post, server)
    server.folder.add(mail("Une demande"))
    await poll(post)
    server.folder.validity = 8
    server.folder.add(mail("Une autre", Message_ID="<2@x.dz>", Subject="Autre"))
    assert (await poll(post))["last_uid"] == 2
    assert len(await post.tickets()) == 2


async def test_the_same_mail_by_both_ways_is_one(post: Correspondence, server: ImapServer) -> None:
    await mailbox(post, server)
    content = mail("Une demande").replace(b"\n", b"\r\n")
    server.folder.add(b"Received: from elsewhere\r\n" + content)
    await post.deliver(content)
    await poll(post)
    assert len(await post.tickets()) == 1


async def test_a_mail_beyond_the_bound_is_shown_to_a_person(post: Correspondence, server: ImapServer) -> None:
    await mailbox(post, server)
    server.folder.add(mail("Trop grand"))
    server.folder.claimed_size = LARGEST_MAIL + 1
    await poll(post)
    (held,) = await post.rows("/v1/inbound-messages")
    assert (held["reason"], held["size"], held["has_raw"]) == ("too_large", LARGEST_MAIL + 1, False)
    assert held["subject"] == "Véhicule immobilisé"
    raw = await post.company.send("GET", f"/v1/inbound-messages/{held['id']}/raw")
    assert raw.json()["code"] == "raw_message_gone"


async def test_a_wrong_password_is_counted_and_told(post: Correspondence, server: ImapServer) -> None:
    made = await mailbox(post, server, password="ferme")
    assert "password" not in made
    await poll(post)
    row = await poll(post)
    assert (row["failure_count"], row["last_error"]) == (2, "error")
    change = {"password": "ouvre-toi"}
    answer = await post.company.send("PATCH", f"/v1/mailboxes/{row['id']}", change, version=row["version"])
    assert answer.status_code == 200
    assert (await poll(post))["failure_count"] == 0


async def test_no_server_inside_our_network_is_reached(post: Correspondence, server: ImapServer) -> None:
    post.company.app.state.tools.settings.__dict__["inside_hosts"] = []
    await mailbox(post, server)
    assert (await poll(post))["last_error"] == "HostInside"
    assert server.folder.seen == []


async def test_what_cannot_be_a_mailbox_is_refused(post: Correspondence, server: ImapServer) -> None:
    await mailbox(post, server)
    chat = await post.channel("chat", "site")
    body = {"host": "imap.x.dz", "username": "a", "password": "b"}
    twice = body | {"channel_id": post.channel_id, "host": "127.0.0.1", "username": "support@alliance.test"}
    refused = [
        await post.company.send("POST", "/v1/mailboxes", body | {"channel_id": chat["id"]}),
        await post.company.send("POST", "/v1/mailboxes", twice),
    ]
    assert [answer.json()["code"] for answer in refused] == ["channel_not_mail", "mailbox_known"]

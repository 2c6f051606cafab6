"""A send goes out over real SMTP: to whom it may, once, and at its pace."""

import re
from typing import Any
from uuid import UUID

import pytest

from mailings.post import Post

pytestmark = pytest.mark.anyio


async def test_who_agreed_gets_one_mail_that_can_be_left_by(post: Post) -> None:
    await post.provider()
    karim = await post.person("Bouchareb")
    send_id = await post.sent(karim, utm={"source": "assura", "campaign": "auto"})
    mail = post.catcher.to("bouchareb@example.test")
    assert mail["Subject"] == "Bonjour Karim"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<\S+/v1/u/\S+>", mail["List-Unsubscribe"])
    body = mail.get_body(("html",))
    assert body is not None
    assert "https://offres.example" not in body.get_content()
    assert "/r/" in body.get_content()
    assert "/o/" in body.get_content()
    assert "parce que vous avez accepté de recevoir nos offres" in body.get_content()
    (back, _), *_ = post.catcher.envelopes
    message = (await post.messages(send_id))[str(karim)]
    assert back == f"offres+b-{UUID(message['id']).hex}@assura.example"
    assert (message["status"], message["attempts"]) == ("sent", 1)
    assert (await post.got(f"/v1/sends/{send_id}"))["status"] == "done"


async def test_who_is_left_out_is_counted_by_reason_in_the_one_statement(post: Post) -> None:
    await post.provider()
    people = {
        "yes": await post.person("Yes"),
        "no": await post.person("No", agrees=False),
        "none": await post.person("None", emails=[], phones=[{"value": "0550123456"}]),
        "twice": await post.person("Twice", emails=[{"value": "yes@example.test"}]),
        "dead": await post.person("Dead"),
        "held": await post.person("Held"),
    }
    await post.owner.execute("UPDATE contacts SET is_deceased = true WHERE id = $1", people["dead"])
    suppression = {"channel": "email", "address": "held@example.test", "reason": "complaint"}
    await post.call("POST", "/v1/suppressions", suppression)
    send_id = await post.opened()
    queued = await post.queue(send_id, *people.values())
    assert (queued.targeted, queued.queued) == (6, 1)
    assert dict(queued.suppressed) == {
        "not_granted": 1,
        "no_address": 1,
        "duplicate_address": 1,
        "deceased": 1,
        "suppressed": 1,
    }
    await post.work()
    assert [mail["To"] for mail in post.catcher.mails] == ["yes@example.test"]
    results = await post.results(send_id)
    assert (results["targeted"], results["sent"], results["waiting"]) == (6, 1, 0)
    assert {one["reason"]: one["people"] for one in results["suppressed"]} == dict(queued.suppressed)


async def test_nobody_is_in_a_send_twice_however_often_they_are_put_there(post: Post) -> None:
    await post.provider()
    karim = await post.person("Bouchareb")
    send_id = await post.opened()
    assert (await post.queue(send_id, karim)).queued == 1
    assert (await post.queue(send_id, karim)).targeted == 0
    await post.work()
    await post.queue(send_id, karim)
    await post.work()
    assert [*post.catcher.ledger.values()] == [1]


async def test_two_marketing_messages_in_seven_days_are_enough(post: Post) -> None:
    await post.provider()
    karim = await post.person("Bouchareb")
    for key in "AB":
        await post.sent(karim, key=key)
    third = await post.opened(key="C")
    assert (await post.queue(third, karim)).suppressed == {"pressure_cap": 1}
    legal = await post.opened(key="D", purpose=None)
    assert (await post.queue(legal, karim)).queued == 1


async def test_what_waits_for_who_withdraws_does_not_go_out(post: Post) -> None:
    await post.provider()
    stays, leaves = await post.person("Stays"), await post.person("Leaves")
    send_id = await post.opened()
    await post.queue(send_id, stays, leaves)
    await post.says(leaves, "withdrawn")
    await post.work()
    assert [mail["To"] for mail in post.catcher.mails] == ["stays@example.test"]
    message = (await post.messages(send_id))[str(leaves)]
    assert (message["status"], message["reason"]) == ("suppressed", "not_granted")


async def test_consent_is_asked_again_when_a_message_is_handed_over(post: Post) -> None:
    """Even where nobody told the mailings: the row is queued, and the ledger says no."""
    await post.provider()
    karim = await post.person("Bouchareb")
    send_id = await post.opened()
    await post.queue(send_id, karim)
    await post.owner.execute("UPDATE consent_states SET status = 'withdrawn'")
    await post.work()
    assert post.catcher.mails == []
    results = await post.results(send_id)
    assert results["suppressed"] == [{"reason": "not_granted", "people": 1}]


async def test_a_send_is_held_and_goes_on(post: Post) -> None:
    await post.provider()
    karim = await post.person("Bouchareb")
    send_id = await post.opened()
    await post.queue(send_id, karim)
    await post.call("POST", f"/v1/sends/{send_id}/pause", version=1)
    await post.work()
    assert post.catcher.mails == []
    await post.call("POST", f"/v1/sends/{send_id}/resume", version=2)
    await post.work()
    assert len(post.catcher.mails) == 1


async def test_what_is_called_off_never_leaves(post: Post) -> None:
    await post.provider()
    send_id = await post.opened()
    await post.queue(send_id, await post.person("Bouchareb"))
    answer = await post.call("POST", f"/v1/sends/{send_id}/cancel", version=1)
    assert answer["status"] == "cancelled"
    await post.work()
    assert post.catcher.mails == []
    results = await post.results(send_id)
    assert (results["cancelled"], results["waiting"], results["status"]) == (1, 0, "no_data")


async def test_a_server_that_says_451_for_an_hour_loses_nothing(post: Post) -> None:
    await post.provider()
    send_id = await post.opened()
    people = [await post.person(name) for name in ("Un", "Deux", "Trois")]
    await post.queue(send_id, *people)
    post.catcher.verdict = "451 Try again later"
    await post.work()
    for _ in range(4):
        await post.again()
    waiting = await post.messages(send_id)
    assert {one["status"] for one in waiting.values()} == {"retry"}
    assert {one["failure"] for one in waiting.values()} == {"refused: 451"}
    assert (await post.results(send_id))["waiting"] == 3
    post.catcher.verdict = None
    await post.again()
    assert sorted(post.catcher.ledger.values()) == [1, 1, 1]
    results = await post.results(send_id)
    assert (results["sent"], results["waiting"]) == (3, 0)


async def test_another_server_stands_in_for_one_that_takes_nothing(post: Post) -> None:
    first = await post.provider("Muet", port=9, priority=1)
    await post.provider("Secours", priority=2)
    send_id = await post.opened()
    await post.queue(send_id, await post.person("Bouchareb"))
    await post.work()
    assert post.catcher.mails == []
    await post.owner.execute("UPDATE message_providers SET failing_since = now() - interval '6 minutes'")
    await post.again()
    rested = await post.got(f"/v1/message-providers/{first['id']}")
    assert rested["resting_until"] is not None
    await post.again()
    assert len(post.catcher.mails) == 1


async def test_a_mailbox_that_is_not_there_gets_nothing_any_more(post: Post) -> None:
    await post.provider()
    post.catcher.refused["gone@example.test"] = "550 5.1.1 No such user"
    gone = await post.person("Gone")
    send_id = await post.sent(gone)
    assert (await post.messages(send_id))[str(gone)]["status"] == "hard_bounced"
    check = {"channel": "email", "address": "gone@example.test"}
    assert (await post.call("POST", "/v1/suppressions/check", check))["suppressed"] is True
    results = await post.results(send_id)
    assert (results["sent"], results["hard_bounced"], results["bounce_rate"]) == (1, 1, "1.0000")


async def test_a_domain_gets_so_many_in_a_minute(post: Post) -> None:
    await post.provider(per_domain_per_minute=1)
    people = [await post.person("Un"), await post.person("Deux")]
    send_id = await post.sent(*people)
    assert len(post.catcher.mails) == 1
    assert {one["status"] for one in (await post.messages(send_id)).values()} == {"sent", "queued"}


async def test_a_throttled_send_takes_its_time(post: Post) -> None:
    await post.provider()
    people = [await post.person("Un"), await post.person("Deux")]
    send_id = await post.sent(*people, throttle_per_minute=1)
    assert len(post.catcher.mails) == 1
    assert (await post.results(send_id))["waiting"] == 1


async def test_a_message_in_doubt_is_handed_over_again_under_the_same_name(post: Post) -> None:
    await post.provider()
    karim = await post.person("Bouchareb")
    send_id = await post.sent(karim)
    await post.owner.execute(
        "UPDATE messages SET status = 'sending', sent_at = NULL, next_at = now() - interval '1 second'"
    )
    await post.owner.execute("UPDATE sends SET status = 'sending'")
    await post.again()
    assert [*post.catcher.ledger.values()] == [2]
    assert (await post.messages(send_id))[str(karim)]["status"] == "sent"


async def test_history_shows_what_somebody_got_and_did_not_get(post: Post) -> None:
    await post.provider()
    karim, other = await post.person("Bouchareb"), await post.person("Autre")
    await post.sent(karim, other)
    mine: list[dict[str, Any]] = (await post.got(f"/v1/contacts/{karim}/messages"))["data"]
    assert [one["contact_id"] for one in mine] == [str(karim)]
    events = (await post.got(f"/v1/messages/{mine[0]['id']}/events"))["events"]
    assert [one["type"] for one in events] == ["sent"]

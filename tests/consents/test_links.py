"""What whoever has a link does: confirms, decides, leaves; and what a scanner that opens it does not."""

from datetime import timedelta
from uuid import UUID

import pytest

from actors import actor
from consents.desk import SMS, Desk
from crm_api.consents.gate import Refusal
from crm_api.consents.models import MarketingChannel
from crm_api.core.signed_links import SignedLink

pytestmark = pytest.mark.anyio
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def test_opening_the_link_to_leave_changes_nothing_and_one_click_does(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.said(karim["id"])
    path, browser = await desk.leaving(karim), desk.company.client
    for _ in range(3):  # a mail scanner
        opened = await browser.get(path)
        assert (opened.status_code, opened.json()["unsubscribed"]) == (200, False)
        assert "POST" in opened.json()["explanation"]
    assert await desk.gate(karim) is None
    assert await desk.owner.fetchval("SELECT count(*) FROM consents") == 1
    left = await browser.post(path, data=ONE_CLICK)
    assert (left.status_code, left.json()["unsubscribed"]) == (200, True)
    assert await desk.gate(karim) is Refusal.SUPPRESSED
    assert (await desk.state(karim["id"]))["status"] == "withdrawn"
    again = await browser.post(path, data=ONE_CLICK)
    assert again.status_code == 200
    assert len(await desk.events("consent.withdrawn")) == 1
    assert await desk.owner.fetchval("SELECT count(*) FROM suppressions WHERE lifted_at IS NULL") == 1
    assert (await browser.get(path)).json()["unsubscribed"] is True


async def test_a_mailbox_of_a_family_is_left_as_a_whole(desk: Desk) -> None:
    karim = await desk.customer("Karim", emails=[{"value": "famille@example.test"}])
    nadia = await desk.customer("Nadia", emails=[{"value": "famille@example.test"}])
    for one in (karim, nadia):
        await desk.said(one["id"])
    await desk.company.client.post(await desk.leaving(karim), data=ONE_CLICK)
    assert await desk.gate(nadia) is Refusal.SUPPRESSED
    assert (await desk.state(nadia["id"]))["status"] == "granted"


async def test_a_forged_token_and_one_for_something_else_lead_nowhere(desk: Desk) -> None:
    karim = await desk.customer()
    path, browser = await desk.leaving(karim, SMS), desk.company.client
    forged = path[:-2] + ("A" if path[-2] != "A" else "B") + path[-1]
    centre = (await desk.centre(karim)).rpartition("/")[2]
    for token in (forged.rpartition("/")[2], centre):
        for method in ("GET", "POST"):
            answer = await browser.request(method, f"/v1/u/{token}")
            assert (answer.status_code, answer.json()["code"]) == (404, "consent_link_unknown")
    token = path.rpartition("/")[2]
    assert (await browser.get(f"/v1/public/preferences/{token}")).status_code == 404
    assert (await browser.post(f"/v1/public/consents/{token}")).status_code == 404
    left = await browser.post(path)
    assert left.json()["purpose"] == "marketing_sms"
    assert await desk.gate(karim, SMS, MarketingChannel.SMS) is Refusal.SUPPRESSED


async def test_a_double_opt_in_allows_nothing_until_it_is_confirmed(desk: Desk) -> None:
    karim = await desk.customer()
    ask = {"contact_id": karim["id"], "purposes": ["marketing_email", "marketing_sms"]}
    asked = await desk.call("POST", "/v1/consent-requests", ask)
    assert asked["purposes"] == ["marketing_email", "marketing_sms"]
    assert await desk.gate(karim) is Refusal.NOT_GRANTED
    assert (await desk.state(karim["id"]))["status"] == "pending"
    link = await desk.asking()
    assert desk.mails[-1].to == "bouchareb@example.test"
    browser = desk.company.client
    opened = (await browser.get(link)).json()
    assert (opened["confirmed"], opened["purposes"]) == (False, ask["purposes"])
    assert opened["text"] in desk.mails[-1].text
    assert await desk.gate(karim) is Refusal.NOT_GRANTED
    confirmed = await browser.post(link)
    assert (confirmed.status_code, confirmed.json()["confirmed"]) == (200, True)
    assert await desk.gate(karim) is None
    assert (await browser.post(link)).status_code == 200
    listed = await desk.got("/v1/consents", subject_id=karim["id"], status="granted")
    assert {(one["source"], one["request_id"]) for one in listed["data"]} == {("double_opt_in", asked["id"])}
    assert len(listed["data"]) == 2
    taken = await desk.company.send("POST", "/v1/consent-requests", ask)
    assert taken.json()["code"] == "consent_already_granted"


async def test_a_no_said_since_makes_the_link_void(desk: Desk) -> None:
    karim = await desk.customer()
    ask = {"contact_id": karim["id"], "purposes": ["marketing_email"]}
    await desk.call("POST", "/v1/consent-requests", ask)
    link = await desk.asking()
    lately = await desk.company.send("POST", "/v1/consent-requests", ask)
    assert lately.json()["code"] == "consent_asked_lately"
    await desk.said(karim["id"], "refused")
    void = await desk.company.client.post(link)
    assert (void.status_code, void.json()["code"]) == (410, "consent_link_overridden")
    assert await desk.gate(karim) is Refusal.NOT_GRANTED


async def test_who_left_is_not_asked_to_come_back_and_comes_back_alone(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.company.client.post(await desk.leaving(karim))
    ask = {"contact_id": karim["id"], "purposes": ["marketing_email"]}
    refused = await desk.company.send("POST", "/v1/consent-requests", ask)
    assert refused.json()["code"] == "consent_not_asked"
    change = {"purposes": [{"purpose": "marketing_email", "allowed": True}]}
    back = await desk.company.client.put(await desk.centre(karim), json=change)
    assert back.status_code == 200, back.text
    assert await desk.gate(karim) is None


async def test_what_a_bounce_stopped_is_not_lifted_by_a_yes(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.call(
        *("POST", "/v1/suppressions"),
        {"channel": "email", "address": "bouchareb@example.test", "reason": "hard_bounce"},
    )
    change = {"purposes": [{"purpose": "marketing_email", "allowed": True}]}
    await desk.company.client.put(await desk.centre(karim), json=change)
    assert await desk.gate(karim) is Refusal.SUPPRESSED


async def test_the_centre_shows_and_changes_without_signing_in(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.said(karim["id"])
    path, browser = await desk.centre(karim), desk.company.client
    shown = (await browser.get(path)).json()
    assert {one["purpose"]: one["allowed"] for one in shown["purposes"]}["marketing_email"] is True
    assert (shown["frequency"], shown["topics"], shown["hours"], shown["language"]) == (
        "usual",
        None,
        None,
        "fr",
    )
    arabic = (await browser.get(path, params={"language": "ar"})).json()
    assert arabic["text"] != shown["text"]
    change = {
        "purposes": [
            {"purpose": "marketing_email", "allowed": False},
            {"purpose": "marketing_sms", "allowed": True},
            {"purpose": "partner_sharing", "allowed": False},
        ],
        "topics": ["prevention"],
        "frequency": "monthly",
        "hours": {"start": "09:00:00", "end": "19:00:00"},
    }
    after = (await browser.put(path, json=change)).json()
    assert after["hours"] == change["hours"]
    assert (after["topics"], after["frequency"]) == (["prevention"], "monthly")
    said = await desk.got("/v1/consents", subject_id=karim["id"], source="preference_centre")
    assert {one["purpose"]: one["status"] for one in said["data"]} == {
        "marketing_email": "withdrawn",
        "marketing_sms": "granted",
        "partner_sharing": "refused",
    }
    assert all(one["text_hash"] for one in said["data"])
    await browser.put(path, json=change)  # nothing differs: nothing is written
    again = await desk.got("/v1/consents", subject_id=karim["id"], source="preference_centre")
    assert len(again["data"]) == 3
    twice = {"purposes": change["purposes"][:1] * 2}
    assert (await browser.put(path, json=twice)).json()["errors"][0]["code"] == "preference_twice"
    hours = {"hours": {"start": "09:00:00", "end": "09:00:00"}}
    assert (await browser.put(path, json=hours)).json()["errors"][0]["code"] == "preference_hours"


async def test_the_staff_give_the_link_and_a_link_runs_out(desk: Desk) -> None:
    karim = await desk.customer()
    made = await desk.call("POST", "/v1/preference-links", {"contact_id": karim["id"]})
    token = made["url"].partition("#token=")[2]
    assert (await desk.company.client.get(f"/v1/public/preferences/{token}")).status_code == 200
    async with desk.context() as ctx:
        past = ctx.tools.links.verify(token, "the preferences of a contact").expires_at - timedelta(days=800)
        link = SignedLink(ctx.organization_id, UUID(karim["id"]), UUID(int=0), "system", past)
        old = ctx.tools.links.sign(link, "the preferences of a contact")
    expired = await desk.company.client.get(f"/v1/public/preferences/{old}")
    assert (expired.status_code, expired.json()["code"]) == (410, "consent_link_expired")
    await desk.owner.execute("UPDATE contacts SET anonymised_at = now()")
    assert (await desk.company.client.get(f"/v1/public/preferences/{token}")).status_code == 404
    reader = actor(desk.company.organization_id, "consents:read")
    body = {"contact_id": karim["id"]}
    assert (await desk.company.send("POST", "/v1/preference-links", body, by=reader)).status_code == 403

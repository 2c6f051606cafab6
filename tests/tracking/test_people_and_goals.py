"""Whose visits they are, what they are hoped to lead to, and what is left of them after 13 months."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from actors import actor
from crm_api.mailings.links import click_token
from crm_api.tracking.repository.collecting import CollectingRepository
from tracking.site import Answer, Site

pytestmark = pytest.mark.anyio


async def whose(site: Site, visitor: UUID) -> list[str | None]:
    return [visit["contact_id"] for visit in await site.sessions(visitor_id=str(visitor))]


async def known(site: Site, visitor: UUID, person: Answer) -> Answer:
    body = {"contact_id": person["id"], "identified_by": "login"}
    return await site.call("POST", f"/v1/web-visitors/{visitor}/identify", body)


async def test_a_login_makes_earlier_and_later_visits_the_persons(site: Site) -> None:
    karim, visitor, other = await site.customer(), uuid4(), uuid4()
    await site.seen(site.event(0), site.event(60), visitor=visitor)
    await site.seen(site.event(0), visitor=other)
    assert (await known(site, visitor, karim))["sessions"] == 2
    await site.seen(site.event(120), visitor=visitor)
    assert await whose(site, visitor) == [karim["id"]] * 3
    assert await whose(site, other) == [None]
    listed = await site.sessions(contact_id=karim["id"])
    assert len(listed) == 3


async def test_a_shared_computer_keeps_what_was_the_first_persons(site: Site) -> None:
    karim, lina, visitor = await site.customer(), await site.customer("Haddad"), uuid4()
    await site.seen(site.event(0), visitor=visitor)
    await known(site, visitor, karim)
    await known(site, visitor, lina)
    await site.seen(site.event(60), visitor=visitor)
    assert await whose(site, visitor) == [karim["id"], lina["id"]]


async def test_a_submitted_form_ties_the_visitor_to_the_lead_and_then_to_the_customer(site: Site) -> None:
    visitor, submission = uuid4(), str(uuid4())
    form = {"full_name": "Nadia HAMIDI", "phone": "0661001122", "consent": {"text_version": "1"}}
    page = actor(site.company.organization_id, "leads:capture", kind="client")
    sent = await site.company.client.post(
        "/v1/public/leads", json=form | {"submission_id": submission}, headers=page
    )
    assert sent.status_code == 202, sent.text
    (lead,) = (await site.got("/v1/leads"))["data"]
    await site.seen(site.event(0), visitor=visitor)
    await site.seen(site.event(40, type="form_submit", submission_id=submission), visitor=visitor)
    assert [visit["lead_id"] for visit in await site.sessions()] == [lead["id"]] * 2
    person = await site.customer("Hamidi")

    ctx = site.company.context()
    await CollectingRepository(ctx).lead_became(UUID(lead["id"]), UUID(person["id"]))
    await ctx.commit()
    await ctx.close()
    await site.seen(site.event(90), visitor=visitor)
    assert await whose(site, visitor) == [person["id"]] * 3


async def test_who_refuses_stays_unknown_whatever_the_form_says(site: Site) -> None:
    await site.seen(site.event(type="form_submit", submission_id=str(uuid4())))
    assert await site.owner.fetchval("SELECT count(*) FROM web_visitors") == 0


async def test_a_merged_person_takes_the_visits_along(site: Site) -> None:
    stays, goes, visitor = await site.customer(), await site.customer("Boucharebe"), uuid4()
    await site.seen(site.event(0), visitor=visitor)
    await known(site, visitor, goes)
    merged = await site.company.send(
        "POST", f"/v1/contacts/{stays['id']}/merge", {"other_id": goes["id"]}, version=stays["version"]
    )
    assert merged.is_success, merged.text
    assert await whose(site, visitor) == [stays["id"]]


async def test_a_goal_is_met_once_a_visit_and_has_its_value(site: Site) -> None:
    worth = {"amount": "1500.00", "currency": "DZD"}
    quote = {"code": "devis", "name": "Devis terminé", "event_type": "quote_completed", "value": worth}
    await site.call("POST", "/v1/web-goals", quote)
    await site.call("POST", "/v1/web-goals", {"code": "merci", "name": "Merci", "path_prefix": "/merci"})
    visitor = uuid4()
    done = (site.event(at, "/devis", type="quote_completed") for at in (1, 2))
    await site.seen(site.event(0), *done, site.event(3, "/merci/auto"), visitor=visitor)
    await site.seen(site.event(4, "/devis", type="quote_completed"), visitor=visitor)
    await site.seen(site.event(200), visitor=visitor)
    met, unmet = await site.sessions()
    assert (met["conversions"], met["goal_value"]["amount"], met["events"]) == (2, "1500.00", 5)
    assert unmet["conversions"] == 0
    assert len(await site.sessions(conversions_gt=0)) == 1


async def test_goals_are_refused_changed_and_switched_off(site: Site) -> None:
    body = {"code": "devis", "name": "Devis", "event_type": "quote_completed"}
    made = await site.call("POST", "/v1/web-goals", body)
    again = await site.company.send("POST", "/v1/web-goals", body)
    assert (again.status_code, again.json()["code"]) == (409, "web_goal_code_taken")
    unmet = await site.company.send("POST", "/v1/web-goals", {"code": "rien", "name": "Rien"})
    assert unmet.json()["errors"][0]["code"] == "goal_unmet"
    off = await site.call("PATCH", f"/v1/web-goals/{made['id']}", {"is_active": False}, version=1)
    assert (off["is_active"], off["version"]) == (False, 2)
    await site.seen(site.event(type="quote_completed"), visitor=uuid4())
    assert (await site.sessions())[0]["conversions"] == 0


async def test_conversion_is_that_of_the_book(site: Site) -> None:
    """D-44: 188 of 12,569 visits are 0.0150."""
    day = site.began.date()
    await site.owner.execute(
        """INSERT INTO web_sessions (organization_id, id, consent, started_at, ended_at, device, utm, is_bot,
            events, page_views, conversions, goal_value, updated_at)
        SELECT $1, gen_random_uuid(), false, $2, $2, 'mobile', '{}', n > 12569, 1, 1, (n <= 188)::int, 0, $2
        FROM generate_series(1, 12600) n""",
        *(site.company.organization_id, site.began),
    )
    figures = await site.got("/v1/web-figures", start=str(day), end=str(day + timedelta(days=1)))
    whole = figures["whole"]
    assert (whole["sessions"], whole["converted_sessions"], whole["conversion_rate"]) == (
        12569,
        188,
        "0.0150",
    )


async def test_after_thirteen_months_visits_are_numbers_of_their_day(site: Site) -> None:
    visitor, day = uuid4(), site.began.date()
    await site.call("POST", "/v1/web-goals", {"code": "vue", "name": "Vue", "event_type": "page_view"})
    await site.seen(site.event(0, "/a?utm_campaign=hiver"), site.event(60), visitor=visitor)
    period: Answer = {
        "start": str(day - timedelta(days=500)),
        "end": str(day + timedelta(days=1)),
        "group_by": "campaign",
    }
    before = await site.got("/v1/web-figures", **period)
    await site.gather("forget_web_sessions")
    assert len(await site.sessions()) == 2, "nothing is old yet"
    await site.owner.execute(
        """UPDATE web_sessions SET started_at = started_at - interval '14 months',
        ended_at = ended_at - interval '14 months'"""
    )
    await site.gather("forget_web_sessions", most=1)
    assert await site.sessions() == []
    for table in ("web_sessions", "web_events", "web_conversions"):
        assert await site.owner.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    after = await site.got("/v1/web-figures", **period)
    for part in ("whole", "groups"):
        assert after[part] == before[part]
    assert {one["group"] for one in after["groups"]} == {"hiver", None}


async def test_another_company_sees_none_of_it(site: Site) -> None:
    await site.seen(site.event(), visitor=uuid4())
    (visit,) = await site.sessions()
    elsewhere = actor(uuid4(), "web_events:read")
    answer = await site.company.client.get(f"/v1/web-sessions/{visit['id']}", headers=elsewhere)
    assert answer.status_code == 404
    assert (await site.got("/v1/web-sessions", by=elsewhere))["data"] == []


async def test_a_click_token_of_a_mail_tells_whose_visit_it_is_and_a_forged_one_nothing(site: Site) -> None:
    karim, visitor, forger, message = await site.customer(), uuid4(), uuid4(), uuid4()
    links, ours = site.app.state.tools.links, site.company.organization_id
    token = click_token(links, ours, message, UUID(karim["id"]))
    await site.seen(site.event(0), site.event(60, f"/auto?ct={token}"), visitor=visitor)
    assert await whose(site, visitor) == [karim["id"]] * 2
    assert [visit["message_id"] for visit in await site.sessions()] == [None, str(message)]
    foreign = click_token(links, uuid4(), message, UUID(karim["id"]))
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    await site.seen(site.event(0, f"/?ct={forged}"), site.event(1, f"/?ct={foreign}"), visitor=forger)
    assert await whose(site, forger) == [None]
    kept = str([tuple(row) for row in await site.owner.fetch("SELECT * FROM web_events")])
    assert token not in kept

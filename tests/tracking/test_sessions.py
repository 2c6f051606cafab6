"""What the collector takes in, and the visits that come of it (domain.md B-42, D-31)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from actors import actor
from crm_api.auth.lookup import make_lookup
from crm_api.tracking.repository.collecting import CollectingRepository
from tracking.site import FIREFOX, PHONE, Site

pytestmark = pytest.mark.anyio
CAMPAIGN = "https://www.assura.test/auto?utm_source=mail&utm_medium=email&utm_campaign=renouvellement&nom=Ali"


async def test_events_of_a_visitor_within_half_an_hour_are_one_visit(site: Site) -> None:
    visitor = uuid4()
    referrer = "https://www.google.com/search?q=karim+bouchareb"
    await site.seen(
        site.event(0, CAMPAIGN, referrer=referrer),
        site.event(29, "/devis?telephone=0550123456"),
        site.event(58, "/devis", type="quote_completed"),
        visitor=visitor,
        wilaya_code="16",
    )
    (visit,) = await site.sessions()
    assert (visit["events"], visit["page_views"]) == (3, 2)
    assert (visit["landing"], visit["referrer"]) == ("/auto", "https://www.google.com/search")
    assert visit["utm"] == {
        "source": "mail",
        "medium": "email",
        "campaign": "renouvellement",
        "term": None,
        "content": None,
    }
    assert (visit["device"], visit["wilaya_code"], visit["is_bot"]) == ("desktop", "16", False)
    listed = (await site.got("/v1/web-events", session_id=visit["id"], sort="at"))["data"]
    assert [(one["type"], one["path"]) for one in listed] == [
        ("page_view", "/auto"),
        ("page_view", "/devis"),
        ("quote_completed", "/devis"),
    ]
    kept = str([tuple(row) for row in await site.owner.fetch("SELECT * FROM web_events")])
    assert "0550123456" not in kept, "what stands in a query is not kept"


async def test_a_pause_of_more_than_half_an_hour_begins_another_visit(site: Site) -> None:
    visitor = uuid4()
    await site.seen(site.event(0), site.event(30), site.event(60.02), visitor=visitor)
    assert [visit["events"] for visit in await site.sessions()] == [2, 1]


async def test_midnight_in_algiers_begins_another_visit(site: Site) -> None:
    before = 12 * 60 - 5
    await site.seen(site.event(before), site.event(before + 4), site.event(before + 6), visitor=uuid4())
    assert [visit["events"] for visit in await site.sessions()] == [2, 1]


async def test_a_new_campaign_begins_another_visit_and_the_same_one_does_not(site: Site) -> None:
    await site.seen(
        site.event(0),
        site.event(1, "/a?utm_campaign=rentree"),
        site.event(2, "/b?utm_campaign=rentree"),
        site.event(3, "/c"),
        site.event(4, "/d?utm_campaign=hiver"),
        visitor=uuid4(),
    )
    visits = await site.sessions()
    assert [(one["utm"]["campaign"], one["events"]) for one in visits] == [
        (None, 1),
        ("rentree", 3),
        ("hiver", 1),
    ]


async def test_a_visit_goes_on_with_what_comes_later_or_late(site: Site) -> None:
    visitor = uuid4()
    await site.seen(site.event(10), visitor=visitor)
    (first,) = await site.sessions()
    await site.seen(site.event(35), visitor=visitor)
    await site.seen(site.event(20), site.event(2, "/accueil"), visitor=visitor)
    (visit,) = await site.sessions()
    assert (visit["id"], visit["events"], visit["page_views"]) == (first["id"], 4, 4)
    begun, ended = (datetime.fromisoformat(visit[name]) for name in ("started_at", "ended_at"))
    assert (begun, ended) == (site.began + timedelta(minutes=2), site.began + timedelta(minutes=35))


async def test_a_late_event_between_two_visits_joins_one_and_leaves_them_two(site: Site) -> None:
    visitor = uuid4()
    await site.seen(site.event(0), site.event(50), visitor=visitor)
    await site.seen(site.event(25), visitor=visitor)
    assert [visit["events"] for visit in await site.sessions()] == [2, 1]


async def test_the_order_and_the_batches_in_which_events_come_change_nothing(site: Site) -> None:
    minutes, visitors = [0, 12, 31, 65, 80, 81, 140], [uuid4(), uuid4()]
    await site.seen(*(site.event(at) for at in minutes), visitor=visitors[0])
    for at in reversed(minutes):
        await site.send(site.event(at), visitor=visitors[1])
    await site.gather()
    both = [
        [
            (one["started_at"], one["ended_at"], one["events"])
            for one in await site.sessions(visitor_id=str(who))
        ]
        for who in visitors
    ]
    assert both[0] == both[1] != []
    assert [one[2] for one in both[0]] == [3, 3, 1]


async def test_an_event_sent_again_has_no_effect_however_late(site: Site) -> None:
    visitor, event = uuid4(), site.event(0)
    await site.seen(event, event, visitor=visitor)
    await site.seen(event, visitor=visitor)
    (visit,) = await site.sessions()
    assert visit["events"] == 1
    assert await site.owner.fetchval("SELECT count(*) FROM web_arrivals") == 0


async def test_two_workers_at_once_make_the_same_visits_as_one(site: Site) -> None:
    visitor = uuid4()
    for minute in range(0, 40, 4):
        await site.send(site.event(minute), visitor=visitor)

    async def gather() -> int:
        ctx = site.company.context()
        done = await CollectingRepository(ctx).gather(3)
        await ctx.commit()
        await ctx.close()
        return done.events

    assert sorted(await asyncio.gather(*(gather() for _ in range(5)))) == [0, 1, 3, 3, 3]
    (visit,) = await site.sessions()
    assert visit["events"] == 10


async def test_who_refuses_is_counted_and_not_known(site: Site) -> None:
    refused: dict[str, Any] = {"consent": False, "visitor_id": str(uuid4())}
    google = "https://www.google.com/"
    await site.seen(site.event(0, "https://a.test/auto", referrer=google), site.event(1), **refused)
    await site.seen(site.event(2, "https://a.test/devis", referrer="https://a.test/auto"), **refused)
    (visit,) = await site.sessions()
    assert (visit["consent"], visit["visitor_id"], visit["contact_id"], visit["events"]) == (
        False,
        None,
        None,
        2,
    )
    rows = await site.owner.fetch("SELECT to_jsonb(s) AS row FROM web_sessions s")
    assert refused["visitor_id"] not in str(rows)
    assert await site.owner.fetchval("SELECT ip_prefix FROM web_sessions") is None
    assert len((await site.got("/v1/web-events"))["data"]) == 3, "what happened is counted all the same"
    day = site.began.date()
    figures = await site.got("/v1/web-figures", start=str(day), end=str(day + timedelta(days=1)))
    assert (figures["whole"]["sessions"], figures["whole"]["unknown_sessions"]) == (1, 1)


async def test_an_address_is_cut_to_its_network(site: Site) -> None:
    await site.seen(site.event(), visitor=uuid4())
    assert await site.owner.fetchval("SELECT ip_prefix FROM web_sessions") == "127.0.0.0/24"


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (FIREFOX, ("desktop", False)),
        (PHONE, ("mobile", False)),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari", ("tablet", False)),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", ("other", True)),
        ("curl/8.9.1", ("other", True)),
        ("", ("other", True)),
    ],
)
async def test_programs_are_told_apart_and_counted_nowhere(site: Site, agent: str, told: Any) -> None:
    await site.seen(site.event(), visitor=uuid4(), agent=agent)
    (visit,) = await site.sessions()
    assert (visit["device"], visit["is_bot"]) == told
    day = site.began.date()
    figures = await site.got("/v1/web-figures", start=str(day), end=str(day + timedelta(days=1)))
    assert figures["whole"]["sessions"] == (0 if told[1] else 1)
    assert figures["whole"]["status"] == ("no_data" if told[1] else "ok")


async def test_a_wrong_clock_is_set_right_and_an_impossible_time_is_now(site: Site) -> None:
    real = datetime.now(UTC)
    wrong = real - timedelta(days=400)
    event = site.event() | {"at": (wrong - timedelta(minutes=3)).isoformat()}
    await site.seen(event, visitor=uuid4(), sent_at=wrong.isoformat())
    await site.seen(site.event() | {"at": "1999-12-31T23:59:59Z"}, visitor=uuid4())
    right, now = (
        datetime.fromisoformat(one["at"]) for one in (await site.got("/v1/web-events", sort="at"))["data"]
    )
    assert abs(right - (real - timedelta(minutes=3))) < timedelta(seconds=30)
    assert abs(now - real) < timedelta(seconds=30)


async def test_a_batch_has_limits(site: Site) -> None:
    for body, code in (
        ({"events": []}, "too_short"),
        ({"events": [site.event() for _ in range(51)]}, "too_long"),
        ({"events": [site.event(props={"x": "é" * 1100})]}, "props_size"),
        ({"events": [site.event(url="javascript:alert(1)")]}, None),
        ({"events": [site.event(type="purchase")]}, None),
    ):
        answer = await site.send(site.event(), visitor=uuid4(), **body)
        assert answer.status_code == 422, body
        assert code in (None, answer.json()["errors"][0]["code"]), answer.text
    assert await site.owner.fetchval("SELECT count(*) FROM web_arrivals") == 0


async def test_the_collector_takes_a_write_key_and_nothing_else(site: Site) -> None:
    made = await site.call(
        *("POST", "/v1/api-clients"),
        {"name": "Site", "kind": "capture", "scopes": ["web_events:ingest", "leads:capture"]},
    )
    assert made["client"]["scopes"] == ["leads:capture", "web_events:ingest"]
    lookup = make_lookup(site.app.state.database, site.app.state.tools)
    principal, _ = await lookup(made["api_key"])
    assert principal.scopes == {"leads:capture", "web_events:ingest"}
    site.key = actor(site.company.organization_id, "leads:capture", kind="client")
    assert (await site.send(site.event(), visitor=uuid4())).status_code == 403
    site.key = {}
    assert (await site.send(site.event(), visitor=uuid4())).status_code == 401
    both = {"name": "Autre", "kind": "capture", "scopes": ["leads:read"]}
    refused = await site.company.send("POST", "/v1/api-clients", both)
    assert refused.json()["errors"][0]["code"] == "capture_only"


async def test_a_batch_is_one_statement(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    fetch = type(site.app.state.database).fetch

    async def counted(self: Any, organization_id: UUID, statement: Any, *more: Any, **named: Any) -> Any:
        asked.append(statement.sql)
        return await fetch(self, organization_id, statement, *more, **named)

    monkeypatch.setattr(type(site.app.state.database), "fetch", counted)
    answer = await site.send(*(site.event(n) for n in range(50)), visitor=uuid4())
    assert answer.status_code == 202
    assert [sql[:24] for sql in asked] == ["INSERT INTO web_arrivals"]

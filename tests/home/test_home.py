"""GET /v1/home: what waits for the user, in one statement."""

from datetime import timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor, principal_of
from crm_api.core.db import now
from crm_api.home.schemas import HomeRead, HomeThing
from crm_api.home.sections import SECTIONS
from crm_api.kit.clock import today
from leads.people import act, colleague, lead
from plans import recorded

pytestmark = pytest.mark.anyio
OURS = uuid4()
SCOPES = ("organization:read", "leads:read", "leads:write", "leads:delete", "pii:read")


@pytest.fixture
async def nadia(app: FastAPI, owner: asyncpg.Connection) -> Headers:
    return actor(OURS, *SCOPES, id=await colleague(owner, OURS), data_scope="own")


async def home(client: httpx.AsyncClient, who: Headers) -> dict[str, Any]:
    answer = await client.get("/v1/home", headers=who)
    assert answer.status_code == 200, answer.text
    HomeRead.model_validate_json(answer.content)
    return dict(answer.json())


async def mine(
    client: httpx.AsyncClient, owner: asyncpg.Connection, who: Headers, name: str, **set: Any
) -> dict[str, Any]:
    """A lead of that user, with columns as given."""
    made = await lead(client, who, full_name=name)
    set = {"owner_user_id": principal_of(who).id} | set
    places = ", ".join(f"{column} = ${at}" for at, column in enumerate(set, 2))
    await owner.execute(f"UPDATE leads SET {places} WHERE id = $1", UUID(made["id"]), *set.values())
    return made


async def test_nothing_waits_for_who_has_nothing(client: httpx.AsyncClient, nadia: Headers) -> None:
    assert await home(client, nadia) == {
        "leads_to_call": {"things": [], "has_more": False},
        "appointments": None,
        "opportunities_to_move": None,
        "tasks_today": None,
        "reminders": None,
        "unread_notifications": 0,
    }


async def test_leads_are_called_in_the_order_in_which_they_are_due(
    client: httpx.AsyncClient, owner: asyncpg.Connection, nadia: Headers
) -> None:
    hour = timedelta(hours=1)
    await mine(client, owner, nadia, "Plus tard", first_contact_due_at=now() + 2 * hour)
    first = await mine(client, owner, nadia, "En retard", first_contact_due_at=now() - hour)
    day = timedelta(days=1)
    for name, until in (("À rappeler", today() - day), ("Aujourd'hui", today()), ("Demain", today() + day)):
        await mine(client, owner, nadia, name, status="nurturing", nurture_until=until)
    await mine(client, owner, nadia, "Déjà appelé", status="contacted")
    await mine(client, owner, nadia, "D'un autre", owner_user_id=await colleague(owner, OURS))
    shown = (await home(client, nadia))["leads_to_call"]
    told = {thing["title"]: (thing["reason"], thing["is_late"]) for thing in shown["things"]}
    assert told == {
        "À rappeler": ("call_again", True),
        "Aujourd'hui": ("call_again", False),
        "En retard": ("first_contact", True),
        "Plus tard": ("first_contact", False),
    }
    assert [thing["at"] for thing in shown["things"]] == sorted(thing["at"] for thing in shown["things"])
    late = next(thing for thing in shown["things"] if thing["title"] == "En retard")
    assert (late["id"], late["detail"]) == (first["id"], "+213550123456")
    read = (await client.get(f"/v1/leads/{first['id']}", headers=nadia)).json()
    assert late["at"] == read["first_contact_due_at"]


async def test_what_is_done_or_thrown_away_leaves_at_once(
    client: httpx.AsyncClient, owner: asyncpg.Connection, nadia: Headers
) -> None:
    one, other = [await mine(client, owner, nadia, name) for name in ("Karim", "Lina")]
    called = await act(client, nadia, one, "contact", channel="phone", outcome="reached")
    assert called.status_code == 200, called.text
    etag = (await client.get(f"/v1/leads/{other['id']}", headers=nadia)).headers["etag"]
    gone = await client.delete(f"/v1/leads/{other['id']}", headers=nadia | {"If-Match": etag})
    assert gone.status_code == 204, gone.text
    assert (await home(client, nadia))["leads_to_call"]["things"] == []


async def test_a_section_has_ten_things_and_says_whether_there_are_more(
    client: httpx.AsyncClient, owner: asyncpg.Connection, nadia: Headers
) -> None:
    for at in range(10):
        due = now() + timedelta(minutes=at)
        await mine(client, owner, nadia, f"Lead {at}", first_contact_due_at=due)
    section = (await home(client, nadia))["leads_to_call"]
    assert [thing["title"] for thing in section["things"]] == [f"Lead {at}" for at in range(10)]
    assert section["has_more"] is False
    await mine(client, owner, nadia, "Le onzième", first_contact_due_at=now() + timedelta(days=1))
    section = (await home(client, nadia))["leads_to_call"]
    assert (len(section["things"]), section["has_more"]) == (10, True)


async def test_unread_notifications_are_counted(
    client: httpx.AsyncClient, owner: asyncpg.Connection, nadia: Headers
) -> None:
    await owner.execute(NOTIFIED, OURS, principal_of(nadia).id, 3)
    await owner.execute(NOTIFIED, OURS, uuid4(), 5)
    assert (await home(client, nadia))["unread_notifications"] == 3
    await owner.execute("UPDATE notifications SET read_at = now()")
    assert (await home(client, nadia))["unread_notifications"] == 0
    await owner.execute(NOTIFIED, OURS, principal_of(nadia).id, 1200)
    assert (await home(client, nadia))["unread_notifications"] == 1000


NOTIFIED = """INSERT INTO notifications (organization_id, id, version, recipient_type, recipient_id, kind,
    priority, title, in_app, mail, expires_at)
SELECT $1, gen_random_uuid(), 1, 'user', $2, 'mention', 'normal', 'Bonjour', true, 'none',
    now() + interval '1 day'
FROM generate_series(1, $3)"""


async def test_a_role_without_the_right_has_no_such_section(
    client: httpx.AsyncClient, nadia: Headers
) -> None:
    assert (await home(client, actor(OURS, "organization:read")))["leads_to_call"] is None
    assert (await client.get("/v1/home", headers=actor(OURS, "leads:read"))).status_code == 403


async def test_another_organization_sees_nothing(
    client: httpx.AsyncClient, owner: asyncpg.Connection, nadia: Headers
) -> None:
    await mine(client, owner, nadia, "Karim")
    same_person = actor(uuid4(), *SCOPES, id=principal_of(nadia).id)
    assert (await home(client, same_person))["leads_to_call"]["things"] == []


LEADS = """INSERT INTO leads (organization_id, id, version, number, full_name, type, source, status, score,
    score_band, score_explanation, consent_snapshot, quote_completed, contact_attempts, answered_calls,
    contact_invalid, product_interest, phone, owner_user_id, first_contact_due_at, nurture_until)
SELECT $1, gen_random_uuid(), 1, 'P-2025-' || n, 'Karim ' || n, 'individual', 'phone',
    (ARRAY['new', 'assigned', 'contacted', 'nurturing'])[n % 4 + 1], 0, 'cold', '[]', '{}', false, 0, 0,
    false, '{}', '+2136' || lpad(n::text, 8, '0'), CASE WHEN n % 50 < 10 THEN $2::uuid ELSE $3::uuid END,
    now() + n * interval '1 second', current_date + n % 600 - 300
FROM generate_series(1, $4) n"""


async def test_the_page_is_one_round_trip(app: FastAPI, client: httpx.AsyncClient, nadia: Headers) -> None:
    with recorded(app) as sent:
        await home(client, nadia)
    assert len(sent) == 1


def test_every_section_has_its_field() -> None:
    assert {*SECTIONS, "unread_notifications"} == set(HomeRead.model_fields)
    types = set(get_args(HomeThing.model_fields["type"].annotation))
    assert {section.type for section in SECTIONS.values()} == types

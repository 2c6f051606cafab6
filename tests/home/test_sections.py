"""The agenda and the sales of the user's page."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from appointments.people import Office
from company import open_company
from crm_api.core.db import now
from crm_api.kit.clock import ALGIERS
from opportunities.sales import Sales, open_sales

pytestmark = pytest.mark.anyio


async def shown(client: httpx.AsyncClient, who: Headers, section: str) -> list[tuple[str, str, bool]]:
    answer = await client.get("/v1/home", headers=who)
    assert answer.status_code == 200, answer.text
    return [(t["title"], t["reason"], t["is_late"]) for t in answer.json()[section]["things"]]


async def test_the_next_appointments_are_those_one_takes_part_in(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    office = await Office.of(await open_company(app, client))
    meeting = await office.made(
        office.lina, title="Visite", attendees=[{"kind": "user", "id": str(office.omar.id)}]
    )
    await office.made(office.lina, title="Appel", starts_at=hours(2), ends_at=hours(3))
    for who in (office.lina, office.omar):
        told = await shown(client, who.headers, "appointments")
        assert ("Visite", "appointment", False) in told
    assert [title for title, *_ in await shown(client, office.lina.headers, "appointments")] == [
        "Appel",
        "Visite",
    ]
    assert await shown(client, office.admin, "appointments") == []
    past = "UPDATE {} SET starts_at = now() - interval '20 minutes', ends_at = now() + interval '1 hour'"
    for table in ("appointment_engagements", "appointments"):
        await owner.execute(past.format(table))
    assert ("Visite", "appointment", True) in await shown(client, office.omar.headers, "appointments")
    gone = await office.act(office.lina, meeting, "cancel", reason="Le client est absent")
    assert gone.status_code == 200, gone.text
    assert await shown(client, office.omar.headers, "appointments") == []


async def test_opportunities_to_move_are_mine_and_due_or_standing_still(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    sales = await open_sales(app, client)
    me = sales.company.admin
    tonight = datetime.now(ALGIERS).replace(hour=23, minute=59, second=0, microsecond=0)
    cases: dict[str, dict[str, Any]] = {
        "Rappeler": {"next_step_at": now() - timedelta(hours=1)},
        "Ce soir": {"next_step_at": tonight},
        "Dort": {"stagnant_at": now() - timedelta(days=1)},
        "Dort et rappeler": {
            "stagnant_at": now() - timedelta(days=1),
            "next_step_at": now() - timedelta(days=2),
        },
        "Demain": {"next_step_at": tonight + timedelta(minutes=2), "stagnant_at": now() + timedelta(days=5)},
        "Tranquille": {"stagnant_at": now() + timedelta(days=5)},
        "D'un autre": {"next_step_at": now(), "owner_user_id": (await sales.company.hire()).id},
    }
    for name, columns in cases.items():
        made = await sales.sale(name=name, next_step="Appeler M. Kaci")
        values = {"owner_user_id": me.id} | columns
        places = ", ".join(f"{column} = ${at}" for at, column in enumerate(values, 2))
        await owner.execute(
            f"UPDATE opportunities SET {places} WHERE id = $1", UUID(made["id"]), *values.values()
        )
    assert set(await shown(client, me.headers, "opportunities_to_move")) == {
        ("Dort et rappeler", "next_step", True),
        ("Dort", "stagnant", True),
        ("Rappeler", "next_step", True),
        ("Ce soir", "next_step", False),
    }
    page = (await client.get("/v1/home", headers=me.headers)).json()["opportunities_to_move"]
    assert [thing["at"] for thing in page["things"]] == sorted(thing["at"] for thing in page["things"])
    assert page["things"][0]["detail"] == "Appeler M. Kaci"
    nobody = actor(sales.company.organization_id, "organization:read", "opportunities:read")
    assert await shown(client, nobody, "opportunities_to_move") == []


async def test_an_opportunity_is_found(app: FastAPI, client: httpx.AsyncClient) -> None:
    sales: Sales = await open_sales(app, client)
    made = await sales.sale(name="Flotte Zerrouki", next_step="Envoyer le devis comparé")
    for q in ("zerrouki flotte", made["number"], made["number"][-6:], "devis comparé"):
        answer = await client.get("/v1/search", params={"q": q}, headers=sales.admin)
        (group,) = [one for one in answer.json()["data"] if one["type"] == "opportunity"]
        assert [hit["id"] for hit in group["hits"]] == [made["id"]], q
    assert group["hits"][0]["matched"] == "next_step"


def hours(more: float) -> str:
    moment = (now() + timedelta(hours=more)).replace(second=0, microsecond=0)
    return moment.isoformat().replace("+00:00", "Z")


async def test_tasks_and_reminders_of_today_are_mine_and_open(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    me, other = company.admin.id, (await company.hire()).id
    late, soon, later = now() - timedelta(hours=1), now(), now() + timedelta(days=2)
    tasks = [
        (me, "En retard", late, "open"),
        (me, "Maintenant", soon, "in_progress"),
        (me, "Faite", late, "done"),
        (me, "Demain", later, "open"),
        (other, "D'un autre", late, "open"),
    ]
    reminders = [
        (me, "Rappelé", late, "fired"),
        (me, "Vu", late, "acknowledged"),
        (me, "Plus tard", later, "scheduled"),
        (other, "D'un autre", late, "fired"),
    ]
    for statement, rows in ((TASK, tasks), (REMINDER, reminders)):
        await owner.executemany(statement, [(company.organization_id, *row) for row in rows])
    headers = company.admin.headers
    assert [title for title, *_ in await shown(client, headers, "tasks_today")] == ["En retard", "Maintenant"]
    assert await shown(client, headers, "reminders") == [("Rappelé", "reminder", True)]


TASK = """INSERT INTO tasks (organization_id, id, version, assignee_user_id, title, due_at, status, type,
    priority, source, completed_at)
VALUES ($1, gen_random_uuid(), 1, $2, $3, $4, $5, 'call', 'normal', 'manual', NULL)"""
REMINDER = """INSERT INTO reminders (organization_id, id, version, for_user_id, text, remind_at, status, kind,
    object_type, object_id, channels, repeat, snooze_count, deliveries)
VALUES ($1, gen_random_uuid(), 1, $2, $3, $4, $5, 'custom', 'lead', gen_random_uuid(), '{in_app}', 'none', 0,
    '{}')"""

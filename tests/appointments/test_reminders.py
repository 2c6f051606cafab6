"""What those attending are told: invitations, cancellations, reminders at their time."""

import json
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from appointments.people import Office, at
from crm_api.appointments.jobs import JOBS
from crm_api.core.db import now

pytestmark = pytest.mark.anyio
REMIND = "remind_of_appointment"


async def told(owner: asyncpg.Connection, user_id: object) -> list[str]:
    rows = await owner.fetch("SELECT title FROM notifications WHERE recipient_id = $1 ORDER BY id", user_id)
    return [row[0] for row in rows]


async def waiting(owner: asyncpg.Connection) -> list[tuple[dict[str, Any], datetime]]:
    rows = await owner.fetch(
        "SELECT payload, execute_after FROM pgqueuer WHERE entrypoint = $1 ORDER BY execute_after", REMIND
    )
    return [(json.loads(row[0]), row[1]) for row in rows]


async def remind(office: Office, appointment: dict[str, Any], minutes: int) -> None:
    ctx = office.company.context()
    await JOBS[REMIND](ctx, {"appointment_id": appointment["id"], "minutes": minutes})
    await ctx.commit()
    await ctx.close()


def with_omar(office: Office) -> dict[str, Any]:
    return {"attendees": [{"kind": "user", "id": str(office.omar.id)}]}


async def test_whoever_is_invited_is_told_and_the_organizer_is_not(
    office: Office, owner: asyncpg.Connection
) -> None:
    made = await office.made(office.lina, **with_omar(office))
    await office.act(office.lina, made, "cancel", reason="Le client est en voyage")
    assert await told(owner, office.omar.id) == [
        "Rendez-vous le 13/04/2027 09:00 : Signature du contrat",
        "Rendez-vous annulé, 13/04/2027 09:00 : Signature du contrat",
    ]
    assert await told(owner, office.lina.id) == []


async def test_a_reminder_waits_for_its_time(office: Office, owner: asyncpg.Connection) -> None:
    made = await office.made(office.lina, reminder_offsets=[1440, 60])
    begins = datetime.fromisoformat(made["starts_at"])
    found = await waiting(owner)
    assert [payload["minutes"] for payload, _ in found] == [1440, 60]
    for payload, moment in found:
        due = begins - timedelta(minutes=payload["minutes"])
        assert abs(moment - due) < timedelta(seconds=30)
        assert set(payload) == {"organization_id", "locale", "appointment_id", "minutes"}


async def test_what_is_proposed_or_near_waits_for_nothing(office: Office, owner: asyncpg.Connection) -> None:
    begin = now() + timedelta(minutes=30)
    times = {"starts_at": begin.isoformat(), "ends_at": (begin + timedelta(minutes=30)).isoformat()}
    await office.made(office.lina, **times)
    await office.made(office.lina, confirm=False)
    assert await waiting(owner) == []


async def test_everybody_who_comes_is_reminded_once(office: Office, owner: asyncpg.Connection) -> None:
    made = await office.made(office.lina, **with_omar(office))
    for _ in range(2):
        await remind(office, made, 60)
    expected = "Rappel, rendez-vous le 13/04/2027 09:00 : Signature du contrat"
    assert await told(owner, office.lina.id) == [expected]
    assert (await told(owner, office.omar.id)).count(expected) == 1


async def test_nobody_is_reminded_of_what_is_off(office: Office, owner: asyncpg.Connection) -> None:
    declined = await office.made(office.lina, **with_omar(office))
    await office.act(office.omar, declined, "respond", response="no")
    before = await told(owner, office.omar.id)
    await remind(office, declined, 60)
    assert await told(owner, office.omar.id) == before
    await remind(office, declined, 30)  # an offset that it does not have
    await office.act(office.lina, declined, "reschedule", starts_at=at(9, days=1), ends_at=at(10, days=1))
    await remind(office, declined, 1440)
    assert len(await told(owner, office.lina.id)) == 1


async def test_other_offsets_are_other_reminders(office: Office, owner: asyncpg.Connection) -> None:
    made = await office.made(office.lina)
    path = f"/v1/appointments/{made['id']}"
    headers = office.lina.headers | {"If-Match": '"1"'}
    answer = await office.client.patch(path, json={"reminder_offsets": [60, 15]}, headers=headers)
    assert answer.json()["reminder_offsets"] == [60, 15]
    assert [payload["minutes"] for payload, _ in await waiting(owner)] == [1440, 60, 15]
    await remind(office, made, 1440)  # the job that was queued for it finds it gone
    assert await told(owner, office.lina.id) == []
    await remind(office, made, 15)
    assert len(await told(owner, office.lina.id)) == 1

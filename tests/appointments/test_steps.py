"""The life of an appointment: every pair of states, new times, answers; and no sequence makes two overlap."""

from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
import time_machine
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments.people import TUESDAY, Office, at
from company import open_company
from crm_api.appointments.models import APPOINTMENT, AppointmentStatus

pytestmark = pytest.mark.anyio
NEW_TIME = {"starts_at": at(14), "ends_at": at(15)}
STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "confirmed": ("confirm", {}),
    "done": ("complete", {}),
    "no_show": ("no-show", {}),
    "cancelled": ("cancel", {"reason": "Le client est en voyage"}),
    "rescheduled": ("reschedule", NEW_TIME),
}


async def brought(owner: asyncpg.Connection, id: str, state: str) -> None:
    """Straight in the table, a year ago."""
    reason = "Sans suite" if state == "cancelled" else None
    await owner.execute(
        """UPDATE appointments SET status = $2, cancel_reason = $3, starts_at = now() - interval '2 hours',
            ends_at = now() - interval '1 hour' WHERE id = $1""",
        id,
        state,
        reason,
    )


@pytest.mark.parametrize("wanted", list(STEPS))
@pytest.mark.parametrize("current", list(AppointmentStatus))
async def test_a_listed_step_is_made_and_any_other_is_refused(
    office: Office, owner: asyncpg.Connection, current: str, wanted: str
) -> None:
    made = await office.made(office.lina, confirm=False)
    await brought(owner, made["id"], current)
    action, body = STEPS[wanted]
    answer = await office.act(office.lina, made, action, **body)
    read = await office.client.get(f"/v1/appointments/{made['id']}", headers=office.admin)
    if wanted in APPOINTMENT.allowed(current):
        assert answer.status_code == 200, answer.text
        assert read.json()["status"] == wanted
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
        assert set(answer.json()["allowed"]) == set(APPOINTMENT.allowed(current))
        assert read.json()["status"] == current


async def test_a_new_time_is_a_new_appointment_that_names_the_old_one(office: Office) -> None:
    attendees = [{"kind": "user", "id": str(office.omar.id)}]
    made = await office.made(office.lina, attendees=attendees, location="Agence de Chéraga")
    await office.act(office.omar, made, "respond", response="yes")
    moved = await office.act(office.lina, made, "reschedule", **NEW_TIME)
    new = moved.json()
    assert moved.status_code == 200, moved.text
    assert (new["previous_id"], new["status"]) == (made["id"], "confirmed")
    assert (new["location"], new["attendees"][0]["response"]) == ("Agence de Chéraga", "pending")
    assert new["ics_uid"] != made["ics_uid"]
    old = (await office.client.get(f"/v1/appointments/{made['id']}", headers=office.admin)).json()
    assert (old["status"], old["starts_at"]) == ("rescheduled", made["starts_at"])
    await office.made(office.omar)  # the old time is free, the new one is not
    assert (await office.post(office.omar, **NEW_TIME)).status_code == 409


async def test_it_moves_over_its_own_time(office: Office) -> None:
    made = await office.made(office.lina)
    answer = await office.act(
        office.lina, made, "reschedule", starts_at=at(9, 30), ends_at=at(10, 30), location="Bureau 4"
    )
    assert (answer.status_code, answer.json()["location"]) == (200, "Bureau 4")


async def test_a_new_time_that_is_taken_leaves_everything_as_it_was(office: Office) -> None:
    made = await office.made(office.lina)
    await office.made(office.lina, **NEW_TIME)
    refused = await office.act(office.lina, made, "reschedule", **NEW_TIME)
    assert refused.json()["code"] == "appointment_conflict"
    read = await office.client.get(f"/v1/appointments/{made['id']}", headers=office.admin)
    assert (read.json()["status"], read.json()["version"]) == ("confirmed", 1)
    assert (await office.post(office.lina)).status_code == 409


async def test_nobody_is_absent_before_it_begins(office: Office) -> None:
    made = await office.made(office.lina)
    for action in ("complete", "no-show"):
        answer = await office.act(office.lina, made, action)
        assert answer.json()["code"] == "appointment_not_begun"
    with time_machine.travel(TUESDAY + timedelta(minutes=1)):
        headers = office.may("appointments:read", "appointments:write", id=office.lina.id)
        answer = await office.act(headers, made, "no-show")
    assert (answer.json()["status"], answer.json()["no_show"]) == ("no_show", True)


async def test_a_cancellation_says_why(office: Office) -> None:
    made = await office.made(office.lina)
    silent = await office.act(office.lina, made, "cancel")
    assert silent.status_code == 422
    answer = await office.act(office.lina, made, "cancel", reason="Le client est en voyage")
    assert answer.json()["cancel_reason"] == "Le client est en voyage"
    await office.made(office.lina)  # its time is free


async def test_what_is_settled_is_only_read(office: Office) -> None:
    attendees = [{"kind": "user", "id": str(office.omar.id)}]
    made = await office.made(office.lina, attendees=attendees)
    await office.act(office.lina, made, "cancel", reason="Le client est en voyage")
    headers = office.lina.headers | {"If-Match": '"2"'}
    patch = await office.client.patch(
        f"/v1/appointments/{made['id']}", json={"title": "Autre"}, headers=headers
    )
    assert (patch.status_code, patch.json()["code"]) == (409, "appointment_settled")
    answer = await office.act(office.omar, made, "respond", response="yes")
    assert answer.json()["code"] == "appointment_settled"


async def test_each_step_is_told_to_those_above(office: Office, owner: asyncpg.Connection) -> None:
    made = await office.made(office.lina, confirm=False)
    await office.act(office.lina, made, "confirm")
    new = (await office.act(office.lina, made, "reschedule", **NEW_TIME)).json()
    await office.act(office.lina, new, "cancel", reason="Le client est en voyage")
    rows = await owner.fetch(
        """SELECT kind FROM event_log WHERE object_type = 'appointment'
           AND kind NOT IN ('appointment.created', 'appointment.updated') ORDER BY id"""
    )
    assert [row[0].removeprefix("appointment.") for row in rows] == [
        "proposed",
        "confirmed",
        "rescheduled",
        "confirmed",
        "cancelled",
    ]


HOURS = st.integers(8, 15)
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), st.integers(0, 1), HOURS, st.booleans(), st.booleans()),
        st.tuples(
            st.sampled_from(["confirm", "cancel", "delete", "restore", "yes", "no"]), st.integers(0, 9)
        ),
        st.tuples(st.just("reschedule"), st.integers(0, 9), HOURS),
    ),
    min_size=3,
    max_size=14,
)
OVERLAPPING = """SELECT a.id, b.id FROM appointments a
    JOIN LATERAL (SELECT a.owner_user_id AS who UNION SELECT (x->>'id')::uuid
        FROM jsonb_array_elements(a.attendees) x WHERE x->>'response' <> 'no') pa ON true
    JOIN appointments b ON b.id > a.id AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at
    JOIN LATERAL (SELECT b.owner_user_id AS who UNION SELECT (x->>'id')::uuid
        FROM jsonb_array_elements(b.attendees) x WHERE x->>'response' <> 'no') pb ON pb.who = pa.who
    WHERE a.status = 'confirmed' AND b.status = 'confirmed'
      AND a.deleted_at IS NULL AND b.deleted_at IS NULL"""


class Diary:
    """Somebody at work without `force`; refusals are part of it."""

    def __init__(self, office: Office) -> None:
        self.office, self.made = office, list[dict[str, Any]]()
        self.people = [office.lina, office.omar]

    async def do(self, name: str, *how: Any) -> None:
        if name == "create":
            await self.create(*how)
        elif self.made:
            await self.change(name, self.made[how[0] % len(self.made)], *how[1:])

    async def create(self, who: int, hour: int, confirm: bool, together: bool) -> None:
        other = self.people[1 - who]
        attendees = [{"kind": "user", "id": str(other.id)}] if together else []
        times = {"starts_at": at(hour), "ends_at": at(hour + 1, 30)}
        answer = await self.office.post(self.people[who], **times, confirm=confirm, attendees=attendees)
        assert answer.status_code in (201, 409), answer.text
        self.made += [answer.json()] if answer.status_code == 201 else []

    async def change(self, name: str, of: dict[str, Any], *how: Any) -> None:
        office = self.office
        path = f"/v1/appointments/{of['id']}"
        version = (await office.client.get(path, headers=office.admin)).headers["etag"]
        attending = next((p for p in self.people if of["organizer_id"] != str(p.id)), office.lina)
        who = attending.headers if name in ("yes", "no") else office.admin
        body: dict[str, Any] = {"cancel": {"reason": "Sans suite"}, "confirm": {}}.get(name, {})
        if name == "reschedule":
            body = {"starts_at": at(how[0]), "ends_at": at(how[0] + 1, 30)}
        if name in ("yes", "no"):
            name, body = "respond", {"response": name}
        if name == "delete":
            answer = await office.client.delete(path, headers=who | {"If-Match": version})
        else:
            headers = who | {"If-Match": version}
            answer = await office.client.post(f"{path}/{name}", json=body, headers=headers)
        assert answer.status_code in (200, 204, 409), answer.text
        if name == "reschedule" and answer.status_code == 200:
            self.made.append(answer.json())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=OPERATIONS)
async def test_without_force_nobody_is_ever_in_two_places(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, operations: list[Any]
) -> None:
    diary = Diary(await Office.of(await open_company(app, client)))
    for operation in operations:
        await diary.do(*operation)
    organization_id = diary.office.company.organization_id
    assert await owner.fetch(f"{OVERLAPPING} AND a.organization_id = $1", organization_id) == []

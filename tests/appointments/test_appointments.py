"""Appointments over HTTP: made, read, changed, and who may."""

from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from appointments.people import Office, at, nobody
from company import open_company

pytestmark = pytest.mark.anyio


async def test_an_appointment_is_made_and_confirmed_at_once(office: Office) -> None:
    attendees = [{"kind": "user", "id": str(office.omar.id)}]
    answer = await office.post(office.lina, attendees=attendees, location="Agence de Chéraga")
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/appointments/{made['id']}"
    assert answer.headers["etag"] == '"1"'
    assert (made["status"], made["no_show"], made["previous_id"]) == ("confirmed", False, None)
    assert made["organizer_id"] == str(office.lina.id)
    assert made["agency_id"] == str(office.agency_id)
    assert made["reminder_offsets"] == [1440, 60]
    assert made["attendees"] == [{"kind": "user", "id": str(office.omar.id), "response": "pending"}]
    assert made["starts_at"] == "2027-04-13T08:00:00.000Z"
    assert made["ics_uid"] == f"{made['id']}@crm"
    read = await office.client.get(f"/v1/appointments/{made['id']}", headers=office.omar.headers)
    assert read.json() == made


async def test_it_may_be_proposed_first(office: Office) -> None:
    made = await office.made(office.lina, confirm=False)
    assert (made["status"], made["confirmed_at"]) == ("proposed", None)
    confirmed = await office.act(office.lina, made, "confirm")
    assert confirmed.json()["status"] == "confirmed"
    assert confirmed.json()["confirmed_at"] is not None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ends_at": at(9, 14)}, "duration"),
        ({"ends_at": at(17, 1)}, "duration"),
        ({"ends_at": at(8)}, "duration"),
        ({"starts_at": "2027-04-13T09:00:00"}, "timezone_aware"),
        ({"starts_at": "9999-12-31T23:00:00Z", "ends_at": "9999-12-31T23:30:00Z"}, "not_in_our_times"),
        ({"type": "home_visit"}, "location_required"),
        ({"type": "expert_visit"}, "location_required"),
        ({"type": "video"}, "video_url_required"),
        ({"type": "picnic"}, "enum"),
        ({"video_url": "javascript:alert(1)"}, "string_pattern_mismatch"),
        ({"reminder_offsets": [1, 2, 3, 4, 5, 6]}, "too_long"),
        ({"reminder_offsets": [-5]}, "greater_than_equal"),
        ({"object_type": "lead"}, "half_an_object"),
        ({"attendees": [{"kind": "user", "id": str(uuid4())}]}, "unknown_user"),
        ({"colour": "red"}, "extra_forbidden"),
    ],
)
async def test_what_makes_no_sense_is_refused(office: Office, changed: dict[str, object], code: str) -> None:
    answer = await office.post(office.lina, **changed)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["code"] == code


async def test_a_quarter_of_an_hour_and_eight_hours_are_bearable(office: Office) -> None:
    await office.made(office.lina, starts_at=at(8), ends_at=at(8, 15))
    await office.made(office.lina, starts_at=at(9), ends_at=at(17))


async def test_nobody_is_invited_twice(office: Office) -> None:
    twice = [{"kind": "user", "id": str(office.omar.id)}] * 2
    answer = await office.post(office.lina, attendees=twice)
    assert answer.json()["errors"][0]["code"] == "invited_twice"


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("organizer_id", "unknown_organizer"),
        ("agency_id", "unknown_agency"),
        ("resource_id", "unknown_resource"),
        ("contact_id", "unknown_object"),
        ("account_id", "unknown_object"),
    ],
)
async def test_who_and_what_it_names_must_be_ours(office: Office, field: str, code: str) -> None:
    answer = await office.post(office.admin, **{field: nobody()})
    assert answer.json()["code"] == code, answer.text


async def test_it_hangs_on_an_object_that_can_be_seen(office: Office) -> None:
    lead = {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56", "source": "phone"}
    made = await office.client.post("/v1/leads", json=lead, headers=office.lina.headers)
    of_lead = {"object_type": "lead", "object_id": made.json()["id"]}
    appointment = await office.made(office.lina, **of_lead)
    listed = await office.client.get("/v1/appointments", params=of_lead, headers=office.lina.headers)
    assert [one["id"] for one in listed.json()["data"]] == [appointment["id"]]
    answer = await office.post(office.lina, object_type="lead", object_id=nobody())
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_object")


async def test_it_changes_but_for_its_time(office: Office) -> None:
    made = await office.made(office.lina, attendees=[{"kind": "user", "id": str(office.omar.id)}])
    await office.act(office.omar, made, "respond", response="maybe")
    path, patch = f"/v1/appointments/{made['id']}", {"title": "Devis", "location": "Bureau 3"}
    stale = await office.client.patch(path, json=patch, headers=office.lina.headers | {"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    headers = office.lina.headers | {"If-Match": '"2"'}
    changed = await office.client.patch(path, json=patch, headers=headers)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["title"], changed.json()["location"]) == ("Devis", "Bureau 3")
    again = {"attendees": [{"kind": "user", "id": str(office.omar.id)}]}
    kept = await office.client.patch(path, json=again, headers=office.lina.headers | {"If-Match": '"3"'})
    assert kept.json()["attendees"][0]["response"] == "maybe"
    times = await office.client.patch(path, json={"starts_at": at(11)}, headers=headers)
    assert times.status_code == 422


async def test_a_visit_keeps_its_place(office: Office) -> None:
    made = await office.made(office.lina, type="home_visit", location="12 rue Didouche Mourad")
    headers = office.lina.headers | {"If-Match": '"1"'}
    answer = await office.client.patch(
        f"/v1/appointments/{made['id']}", json={"location": None}, headers=headers
    )
    assert answer.json()["errors"][0]["code"] == "location_required"


async def test_the_bin_frees_its_time_and_restoring_asks_for_it_again(office: Office) -> None:
    made = await office.made(office.lina)
    path = f"/v1/appointments/{made['id']}"
    gone = await office.client.delete(path, headers=office.lina.headers | {"If-Match": '"1"'})
    assert gone.status_code == 204
    other = await office.made(office.lina)
    refused = await office.client.post(f"{path}/restore", headers=office.admin)
    assert refused.json()["code"] == "appointment_conflict"
    await office.act(office.lina, other, "cancel", reason="Le client est en voyage")
    restored = await office.client.post(f"{path}/restore", headers=office.admin)
    assert (restored.status_code, restored.json()["deleted_at"]) == (200, None)
    assert (await office.post(office.lina)).status_code == 409


async def test_lists_filter_sort_and_page(office: Office) -> None:
    for hour in (9, 10, 11):
        await office.made(office.lina, starts_at=at(hour), ends_at=at(hour + 1), title=f"À {hour} h")
    with_omar = {"attendees": [{"kind": "user", "id": str(office.omar.id)}]}
    await office.made(office.lina, starts_at=at(9, days=1), ends_at=at(10, days=1), **with_omar)

    async def listed(**params: object) -> list[str]:
        answer = await office.client.get("/v1/appointments", params=params, headers=office.admin)
        assert answer.status_code == 200, answer.text
        return [one["starts_at"] for one in answer.json()["data"]]

    assert await listed() == sorted(await listed())
    assert len(await listed(starts_at_lt=at(10, 30))) == 2
    assert len(await listed(user_id=str(office.omar.id))) == 1
    assert len(await listed(user_id=str(office.lina.id))) == 4
    assert await listed(status="cancelled") == []
    assert len(await listed(organizer_id=str(office.lina.id), type="phone")) == 4
    first = await office.client.get("/v1/appointments", params={"limit": 3}, headers=office.admin)
    cursor = first.json()["next_cursor"]
    rest = await listed(limit=3, cursor=cursor)
    assert [one["starts_at"] for one in first.json()["data"]] + rest == await listed()
    counted = await office.client.get("/v1/appointments/count", headers=office.admin)
    assert counted.json() == {"count": 4}


async def test_who_sees_and_changes_what(office: Office) -> None:
    far = await office.company.agency("16099")
    stranger = await office.company.hire(agency_id=far)
    editor = await office.company.hire("editor", agency_id=office.agency_id)
    supervisor = await office.company.hire("supervisor")
    made = await office.made(office.lina)
    path = f"/v1/appointments/{made['id']}"

    async def of(person: object) -> tuple[int, int]:
        headers = person.headers  # type: ignore[attr-defined]
        read = await office.client.get(path, headers=headers)
        version = (await office.client.get(path, headers=office.admin)).headers["etag"]
        patch = await office.client.patch(
            path, json={"title": "Autre titre"}, headers=headers | {"If-Match": version}
        )
        return read.status_code, patch.status_code

    assert await of(office.lina) == (200, 200)
    assert await of(office.omar) == (200, 200)  # a colleague of the agency
    assert await of(office.company.admin) == (200, 200)
    assert await of(supervisor) == (200, 403)  # reads everything, changes his own
    assert await of(editor) == (404, 404)  # her own only
    assert await of(stranger) == (404, 404)
    attendees = [{"kind": "user", "id": str(person.id)} for person in (editor, stranger)]
    with_them = await office.made(office.lina, starts_at=at(11), ends_at=at(12), attendees=attendees)
    path = f"/v1/appointments/{with_them['id']}"
    assert await of(editor) == (200, 403)
    assert await of(stranger) == (200, 403)
    own = await office.made(editor, starts_at=at(14), ends_at=at(15))
    path = f"/v1/appointments/{own['id']}"
    assert await of(editor) == (200, 200)
    for_another = await office.post(editor, organizer_id=office.lina.id, starts_at=at(15), ends_at=at(16))
    assert for_another.json()["code"] == "not_your_appointment"


async def test_another_organization_sees_nothing(
    office: Office, app: FastAPI, client: httpx.AsyncClient
) -> None:
    made = await office.made(office.lina)
    other = await open_company(app, client)
    foreign = actor(other.organization_id, "appointments:read", "appointments:write", "interactions:write")
    path = f"/v1/appointments/{made['id']}"
    assert (await client.get(path, headers=foreign)).status_code == 404
    assert (await client.get(f"{path}/calendar", headers=foreign)).status_code == 404
    assert (await client.get("/v1/appointments", headers=foreign)).json()["data"] == []
    busy = {"party_id": str(office.lina.id), "starts_at_gte": at(0), "starts_at_lt": at(23)}
    assert (await client.get("/v1/appointments/busy", params=busy, headers=foreign)).json()["data"] == []


async def test_who_takes_over_from_a_colleague_holds_their_appointments(office: Office) -> None:
    made = await office.made(office.lina)
    path = f"/v1/users/{office.lina.id}"
    version = (await office.client.get(path, headers=office.admin)).headers["etag"]
    left = await office.client.post(
        f"{path}/deactivate",
        json={"reassign_to": str(office.omar.id)},
        headers=office.admin | {"If-Match": version},
    )
    assert left.status_code == 200, left.text
    read = await office.client.get(f"/v1/appointments/{made['id']}", headers=office.admin)
    assert read.json()["organizer_id"] == str(office.omar.id)
    assert (await office.post(office.omar)).json()["code"] == "appointment_conflict"

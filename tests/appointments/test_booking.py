"""Whose time an appointment takes: conflicts, rooms, the room an agency has, its opening hours."""

import asyncio
from typing import Any

import pytest

from appointments.people import Office, at
from crm_api.appointments.booking import most_at_once

pytestmark = pytest.mark.anyio


async def test_a_conflict_names_who_is_taken_and_force_books_all_the_same(office: Office) -> None:
    first = await office.made(office.lina, title="Expertise")
    overlapping = {"starts_at": at(9, 30), "ends_at": at(10, 30)}
    refused = await office.post(office.lina, **overlapping)
    assert (refused.status_code, refused.json()["code"]) == (409, "appointment_conflict")
    assert refused.json()["conflicts"] == [
        {
            "party_type": "user",
            "party_id": str(office.lina.id),
            "starts_at": "2027-04-13T08:00:00.000Z",
            "ends_at": "2027-04-13T09:00:00.000Z",
            "appointment_id": first["id"],
            "title": "Expertise",
        }
    ]
    listed = await office.client.get("/v1/appointments", headers=office.admin)
    assert len(listed.json()["data"]) == 1  # nothing was written
    await office.made(office.lina, **overlapping, force=True)


async def test_one_begins_as_the_other_ends(office: Office) -> None:
    await office.made(office.lina)
    await office.made(office.lina, starts_at=at(10), ends_at=at(11))
    await office.made(office.lina, starts_at=at(8), ends_at=at(9))


async def test_whoever_attends_is_taken_until_they_decline(office: Office) -> None:
    attendees = [{"kind": "user", "id": str(office.omar.id)}]
    made = await office.made(office.lina, attendees=attendees)
    refused = await office.post(office.omar)
    assert refused.json()["conflicts"][0]["party_id"] == str(office.omar.id)
    assert (await office.act(office.omar, made, "respond", response="no")).status_code == 200
    own = await office.made(office.omar)
    again = await office.act(office.omar, made, "respond", response="yes")
    assert again.json()["code"] == "appointment_conflict"
    assert (await office.act(office.omar, made, "respond", response="yes", force=True)).status_code == 200
    await office.act(office.omar, own, "cancel", reason="Le client est en voyage")
    assert (await office.post(office.omar)).status_code == 409


async def test_only_who_is_invited_answers(office: Office) -> None:
    made = await office.made(office.lina)
    answer = await office.act(office.omar, made, "respond", response="yes")
    assert answer.json()["code"] == "not_invited"
    silent = await office.act(office.omar, made, "respond", response="pending")
    assert silent.json()["errors"][0]["code"] == "no_answer"


async def test_what_is_only_proposed_takes_nobodys_time(office: Office) -> None:
    proposed = [await office.made(office.lina, confirm=False) for _ in range(3)]
    confirmed = await office.act(office.lina, proposed[0], "confirm")
    assert confirmed.status_code == 200
    for other in proposed[1:]:
        refused = await office.act(office.lina, other, "confirm")
        assert refused.json()["code"] == "appointment_conflict"
    late = await office.post(office.lina, confirm=False)
    assert late.status_code == 409  # it does not fit beside the confirmed one
    assert (await office.act(office.lina, proposed[1], "confirm", force=True)).status_code == 200


async def test_a_room_is_had_by_one_at_a_time(office: Office) -> None:
    room = await office.room()
    await office.made(office.lina, resource_id=room)
    refused = await office.post(office.omar, resource_id=room)
    (conflict,) = refused.json()["conflicts"]
    assert (conflict["party_type"], conflict["party_id"]) == ("resource", str(room))
    without = await office.made(office.omar)
    headers = office.omar.headers | {"If-Match": '"1"'}
    path = f"/v1/appointments/{without['id']}"
    taken = await office.client.patch(path, json={"resource_id": str(room)}, headers=headers)
    assert taken.json()["code"] == "appointment_conflict"
    other = await office.room("SALLE-3")
    free = await office.client.patch(path, json={"resource_id": str(other)}, headers=headers)
    assert free.json()["resource_id"] == str(other)
    off = {"If-Match": '"1"'} | office.admin
    await office.client.patch(f"/v1/appointment-resources/{other}", json={"is_active": False}, headers=off)
    answer = await office.post(office.omar, resource_id=other, starts_at=at(14), ends_at=at(15))
    assert answer.json()["code"] == "unknown_resource"


async def test_what_a_colleague_is_up_to_stays_theirs(office: Office) -> None:
    far = await office.company.agency("16099")
    stranger = await office.company.hire(agency_id=far)
    await office.made(office.lina, title="Entretien d'évaluation")
    invited = [{"kind": "user", "id": str(office.lina.id)}]
    refused = await office.post(stranger, attendees=invited)
    (conflict,) = refused.json()["conflicts"]
    assert (conflict["appointment_id"], conflict["title"]) == (None, None)
    asked = {"party_id": str(office.lina.id), "starts_at_gte": at(0), "starts_at_lt": at(23)}
    for who, title in ((stranger, None), (office.omar, "Entretien d'évaluation")):
        answer = await office.client.get("/v1/appointments/busy", params=asked, headers=who.headers)
        (busy,) = answer.json()["data"]
        assert (busy["starts_at"], busy["ends_at"]) == (
            "2027-04-13T08:00:00.000Z",
            "2027-04-13T09:00:00.000Z",
        )
        assert (busy["title"], busy["tentative"]) == (title, False)


async def test_a_customer_comes_while_the_agency_is_open(office: Office) -> None:
    for hours in (
        {"starts_at": at(7), "ends_at": at(8)},
        {"starts_at": at(11, 30), "ends_at": at(13)},  # over lunch
        {"starts_at": at(16), "ends_at": at(17)},
        {"starts_at": at(9, days=3), "ends_at": at(10, days=3)},  # a Friday
    ):
        refused = await office.post(office.lina, type="agency", force=True, **hours)
        assert (refused.status_code, refused.json()["code"]) == (409, "outside_opening_hours"), hours
    assert refused.json()["next_opening_at"] == "2027-04-18T07:00:00.000Z"  # Sunday at eight
    await office.made(office.lina, type="agency", starts_at=at(11, 30), ends_at=at(12))
    await office.made(office.lina, type="home_visit", location="Hydra", starts_at=at(18), ends_at=at(19))


async def test_a_partners_program_books_only_opening_hours(office: Office) -> None:
    scopes = "appointments:read", "appointments:write", "interactions:write"
    program = office.may(*scopes, kind="client", session_id=None, confirmed_at=None)
    night = {"organizer_id": office.lina.id, "starts_at": at(20), "ends_at": at(21)}
    refused = await office.post(program, **night)
    assert refused.json()["code"] == "outside_opening_hours"
    assert (await office.post(program, organizer_id=office.lina.id)).status_code == 201
    alone = await office.post(program)
    assert alone.json()["code"] == "unknown_organizer"


async def test_an_agency_takes_as_many_as_it_has_room_for(office: Office) -> None:
    await office.capacity(2)
    visit = {"type": "agency"}
    await office.made(office.lina, **visit)
    await office.made(office.omar, **visit, starts_at=at(9, 30), ends_at=at(10, 30))
    third = {"organizer_id": office.company.admin.id, "agency_id": office.agency_id, **visit}
    refused = await office.post(office.admin, **third, starts_at=at(9, 45), ends_at=at(10, 15))
    assert (refused.status_code, refused.json()["code"]) == (409, "agency_full")
    assert refused.json()["seats"] == 2
    # One ends as another begins: there are never more than two at once.
    await office.made(office.admin, **third, starts_at=at(10), ends_at=at(11, 30))
    by_phone = {**third, "type": "phone", "starts_at": at(9, 45), "ends_at": at(10)}
    await office.made(office.admin, **by_phone)  # another type has its own room
    await office.made(office.admin, **third, starts_at=at(9), ends_at=at(10), force=True)


async def test_an_agency_without_room_takes_none(office: Office) -> None:
    capacity = await office.capacity(0)
    assert (await office.post(office.lina, type="agency")).json()["code"] == "agency_full"
    path = f"/v1/appointment-capacities/{capacity['id']}"
    twice = await office.client.post(
        "/v1/appointment-capacities",
        json={"agency_id": str(office.agency_id), "type": "agency", "seats": 1},
        headers=office.admin,
    )
    assert twice.json()["code"] == "capacity_known"
    gone = await office.client.delete(path, headers=office.admin | {"If-Match": '"1"'})
    assert gone.status_code == 204
    await office.made(office.lina, type="agency")


async def test_twenty_who_want_one_slot_get_the_seats_there_are(office: Office) -> None:
    await office.capacity(3)
    people = [await office.company.hire(agency_id=office.agency_id) for _ in range(20)]
    answers = await asyncio.gather(*(office.post(person, type="agency") for person in people))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 17
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"agency_full"}


async def test_twenty_who_want_one_colleague_get_her_once(office: Office) -> None:
    answers = await asyncio.gather(*(office.post(office.lina) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19


async def test_people_booked_crosswise_never_wait_for_each_other(office: Office) -> None:
    people = [office.lina, office.omar, office.company.admin]
    pairs = [(a, b) for a in people for b in people if a is not b] * 3
    answers = await asyncio.gather(
        *(office.post(a, attendees=[{"kind": "user", "id": str(b.id)}]) for a, b in pairs)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (len(pairs) - 1)


async def slots(office: Office, **params: Any) -> list[dict[str, Any]]:
    asked = {"from_on": "2027-04-13", "to_on": "2027-04-13", "minutes": 60} | params
    answer = await office.client.get("/v1/appointments/slots", params=asked, headers=office.lina.headers)
    assert answer.status_code == 200, answer.text
    return [dict(slot) for slot in answer.json()["data"]]


async def test_slots_are_what_appointments_leave_of_the_opening_hours(office: Office) -> None:
    free = await slots(office, user_id=str(office.lina.id))
    hours = [7, 8, 9, 10]
    begins = [f"2027-04-13T{hour:02}:00:00.000Z" for hour in hours]
    begins += [f"2027-04-13T{hour:02}:30:00.000Z" for hour in (11, 12, 13, 14)]
    assert [slot["starts_at"] for slot in free] == begins
    assert {slot["seats_left"] for slot in free} == {None}
    await office.made(office.lina, starts_at=at(9, 30), ends_at=at(10, 15))
    await office.made(office.lina, starts_at=at(14), ends_at=at(15), confirm=False)
    left = await slots(office, user_id=str(office.lina.id))
    assert [slot["starts_at"] for slot in left] == [begins[0], begins[3], *begins[4:]]
    for slot in left[:2]:
        times = {"starts_at": slot["starts_at"], "ends_at": slot["ends_at"]}
        await office.made(office.lina, **times)  # a slot that is offered can be had
    assert len(await slots(office, user_id=str(office.lina.id))) == len(left) - 2


async def test_slots_of_an_agency_tell_the_seats_left(office: Office) -> None:
    await office.capacity(2)
    visit = {"type": "agency"}
    await office.made(office.lina, **visit, starts_at=at(8), ends_at=at(10))
    await office.made(office.omar, **visit, starts_at=at(9), ends_at=at(10))
    agency = {"agency_id": str(office.agency_id)}
    seats = {slot["starts_at"][11:16]: slot["seats_left"] for slot in await slots(office, **agency)}
    assert (seats["07:00"], seats.get("08:00"), seats["09:00"]) == (1, None, 2)
    both = await slots(office, **agency, user_id=str(office.lina.id))
    assert both[0]["starts_at"] == "2027-04-13T09:00:00.000Z"


async def test_there_are_no_slots_on_a_day_off_nor_in_the_past(office: Office) -> None:
    friday = {"from_on": "2027-04-16", "to_on": "2027-04-17"}
    assert await slots(office, agency_id=str(office.agency_id), **friday) == []
    past = {"from_on": "2024-03-04", "to_on": "2024-03-05"}
    assert await slots(office, agency_id=str(office.agency_id), **past) == []


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({}, 422, "whose_slots"),
        ({"agency_id": "01936e2a-0000-7000-8000-000000000000"}, 404, None),
        ({"user_id": "01936e2a-0000-7000-8000-000000000000"}, 404, None),
        ({"minutes": 5}, 422, "greater_than_equal"),
        ({"to_on": "2027-06-01"}, 422, "whose_slots"),
        ({"agency_id": "01936e2a-0000-7000-8000-000000000000", "to_on": "2027-06-01"}, 422, "period"),
    ],
)
async def test_bad_questions_about_slots(office: Office, params: Any, status: int, code: str | None) -> None:
    asked = {"from_on": "2027-04-13", "to_on": "2027-04-13"} | params
    answer = await office.client.get("/v1/appointments/slots", params=asked, headers=office.lina.headers)
    assert answer.status_code == status, answer.text
    if code:
        assert answer.json()["errors"][0]["code"] == code


def test_how_many_run_at_once() -> None:
    hours = [(9, 10), (10, 11), (9, 11), (12, 13)]
    times = [tuple(office_hour(hour) for hour in pair) for pair in hours]
    assert most_at_once(times) == 2  # type: ignore[arg-type]
    assert most_at_once([]) == 0


def office_hour(hour: int) -> Any:
    return at(hour)

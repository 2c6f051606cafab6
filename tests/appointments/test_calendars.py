"""Calendars: one's own read from outside, one appointment as a file, and a calendar taken over."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import icalendar
import pytest

from appointments.people import Office, at
from crm_api.core import opaque
from crm_api.core.db import now

pytestmark = pytest.mark.anyio
SOON = (now() + timedelta(days=20)).replace(hour=9, minute=0, second=0, microsecond=0)


def soon(hours: float = 0, days: int = 0) -> str:
    return (SOON + timedelta(hours=hours, days=days)).isoformat().replace("+00:00", "Z")


def stamp(hours: float = 0, days: int = 0) -> str:
    return f"{SOON + timedelta(hours=hours, days=days):%Y%m%dT%H%M%SZ}"


def calendar(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//FR"]
    for event in events:
        lines += ["BEGIN:VEVENT", *event.strip().splitlines(), "END:VEVENT"]
    return "\r\n".join([*(line.strip() for line in lines), "END:VCALENDAR", ""]).encode()


def event(uid: str = "a@x", hours: float = 0, days: int = 0, **more: str) -> str:
    lines = [f"UID:{uid}", "DTSTAMP:20260101T000000Z"]
    fields = {"DTSTART": stamp(hours, days), "DTEND": stamp(hours + 1, days), "SUMMARY": "Point"} | more
    return "\n".join(lines + [f"{name}:{value}" for name, value in fields.items() if value])


async def sent(office: Office, content: bytes, **fields: Any) -> httpx.Response:
    return await office.client.post(
        "/v1/appointments/import",
        files={"file": ("agenda.ics", content, "text/calendar")},
        data=fields,
        headers=office.lina.headers,
    )


async def taken_over(office: Office, content: bytes, **fields: Any) -> dict[str, Any]:
    answer = await sent(office, content, **fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def held(office: Office) -> list[dict[str, Any]]:
    answer = await office.client.get("/v1/appointments", params={"limit": 200}, headers=office.lina.headers)
    return [dict(one) for one in answer.json()["data"]]


# --- the feed


async def opened(office: Office) -> str:
    answer = await office.client.post("/v1/appointments/feed", headers=office.lina.headers)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return str(answer.json()["url"]).partition("/v1/")[2]


async def test_a_telephone_reads_ones_own_appointments(office: Office) -> None:
    attendees = [{"kind": "user", "id": str(office.lina.id)}]
    own = await office.made(office.lina, starts_at=soon(), ends_at=soon(1), location="Agence de Chéraga")
    invited = await office.made(
        office.omar, starts_at=soon(2), ends_at=soon(3), attendees=attendees, title="Réunion ; budget, 2027"
    )
    await office.made(office.omar, starts_at=soon(4), ends_at=soon(5), title="Secret d'Omar")
    gone = await office.made(office.lina, starts_at=soon(6), ends_at=soon(7))
    await office.act(office.lina, gone, "cancel", reason="Le client est en voyage")
    path = await opened(office)
    answer = await office.client.get(f"/v1/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    read = icalendar.Calendar.from_ical(answer.content)
    events = {str(one["UID"]): one for one in read.walk("VEVENT")}  # type: ignore[union-attr]
    assert set(events) == {own["ics_uid"], invited["ics_uid"]}
    first = events[own["ics_uid"]]
    assert first["DTSTART"].to_ical() == stamp().encode()  # in UTC: no table of time zones travels
    assert (str(first["LOCATION"]), str(first["STATUS"])) == ("Agence de Chéraga", "CONFIRMED")
    assert str(events[invited["ics_uid"]]["SUMMARY"]) == "Réunion ; budget, 2027"
    assert b"VTIMEZONE" not in answer.content
    assert b"Secret" not in answer.content
    again = await office.client.get(f"/v1/{path}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await office.act(office.lina, own, "reschedule", starts_at=soon(8), ends_at=soon(9))
    changed = await office.client.get(f"/v1/{path}", headers={"If-None-Match": answer.headers["etag"]})
    assert changed.status_code == 200


async def test_the_secret_is_kept_as_a_hash_rotates_and_can_be_revoked(
    office: Office, owner: asyncpg.Connection
) -> None:
    state = "/v1/appointments/feed"
    closed = await office.client.get(state, headers=office.lina.headers)
    assert closed.json() == {"is_open": False, "rotated_at": None}
    first = await opened(office)
    rows = await owner.fetch("SELECT row_to_json(f)::text FROM calendar_feeds f")
    assert first.split("/")[2] not in rows[0][0]
    second = await opened(office)
    assert (await office.client.get(f"/v1/{first}")).json()["code"] == "no_such_feed"
    assert (await office.client.get(f"/v1/{second}")).status_code == 200
    assert (await office.client.get(state, headers=office.lina.headers)).json()["is_open"] is True
    logged = await owner.fetchval("SELECT string_agg(changes::text, '') FROM audit_log")
    assert second.split("/")[2] not in logged
    gone = await office.client.delete(state, headers=office.lina.headers)
    assert gone.status_code == 204
    assert (await office.client.get(f"/v1/{second}")).status_code == 404
    assert (await office.client.delete(state, headers=office.lina.headers)).status_code == 404


async def test_a_secret_that_is_none_opens_nothing(office: Office) -> None:
    foreign, _ = opaque.make("cal", uuid4())
    ours, _ = opaque.make("cal", office.company.organization_id)
    for secret in (foreign, ours, "x" * 40, ours.replace("cal_", "key_")):
        answer = await office.client.get(f"/v1/public/calendars/{secret}/appointments.ics")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_feed"), secret


async def test_who_is_suspended_is_no_longer_read(office: Office) -> None:
    path = await opened(office)
    user = f"/v1/users/{office.lina.id}"
    version = (await office.client.get(user, headers=office.admin)).headers["etag"]
    headers = office.admin | {"If-Match": version}
    assert (await office.client.post(f"{user}/suspend", headers=headers)).status_code == 200
    assert (await office.client.get(f"/v1/{path}")).status_code == 404


async def test_one_appointment_as_a_file(office: Office) -> None:
    made = await office.made(office.lina, confirm=False)
    path = f"/v1/appointments/{made['id']}/calendar"
    answer = await office.client.get(path, headers=office.lina.headers)
    (one,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")  # type: ignore[union-attr]
    assert (str(one["UID"]), str(one["STATUS"])) == (made["ics_uid"], "TENTATIVE")
    assert answer.headers["content-disposition"] == f'attachment; filename="{made["id"]}.ics"'
    again = await office.client.get(
        path, headers=office.lina.headers | {"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


# --- taking a calendar over


async def test_a_calendar_is_taken_over_once_however_often_it_is_sent(office: Office) -> None:
    content = calendar(event("a@x"), event("b@x", 2, LOCATION="Chez M. Benali, Hydra"), event("c@x", 4))
    first = await taken_over(office, content)
    assert (first["created"], first["failed"]) == (3, 0), first
    again = await taken_over(office, content)
    assert (again["created"], again["unchanged"]) == (0, 3)
    assert [one["appointment_id"] for one in again["data"]] == [
        one["appointment_id"] for one in first["data"]
    ]
    mine = await held(office)
    assert [(one["ics_uid"], one["status"]) for one in mine] == [
        ("a@x", "confirmed"),
        ("b@x", "confirmed"),
        ("c@x", "confirmed"),
    ]
    assert mine[1]["location"] == "Chez M. Benali, Hydra"
    assert mine[0]["organizer_id"] == str(office.lina.id)


async def test_colleagues_see_only_that_one_is_taken(office: Office) -> None:
    (row,) = (await taken_over(office, calendar(event("dentist@x", SUMMARY="Dentiste"))))["data"]
    path = f"/v1/appointments/{row['appointment_id']}"
    assert (await office.client.get(path, headers=office.omar.headers)).status_code == 404
    asked = {"party_id": str(office.lina.id), "starts_at_gte": soon(-1), "starts_at_lt": soon(5)}
    busy = await office.client.get("/v1/appointments/busy", params=asked, headers=office.omar.headers)
    assert [one["title"] for one in busy.json()["data"]] == [None]


async def test_what_changed_there_changes_here(office: Office) -> None:
    await taken_over(office, calendar(event("a@x"), event("b@x", 2)))
    moved = await taken_over(
        office, calendar(event("a@x", 5, SUMMARY="Autre sujet"), event("b@x", 2, STATUS="CANCELLED"))
    )
    assert (moved["updated"], moved["created"]) == (2, 0)
    by_uid = {one["ics_uid"]: one for one in await held(office)}
    assert (by_uid["a@x"]["title"], by_uid["a@x"]["starts_at"][11:16]) == ("Autre sujet", "14:00")
    assert by_uid["b@x"]["status"] == "cancelled"
    later = await taken_over(office, calendar(event("b@x", 2)))
    assert later["unchanged"] == 1  # what is settled here stays so
    assert (await office.post(office.lina, starts_at=soon(), ends_at=soon(1))).status_code == 201
    assert (await office.post(office.lina, starts_at=soon(5), ends_at=soon(6))).status_code == 409


async def test_a_refused_entry_leaves_the_others_alone(office: Office) -> None:
    await office.made(office.lina, starts_at=soon(), ends_at=soon(1), title="Déjà pris")
    content = calendar(
        event("taken@x"),
        event("long@x", 2, DTEND=stamp(11)),
        event("day@x", DTSTART="20270301", DTEND="20270302"),
        event("backwards@x", 2, DTEND=stamp(1)),
        event("timeless@x", DTSTART="", DTEND=""),
        event("nowhere@x", **{"DTSTART": "", "DTSTART;TZID=Mars/Olympus": "20270301T090000"}),
        event("fine@x", 3),
    )
    result = await taken_over(office, content)
    codes = {one["uid"]: (one["problem"] or {}).get("code") for one in result["data"]}
    assert codes == {
        "taken@x": "appointment_conflict",
        "long@x": "entry_too_long",
        "day@x": "entry_too_long",
        "backwards@x": "entry_too_long",
        "timeless@x": "entry_without_times",
        "nowhere@x": "entry_without_times",
        "fine@x": None,
    }
    assert (result["created"], result["failed"]) == (1, 6)
    assert [one["title"] for one in await held(office)] == ["Déjà pris", "Point"]
    forced = await taken_over(office, calendar(event("taken@x")), force="true")
    assert forced["created"] == 1


async def test_an_entry_that_repeats_is_spread_out_within_bounds(office: Office) -> None:
    weekly = event("w@x", RRULE="FREQ=WEEKLY;COUNT=4", EXDATE=stamp(0, 7))
    moved = event("w@x", 3, 14, **{"RECURRENCE-ID": stamp(0, 14)})
    result = await taken_over(office, calendar(weekly, moved))
    assert (result["created"], result["failed"]) == (3, 0), result
    begins = sorted(one["starts_at"] for one in result["data"])
    assert [datetime.fromisoformat(one) - SOON for one in begins] == [
        timedelta(),
        timedelta(days=14, hours=3),
        timedelta(days=21),
    ]
    assert (await taken_over(office, calendar(weekly, moved)))["unchanged"] == 3
    endless = await taken_over(office, calendar(event("d@x", 6, RRULE="FREQ=DAILY")))
    assert (endless["created"], len(endless["data"])) == (100, 100)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=YEARLY;BYWEEKNO=53",
        "FREQ=DAILY;COUNT=5;UNTIL=20300101T000000Z",
        "FREQ=DAILY;INTERVAL=999999",
    ],
)
async def test_a_rule_that_cannot_be_followed_is_refused(office: Office, rule: str) -> None:
    (row,) = (await taken_over(office, calendar(event("r@x", RRULE=rule))))["data"]
    assert (row["outcome"], row["problem"]["code"]) == ("failed", "entry_repeats_badly")


async def test_an_impossible_rule_comes_to_its_end_at_once(office: Office) -> None:
    began = now()
    result = await taken_over(office, calendar(event("f@x", RRULE="FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30")))
    assert result["created"] == 1  # the first one, which stands by itself
    assert now() - began < timedelta(seconds=5)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"bonjour",
        b"\x89PNG\r\n\x1a\n",
        b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\n",
        bytes(range(256)) * 9,
    ],
)
async def test_a_file_that_is_no_calendar_is_refused(office: Office, content: bytes) -> None:
    answer = await sent(office, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_calendar"), answer.text
    assert await held(office) == []


async def test_a_calendar_too_large_is_refused(office: Office) -> None:
    many = calendar(*(event(f"{n}@x", days=n) for n in range(501)))
    assert (await sent(office, many)).json()["code"] == "calendar_too_large"
    repeating = calendar(*(event(f"{n}@x", RRULE="FREQ=DAILY") for n in range(101)))
    assert (await sent(office, repeating)).json()["code"] == "calendar_too_large"
    spread = calendar(*(event(f"{n}@x", n, RRULE="FREQ=DAILY") for n in range(6)))
    assert (await sent(office, spread)).json()["code"] == "calendar_too_large"


async def test_what_a_colleague_took_over_is_not_taken_away(office: Office) -> None:
    await taken_over(office, calendar(event("a@x")))
    answer = await office.client.post(
        "/v1/appointments/import",
        files={"file": ("agenda.ics", calendar(event("a@x", 3)), "text/calendar")},
        headers=office.omar.headers,
    )
    (row,) = answer.json()["data"]
    assert row["problem"]["code"] == "calendar_imported"
    assert (await held(office))[0]["starts_at"][11:16] == "09:00"


async def test_what_goes_out_comes_in_the_same(office: Office) -> None:
    """The file of an appointment, sent back, changes nothing."""
    made = await office.made(office.lina, location="Bureau 3", starts_at=at(9), ends_at=at(9, 45))
    file = await office.client.get(f"/v1/appointments/{made['id']}/calendar", headers=office.lina.headers)
    result = await taken_over(office, file.content)
    assert (result["unchanged"], result["data"][0]["appointment_id"]) == (1, made["id"])

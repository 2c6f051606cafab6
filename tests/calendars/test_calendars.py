from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from company import open_company
from crm_api.calendars import seeds
from crm_api.calendars.service import CalendarService

pytestmark = pytest.mark.anyio
OURS = uuid4()
SCOPES = "organization:read", "calendars:manage", "agencies:read", "agencies:write"
ADMIN = actor(OURS, *SCOPES)
THEIRS = actor(uuid4(), *SCOPES)
STAFF = actor(OURS, "organization:read")
OFFICE = [
    {"weekday": day, "opens": opens, "closes": closes}
    for day in range(5)
    for opens, closes in (("08:00", "12:00"), ("12:30", "16:30"))
]


async def calendar(client: httpx.AsyncClient, code: str = "siege", **more: Any) -> dict[str, Any]:
    body = {"code": code, "name": code.title(), "weekly_hours": OFFICE} | more
    answer = await client.post("/v1/calendars", json=body, headers=ADMIN)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def exception(client: httpx.AsyncClient, day: str, **more: Any) -> dict[str, Any]:
    body = {"day": day, "name": "Férié"} | more
    answer = await client.post("/v1/calendar-exceptions", json=body, headers=ADMIN)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def due(client: httpx.AsyncClient, start: str, minutes: int, **by: str) -> dict[str, Any]:
    query = {"start": start, "minutes": minutes} | by
    answer = await client.get("/v1/calendars/preview", params=query, headers=STAFF)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_calendar_is_made_read_and_changed(client: httpx.AsyncClient) -> None:
    made = await calendar(client)
    assert (made["timezone"], made["is_default"], made["status"]) == ("Africa/Algiers", False, "active")
    path = f"/v1/calendars/{made['id']}"
    read = await client.get(path, headers=STAFF)
    assert (read.json(), read.headers["etag"]) == (made, '"1"')
    change = {"weekly_hours": [{"weekday": 6, "opens": "08:30", "closes": "12:30"}]}
    changed = await client.patch(path, json=change, headers=ADMIN | {"If-Match": '"1"'})
    assert changed.json()["weekly_hours"] == change["weekly_hours"]
    listed = await client.get("/v1/calendars", headers=STAFF)
    assert [each["code"] for each in listed.json()["data"]] == ["siege"]
    again = await client.post(
        "/v1/calendars", json={"code": "siege", "name": "x", "weekly_hours": []}, headers=ADMIN
    )
    assert (again.status_code, again.json()["code"]) == (409, "calendar_code_taken")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"weekly_hours": [{"weekday": 0, "opens": "12:00", "closes": "08:00"}]}, "hours_order"),
        ({"weekly_hours": [{"weekday": 0, "opens": "24:00", "closes": "24:00"}]}, "string_pattern_mismatch"),
        ({"weekly_hours": [*OFFICE, {"weekday": 0, "opens": "11:59", "closes": "12:01"}]}, "hours_overlap"),
        ({"timezone": "Africa/Atlantis"}, "unknown_timezone"),
        (
            {
                "seasons": [
                    {"name": "Ramadan", "first_on": "2027-03-09", "last_on": "2027-02-08", "weekly_hours": []}
                ]
            },
            "season_order",
        ),
        (
            {
                "seasons": [
                    {
                        "name": "Ramadan",
                        "first_on": "2027-02-08",
                        "last_on": "2027-03-09",
                        "weekly_hours": [],
                    },
                    {"name": "Été", "first_on": "2027-03-09", "last_on": "2027-09-01", "weekly_hours": []},
                ]
            },
            "seasons_overlap",
        ),
    ],
)
async def test_hours_that_make_no_sense_are_refused(
    client: httpx.AsyncClient, body: dict[str, Any], code: str
) -> None:
    whole = {"code": "faux", "name": "Faux", "weekly_hours": OFFICE} | body
    refused = await client.post("/v1/calendars", json=whole, headers=ADMIN)
    assert refused.status_code == 422
    assert [each["code"] for each in refused.json()["errors"]] == [code]


async def test_an_answer_is_explained_day_by_day(client: httpx.AsyncClient) -> None:
    made = await calendar(client)
    await exception(client, "2026-11-22", name="Fête locale", tentative=True)
    told = await due(client, "2026-11-19T15:00:00Z", 60, calendar_id=made["id"])
    assert (told["due_at"], told["start_is_open"], told["tentative"]) == (
        "2026-11-23T07:30:00.000Z",
        True,
        True,
    )
    counted = [(day["day"], day["because"], day["name"], day["counted_minutes"]) for day in told["days"]]
    assert counted == [
        ("2026-11-19", "week", "", 30),
        ("2026-11-20", "week", "", 0),
        ("2026-11-21", "week", "", 0),
        ("2026-11-22", "exception", "Fête locale", 0),
        ("2026-11-23", "week", "", 30),
    ]
    assert told["days"][-1]["open"][0] == {
        "opens_at": "2026-11-23T07:00:00.000Z",
        "closes_at": "2026-11-23T11:00:00.000Z",
    }


async def test_an_exception_of_the_calendar_itself_beats_one_of_all(client: httpx.AsyncClient) -> None:
    made, open_always = await calendar(client), await calendar(client, "appels", observes_holidays=False)
    await exception(client, "2026-11-22")
    path = "/v1/calendars/{}/days?first_on=2026-11-22&days=1"
    closed = (await client.get(path.format(made["id"]), headers=STAFF)).json()["data"][0]
    assert (closed["because"], closed["open"]) == ("exception", [])
    unmoved = (await client.get(path.format(open_always["id"]), headers=STAFF)).json()["data"][0]
    assert (unmoved["because"], len(unmoved["open"])) == ("week", 2)
    await exception(
        client, "2026-11-22", calendar_id=made["id"], hours=[{"opens": "09:00", "closes": "10:00"}]
    )
    own = (await client.get(path.format(made["id"]), headers=STAFF)).json()["data"][0]
    assert own["open"] == [{"opens_at": "2026-11-22T08:00:00.000Z", "closes_at": "2026-11-22T09:00:00.000Z"}]


async def test_a_feast_that_the_moon_moved_is_moved_and_confirmed(client: httpx.AsyncClient) -> None:
    made = await calendar(client)
    feast = await exception(client, "2027-03-09", name="Aïd el-Fitr", tentative=True)
    path = f"/v1/calendar-exceptions/{feast['id']}"
    body = {"day": "2027-03-10", "tentative": False}
    moved = await client.patch(path, json=body, headers=ADMIN | {"If-Match": '"1"'})
    assert (moved.json()["day"], moved.json()["tentative"]) == ("2027-03-10", False)
    told = await due(client, "2027-03-10T08:00:00Z", 0, calendar_id=made["id"])
    assert told["due_at"] == "2027-03-11T07:00:00.000Z"
    gone = await client.delete(path, headers=ADMIN | {"If-Match": '"2"'})
    assert gone.status_code == 204
    assert (await client.get(path, headers=STAFF)).status_code == 404
    assert (await due(client, "2027-03-10T08:00:00Z", 0, calendar_id=made["id"]))["start_is_open"]


async def test_a_day_has_one_exception_in_a_calendar(client: httpx.AsyncClient) -> None:
    await exception(client, "2026-11-22")
    body = {"day": "2026-11-22", "name": "Encore"}
    again = await client.post("/v1/calendar-exceptions", json=body, headers=ADMIN)
    assert (again.status_code, again.json()["code"]) == (409, "calendar_day_taken")
    stray = await client.post(
        "/v1/calendar-exceptions", json=body | {"calendar_id": str(uuid4())}, headers=ADMIN
    )
    assert (stray.status_code, stray.json()["code"]) == (422, "unknown_calendar")


async def test_a_calendar_that_never_opens_is_said_to(client: httpx.AsyncClient) -> None:
    made = await calendar(client, "jamais", weekly_hours=[])
    query = {"start": "2026-11-22T08:00:00Z", "minutes": 1, "calendar_id": made["id"]}
    refused = await client.get("/v1/calendars/preview", params=query, headers=STAFF)
    assert (refused.status_code, refused.json()["code"]) == (409, "never_opens")
    days = await client.get(f"/v1/calendars/{made['id']}/days", headers=STAFF)
    assert (days.json()["is_open"], days.json()["next_opening_at"]) == (False, None)


async def agency(client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    region = await client.post("/v1/regions", json={"code": "CO", "name": "Centre-Ouest"}, headers=ADMIN)
    body = {"code": "16012", "name": "Hydra", "type": "direct_agency", "wilaya_code": "16"}
    return await client.post(
        "/v1/agencies", json=body | {"region_id": region.json()["id"]} | more, headers=ADMIN
    )


async def test_an_agency_works_by_its_calendar_the_others_by_the_default_one(
    client: httpx.AsyncClient,
) -> None:
    saturday = await calendar(
        client, "agence", weekly_hours=[{"weekday": 6, "opens": "08:30", "closes": "12:30"}]
    )
    default = await calendar(client)
    made = await client.post(
        f"/v1/calendars/{default['id']}/make-default", headers=ADMIN | {"If-Match": '"1"'}
    )
    assert made.json()["is_default"] is True
    ours = (await agency(client, opening_calendar_id=saturday["id"])).json()["id"]
    friday = "2026-11-20T09:00:00Z"
    assert (await due(client, friday, 30, agency_id=ours))["due_at"] == "2026-11-21T08:00:00.000Z"
    assert (await due(client, friday, 30))["due_at"] == "2026-11-22T07:30:00.000Z"
    assert (await due(client, friday, 30, agency_id=str(uuid4())))["due_at"] == "2026-11-22T07:30:00.000Z"
    stray = await client.patch(
        f"/v1/agencies/{ours}",
        json={"opening_calendar_id": str(uuid4())},
        headers=ADMIN | {"If-Match": '"1"'},
    )
    assert (stray.status_code, stray.json()["code"]) == (422, "unknown_opening_calendar")


async def test_a_calendar_in_use_is_not_retired(client: httpx.AsyncClient) -> None:
    used, default, spare = [await calendar(client, code) for code in ("agence", "siege", "autre")]
    ours = await agency(client, opening_calendar_id=used["id"])
    await client.post(f"/v1/calendars/{default['id']}/make-default", headers=ADMIN | {"If-Match": '"1"'})
    for kept, count, version in ((used, 1, 1), (default, 0, 2)):
        refused = await client.post(
            f"/v1/calendars/{kept['id']}/retire", headers=ADMIN | {"If-Match": f'"{version}"'}
        )
        assert (refused.status_code, refused.json()["code"], refused.json()["agencies"]) == (
            409,
            "calendar_in_use",
            count,
        )
    retired = await client.post(f"/v1/calendars/{spare['id']}/retire", headers=ADMIN | {"If-Match": '"1"'})
    assert retired.json()["status"] == "retired"
    unfit = await client.post(
        f"/v1/calendars/{spare['id']}/make-default", headers=ADMIN | {"If-Match": '"2"'}
    )
    assert (unfit.status_code, unfit.json()["code"]) == (409, "retired_calendar_unfit")
    assert ours.status_code == 201


async def test_the_default_moves_from_one_calendar_to_another(client: httpx.AsyncClient) -> None:
    first, second = await calendar(client, "un"), await calendar(client, "deux")
    for each in first, second:
        await client.post(f"/v1/calendars/{each['id']}/make-default", headers=ADMIN | {"If-Match": '"1"'})
    listed = (await client.get("/v1/calendars", headers=STAFF)).json()["data"]
    assert [each["code"] for each in listed if each["is_default"]] == ["deux"]


async def test_another_organization_sees_nothing(client: httpx.AsyncClient) -> None:
    made, feast = await calendar(client), await exception(client, "2026-11-22")
    for path in (
        f"/v1/calendars/{made['id']}",
        f"/v1/calendars/{made['id']}/days",
        f"/v1/calendar-exceptions/{feast['id']}",
    ):
        assert (await client.get(path, headers=THEIRS)).status_code == 404
    assert (await client.get("/v1/calendars", headers=THEIRS)).json()["data"] == []
    query = {"start": "2026-11-22T08:00:00Z", "minutes": 1, "calendar_id": made["id"]}
    assert (await client.get("/v1/calendars/preview", params=query, headers=THEIRS)).status_code == 422


async def test_only_who_manages_calendars_changes_them(client: httpx.AsyncClient) -> None:
    body = {"code": "x", "name": "x", "weekly_hours": []}
    refused = await client.post("/v1/calendars", json=body, headers=STAFF)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")


# --- what an organization starts with


async def test_an_organization_starts_with_three_calendars_and_its_holidays(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    company = await open_company(app, client)
    listed = (await client.get("/v1/calendars", headers=company.admin.headers)).json()["data"]
    assert [(each["code"], each["is_default"]) for each in listed] == [
        ("agence", False),
        ("centre_appels", False),
        ("siege", True),
    ]
    days = (await client.get("/v1/calendar-exceptions?limit=200", headers=company.admin.headers)).json()[
        "data"
    ]
    year = date.today().year  # noqa: DTZ011
    tentative = {day["day"]: day["tentative"] for day in days}
    assert tentative[f"{year}-11-01"] is False
    assert {day["day"][:4] for day in days} == {str(year), str(year + 1)}
    assert any(tentative.values())


def test_the_holidays_are_those_of_the_book() -> None:
    known = {holiday.day: holiday.tentative for holiday in seeds.holidays_of(2026)}
    fixed = {date(2026, 1, 1), date(2026, 1, 12), date(2026, 5, 1), date(2026, 7, 5), date(2026, 11, 1)}
    assert {day for day, tentative in known.items() if not tentative} == fixed
    moon = {date(2026, 3, 20), date(2026, 3, 21), date(2026, 3, 22), date(2026, 5, 27), date(2026, 5, 28)}
    moon |= {date(2026, 5, 29), date(2026, 6, 16), date(2026, 6, 25), date(2026, 8, 25)}
    assert {day for day, tentative in known.items() if tentative} == moon
    assert list(seeds.ramadan_of(2027)) == [(date(2027, 2, 8), date(2027, 3, 9))]


async def test_the_years_ahead_are_added_once_and_corrections_stay(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    company = await open_company(app, client)
    headers = company.admin.headers
    feast = (await client.get("/v1/calendar-exceptions?tentative=true", headers=headers)).json()["data"][0]
    await client.delete(f"/v1/calendar-exceptions/{feast['id']}", headers=headers | {"If-Match": '"1"'})
    for _ in range(2):
        ctx = company.context()
        await CalendarService(ctx).extend()
        await ctx.commit()
        await ctx.close()
    days = (await client.get("/v1/calendar-exceptions?limit=200", headers=headers)).json()["data"]
    year = date.today().year  # noqa: DTZ011
    assert feast["day"] not in {day["day"] for day in days}
    assert len({day["day"] for day in days if day["day"].startswith(str(year + 2))}) >= 12
    siege = (await client.get("/v1/calendars?code=siege", headers=headers)).json()["data"][0]
    firsts = [season["first_on"] for season in siege["seasons"]]
    assert firsts == sorted(set(firsts))
    assert len(firsts) == 3

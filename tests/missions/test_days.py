"""A mission in the calendar, and what happens when it is late, or when somebody leaves."""

from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from crm_api.kit.clock import ALGIERS
from crm_api.missions.jobs import JOBS
from missions.people import Directorate, day

pytestmark = pytest.mark.anyio
SUNDAY = date(2027, 4, 11)


async def entries(direction: Directorate, order: dict[str, Any]) -> list[dict[str, Any]]:
    params = {"object_type": "mission_order", "object_id": order["id"], "limit": 200}
    answer = await direction.client.get("/v1/appointments", params=params, headers=direction.admin)
    return [dict(one) for one in answer.json()["data"]]


async def test_each_working_day_of_it_stands_in_the_calendar(direction: Directorate) -> None:
    """Wednesday to Sunday: not on Friday and Saturday."""
    first, last = SUNDAY + timedelta(days=3), SUNDAY + timedelta(days=7)
    order = await direction.written(starts_on=str(first), ends_on=str(last), type="claim_inspection")
    await direction.brought(order, "issue")
    found = await entries(direction, order)
    begins = [datetime.fromisoformat(one["starts_at"]).astimezone(ALGIERS) for one in found]
    assert [(f"{begin:%a %H:%M}") for begin in begins] == ["Wed 08:00", "Thu 08:00", "Sun 08:00"]
    assert [one["reminder_offsets"] for one in found] == [[1440], [], []]
    assert {(one["type"], one["status"], one["location"]) for one in found} == {
        ("expert_visit", "confirmed", "Blida, zone industrielle")
    }
    assert found[0]["title"] == f"{order['number']} : Blida, zone industrielle"
    ends = [datetime.fromisoformat(one["ends_at"]) for one in found]
    assert max(end - begin for begin, end in zip(begins, ends, strict=True)) <= timedelta(hours=8)


async def test_a_mission_on_a_day_off_stands_there_all_the_same(direction: Directorate) -> None:
    friday = str(SUNDAY + timedelta(days=5))
    order = await direction.written(starts_on=friday, ends_on=friday)
    await direction.brought(order, "issue")
    (found,) = await entries(direction, order)
    assert found["starts_at"] == f"{friday}T07:00:00.000Z"


async def test_it_is_booked_over_what_stands_there_and_cancelling_frees_the_days(
    direction: Directorate,
) -> None:
    monday = str(SUNDAY + timedelta(days=1))
    times = {"starts_at": f"{monday}T09:00:00Z", "ends_at": f"{monday}T10:00:00Z"}
    call = {"title": "Appel client", "type": "phone", **times}
    headers = direction.ilyes.headers
    assert (await direction.client.post("/v1/appointments", json=call, headers=headers)).status_code == 201
    order = await direction.written(starts_on=monday, ends_on=monday)
    await direction.brought(order, "issue")
    later = call | {"starts_at": f"{monday}T10:00:00Z", "ends_at": f"{monday}T11:00:00Z"}
    refused = await direction.client.post("/v1/appointments", json=later, headers=headers)
    assert refused.json()["code"] == "appointment_conflict"
    await direction.brought(order, "cancel")
    (found,) = await entries(direction, order)
    assert (found["status"], found["cancel_reason"]) == ("cancelled", "Mission reportée")
    assert (await direction.client.post("/v1/appointments", json=later, headers=headers)).status_code == 201


async def test_cancelling_a_draft_keeps_it_and_tells_nobody(
    direction: Directorate, owner: asyncpg.Connection
) -> None:
    order = await direction.written()
    await direction.brought(order, "cancel")
    assert (await direction.read(order)).json()["status"] == "cancelled"
    told = await owner.fetchval("SELECT count(*) FROM notifications WHERE object_id = $1", order["id"])
    assert told == 0


async def look_for_the_late(direction: Directorate) -> None:
    """The job of every morning."""
    ctx = direction.company.context()
    await JOBS["tell_of_overdue_missions"](ctx, {})
    await ctx.commit()
    await ctx.close()


async def test_a_late_mission_is_told_once(direction: Directorate, owner: asyncpg.Connection) -> None:
    late, reported, draft = [await direction.written() for _ in range(3)]
    await direction.brought(late, "issue")
    await direction.brought(reported, "issue", "acknowledge", "start", "complete")
    await owner.execute("UPDATE mission_orders SET starts_on = starts_on - 30, ends_on = ends_on - 30")
    assert (await direction.read(late)).json()["is_overdue"] is True
    assert (await direction.read(reported)).json()["is_overdue"] is False
    assert (await direction.read(draft)).json()["is_overdue"] is False
    only = await direction.client.get(
        "/v1/mission-orders", params={"is_overdue": True}, headers=direction.admin
    )
    assert [one["id"] for one in only.json()["data"]] == [late["id"]]
    for _ in range(2):
        await look_for_the_late(direction)
    told = await owner.fetch("SELECT recipient_id FROM notifications WHERE title LIKE 'Mission en retard%'")
    assert {row[0] for row in told} == {direction.ilyes.id, direction.head.id}
    assert len(told) == 2
    facts = await owner.fetch("SELECT object_id FROM event_log WHERE kind = 'mission_order.overdue'")
    assert [str(row[0]) for row in facts] == [late["id"]]


async def test_its_last_day_is_not_late_yet(direction: Directorate, owner: asyncpg.Connection) -> None:
    order = await direction.written(starts_on=day(0), ends_on=day(0))
    await direction.brought(order, "issue")
    assert (await direction.read(order)).json()["is_overdue"] is False


async def test_who_takes_over_from_a_colleague_is_sent_instead(direction: Directorate) -> None:
    open_one, done = await direction.written(), await direction.written()
    await direction.brought(open_one, "issue")
    await direction.brought(done, "issue", "acknowledge", "start", "complete", "approve")
    path = f"/v1/users/{direction.ilyes.id}"
    version = (await direction.client.get(path, headers=direction.admin)).headers["etag"]
    left = await direction.client.post(
        f"{path}/deactivate",
        json={"reassign_to": str(direction.head.id)},
        headers=direction.admin | {"If-Match": version},
    )
    assert left.status_code == 200, left.text
    assert (await direction.read(open_one)).json()["assignee_user_id"] == str(direction.head.id)
    assert (await direction.read(done)).json()["assignee_user_id"] == str(direction.ilyes.id)


async def test_the_agency_that_takes_over_follows_its_open_missions(direction: Directorate) -> None:
    order = await direction.written()
    await direction.brought(order, "issue")
    heir = await direction.company.agency("16099")
    path = f"/v1/agencies/{direction.agency_id}"
    version = (await direction.client.get(path, headers=direction.admin)).headers["etag"]
    closed = await direction.client.post(
        f"{path}/close",
        json={"transfer_to_agency_id": str(heir)},
        headers=direction.admin | {"If-Match": version},
    )
    assert closed.status_code == 200, closed.text
    moved = (await direction.read(order)).json()
    assert (moved["agency_id"], moved["number"]) == (str(heir), order["number"])
    assert {one["agency_id"] for one in await entries(direction, order)} == {str(heir)}

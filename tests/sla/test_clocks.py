"""Clocks in the house: started, moved, answered, told of, counted again, explained."""

import json

import pytest

from crm_api.kit.errors import NotFound
from crm_api.sla.clock import SlaCategory
from crm_api.sla.service import SlaFacts, SlaService
from sla.conftest import Desk, due, state

pytestmark = pytest.mark.anyio
C = SlaCategory


async def test_a_question_is_owed_an_answer_and_a_solution(desk: Desk) -> None:
    clock = await desk.start()
    assert clock.policy_name == "Standard"
    assert due(clock, "first_reply") == desk.time.go("2026-11-22 15:00")
    assert due(clock, "resolution") == desk.time.go("2026-11-26 15:00")
    assert clock.next_due_at == due(clock, "first_reply")


async def test_only_waiting_for_the_customer_rests_the_resolution(desk: Desk) -> None:
    clock = await desk.start(priority="urgent")
    desk.time.go("2026-11-19 15:10")
    clock = await desk.then("agent_answered", clock)
    assert state(clock, "first_reply") == "fulfilled"
    desk.time.go("2026-11-19 16:00")
    clock = await desk.then("moved", clock, C.PENDING)
    assert (state(clock, "resolution"), clock.next_due_at) == ("paused", None)
    desk.time.go("2026-11-22 09:00")
    clock = await desk.then("moved", clock, C.ON_HOLD)
    assert due(clock, "resolution") == desk.time.go("2026-11-22 16:30")  # 420 of 480 minutes are left
    assert state(clock, "resolution") == "running"


async def test_a_complaint_counts_around_the_clock(desk: Desk) -> None:
    clock = await desk.start("complaint", priority="high")
    assert due(clock, "first_reply") == desk.time.go("2026-11-20 15:00")
    assert due(clock, "resolution") == desk.time.go("2026-12-04 15:00")


async def test_warnings_and_the_breach_are_told_once_each(desk: Desk) -> None:
    clock = await desk.start(priority="urgent")  # 30 minutes
    desk.time.go("2026-11-19 15:24")
    await desk.watch()
    await desk.watch()
    assert await desk.heard(clock) == [("sla.warned", "first_reply", 50), ("sla.warned", "first_reply", 75)]
    desk.time.go("2026-11-19 15:31")
    await desk.watch()
    await desk.watch()
    heard = [(percent, kind) for kind, _, percent in await desk.heard(clock)]
    assert heard[2:] == [(90, "sla.warned"), (100, "sla.breached")]


async def test_a_late_answer_breaks_the_promise_before_anybody_looked(desk: Desk) -> None:
    clock = await desk.start(priority="urgent")
    desk.time.go("2026-11-19 15:40")
    clock = await desk.then("agent_answered", clock)
    assert state(clock, "first_reply") == "breached"
    await desk.watch()
    await desk.watch()
    assert await desk.heard(clock) == [("sla.breached", "first_reply", 100)]


async def test_what_was_kept_in_time_is_nobodys_news(desk: Desk) -> None:
    clock = await desk.start(priority="urgent")
    desk.time.go("2026-11-19 15:29")
    clock = await desk.then("agent_answered", clock)
    await desk.watch()
    assert await desk.heard(clock) == []


async def test_the_policy_says_who_is_told(desk: Desk) -> None:
    clock = await desk.start("complaint")
    desk.time.go("2026-11-20 14:00")
    await desk.then("agent_answered", clock)
    desk.time.go("2026-12-12 16:00")  # fifteen days and a half
    await desk.watch()
    rows = await desk.owner.fetch("SELECT data FROM event_log WHERE object_id = $1 ORDER BY id", clock.id)
    told = [desk_data(row["data"]) for row in rows]
    assert [(percent, notify) for percent, notify, _ in told] == [
        (50, []),
        (75, []),
        (80, ["assignee", "manager"]),
        (90, []),
        (100, ["assignee", "manager", "supervisors"]),
        (150, ["manager", "supervisors"]),
    ]
    assert [raised for *_, raised in told] == [False, False, False, False, True, False]


def desk_data(written: str) -> tuple[int, list[str], bool]:
    data = json.loads(written)
    return data["percent"], data["notify"], data["raise_priority"]


async def test_another_priority_is_another_target_and_the_time_is_kept(desk: Desk) -> None:
    clock = await desk.start()
    desk.time.go("2026-11-19 15:20")
    clock = await desk.then("reclassify", clock, SlaFacts("question", "urgent"))
    assert due(clock, "first_reply") == desk.time.go("2026-11-19 15:30")


async def test_a_holiday_more_moves_what_is_owed_and_nothing_else(desk: Desk) -> None:
    kept, owed = await desk.start(priority="urgent"), await desk.start()
    desk.time.go("2026-11-19 15:10")
    before = await desk.then("agent_answered", kept)
    await desk.watch()  # the hours are noted
    holiday = {"day": "2026-11-22", "name": "Journée chômée"}
    answer = await desk.client.post("/v1/calendar-exceptions", json=holiday, headers=desk.manager)
    assert answer.status_code == 201, answer.text
    await desk.watch()
    async with desk.acting() as ctx:
        after, moved = await SlaService(ctx).get(kept.id), await SlaService(ctx).get(owed.id)
    assert due(moved, "first_reply") == desk.time.go("2026-11-23 15:00")
    assert due(after, "first_reply") == due(before, "first_reply")
    runs = await desk.owner.fetch("SELECT status, done FROM job_runs WHERE kind = 'recount_sla'")
    assert [tuple(run) for run in runs] == [("succeeded", 2)]
    await desk.watch()
    assert await desk.owner.fetchval("SELECT count(*) FROM job_runs") == 1  # once is enough


async def test_a_calendar_that_was_wrong_takes_its_breach_back(desk: Desk) -> None:
    clock = await desk.start(priority="urgent")
    desk.time.go("2026-11-19 15:45")
    await desk.watch()
    closed = {"day": "2026-11-19", "name": "Coupure", "hours": []}
    await desk.client.post("/v1/calendar-exceptions", json=closed, headers=desk.manager)
    await desk.watch()
    async with desk.acting() as ctx:
        clock = await SlaService(ctx).get(clock.id)
    assert (state(clock, "first_reply"), due(clock, "first_reply")) == (
        "running",
        desk.time.go("2026-11-22 08:30"),
    )
    desk.time.go("2026-11-22 09:00")
    await desk.watch()
    assert [percent for _, metric, percent in await desk.heard(clock) if metric == "first_reply"] == [
        *(50, 75, 90, 100),
        *(50, 75, 90, 100),
    ]


async def test_four_hundred_customers_are_answered_at_once(desk: Desk) -> None:
    async with desk.acting() as ctx:
        service = SlaService(ctx)
        ids = [(await service.start(SlaFacts("incident"), desk.time.now)).id for _ in range(40)]
    desk.time.go("2026-11-19 16:00")
    async with desk.acting() as ctx:
        told = await SlaService(ctx).agent_answered_all(ids, desk.time.now)
    assert {state(clock, "first_reply") for clock in told} == {"fulfilled"}
    assert [clock.id for clock in told] == sorted(ids)


async def test_a_clock_set_back_does_not_turn_time_around(desk: Desk) -> None:
    clock = await desk.start()
    desk.time.go("2026-11-19 15:30")
    clock = await desk.then("moved", clock, C.PENDING)
    desk.time.go("2026-11-19 14:30")
    clock = await desk.then("moved", clock, C.OPEN)
    desk.time.go("2026-11-19 15:30")
    assert due(clock, "resolution") == desk.time.go("2026-11-26 15:00")


async def test_work_that_no_policy_rules_is_owed_nothing(desk: Desk) -> None:
    listed = await desk.client.get("/v1/sla-policies", headers=desk.manager)
    for policy in listed.json()["data"]:
        path = f"/v1/sla-policies/{policy['id']}/retire"
        assert (await desk.client.post(path, headers=desk.manager | {"If-Match": '"1"'})).status_code == 200
    clock = await desk.start()
    assert (clock.policy_id, clock.timers, clock.next_due_at) == (None, (), None)


async def test_a_clock_of_others_is_not_there(desk: Desk) -> None:
    clock = await desk.start()
    other = Desk(desk.app, desk.client, desk.owner, desk.time)
    answer = await desk.client.get(f"/v1/sla-clocks/{clock.id}/explanation", headers=other.manager)
    assert answer.status_code == 404
    async with other.acting() as ctx:
        with pytest.raises(NotFound):
            await SlaService(ctx).moved(clock.id, C.OPEN, desk.time.now)


async def test_why_it_is_due_then_is_told_interval_by_interval(desk: Desk) -> None:
    clock = await desk.start()
    desk.time.go("2026-11-19 16:00")
    await desk.then("moved", clock, C.OPEN)
    told = await desk.explain(clock)
    first = next(each for each in told["timers"] if each["metric"] == "first_reply")
    assert first["due_at"] == "2026-11-22T14:00:00.000Z"
    pieces = [(each["why"], each["minutes"], each["total_minutes"]) for each in first["intervals"]]
    assert pieces == [
        ("working", 90, 90),
        ("closed", 0, 90),  # the evening, Friday, Saturday
        ("working", 240, 330),
        ("closed", 0, 330),  # noon
        ("working", 150, 480),
    ]
    assert first["sentence"] == (
        "À faire avant le 22/11/2026 15:00 : 480 minutes ouvrées depuis le 19/11/2026 15:00."
    )
    assert [(each["name"], each["rules"], each["unmet"]) for each in told["tried"]] == [
        ("Réclamations", False, "types"),
        ("Standard", True, None),
    ]
    assert [each["what"] for each in told["history"]] == ["started", "moved"]

"""The life of a task: every pair of states, who may, what it waits for, what comes after it."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import asyncpg
import pytest

from crm_api.tasks.house import HouseTasks, Occasion
from crm_api.tasks.models import TASK, TaskType
from tasks.work import Office, ahead, moment

pytestmark = pytest.mark.anyio
STEPS = {
    "in_progress": ("start", {}),
    "done": ("complete", {}),
    "cancelled": ("cancel", {"reason": "x"}),
    "open": ("reopen", {}),
}


@pytest.mark.parametrize("wanted", TASK.states)
async def test_a_listed_step_is_made_and_any_other_is_refused(
    office: Office, owner: asyncpg.Connection, wanted: str
) -> None:
    action, body = STEPS[wanted]
    for current in TASK.states:
        task = await office.task()
        await owner.execute(
            "UPDATE tasks SET status = $2, completed_at = clock_timestamp() WHERE id = $1",
            UUID(task["id"]),
            current,
        )
        answer = await office.act(task, action, **body)
        if wanted in TASK.allowed(current):
            assert (answer.status_code, answer.json()["status"]) == (200, wanted), (current, wanted)
        else:
            told = answer.json()
            assert (answer.status_code, told["code"]) == (409, "invalid_transition"), (current, wanted)
            assert set(told["allowed"]) == set(TASK.allowed(current))


async def test_a_task_is_reopened_within_seven_days(office: Office, owner: asyncpg.Connection) -> None:
    task = await office.task()
    done = (await office.act(task, "complete", outcome="Rendez-vous pris.")).json()
    assert (done["outcome"], done["completed_by_id"]) == ("Rendez-vous pris.", str(office.lina.id))
    again = (await office.act(task, "reopen")).json()
    assert (again["status"], again["completed_at"], again["outcome"]) == ("open", None, None)
    await office.act(task, "complete")
    await owner.execute(
        "UPDATE tasks SET completed_at = completed_at - interval '7 days' WHERE id = $1", UUID(task["id"])
    )
    late = await office.act(task, "reopen")
    assert (late.status_code, late.json()["code"]) == (409, "task_reopen_too_late")


async def test_a_finished_task_is_not_changed(office: Office) -> None:
    task = await office.task()
    await office.act(task, "complete")
    for refused in (
        await office.change(task, title="Autre"),
        await office.act(task, "assign", assignee_user_id=str(office.karim.id)),
        await office.act(task, "delegate", to_user_id=str(office.karim.id)),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "task_closed")


async def test_a_task_waits_for_others_and_never_for_itself(office: Office) -> None:
    first = await office.task()
    second = await office.task(blocked_by_ids=[first["id"]])
    third = await office.task(blocked_by_ids=[second["id"]])
    assert (second["is_blocked"], second["blocked_by_ids"]) == (True, [first["id"]])
    for action in ("start", "complete"):
        waits = await office.act(second, action)
        assert (waits.status_code, waits.json()["code"], waits.json()["open_blockers"]) == (
            409,
            "task_blocked",
            1,
        )
    for of, blocker in ((first, third), (first, first)):
        circle = await office.change(of, blocked_by_ids=[blocker["id"]])
        assert (circle.status_code, circle.json()["code"]) == (409, "task_circle")
    await office.act(first, "complete")
    assert (await office.read(second))["is_blocked"] is False
    assert (await office.act(second, "complete")).status_code == 200
    freed = await office.change(third, blocked_by_ids=[])
    assert freed.json()["blocked_by_ids"] == []


async def test_who_starts_a_task_of_a_group_takes_it(office: Office) -> None:
    group = str(await office.company.group("call_centre"))
    await office.company.send("POST", f"/v1/groups/{group}/members", {"user_ids": [str(office.stranger.id)]})
    task = await office.task(group_id=group)
    assert task["assignee_user_id"] is None
    taken = await office.act(task, "start", by=office.stranger)
    assert (taken.status_code, taken.json()["assignee_user_id"]) == (200, str(office.stranger.id))


async def test_a_colleague_accepts_or_refuses_what_is_handed_on(office: Office) -> None:
    task = await office.task()
    same = await office.act(task, "delegate", to_user_id=str(office.lina.id))
    assert same.json()["code"] == "already_theirs"
    offered = (await office.act(task, "delegate", to_user_id=str(office.karim.id), note="Congé")).json()
    assert (offered["delegation"], offered["assignee_user_id"], offered["delegated_by_id"]) == (
        "offered",
        str(office.karim.id),
        str(office.lina.id),
    )
    mine = await office.act(task, "accept-delegation")
    assert (mine.status_code, mine.json()["code"]) == (403, "not_your_delegation")
    back = (await office.act(task, "refuse-delegation", by=office.karim, reason="Trop de travail")).json()
    assert (back["delegation"], back["assignee_user_id"], back["delegation_note"]) == (
        "refused",
        str(office.lina.id),
        "Trop de travail",
    )
    nothing = await office.act(task, "accept-delegation")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_offered")
    await office.act(task, "delegate", to_user_id=str(office.stranger.id))
    accepted = (await office.act(task, "accept-delegation", by=office.stranger)).json()
    assert (accepted["delegation"], accepted["assignee_user_id"]) == ("accepted", str(office.stranger.id))
    assert [each["id"] for each in await office.listed(whose="delegated_by_me")] == [task["id"]]


async def test_finishing_one_of_a_series_makes_the_next(office: Office) -> None:
    checklist = [{"label": "Caisse", "done": True}]
    task = await office.task(rrule="FREQ=DAILY;COUNT=3", checklist=checklist, due_at=ahead(hours=1))
    assert (task["series_id"], task["occurrence"]) == (task["id"], 1)
    dues = [moment(task["due_at"])]
    for place in (2, 3):
        await office.act(task, "complete")
        (task,) = await office.listed(series_id=task["series_id"], unfinished=True)
        assert (task["occurrence"], task["checklist"][0]["done"]) == (place, False)
        dues.append(moment(task["due_at"]))
    assert {later - earlier for earlier, later in pairwise(dues)} == {timedelta(days=1)}
    await office.act(task, "complete")
    assert await office.listed(series_id=task["series_id"], unfinished=True) == []


async def test_a_series_that_was_late_goes_on_in_the_future_and_a_reopened_one_makes_no_second_next(
    office: Office,
) -> None:
    task = await office.task(rrule="FREQ=DAILY", due_at=ahead(days=-5, hours=-1))
    await office.act(task, "complete")
    (following,) = await office.listed(series_id=task["id"], unfinished=True)
    assert moment(following["due_at"]) - moment(task["due_at"]) == timedelta(days=6)
    await office.act(task, "reopen")
    await office.act(task, "complete")
    assert len(await office.listed(series_id=task["id"])) == 2


async def test_a_cancelled_task_has_no_next(office: Office) -> None:
    task = await office.task(rrule="FREQ=WEEKLY")
    await office.act(task, "cancel", reason="Client parti")
    assert len(await office.listed(series_id=task["id"])) == 1


async def test_the_house_asks_once_for_each_occasion(office: Office) -> None:
    async def ask(user: UUID) -> UUID:
        ctx = office.company.context()
        asked = await HouseTasks(ctx).ask(
            Occasion("call:+213550123456", "Rappeler", TaskType.CALL, 30, assignee_user_id=user)
        )
        await ctx.commit()
        await ctx.close()
        return asked

    first = await ask(office.lina.id)
    assert await ask(office.karim.id) == first
    (task,) = await office.listed(office.karim)
    assert (task["assignee_user_id"], task["source"], task["due_in_minutes"]) == (
        str(office.karim.id),
        "system",
        30,
    )

from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from actors import actor
from crm_api.core.db import now
from crm_api.demo.work import give_work
from crm_api.tasks.house import HouseTasks
from tasks.work import Office, ahead, moment

pytestmark = pytest.mark.anyio
LEAD = {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56", "source": "phone"}


async def test_a_task_is_given_read_and_changed(office: Office) -> None:
    made = await office.task(priority="high", checklist=[{"label": "Préparer le devis"}], estimate_minutes=20)
    assert (made["status"], made["source"], made["is_overdue"], made["is_blocked"]) == (
        "open",
        "manual",
        False,
        False,
    )
    assert made["agency_id"] is not None
    changed = await office.change(
        made, title="Écrire", checklist=[{"label": "Préparer le devis", "done": True}]
    )
    assert (changed.status_code, changed.json()["title"], changed.json()["checklist"][0]["done"]) == (
        200,
        "Écrire",
        True,
    )
    lines = await office.company.client.get(
        f"/v1/audit-events?object_id={made['id']}", headers=office.company.admin.headers
    )
    assert [line["action"] for line in lines.json()["data"]] == ["task.updated", "task.created"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"assignee_user_id": None}, "somebody_needed"),
        ({"due_at": None}, "one_due"),
        ({"due_in_minutes": 30}, "one_due"),
        ({"object_type": "lead"}, "whole_object"),
        ({"rrule": "FREQ=SECONDLY"}, "recurrence_unfit"),
        ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "recurrence_never"),
        ({"rrule": "FREQ=DAILY;COUNT=99999999"}, "recurrence_unfit"),
        ({"estimate_minutes": 2881}, "less_than_equal"),
    ],
)
async def test_a_task_that_makes_no_sense_is_refused(
    office: Office, fields: dict[str, object], code: str
) -> None:
    body = {"title": "x", "type": "call", "assignee_user_id": str(office.lina.id), "due_at": ahead(days=1)}
    refused = await office.company.send("POST", "/v1/tasks", body | fields, by=office.lina.headers)
    assert refused.status_code == 422
    assert [each["code"] for each in refused.json()["errors"]] == [code]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"assignee_user_id": str(uuid4())}, 422, "unknown_assignee"),
        ({"group_id": str(uuid4())}, 422, "unknown_assignee_group"),
        ({"agency_id": str(uuid4())}, 422, "unknown_task_agency"),
        ({"object_type": "lead", "object_id": str(uuid4())}, 404, "unknown_object"),
        ({"blocked_by_ids": [str(uuid4())]}, 422, "unknown_blocker"),
    ],
)
async def test_what_a_task_names_must_be_here(
    office: Office, fields: dict[str, object], status: int, code: str
) -> None:
    body = {"title": "x", "type": "call", "assignee_user_id": str(office.lina.id), "due_at": ahead(days=1)}
    refused = await office.company.send("POST", "/v1/tasks", body | fields, by=office.lina.headers)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await office.listed() == []


async def test_working_minutes_are_those_of_the_agency(office: Office) -> None:
    made = await office.task(due_in_minutes=30)
    told = await office.company.client.get(
        "/v1/calendars/preview",
        params={"start": made["created_at"], "minutes": 30, "agency_id": made["agency_id"]},
        headers=office.company.admin.headers,
    )
    assert abs(moment(made["due_at"]) - moment(told.json()["due_at"])) < timedelta(seconds=5)
    assert made["due_in_minutes"] == 30


async def test_lists_are_mine_my_groups_late_and_about_an_object(office: Office) -> None:
    company = office.company
    group = str(await company.group("call_centre"))
    answer = await company.send("POST", f"/v1/groups/{group}/members", {"user_ids": [str(office.karim.id)]})
    assert answer.status_code == 204
    lead = (await company.send("POST", "/v1/leads", LEAD, by=office.lina.headers)).json()["id"]
    mine = await office.task(object_type="lead", object_id=lead)
    late = await office.task(due_at=ahead(days=-1))
    ours = await office.task(group_id=group)
    done = await office.task()
    await office.act(done, "complete")

    async def found(by=office.lina, **query) -> set[str]:  # type: ignore[no-untyped-def]
        return {task["id"] for task in await office.listed(by, **query)}

    assert await found(whose="mine", unfinished=True) == {mine["id"], late["id"]}
    assert await found(overdue=True) == {late["id"]}
    assert await found(overdue=False) == {mine["id"], ours["id"], done["id"]}
    assert await found(unfinished=False) == {done["id"]}
    assert await found(object_type="lead", object_id=lead) == {mine["id"]}
    assert await found(due_at_lt=ahead()) == {late["id"]}
    assert await found(by=office.karim, whose="my_groups") == {ours["id"]}
    assert await found(by=office.karim, whose="mine") == set()
    assert await found(whose="made_by_me") == {mine["id"], late["id"], ours["id"], done["id"]}
    assert await found(group_id=group, assignee_user_id_null=True) == {ours["id"]}
    assert (await office.listed(unfinished=True, sort="due_at"))[0]["id"] == late["id"]
    count = await company.client.get("/v1/tasks/count?overdue=true", headers=office.lina.headers)
    assert count.json() == {"count": 1}
    search = {"filter": {"all": [{"field": "overdue", "op": "match", "value": True}]}}
    searched = await company.send("POST", "/v1/tasks/search", search, by=office.lina.headers)
    assert [task["id"] for task in searched.json()["data"]] == [late["id"]]


async def test_the_stranger_of_another_agency_sees_a_task_only_when_it_is_theirs(office: Office) -> None:
    made = await office.task()
    path = f"/v1/tasks/{made['id']}"
    assert (await office.company.send("GET", path, by=office.stranger.headers)).status_code == 404
    assert (await office.company.send("GET", path, by=office.karim.headers)).status_code == 200
    await office.act(made, "assign", by=office.company.admin, assignee_user_id=str(office.stranger.id))
    assert (await office.company.send("GET", path, by=office.stranger.headers)).status_code == 200


async def test_a_colleague_reads_and_does_not_steer_but_the_head_of_the_agency_does(office: Office) -> None:
    made = await office.task()
    refused = await office.act(made, "assign", by=office.karim, assignee_user_id=str(office.karim.id))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_task")
    agency = await office.company.send("GET", f"/v1/agencies/{made['agency_id']}")
    await office.company.send(
        "PATCH",
        f"/v1/agencies/{made['agency_id']}",
        {"manager_user_id": str(office.karim.id)},
        version=agency.json()["version"],
    )
    assigned = await office.act(made, "assign", by=office.karim, assignee_user_id=str(office.karim.id))
    assert (assigned.status_code, assigned.json()["assignee_user_id"]) == (200, str(office.karim.id))


async def test_only_who_made_a_task_discards_it(office: Office) -> None:
    made = await office.task(assignee_user_id=str(office.karim.id))
    path = f"/v1/tasks/{made['id']}"
    refused = await office.company.send("DELETE", path, by=office.karim.headers, version=1)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours_to_discard")
    gone = await office.company.send("DELETE", path, by=office.lina.headers, version=1)
    assert gone.status_code == 204
    assert await office.listed() == []
    assert [task["id"] for task in await office.listed(deleted="only")] == [made["id"]]
    late = await office.act(made, "complete")
    assert (late.status_code, late.json()["code"]) == (409, "deleted")
    back = await office.company.send("POST", f"{path}/restore", by=office.lina.headers)
    assert back.json()["deleted_at"] is None


async def test_a_batch_makes_and_changes(office: Office) -> None:
    made = await office.task()
    data = {
        "title": "Deux",
        "type": "email",
        "assignee_user_id": str(office.lina.id),
        "due_at": ahead(days=2),
    }
    operations = [
        {"op": "create", "data": data},
        {"op": "update", "id": made["id"], "version": 1, "data": {"priority": "urgent"}},
        {"op": "update", "id": str(uuid4()), "version": 1, "data": {}},
    ]
    answer = await office.company.send(
        "POST", "/v1/tasks/batch", {"operations": operations}, by=office.lina.headers
    )
    assert [row["status"] for row in answer.json()["results"]] == [201, 200, 404]


async def test_many_are_finished_at_once_each_for_itself(office: Office) -> None:
    first, second = await office.task(), await office.task()
    blocked = await office.task(blocked_by_ids=[(await office.task())["id"]])
    body = {"ids": [first["id"], blocked["id"], second["id"], str(uuid4())], "outcome": "Fait."}
    answer = await office.company.send("POST", "/v1/tasks/complete", body, by=office.lina.headers)
    assert answer.json()["completed_ids"] == [first["id"], second["id"]]
    assert [each["problem"]["code"] for each in answer.json()["refused"]] == ["task_blocked", "not_found"]
    assert (await office.read(second))["outcome"] == "Fait."


async def test_another_organization_sees_nothing(office: Office) -> None:
    made = await office.task()
    theirs = actor(uuid4(), "tasks:read", "tasks:write")
    assert (await office.company.send("GET", f"/v1/tasks/{made['id']}", by=theirs)).status_code == 404
    assert (await office.company.send("GET", "/v1/tasks", by=theirs)).json()["data"] == []


async def test_unfinished_work_follows_when_a_colleague_leaves_or_an_agency_closes(office: Office) -> None:
    company, made, done = office.company, await office.task(), await office.task()
    await office.act(done, "complete")
    left = await company.send(
        "POST",
        f"/v1/users/{office.lina.id}/deactivate",
        {"reassign_to": str(office.karim.id)},
        version=await company.version(office.lina.id),
    )
    assert left.status_code == 200, left.text
    assert (await office.read(made))["assignee_user_id"] == str(office.karim.id)
    assert (await office.read(done))["assignee_user_id"] == str(office.lina.id)
    target = str(await company.agency("25001"))
    closed = await company.send(
        "POST", f"/v1/agencies/{made['agency_id']}/close", {"transfer_to_agency_id": target}, version=1
    )
    assert closed.status_code == 200, closed.text
    assert (await office.read(made))["agency_id"] == target


async def test_a_task_that_is_late_is_told_once(office: Office, owner: asyncpg.Connection) -> None:
    late = await office.task(due_at=ahead(hours=-1))
    await office.task()
    for _ in range(2):
        ctx = office.company.context()
        await HouseTasks(ctx).tell_overdue()
        await ctx.commit()
        await ctx.close()
    told = await owner.fetch("SELECT object_id FROM event_log WHERE kind = 'task.overdue'")
    assert [str(row[0]) for row in told] == [late["id"]]
    await office.change(late, due_at=ahead(hours=1))
    assert (await office.read(late))["is_overdue"] is False
    assert now() < moment((await office.read(late))["due_at"])


async def test_the_work_of_the_demonstration_is_work_that_the_house_takes(office: Office) -> None:
    lead = (await office.company.send("POST", "/v1/leads", LEAD, by=office.lina.headers)).json()["id"]
    ctx = office.company.context()
    made = await give_work(ctx, [(office.lina.id, uuid4()), (office.karim.id, uuid4())], UUID(lead))
    await ctx.commit()
    await ctx.close()
    assert set(made) == {"task", "reminder"}
    assert len(await office.listed(unfinished=True)) == 10

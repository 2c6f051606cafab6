"""Policies over HTTP: made, changed, put in order, retired, tried."""

from typing import Any

import pytest

from actors import actor
from sla.conftest import Desk

pytestmark = pytest.mark.anyio
VIP: dict[str, Any] = {
    "name": "VIP",
    "conditions": {"tiers": ["vip"], "priorities": ["high", "urgent"]},
    "hours": "always",
    "targets": [
        {"metric": "first_reply", "minutes": 60},
        {"metric": "first_reply", "priority": "urgent", "minutes": 15},
    ],
    "escalations": [
        {"metric": "first_reply", "at_percent": 80, "notify": ["assignee"], "raise_priority": True}
    ],
}


async def made(desk: Desk, **changed: Any) -> dict[str, Any]:
    answer = await desk.client.post("/v1/sla-policies", json=VIP | changed, headers=desk.manager)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def tried(desk: Desk, **case: Any) -> dict[str, Any]:
    answer = await desk.client.post("/v1/sla-policies/dry-run", json=case, headers=desk.manager)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_policy_is_made_changed_and_tried_in_its_order(desk: Desk) -> None:
    vip = await made(desk)
    assert (vip["position"], vip["status"]) == (3, "active")
    case = {"type": "question", "tier": "vip", "priority": "urgent", "at": "2026-11-20T22:00:00Z"}
    before = await tried(desk, **case)
    assert [(each["name"], each["rules"]) for each in before["tried"]] == [
        ("Réclamations", False),
        ("Standard", True),
        ("VIP", False),
    ]
    path = f"/v1/sla-policies/{vip['id']}"
    first = desk.manager | {"If-Match": '"1"'}
    moved = await desk.client.post(f"{path}/move", json={"position": 1}, headers=first)
    assert moved.json()["position"] == 1
    listed = (await desk.client.get("/v1/sla-policies", headers=desk.manager)).json()["data"]
    assert [each["name"] for each in listed] == ["VIP", "Réclamations", "Standard"]
    after = await tried(desk, **case)
    assert after["promised"] == [
        {"metric": "first_reply", "minutes": 15, "due_at": "2026-11-20T22:15:00.000Z"}
    ]
    assert (await tried(desk, **case | {"priority": "low"}))["tried"][0]["unmet"] == "priorities"
    version = {"If-Match": (await desk.client.get(path, headers=desk.manager)).headers["etag"]}
    change = {"targets": [{"metric": "first_reply", "minutes": 5}]}
    changed = await desk.client.patch(path, json=change, headers=desk.manager | version)
    assert changed.json()["targets"] == [{"metric": "first_reply", "priority": None, "minutes": 5}]
    assert (await tried(desk, **case))["promised"][0]["minutes"] == 5


async def test_a_policy_is_retired_and_comes_back(desk: Desk) -> None:
    vip = await made(desk)
    path = f"/v1/sla-policies/{vip['id']}"
    again = {"If-Match": '"1"'}
    assert (await desk.client.post(f"{path}/reactivate", headers=desk.manager | again)).status_code == 409
    retired = await desk.client.post(f"{path}/retire", headers=desk.manager | again)
    assert retired.json()["status"] == "retired"
    twice = await desk.client.post(f"{path}/retire", headers=desk.manager | {"If-Match": '"2"'})
    assert (twice.status_code, twice.json()["code"]) == (409, "invalid_transition")
    assert "VIP" not in [each["name"] for each in (await tried(desk, type="question"))["tried"]]
    back = await desk.client.post(f"{path}/reactivate", headers=desk.manager | {"If-Match": '"2"'})
    assert back.json()["status"] == "active"


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"targets": []}, 422, "too_short"),
        ({"targets": [{"metric": "first_reply", "minutes": 0}]}, 422, "greater_than_equal"),
        ({"targets": [{"metric": "update", "minutes": 5}] * 2}, 422, "sla_target_twice"),
        ({"hours": "calendar"}, 422, "sla_calendar"),
        ({"name": "Standard"}, 409, "sla_policy_name_taken"),
        (
            {"hours": "calendar", "calendar_id": "0197a1c0-0000-7000-8000-000000000000"},
            422,
            "unknown_sla_calendar",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused(
    desk: Desk, changed: dict[str, Any], status: int, code: str
) -> None:
    answer = await desk.client.post("/v1/sla-policies", json=VIP | changed, headers=desk.manager)
    told = answer.json()
    assert answer.status_code == status, told
    assert code in [told["code"], *(fault["code"] for fault in told.get("errors", ()))]


async def test_who_only_answers_tickets_reads_policies_and_changes_none(desk: Desk) -> None:
    agent = actor(desk.organization_id, "tickets:read")
    assert (await desk.client.get("/v1/sla-policies", headers=agent)).status_code == 200
    assert (await desk.client.post("/v1/sla-policies", json=VIP, headers=agent)).status_code == 403


async def test_the_usual_policies_come_with_the_company_and_once(desk: Desk) -> None:
    await desk.furnish()
    listed = await desk.client.get("/v1/sla-policies", headers=desk.manager)
    assert [each["name"] for each in listed.json()["data"]] == ["Réclamations", "Standard"]


async def test_open_clocks_are_counted_again_when_somebody_asks(desk: Desk) -> None:
    clock = await desk.start()
    answer = await desk.client.post("/v1/sla-policies/recount", headers=desk.manager)
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    await desk.watch()
    run = await desk.owner.fetchrow("SELECT status, done FROM job_runs")
    assert tuple(run) == ("succeeded", 1)
    assert clock.timers

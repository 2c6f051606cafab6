from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from actors import actor
from crm_api.core.db import now
from crm_api.kit.clock import today
from crm_api.leads.models import LEAD
from leads.people import KARIM, Answer, act, administrator, colleague, lead

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = administrator(OURS)
MOVES = {
    "assigned": ("assign", {}),
    "contacted": ("contact", {}),
    "nurturing": ("nurture", {}),
    "qualified": ("qualify", {}),
    "disqualified": ("disqualify", {"reason": "price"}),
    "converted": ("convert", {}),
}
"""State -> the action that leads there."""
CHANGES_HANDS = {"assigned", "contacted", "nurturing", "qualified"}
"""There `assign` gives the lead to somebody else, and the state stays."""


async def brought_to(owner: asyncpg.Connection, made: Answer, state: str) -> None:
    """Straight in the table: how it got there is tested one step at a time."""
    reason, moment = ("price", now()) if state == "disqualified" else (None, None)
    converted = now() if state == "converted" else None
    await owner.execute(
        "UPDATE leads SET status = $2, disqualify_reason = $3, disqualified_at = $4, converted_at = $5"
        " WHERE id = $1",
        made["id"],
        state,
        reason,
        moment,
        converted,
    )


@pytest.mark.parametrize("wanted", sorted(MOVES))
@pytest.mark.parametrize("current", LEAD.states)
async def test_every_pair_of_states_is_listed_or_refused(
    client: httpx.AsyncClient, owner: asyncpg.Connection, current: str, wanted: str
) -> None:
    made = await lead(client, ADMIN, wilaya_code="16")
    await brought_to(owner, made, current)
    action, body = MOVES[wanted]
    if wanted == "assigned":
        body = {"owner_user_id": str(await colleague(owner, OURS))}
    if (current, wanted) == ("disqualified", "contacted"):
        action, body = "reopen", {}
    answer = await act(client, ADMIN, made, action, **body)
    if wanted in LEAD.allowed(current):
        if wanted == "converted":
            assert answer.json()["code"] == "agency_required", (
                "the state was right; the rest has its own tests"
            )
            return
        assert (answer.status_code, answer.json()["status"]) == (200, wanted), answer.text
        return
    if wanted == "assigned" and current in CHANGES_HANDS:
        assert (answer.status_code, answer.json()["status"]) == (200, current)
        return
    assert (answer.status_code, answer.json()["allowed"]) == (409, [*LEAD.allowed(current)]), answer.text
    assert (await client.get(f"/v1/leads/{made['id']}", headers=ADMIN)).json()["status"] == current


@pytest.mark.parametrize("state", [s for s in LEAD.states if s != "disqualified"])
async def test_only_what_was_given_up_is_reopened(
    client: httpx.AsyncClient, owner: asyncpg.Connection, state: str
) -> None:
    made = await lead(client, ADMIN)
    await brought_to(owner, made, state)
    answer = await act(client, ADMIN, made, "reopen")
    assert (answer.status_code, answer.json()["allowed"]) == (409, [*LEAD.allowed(state)])


async def test_a_lead_is_reopened_for_ninety_days(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    late, early = await lead(client, ADMIN), await lead(client, ADMIN)
    for made, days in (late, 91), (early, 89):
        await act(client, ADMIN, made, "disqualify", reason="competitor", comment="Parti ailleurs")
        await owner.execute(
            "UPDATE leads SET disqualified_at = $2 WHERE id = $1", made["id"], now() - timedelta(days=days)
        )
    refused = await act(client, ADMIN, late, "reopen")
    assert (refused.status_code, refused.json()["code"]) == (409, "reopen_too_late")
    opened = (await act(client, ADMIN, early, "reopen")).json()
    assert (opened["status"], opened["disqualify_reason"], opened["disqualified_at"]) == (
        "contacted",
        None,
        None,
    )


async def test_assigning_follows_the_colleague_and_needs_the_scope(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    made, other = await lead(client, ADMIN), await colleague(owner, OURS)
    assigned = (await act(client, ADMIN, made, "assign", owner_user_id=str(other))).json()
    assert (assigned["status"], assigned["owner_user_id"]) == ("assigned", str(other))
    assert assigned["assigned_at"]
    seller = actor(OURS, "leads:read", "leads:write")
    assert (await act(client, seller, made, "assign", owner_user_id=str(other))).status_code == 403
    gone = await colleague(owner, OURS, status="suspended")
    refused = await act(client, ADMIN, made, "assign", owner_user_id=str(gone))
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_owner")


async def test_a_contact_is_recorded_and_scored(client: httpx.AsyncClient) -> None:
    made = await lead(client, ADMIN)
    assert made["score"] == 0
    for attempt in range(1, 4):
        tried = (await act(client, ADMIN, made, "contact", outcome="no_answer")).json()
        assert (tried["status"], tried["contact_attempts"]) == ("new", attempt)
    assert tried["first_contacted_at"] is None
    reached = (await act(client, ADMIN, made, "contact")).json()
    assert (reached["status"], reached["contact_attempts"], reached["answered_calls"]) == ("contacted", 0, 1)
    assert reached["first_contacted_at"]
    assert {factor["code"] for factor in reached["score_explanation"]} == {"phone_verified", "answered_call"}
    assert reached["score"] == 25


async def test_qualifying_scores_again_with_what_was_learnt(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    made = await lead(client, ADMIN)
    await act(client, ADMIN, made, "contact")
    done = await act(
        client,
        ADMIN,
        made,
        "qualify",
        need="Tous risques",
        product_interest=["AUTO_P"],
        current_expiry_date=str(today() + timedelta(days=30)),
        quick_data={"vehicle": {"plate": "1234512616"}},
    )
    assert done.status_code == 200, done.text
    after = done.json()
    assert (after["status"], after["need"], after["score"]) == ("qualified", "Tous risques", 65)
    assert (after["score_band"], after["quick_data"]["vehicle"]["plate"]) == ("hot", "•••2616")
    kinds = [row["kind"] for row in await owner.fetch("SELECT kind FROM event_log ORDER BY id")]
    assert kinds.count("lead.qualified") == kinds.count("lead.contacted") == 1
    assert kinds.count("lead.score_changed") == 2


async def test_a_duplicate_names_the_lead_it_repeats(client: httpx.AsyncClient) -> None:
    first, second = await lead(client, ADMIN), await lead(client, ADMIN, full_name="Autre NOM")
    unnamed = await act(client, ADMIN, second, "disqualify", reason="duplicate")
    assert (unnamed.status_code, unnamed.json()["code"]) == (422, "duplicate_not_named")
    unknown = await act(client, ADMIN, second, "disqualify", reason="duplicate", duplicate_of_id=str(uuid4()))
    assert unknown.status_code == 422
    done = await act(client, ADMIN, second, "disqualify", reason="duplicate", duplicate_of_id=first["id"])
    assert (done.json()["status"], done.json()["duplicate_of_id"]) == ("disqualified", first["id"])


async def test_every_step_says_so_once(client: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
    made = await lead(client, ADMIN)
    steps: list[tuple[str, dict[str, Any]]] = [
        ("contact", {}),
        ("nurture", {"nurture_until": "2027-01-15"}),
        ("contact", {"channel": "email"}),
        ("disqualify", {"reason": "price"}),
        ("reopen", {}),
    ]
    for step, body in steps:
        assert (await act(client, ADMIN, made, step, **body)).status_code == 200
    kinds = [row["kind"] for row in await owner.fetch("SELECT kind FROM event_log ORDER BY id")]
    for kind, times in {
        "created": 1,
        "contacted": 2,
        "nurtured": 1,
        "disqualified": 1,
        "reopened": 1,
    }.items():
        assert kinds.count(f"lead.{kind}") == times, kind


async def test_steps_need_the_version_that_was_read(client: httpx.AsyncClient) -> None:
    made = await lead(client, ADMIN, **{k: v for k, v in KARIM.items() if k != "source"})
    path = f"/v1/leads/{made['id']}/contact"
    assert (await client.post(path, json={}, headers=ADMIN)).status_code == 428
    assert (await client.post(path, json={}, headers=ADMIN | {"If-Match": '"7"'})).status_code == 412

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.core.db import now
from crm_api.leads.routing import Colleague, Pick, free_for, pick
from leads.people import Answer, administrator, agency, colleague, lead

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = administrator(OURS)


async def rule(client: httpx.AsyncClient, name: str = "Alger", **fields: Any) -> Answer:
    body = {"name": name, "strategy": "round_robin"} | fields
    answer = await client.post("/v1/lead-routing-rules", json=body, headers=ADMIN)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_rule_is_added_changed_and_removed(client: httpx.AsyncClient) -> None:
    here = await agency(client, ADMIN)
    made = await rule(client, target_agency_id=str(here), wilaya_codes=["16"], sources=["comparator"])
    path = f"/v1/lead-routing-rules/{made['id']}"
    changed = await client.patch(path, json={"is_active": False}, headers=ADMIN | {"If-Match": '"1"'})
    assert (changed.json()["is_active"], changed.json()["version"]) == (False, 2)
    listed = await client.get("/v1/lead-routing-rules", params={"is_active": False}, headers=ADMIN)
    assert [row["id"] for row in listed.json()["data"]] == [made["id"]]
    nowhere = await client.patch(path, json={"target_agency_id": None}, headers=ADMIN | {"If-Match": '"2"'})
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "routing_target_missing")
    again = await client.post(
        "/v1/lead-routing-rules",
        json={"name": "Alger", "strategy": "round_robin", "target_agency_id": str(here)},
        headers=ADMIN,
    )
    assert (again.status_code, again.json()["code"]) == (409, "routing_rule_name_taken")
    assert (await client.delete(path, headers=ADMIN | {"If-Match": '"2"'})).status_code == 204
    assert (await client.get(path, headers=ADMIN)).status_code == 404


async def test_leads_go_round_in_the_order_of_the_rule(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    here = await agency(client, ADMIN)
    people = [str(await colleague(owner, OURS, here)) for _ in range(3)]
    await rule(client, target_agency_id=str(here), user_ids=people)
    got = [await lead(client, ADMIN) for _ in range(5)]
    assert [one["owner_user_id"] for one in got] == [*people, *people[:2]]
    assert {(one["status"], one["agency_id"]) for one in got} == {("assigned", str(here))}


async def test_conditions_choose_the_rule(client: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
    here, there = await agency(client, ADMIN), await agency(client, ADMIN, "31001", wilaya_code="31")
    await colleague(owner, OURS, here)
    oran = await colleague(owner, OURS, there)
    await rule(
        client,
        "Entreprises",
        types=["company"],
        strategy="agency_queue",
        target_agency_id=str(here),
        position=1,
    )
    await rule(client, "Oran", wilaya_codes=["31"], target_agency_id=str(there), position=2)
    await rule(
        client, "MRH", product_codes=["MRH"], strategy="agency_queue", target_agency_id=str(there), position=3
    )
    company = await lead(client, ADMIN, type="company", wilaya_code="31")
    assert (company["agency_id"], company["owner_user_id"], company["status"]) == (str(here), None, "new")
    assert (await lead(client, ADMIN, wilaya_code="31"))["owner_user_id"] == str(oran)
    assert (await lead(client, ADMIN, product_interest=["MRH"]))["agency_id"] == str(there)
    assert (await lead(client, ADMIN))["agency_id"] is None


async def test_the_full_and_the_absent_are_passed_over_or_replaced(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    here = await agency(client, ADMIN)
    stand_in = await colleague(owner, OURS)
    away = {"out_of_office_until": now() + timedelta(days=3)}
    absent = await colleague(owner, OURS, here, **away, substitute_user_id=stand_in)
    lost = await colleague(owner, OURS, here, **away)
    gone = await colleague(owner, OURS, here, status="suspended")
    people = [str(one) for one in (absent, lost, gone)]
    await rule(client, target_agency_id=str(here), user_ids=people, max_open_leads=2)
    got = [(await lead(client, ADMIN))["owner_user_id"] for _ in range(3)]
    assert got == [str(stand_in), str(stand_in), None]


async def test_the_least_loaded_gets_it(client: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
    here = await agency(client, ADMIN)
    busy, idle = [str(await colleague(owner, OURS, here)) for _ in range(2)]
    for _ in range(2):
        await lead(client, ADMIN, owner_user_id=busy)
    await rule(client, strategy="least_loaded", target_agency_id=str(here))
    got = [(await lead(client, ADMIN))["owner_user_id"] for _ in range(4)]
    assert Counter(got) == {idle: 3, busy: 1}


async def test_a_trial_explains_every_rule_and_writes_nothing(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    here = await agency(client, ADMIN)
    first, second = [str(await colleague(owner, OURS, here)) for _ in range(2)]
    skipped = await rule(client, "Oran", wilaya_codes=["31"], target_agency_id=str(here), position=1)
    empty = await rule(client, "Vide", target_agency_id=str(await agency(client, ADMIN, "16013")), position=2)
    chosen = await rule(client, "Alger", target_agency_id=str(here), user_ids=[first, second], position=3)
    for _ in range(2):
        answer = await client.post(
            "/v1/lead-routing-rules/dry-run", json={"source": "phone", "wilaya_code": "16"}, headers=ADMIN
        )
        assert answer.status_code == 200, answer.text
        assert (answer.json()["owner_user_id"], answer.json()["rule_id"]) == (first, chosen["id"])
        steps = [(step["rule_id"], step["outcome"], step["condition"]) for step in answer.json()["steps"]]
        assert steps == [
            (skipped["id"], "skipped", "wilaya_code"),
            (empty["id"], "nobody_free", None),
            (chosen["id"], "chosen", None),
        ]
    assert await owner.fetchval("SELECT count(*) FROM lead_routing_turns") == 0
    assert await owner.fetchval("SELECT count(*) FROM leads") == 0


async def test_thirty_at_once_are_shared_out_fairly(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    here = await agency(client, ADMIN)
    people = [str(await colleague(owner, OURS, here)) for _ in range(5)]
    await rule(client, target_agency_id=str(here), max_open_leads=7)

    async def one(number: int) -> str:
        phone = f"0550{number:06d}"
        return str(
            (await lead(client, ADMIN, phone=phone, full_name=f"Numéro{number} TEST"))["owner_user_id"]
        )

    got = Counter(await asyncio.gather(*(one(number) for number in range(30))))
    assert got == dict.fromkeys(people, 6)
    rest = Counter(await asyncio.gather(*(one(number) for number in range(50, 60))))
    assert rest == {**dict.fromkeys(people, 1), "None": 5}, "nobody gets more than the rule allows"


def member(name: int, open_leads: int = 0) -> Colleague:
    return Colleague(UUID(int=name), None, True, None, None, True, open_leads)


@given(st.integers(1, 8), st.integers(1, 60))
def test_in_turn_nobody_is_ever_two_ahead(people: int, leads: int) -> None:
    pool, last, got = [member(name) for name in range(people)], None, Counter[UUID]()
    for _ in range(leads):
        found = pick(pool, "round_robin", last, lambda one: Pick(one, one))
        assert found is not None
        last = found.member.id
        got[last] += 1
    counts = [got[one.id] for one in pool]
    assert max(counts) - min(counts) <= 1


@given(st.lists(st.integers(0, 6), min_size=1, max_size=8), st.integers(1, 6), st.integers(0, 40))
def test_capacity_is_never_exceeded_and_always_used(loads: list[int], most: int, leads: int) -> None:
    pool = {UUID(int=name): member(name, load) for name, load in enumerate(loads)}
    given_out, last, at = 0, None, now()
    for _ in range(leads):
        found = pick(list(pool.values()), "least_loaded", last, lambda one: free_for(one, pool, most, at))
        if found is None:
            break
        given_out, last = given_out + 1, found.member.id
        pool[last] = replace(found.chosen, open_leads=found.chosen.open_leads + 1)
    room = sum(max(0, most - load) for load in loads)
    assert given_out == min(leads, room)
    assert all(pool[UUID(int=name)].open_leads <= max(most, load) for name, load in enumerate(loads))

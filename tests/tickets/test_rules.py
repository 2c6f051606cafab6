"""Routing: the pure function, and the rules over HTTP."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_api.tickets.choice import Agent, Choice, Conditions, Facts, Rule, Staff, choose
from crm_api.tickets.models.setup import TicketRoutingStrategy
from tickets.counter import Answer, Counter

FACTS = Facts("question", "email", "normal", "fr")
GROUP = uuid4()
LEAST, TURNS = TicketRoutingStrategy.LEAST_BUSY, TicketRoutingStrategy.ROUND_ROBIN
agents = st.builds(
    Agent,
    id=st.uuids(version=4),
    agency_id=st.none(),
    active=st.booleans(),
    there=st.booleans(),
    most_open=st.integers(0, 5),
    open_count=st.integers(0, 6),
    languages=st.sampled_from([frozenset({"fr"}), frozenset({"fr", "ar"})]),
    skills=st.sampled_from([frozenset(), frozenset({"auto"})]),
)


def staffed(*people: Agent) -> Staff:
    return Staff({each.id: each for each in people}, {GROUP: [each.id for each in people]})


def ask(strategy: TicketRoutingStrategy = LEAST, **more: object) -> Rule:
    return Rule("rule", strategy, group_id=GROUP, **more)  # type: ignore[arg-type]


@settings(max_examples=80, deadline=None)
@given(st.lists(agents, max_size=6, unique_by=lambda each: each.id), st.sampled_from([LEAST, TURNS]))
def test_whoever_is_chosen_can_do_it_and_nobody_able_is_less_busy(
    people: list[Agent], strategy: TicketRoutingStrategy
) -> None:
    rule = ask(strategy, skills=frozenset({"auto"}), speaks=True)
    able = [
        each
        for each in people
        if each.active and each.there and each.open_count < each.most_open and "auto" in each.skills
    ]
    done = choose([rule], FACTS, staffed(*people))
    assert (done.owner_id is None) == (not able)
    if done.owner_id is not None:
        assert done.owner_id in {each.id for each in able}
        chosen = next(each for each in able if each.id == done.owner_id)
        if strategy is LEAST:
            assert chosen.open_count / chosen.most_open == min(e.open_count / e.most_open for e in able)
    assert {each.user_id for each in done.passed_over} == {each.id for each in people} - {e.id for e in able}


def test_a_substitute_stands_in_and_does_not_hand_on_again() -> None:
    there = Agent(uuid4(), None)
    absent = Agent(uuid4(), None, there=False, substitute_id=there.id)
    farther = Agent(uuid4(), None, there=False, substitute_id=absent.id)
    staff = Staff({each.id: each for each in (there, absent, farther)}, {})
    for who, owner, for_whom in ((absent, there.id, absent.id), (farther, None, None)):
        rule = Rule("r", TicketRoutingStrategy.USER, user_id=who.id)
        done = choose([rule], FACTS, staff)
        assert (done.owner_id, done.stands_in_for) == (owner, for_whom)


def test_turns_go_round_and_the_next_rule_is_asked_where_all_are_full() -> None:
    moment = datetime(2026, 11, 30, tzinfo=UTC)
    staff = staffed(*(Agent(UUID(int=n), None, most_open=2) for n in (1, 2, 3)))
    given_to = []
    for step in range(7):
        done = choose([ask(TURNS), Rule("queue", TicketRoutingStrategy.QUEUE, group_id=GROUP)], FACTS, staff)
        given_to.append(done.owner_id and done.owner_id.int)
        if done.owner_id:
            staff.give(done.owner_id, moment + timedelta(minutes=step))
    assert given_to == [1, 2, 3, 1, 2, 3, None]
    assert (done.group_id, {each.why for each in done.passed_over}) == (GROUP, {"full"})


@pytest.mark.parametrize(
    ("conditions", "facts", "fits"),
    [
        (Conditions(), FACTS, True),
        (Conditions(types=frozenset({"complaint"})), FACTS, False),
        (Conditions(words=frozenset({"bris"})), replace(FACTS, words=frozenset({"bris", "glace"})), True),
        (Conditions(words=frozenset({"bris"})), FACTS, False),
        (Conditions(vip=True), FACTS, False),
        (Conditions(vip=False, channels=frozenset({"email"})), FACTS, True),
    ],
)
def test_conditions(conditions: Conditions, facts: Facts, fits: bool) -> None:
    rule = Rule("q", TicketRoutingStrategy.QUEUE, conditions, group_id=GROUP)
    assert (choose([rule], facts, Staff()) != Choice()) is fits


# --- over HTTP


async def rule(counter: Counter, **fields: object) -> Answer:
    body = {"name": "Automobile", "position": 1, "strategy": "least_busy"} | fields
    answer = await counter.company.send("POST", "/v1/ticket-rules", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def team(counter: Counter) -> str:
    group = await counter.company.group("call_centre")
    members = {"user_ids": [str(counter.agent.id), str(counter.other.id)]}
    answer = await counter.company.send("POST", f"/v1/groups/{group}/members", members)
    assert answer.status_code == 204, answer.text
    return str(group)


@pytest.mark.anyio
async def test_rules_give_tickets_tell_why_and_are_played_again(counter: Counter) -> None:
    group, send = await team(counter), counter.company.send
    conditions = {"words": ["Bris"], "types": ["question"]}
    made = await rule(counter, group_id=group, conditions=conditions, skills=["automobile"])
    described = {"user_id": str(counter.other.id), "skills": ["automobile"], "languages": ["fr", "ar"]}
    assert (await send("POST", "/v1/ticket-agents", described)).status_code == 200
    tried = await send("POST", "/v1/ticket-rules/try", {"subject": "BRIS de glace"})
    assert (tried.json()["rule"], tried.json()["owner_user_id"]) == ("Automobile", str(counter.other.id))
    assert {"user_id": str(counter.agent.id), "why": "skills"} in tried.json()["passed_over"]
    assert (await send("POST", "/v1/ticket-rules/try", {"subject": "Vol"})).json()["rule"] is None

    ticket = await counter.opened(subject="Bris de glace")
    assert (ticket["owner_user_id"], ticket["group_id"], ticket["status"]) == (
        str(counter.other.id),
        group,
        "open",
    )
    await counter.opened(subject="Vol")
    replayed = await send("POST", "/v1/ticket-rules/replay", {})
    counts = {name: replayed.json()[name] for name in ("tickets", "unrouted", "elsewhere", "truncated")}
    assert counts == {"tickets": 2, "unrouted": 1, "elsewhere": 0, "truncated": False}
    draft = {"name": "Tout", "position": 1, "strategy": "queue", "group_id": group}
    other = (await send("POST", "/v1/ticket-rules/replay", {"rules": [draft]})).json()
    assert (other["by_rule"], other["elsewhere"]) == ([{"rule": "Tout", "count": 2}], 1)

    version = made["version"]
    await send("PATCH", f"/v1/ticket-rules/{made['id']}", {"is_active": False}, version=version)
    assert (await counter.opened(subject="Bris de glace"))["owner_user_id"] is None


@pytest.mark.anyio
async def test_who_is_out_of_office_is_stood_in_for(counter: Counter) -> None:
    me = await counter.read("/v1/users/me", by=counter.agent.headers)
    out = {"out_of_office_until": "2099-01-01T00:00:00Z", "substitute_user_id": str(counter.other.id)}
    answer = await counter.company.send(
        "PATCH", "/v1/users/me", out, by=counter.agent.headers, version=me["version"]
    )
    assert answer.status_code == 200, answer.text
    await rule(counter, strategy="user", user_id=str(counter.agent.id))
    assert (await counter.opened())["owner_user_id"] == str(counter.other.id)


@pytest.mark.anyio
async def test_the_group_of_a_category_is_where_no_rule_fits(counter: Counter) -> None:
    group = await team(counter)
    body = {"code": "auto", "name": "Auto", "group_id": group}
    root = (await counter.company.send("POST", "/v1/ticket-categories", body)).json()
    below = {"code": "bris", "name": "Bris", "parent_id": root["id"]}
    leaf = (await counter.company.send("POST", "/v1/ticket-categories", below)).json()
    ticket = await counter.opened(category_id=leaf["id"])
    assert (ticket["group_id"], ticket["owner_user_id"], ticket["status"]) == (group, None, "new")
    elsewhere = await counter.company.hire(
        agency_id=await counter.company.agency("31001"),
        group_ids=(UUID(group),),
        data_scope="own",  # type: ignore[arg-type]
    )
    queue = await counter.read("/v1/tickets", by=elsewhere.headers, group_id=group, is_open="true")
    assert [row["id"] for row in queue["data"]] == [ticket["id"]]

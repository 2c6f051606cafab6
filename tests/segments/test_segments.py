"""Segments over HTTP: rules, previews, members that follow what happens, lists kept by hand."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import time_machine

from crm_api.core.context import Context
from crm_api.kit.clock import today
from crm_api.segments.models import SEGMENT
from segments.desk import FRENCH, Desk, expiring, on_day

pytestmark = pytest.mark.anyio


async def test_a_rule_finds_its_people_and_follows_their_contracts(desk: Desk) -> None:
    soon, late = await desk.customer("Soon"), await desk.customer("Late")
    await desk.contract(soon, 20)
    policy = await desk.contract(late, 90)
    made = await desk.segment(expiring(15, 45), built=False)
    assert (made["status"], made["by_the_day"]) == ("building", True)
    await desk.work()
    segment = await desk.got(f"/v1/segments/{made['id']}")
    assert (segment["status"], segment["member_count"]) == ("active", 1)
    assert await desk.members(segment) == {soon}
    assert await desk.told(segment) == [], "its first members are no news"
    await desk.brought(policy, on_day(40))
    await desk.follow()
    assert await desk.members(segment) == {soon, late}
    await desk.brought(policy, on_day(60))
    await desk.follow()
    assert await desk.members(segment) == {soon}
    assert await desk.told(segment) == [("segment.entered", 1), ("segment.left", 1)]
    assert (await desk.got(f"/v1/segments/{segment['id']}"))["member_count"] == 1


async def test_days_pass_and_people_come_and_go_although_nothing_happened(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.contract(karim, 46)
    segment = await desk.segment(expiring(15, 45))
    assert await desk.members(segment) == set()
    with time_machine.travel(on_day(1), tick=True):
        await desk.turn()
    assert await desk.members(segment, on=str(today() + timedelta(days=1))) == {karim}
    with time_machine.travel(on_day(32), tick=True):
        await desk.turn()
    assert await desk.members(segment, on=str(today() + timedelta(days=32))) == set()


async def test_who_was_in_it_on_another_day_is_one_question(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.customer("Ailleurs", preferred_language="ar")
    segment = await desk.segment(FRENCH)
    await desk.owner.execute("UPDATE segment_members SET entered_at = $1", on_day(-10))
    await desk.call("PATCH", f"/v1/contacts/{karim}", {"preferred_language": "ar"}, version=1)
    await desk.follow()
    await desk.owner.execute("UPDATE segment_members SET left_at = $1", on_day(-5))
    days = {n: await desk.members(segment, on=str(today() - timedelta(days=n))) for n in (11, 10, 6, 5, 0)}
    assert days == {11: set(), 10: {karim}, 6: {karim}, 5: set(), 0: set()}
    assert await desk.members(segment) == set()
    assert await desk.were_in(segment, today() - timedelta(days=6)) == {karim}
    assert await desk.were_in(segment, today() - timedelta(days=11)) == set()


async def test_an_open_claim_keeps_a_customer_out_until_it_is_over(desk: Desk) -> None:
    karim, samia = await desk.customer(), await desk.customer("Samia")
    await desk.customer("Ailleurs", preferred_language="ar")
    kept = await desk.segment(FRENCH, "Tous les autres")
    open_too = await desk.segment(FRENCH, "Tous", excludes_open_cases=False)
    claim = await desk.claim(karim)
    await desk.owner.execute("UPDATE claims SET status = 'registered' WHERE id = $1", UUID(claim["id"]))
    await desk.tell("claim", claim["id"])
    await desk.follow()
    assert await desk.members(kept) == {samia}
    assert await desk.members(open_too) == {karim, samia}
    await desk.owner.execute("UPDATE claims SET status = 'settled' WHERE id = $1", UUID(claim["id"]))
    await desk.tell("claim", claim["id"])
    await desk.follow()
    assert await desk.members(kept) == {karim, samia}


async def test_rules_combine_and_deny(desk: Desk) -> None:
    one, two, none = [await desk.customer(name) for name in ("Un", "Deux", "Rien")]
    await desk.contract(one)
    for _ in range(2):
        await desk.contract(two)
    many: Any = {"has": "policy", "at_least": 2}
    some: Any = {"has": "policy"}
    motor: Any = {"field": "policy.product_code", "op": "eq", "value": "AUTO_P"}
    tagged: Any = {"field": "contact.tag", "op": "match", "value": "vip"}
    await desk.call("PATCH", f"/v1/contacts/{none}", {"tags": ["vip"]}, version=1)
    cases: list[tuple[Any, set[str]]] = [
        (many, {two}),
        ({"not": many}, {one, none}),
        ({"all": [some, {"not": many}]}, {one}),
        ({"any": [many, tagged]}, {two, none}),
        ({"not": {"any": [many, tagged]}}, {one}),
        ({"not": {"all": [motor, {"not": many}]}}, {two, none}),
        (motor, {one, two}),
        ({"any": [{"not": motor}, {"all": [motor, many]}]}, {two, none}),
        ({"field": "contact.preferred_channel", "op": "eq", "value": "sms"}, set()),
        ({"not": {"field": "contact.preferred_channel", "op": "eq", "value": "sms"}}, {one, two, none}),
        ({"has": "policy", "where": {"not": {"field": "policy.coverage_code", "value": "RC"}}}, {one, two}),
        (
            {
                "has": "policy",
                "where": {
                    "all": [
                        {
                            "field": "policy.annual_net_premium",
                            "op": "gt",
                            "value": {"amount": "36499.00", "currency": "DZD"},
                        },
                        {"field": "policy.coverage_count", "op": "lte", "value": 0},
                    ]
                },
            },
            {one, two},
        ),
    ]
    for rule, expected in cases:
        body = {"definition": {"all": [rule]}, "excludes_open_cases": True}
        found = await desk.call("POST", "/v1/segments/preview", body)
        assert {row["id"] for row in found["sample"]} == expected, rule
        assert (found["count"], found["people"]) == (len(expected), 3), rule


async def test_a_preview_counts_only_whom_the_caller_sees(desk: Desk) -> None:
    there = await desk.company.agency("16099")
    mine = await desk.customer("Ici")
    await desk.customer("Là-bas", agency_id=str(there))
    seller = desk.portfolio.somebody(
        *("segments:read", "contacts:read"),
        data_scope="agency",
        agency_id=desk.portfolio.agency_id,
        agency_ids=(desk.portfolio.agency_id,),
    )
    found = await desk.call("POST", "/v1/segments/preview", {"definition": FRENCH}, by=seller)
    assert ([row["id"] for row in found["sample"]], found["count"], found["share"]) == ([mine], 1, "1")


async def test_segments_ask_for_members_of_others_but_never_in_a_circle(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.customer("Ailleurs", preferred_language="ar")
    first = await desk.segment(FRENCH, "A")
    inside = {"member_of": first["id"]}
    second = await desk.segment({"all": [inside, {"has": "policy"}]}, "B")
    third = await desk.segment({"not": {"member_of": second["id"]}}, "C", acknowledge_everybody=True)
    assert await desk.members(third) == {karim} | (await desk.members(third))
    await desk.contract(karim)
    await desk.follow()
    assert await desk.members(second) == {karim}
    assert karim not in await desk.members(third)
    circle = {"definition": {"any": [FRENCH, {"member_of": third["id"]}]}}
    refused = await desk.refused("PATCH", f"/v1/segments/{first['id']}", circle, version=first["version"])
    assert refused["code"] == "segment_uses_itself"
    refused = await desk.refused("POST", f"/v1/segments/{first['id']}/archive", version=first["version"])
    assert refused["code"] == "segment_in_use"
    await desk.call("PATCH", f"/v1/contacts/{karim}", {"preferred_language": "ar"}, version=1)
    await desk.follow()
    assert (await desk.members(first), await desk.members(second)) == (set(), set())
    assert karim in await desk.members(third)


async def test_everybody_is_meant_only_by_who_says_so(desk: Desk) -> None:
    await desk.customer()
    rules: list[Any] = [{"all": []}, FRENCH, {"not": {"has": "policy"}}]
    for rule in rules:
        body = {"name": "Tous", "definition": rule}
        assert (await desk.refused("POST", "/v1/segments", body))["code"] == "segment_matches_everybody"
    await desk.segment({"all": []}, "Tous", acknowledge_everybody=True)


async def test_official_data_waits_for_the_data_protection_officer(desk: Desk) -> None:
    born = f"1985-{today().month:02}-17"
    karim = await desk.customer(birth_date=born)
    await desk.customer("Autre", birth_date=f"1985-{today().month % 12 + 1:02}-17")
    rule = {"field": "contact.birth_month", "op": "eq", "value": "this_month"}
    marketing = desk.portfolio.somebody("segments:read", "segments:write", "contacts:read")
    refused = await desk.refused("POST", "/v1/segments/preview", {"definition": rule}, by=marketing)
    assert refused["code"] == "segment_needs_approval"
    made = await desk.call(
        "POST", "/v1/segments", {"name": "Anniversaires", "definition": rule}, by=marketing
    )
    await desk.work()
    path = f"/v1/segments/{made['id']}"
    assert (made["status"], made["sensitive"]) == ("awaiting_approval", True)
    assert await desk.members(made) == set()
    assert (await desk.company.send("POST", f"{path}/approve", by=marketing, version=1)).status_code == 403
    await desk.call("POST", f"{path}/approve", version=made["version"])
    await desk.work()
    assert await desk.members(made) == {karim}


async def test_lists_are_kept_by_hand_or_frozen(desk: Desk) -> None:
    karim, samia = await desk.customer(), await desk.customer("Samia")
    await desk.customer("Ailleurs", preferred_language="ar")
    rule = await desk.segment(FRENCH)
    frozen = await desk.call("POST", f"/v1/segments/{rule['id']}/freeze", {"name": "Figé"})
    assert (frozen["type"], frozen["member_count"]) == ("static", 2)
    path = f"/v1/segments/{frozen['id']}/members"
    gone = await desk.call("POST", f"{path}/remove", {"contact_ids": [karim, karim]})
    assert gone == {"moved": 1, "member_count": 1}
    assert await desk.members(frozen) == {samia}
    again = await desk.call("POST", f"{path}/add", {"contact_ids": [karim, samia]})
    assert again == {"moved": 1, "member_count": 2}
    history = await desk.got(f"{path}", contact_id=karim, on=str(today()))
    assert len(history["data"]) == 1
    unknown = await desk.refused("POST", f"{path}/add", {"contact_ids": [karim, str(uuid4())]})
    assert unknown["errors"][0]["pointer"] == "/contact_ids/1"
    by_rule = await desk.refused("POST", f"/v1/segments/{rule['id']}/members/add", {"contact_ids": [karim]})
    assert by_rule["code"] == "segment_not_static"


async def test_an_audience_is_who_is_included_and_not_excluded(desk: Desk) -> None:
    karim, samia, ali = [await desk.customer(name) for name in ("Karim", "Samia", "Ali")]
    await desk.customer("Ailleurs", preferred_language="ar")
    rule = await desk.segment(FRENCH)
    hand = await desk.call("POST", "/v1/segments", {"name": "Main", "type": "static"})
    await desk.call("POST", f"/v1/segments/{hand['id']}/members/add", {"contact_ids": [samia, ali]})
    ids = rule["id"], hand["id"]
    assert await desk.audience(ids) == {karim, samia, ali}
    assert await desk.audience(ids[:1], ids[1:]) == {karim}
    claim = await desk.claim(ali)
    await desk.owner.execute("UPDATE claims SET status = 'registered' WHERE id = $1", UUID(claim["id"]))
    assert await desk.audience(ids[1:]) == {samia}, "who waits for the end of a claim is left alone"


@pytest.mark.parametrize(
    ("rule", "pointer", "code"),
    [
        ({"field": "contact.national_id_number", "value": "1"}, "/definition/field", "unknown_field"),
        ({"field": "health.disease", "value": "x"}, "/definition/field", "unknown_field"),
        ({"field": "contact.tag", "op": "gte", "value": "a"}, "/definition/op", "operator_not_allowed"),
        (
            {"all": [FRENCH, {"field": "policy.expires_on", "op": "gte", "value": "tomorrow"}]},
            "/definition/all/1/value",
            "segment_day",
        ),
        ({"field": "policy.status", "op": "eq", "value": "'; DROP"}, "/definition/value", "literal_error"),
        ({"has": "policy", "where": FRENCH}, "/definition/where/field", "segment_inside"),
        ({"has": "policy", "where": {"has": "claim"}}, "/definition/where", "segment_inside"),
        ({"has": "contact"}, "/definition/has", "unknown_field"),
        (
            {"not": {"not": {"not": {"not": {"not": {"not": FRENCH}}}}}},
            "/definition/not/not/not/not/not",
            "segment_too_deep",
        ),
        (
            {"all": [{"any": [FRENCH] * 26}, {"any": [FRENCH] * 25}]},
            "/definition/all/1/any/24",
            "segment_too_long",
        ),
        ({"member_of": str(UUID(int=1))}, "/definition", "unknown_segment"),
    ],
)
async def test_a_rule_that_says_something_else_is_refused_where_it_does(
    desk: Desk, rule: Any, pointer: str, code: str
) -> None:
    for path, more in (("/v1/segments/preview", {}), ("/v1/segments", {"name": "X"})):
        answer = await desk.company.send("POST", path, {"definition": rule} | more)
        assert answer.status_code == 422, answer.text
        fault = answer.json()["errors"][0]
        assert (fault["pointer"], fault["code"]) == (pointer, code)


async def test_every_field_of_the_catalogue_can_be_asked_with_every_operator(desk: Desk) -> None:
    """Statements are made by PostgreSQL here, not by belief."""
    await desk.customer()
    shown = await desk.got("/v1/segments/fields", lang="fr")
    assert {"contact", "policy", "consent", "survey", "event"} <= {one["group"] for one in shown["groups"]}
    sample: dict[str, Any] = {"text": "x", "day": "today-3", "number": 3, "yes_no": True, "tag": "vip"}
    sample |= {"id": str(uuid4()), "money": {"amount": "5.00", "currency": "DZD"}}
    for one in shown["fields"]:
        assert all(one["labels"][language] for language in ("fr", "en", "ar"))
        value = one["values"][0]["value"] if one["values"] else sample[one["kind"]]
        for operator in one["operators"]:
            given = {"in": [value], "null": True}.get(operator, value)
            leaf = {"field": one["field"], "op": operator, "value": given}
            await desk.call("POST", "/v1/segments/preview", {"definition": {"not": leaf}})
            group = one["group"]
            if group != "contact":
                await desk.call("POST", "/v1/segments/preview", {"definition": {"has": group, "where": leaf}})


async def test_a_count_that_takes_too_long_is_refused_and_no_failure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: Any) -> Any:
        raise asyncpg.QueryCanceledError("canceling statement due to statement timeout")

    monkeypatch.setattr(Context, "fetch", slow)
    refused = await desk.refused("POST", "/v1/segments/preview", {"definition": FRENCH})
    assert (refused["status"], refused["code"]) == (422, "segment_too_slow")


async def test_each_state_allows_its_steps_and_no_other(desk: Desk) -> None:
    await desk.customer()
    await desk.customer("Ailleurs", preferred_language="ar")
    made = await desk.segment(FRENCH)
    path = f"/v1/segments/{made['id']}"
    for current in SEGMENT.states:
        for step, froms in (("approve", {"awaiting_approval"}), ("reactivate", {"archived"})):
            await desk.owner.execute("UPDATE segments SET status = $1", current)
            version = (await desk.got(path))["version"]
            answer = await desk.company.send("POST", f"{path}/{step}", version=version)
            assert answer.status_code == (200 if current in froms else 409), (current, step)
        await desk.owner.execute("UPDATE segments SET status = $1", current)
        version = (await desk.got(path))["version"]
        answer = await desk.company.send("POST", f"{path}/archive", version=version)
        assert answer.status_code == (409 if current == "archived" else 200), current


@pytest.mark.parametrize("rule", [None, 7, "x", [], [[None]], {"not": {"any": [[None, None]]}}, {"all": [3]}])
async def test_what_is_no_rule_is_refused_by_its_place(desk: Desk, rule: object) -> None:
    body = {"name": "Rien", "type": "dynamic", "definition": {"has": "policy", "where": {"all": [rule]}}}
    answer = await desk.company.send("POST", "/v1/segments", body)
    assert answer.status_code == 422, answer.text
    assert all(error["pointer"].startswith("/definition") for error in answer.json()["errors"])

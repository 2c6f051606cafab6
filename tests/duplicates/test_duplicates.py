"""The queue of probable duplicates: found as records come in, previewed, merged, taken back."""

from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors import actor
from company import Company, open_company
from crm_api.core.context import Context
from crm_api.core.principal import system
from crm_api.duplicates.finding import find_new_pairs
from crm_api.leads.merging import CHOSEN
from horizon import passed

pytestmark = pytest.mark.anyio
Answer = dict[str, Any]
ILYES = {"full_name": "Ilyès AISSANI", "phone": "0550123456", "source": "phone"}
FIELDS = [name for name in CHOSEN if name not in ("owner_user_id", "agency_id", "full_name", "phone")]


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


async def found(company: Company, owner: asyncpg.Connection) -> list[Answer]:
    """The queue after the job has looked once more."""
    await passed(owner.fetchval)
    ctx = Context(system(company.organization_id), company.app.state.database, company.app.state.tools)
    await find_new_pairs(ctx)
    await ctx.commit()
    await ctx.close()
    return list((await company.send("GET", "/v1/duplicates")).json()["data"])


async def made(company: Company, what: str, **body: Any) -> Answer:
    answer = await company.send("POST", f"/v1/{what}", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def decide(company: Company, pair: Answer, step: str, body: Any = None, status: int = 200) -> Answer:
    version = (await company.send("GET", f"/v1/duplicates/{pair['id']}")).json()["version"]
    answer = await company.send("POST", f"/v1/duplicates/{pair['id']}/{step}", body, version=version)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def test_two_leads_of_one_person_are_merged_and_become_two_again(
    company: Company, owner: asyncpg.Connection
) -> None:
    first = await made(company, "leads", **ILYES, need="Auto", external_ids=[{"system": "s", "value": "1"}])
    second = await made(
        company,
        "leads",
        **ILYES | {"full_name": "Aissani Ilyes"},
        email="ilyes@example.com",
        need="Habitation",
    )
    await made(company, "leads", full_name="Lina HADDAD", phone="0660123456", source="phone")
    [pair] = await found(company, owner)
    assert (pair["entity"], {pair["first_id"], pair["second_id"]}) == ("lead", {first["id"], second["id"]})
    assert (pair["score"], pair["reasons"][0]) == (80, "name_phone")
    choice = {"survivor_id": second["id"], "survivorship": {"need": "other"}}
    shown = await company.send("POST", f"/v1/duplicates/{pair['id']}/preview", choice)
    assert shown.status_code == 200, shown.text
    assert (shown.json()["merged"]["need"], shown.json()["survivor"]["need"]) == ("Auto", "Habitation")
    assert (await company.send("GET", f"/v1/leads/{second['id']}")).json()["version"] == second["version"]
    await decide(company, pair, "merge", choice)
    merged = (await company.send("GET", f"/v1/leads/{second['id']}")).json()
    assert (merged["need"], merged["email"]) == ("Auto", "ilyes@example.com")
    assert merged["external_ids"] == [{"system": "s", "value": "1"}]
    assert (await company.send("GET", f"/v1/leads/{first['id']}")).json()["deleted_at"] is not None
    again = await decide(company, pair, "unmerge")
    assert (again["status"], again["survivor_id"]) == ("open", None)
    for before in first, second:
        after = (await company.send("GET", f"/v1/leads/{before['id']}")).json()
        differing = {name for name in after if after[name] != before[name]}
        assert differing <= {"version", "updated_at"}, differing


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    sides=st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(["survivor", "other"])),
    filled=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=4, max_size=4),
    which=st.booleans(),
)
async def test_any_merge_taken_back_leaves_both_as_they_were(
    company: Company,
    owner: asyncpg.Connection,
    sides: dict[str, str],
    filled: list[tuple[bool, bool]],
    which: bool,
) -> None:
    texts = ("need", "best_time", "company_name", "postal_code")
    bodies: list[Answer] = [{**ILYES, "tags": ["un"]}, {**ILYES, "tags": ["deux"]}]
    for name, presences in zip(texts, filled, strict=True):
        for at, present in enumerate(presences):
            if present:
                bodies[at][name] = f"1600{at}" if name == "postal_code" else f"{name} {at}"
    leads = [await made(company, "leads", **body) for body in bodies]
    pairs = await found(company, owner)
    pair = next(one for one in pairs if {one["first_id"], one["second_id"]} == {lead["id"] for lead in leads})
    survivor = leads[which]
    await decide(company, pair, "merge", {"survivor_id": survivor["id"], "survivorship": sides})
    await decide(company, pair, "unmerge")
    for before in leads:
        after = (await company.send("GET", f"/v1/leads/{before['id']}")).json()
        assert {name for name in after if after[name] != before[name]} <= {"version", "updated_at"}
    for lead in leads:
        gone = (await company.send("GET", f"/v1/leads/{lead['id']}")).json()["version"]
        await company.send("DELETE", f"/v1/leads/{lead['id']}", version=gone)


async def test_people_and_accounts_are_found_and_merged_by_their_own_domains(
    company: Company, owner: asyncpg.Connection
) -> None:
    agency = str(await company.agency())
    person: Answer = {"first_name": "Ilyès", "phones": [{"value": "0550123456"}], "agency_id": agency}
    people = [
        await made(company, "contacts", **person, last_name=name, create_household=True)
        for name in ("Aïssani", "AISSANI")
    ]
    address = [{"kind": "head_office", "lines": ["Zone"], "wilaya_code": "16"}]
    account: Answer = {"type": "company", "addresses": address, "phones": [{"value": "021344646"}]}
    accounts = [
        await made(company, "accounts", **account, agency_id=agency, name=name, activity=activity)
        for name, activity in (("Transport El Amel", "Fret"), ("TRANSPORT EL AMEL", "Bus"))
    ]
    pairs = {pair["entity"]: pair for pair in await found(company, owner)}
    assert set(pairs) == {"contact", "account"}
    for kind, records, choice in (
        ("contact", people, {"last_name": "other"}),
        ("account", accounts, {"activity": "other"}),
    ):
        before = [(await company.send("GET", f"/v1/{kind}s/{one['id']}")).json() for one in records]
        chosen = {"survivor_id": records[0]["id"], "survivorship": choice}
        await decide(company, pairs[kind], "merge", chosen)
        [name] = choice
        kept = (await company.send("GET", f"/v1/{kind}s/{records[0]['id']}")).json()
        assert kept[name] == records[1][name]
        await decide(company, pairs[kind], "unmerge")
        for was in before:
            after = (await company.send("GET", f"/v1/{kind}s/{was['id']}")).json()
            differing = {name for name in after if after[name] != was[name]}
            assert differing <= {"version", "updated_at"}, (kind, differing)


async def test_each_step_of_a_pair_is_made_or_refused_by_the_table(
    company: Company, owner: asyncpg.Connection
) -> None:
    for _ in range(2):
        await made(company, "leads", **ILYES)
    [pair] = await found(company, owner)
    choice = {"survivor_id": pair["first_id"]}
    steps = {"dismissed": ("dismiss", None), "merged": ("merge", choice)}
    for status, (step, body) in steps.items():
        await decide(company, pair, step, body)
        for other, (again, asked) in steps.items():
            refused = await decide(company, pair, again, asked, 409)
            assert refused["code"] == "invalid_transition", (status, other)
        wrong = "unmerge" if status == "dismissed" else "reopen"
        assert (await decide(company, pair, wrong, status=409))["code"] == "invalid_transition"
        await decide(company, pair, "reopen" if status == "dismissed" else "unmerge")
    assert (await decide(company, pair, "reopen", status=409))["code"] == "invalid_transition"
    unknown = await decide(company, pair, "merge", choice | {"survivorship": {"score": "other"}}, 422)
    assert unknown["code"] == "unknown_choice"
    stranger = await decide(company, pair, "merge", {"survivor_id": company.admin.id.__str__()}, 422)
    assert stranger["code"] == "survivor_not_of_pair"


async def test_a_pair_is_seen_by_who_sees_both_of_its_records(
    company: Company, owner: asyncpg.Connection
) -> None:
    agency = str(await company.agency())
    await made(company, "leads", **ILYES, agency_id=agency)
    await made(company, "leads", **ILYES)
    assert len(await found(company, owner)) == 1
    scopes = "accounts:merge", "accounts:write", "contacts:write", "leads:write"
    clerk = actor(company.organization_id, *scopes, data_scope="agency", agency_ids=(agency,))
    assert (await company.send("GET", "/v1/duplicates", by=clerk)).json()["data"] == []

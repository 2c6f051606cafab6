"""Who is what to whom."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from actors import actor
from contacts.people import ADMIN, OURS, SCOPES, THEIRS, account, agency, contact, matching

pytestmark = pytest.mark.anyio


def bond(one: Any, kind: str, other: Any, **more: Any) -> dict[str, Any]:
    """`one` is `kind` `other`; accounts are those that have a number."""
    kinds = ["account" if "number" in party else "contact" for party in (one, other)]
    ends = {"from_type": kinds[0], "from_id": one["id"], "to_type": kinds[1], "to_id": other["id"]}
    return {**ends, "type": kind, **more}


async def related(client: httpx.AsyncClient, *args: Any, **more: Any) -> dict[str, Any]:
    answer = await client.post("/v1/relationships", json=bond(*args, **more), headers=ADMIN)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def family(client: httpx.AsyncClient) -> tuple[dict[str, Any], dict[str, Any]]:
    agency_id = await agency(client)
    father = await contact(client, agency_id, birth_date="1980-01-01")
    son = await contact(client, agency_id, first_name="Yacine", birth_date="2009-01-01")
    return father, son


def of(party: Any, **more: str) -> dict[str, str]:
    return {"party_type": "account" if "number" in party else "contact", "party_id": party["id"]} | more


async def test_a_relationship_is_told_from_either_end(client: httpx.AsyncClient) -> None:
    father, son = await family(client)
    made = await related(client, father, "parent_of", son, from_date="2009-01-01")
    assert made["label"] == {"fr": "Parent de", "en": "Parent of", "ar": "والد أو والدة"}
    assert made["inverse_label"]["fr"] == "Enfant de"
    for party in father, son:
        page = (await client.get("/v1/relationships", params=of(party), headers=ADMIN)).json()
        assert page["data"] == [made]
    assert (await client.get(f"/v1/relationships/{made['id']}", headers=ADMIN)).json() == made
    none = await client.get("/v1/relationships", params=of(son, on="2008-12-31"), headers=ADMIN)
    assert none.json()["data"] == []


@pytest.mark.parametrize(
    ("kind", "way_back"),
    [
        ("spouse_of", "Conjoint de"),
        ("child_of", "Parent de"),
        ("sibling_of", "Frère ou sœur de"),
        ("guardian_of", "Pupille de"),
        ("employee_of", "Employeur de"),
        ("broker_of", "Client du courtier"),
        ("referred_by", "A recommandé"),
    ],
)
async def test_every_type_has_a_way_back(client: httpx.AsyncClient, kind: str, way_back: str) -> None:
    father, son = await family(client)
    assert (await related(client, father, kind, son))["inverse_label"]["fr"] == way_back


@pytest.mark.parametrize(
    ("kind", "mirrored"),
    [("spouse_of", "spouse_of"), ("sibling_of", "sibling_of"), ("parent_of", "child_of")],
)
async def test_one_bond_is_recorded_once_whichever_way_it_is_told(
    client: httpx.AsyncClient, kind: str, mirrored: str
) -> None:
    father, son = await family(client)
    bodies = [bond(father, kind, son), bond(son, mirrored, father)] * 2
    answers = await asyncio.gather(
        *(client.post("/v1/relationships", json=body, headers=ADMIN) for body in bodies)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {
        "relationship_known"
    }
    await related(client, father, kind, son, from_date="2020-01-01")


async def test_what_cannot_be_is_refused(client: httpx.AsyncClient) -> None:
    father, son = await family(client)
    firm = await account(client, father["agency_id"], "SARL Ilyès")
    for body, code in (
        (bond(father, "sibling_of", father), "self_link"),
        (bond(firm, "parent_of", son), "wrong_party"),
        (bond(father, "director_of", son), "wrong_party"),
        (bond(father, "spouse_of", {"id": str(uuid4())}), "unknown_party"),
        (bond(father, "spouse_of", son, from_date="2020-01-02", to_date="2020-01-01"), "dates_out_of_order"),
    ):
        refused = await client.post("/v1/relationships", json=body, headers=ADMIN)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    await related(client, father, "director_of", firm)


async def test_dates_change_and_a_mistake_is_removed(client: httpx.AsyncClient) -> None:
    father, son = await family(client)
    made = await related(client, father, "parent_of", son, from_date="2009-01-01")
    path = f"/v1/relationships/{made['id']}"
    ended = await client.patch(path, json={"to_date": "2020-01-01"}, headers=matching(1))
    assert (ended.status_code, ended.json()["to_date"], ended.json()["version"]) == (200, "2020-01-01", 2)
    crossed = await client.patch(path, json={"to_date": "2001-01-01"}, headers=matching(2))
    assert (crossed.status_code, crossed.json()["code"]) == (409, "relationship_dates_crossed")
    assert (await client.delete(path, headers=matching(1))).status_code == 412
    assert (await client.delete(path, headers=matching(2))).status_code == 204
    assert (await client.get(path, headers=ADMIN)).status_code == 404


async def test_it_is_seen_by_whoever_sees_a_party(client: httpx.AsyncClient) -> None:
    father, son = await family(client)
    made = await related(client, father, "parent_of", son)
    path = f"/v1/relationships/{made['id']}"
    blind = actor(OURS, *SCOPES, data_scope="own")
    for stranger in THEIRS, blind:
        assert (await client.get(path, headers=stranger)).status_code == 404
        assert (await client.get("/v1/relationships", params=of(son), headers=stranger)).status_code == 404
        assert (
            await client.patch(path, json={"to_date": None}, headers=matching(1, stranger))
        ).status_code == 404
        assert (await client.delete(path, headers=matching(1, stranger))).status_code == 404
        refused = await client.post(
            "/v1/relationships", json=bond(father, "sibling_of", son), headers=stranger
        )
        assert refused.json()["errors"][0]["code"] == "unknown_party"
    assert (await client.get(path, headers=ADMIN)).status_code == 200


async def test_a_minor_without_guardian_is_pointed_out(client: httpx.AsyncClient) -> None:
    father, son = await family(client)

    async def warnings(party: Any) -> list[str]:
        page = await client.get("/v1/relationships", params=of(party), headers=ADMIN)
        return list(page.json()["warnings"])

    await related(client, father, "parent_of", son)
    assert (await warnings(son), await warnings(father)) == (["guardian_required"], [])
    made = await related(client, father, "guardian_of", son)
    assert await warnings(son) == []
    path = f"/v1/relationships/{made['id']}"
    await client.patch(path, json={"to_date": "2020-01-01"}, headers=matching(1))
    assert await warnings(son) == ["guardian_required"]


async def test_relationships_follow_merged_people_and_accounts_and_return(client: httpx.AsyncClient) -> None:
    father, son = await family(client)
    twin = await contact(client, father["agency_id"], first_name="Ilyes")
    made = [
        await related(client, father, "parent_of", son),
        await related(client, son, "child_of", twin),  # the survivor has it already
        await related(client, twin, "sibling_of", father),  # nobody is his own brother
    ]
    firm, other = [await account(client, father["agency_id"], name) for name in ("SARL A", "SARL B")]
    job = await related(client, twin, "employee_of", firm)
    merged = await client.post(
        f"/v1/contacts/{father['id']}/merge", json={"other_id": twin["id"]}, headers=matching(1)
    )
    assert merged.status_code == 200, merged.text
    gone = await client.post(
        f"/v1/accounts/{other['id']}/merge", json={"account_id": firm["id"]}, headers=matching(1)
    )
    assert gone.status_code == 200, gone.text

    async def ends(relationship: Any) -> tuple[str, str]:
        found = (await client.get(f"/v1/relationships/{relationship['id']}", headers=ADMIN)).json()
        return found["from_id"], found["to_id"]

    assert await ends(job) == (father["id"], other["id"])
    assert [await ends(one) for one in made[1:]] == [(son["id"], twin["id"]), (twin["id"], father["id"])]
    (merge,) = (await client.get(f"/v1/contacts/{father['id']}/merges", headers=ADMIN)).json()["data"]
    undone = await client.post(
        f"/v1/contacts/{father['id']}/merges/{merge['id']}/undo", headers=matching(merged.json()["version"])
    )
    assert undone.status_code == 200, undone.text
    version = (await client.get(f"/v1/accounts/{firm['id']}", headers=ADMIN)).json()["version"]
    back = await client.post(f"/v1/accounts/{firm['id']}/unmerge", headers=matching(version))
    assert back.status_code == 200, back.text
    assert await ends(job) == (twin["id"], firm["id"])

from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor, principal_of
from crm_api.core.context import Context
from crm_api.core.events import publish
from crm_api.core.principal import system
from crm_api.kit.clock import today
from crm_api.users.events import UserDeactivated
from leads.people import KARIM, act, administrator, agency, colleague, lead

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = administrator(OURS)
THEIRS = administrator(uuid4())
QUICK: dict[str, Any] = {
    "birth_date": "1990-05-14",
    "vehicle": {"plate": "12345 126 16", "fiscal_power": 7},
    "home": {"surface_m2": 110},
}


async def test_a_lead_is_recorded_read_and_changed(client: httpx.AsyncClient) -> None:
    made = await lead(client, ADMIN, email="Karim+auto@Example.com", product_interest=["AUTO_P"])
    assert (made["status"], made["phone"], made["email"]) == (
        "new",
        "+213550123456",
        "karim+auto@example.com",
    )
    assert made["number"] == f"P-{today().year}-000001"
    assert made["duplicates"] == []
    read = await client.get(f"/v1/leads/{made['id']}", headers=ADMIN)
    assert read.headers["etag"] == '"1"'
    assert read.json() == {name: value for name, value in made.items() if name != "duplicates"}
    changed = await client.patch(
        f"/v1/leads/{made['id']}",
        json={"first_name": "Karim", "last_name": "BENALI", "need": "Tous risques"},
        headers=ADMIN | {"If-Match": '"1"'},
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["full_name"], changed.json()["version"]) == ("Karim BENALI", 2)
    stale = await client.patch(
        f"/v1/leads/{made['id']}", json={"need": "x"}, headers=ADMIN | {"If-Match": '"1"'}
    )
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"phone": None}, ""),
        ({"full_name": None}, ""),
        ({"phone": "0412345678"}, "/phone"),
        ({"email": "nobody"}, "/email"),
        ({"source": "dream"}, "/source"),
        ({"unknown": 1}, "/unknown"),
        ({"custom_fields": {"fleet": 3}}, "/custom_fields/fleet"),
        ({"quick_data": {"vehicle": {"plate": "12"}}}, "/quick_data/vehicle/plate"),
        ({"tags": ["x" * 31]}, "/tags/0"),
    ],
)
async def test_bad_input_names_the_field(
    client: httpx.AsyncClient, fields: dict[str, Any], pointer: str
) -> None:
    answer = await client.post("/v1/leads", json={**KARIM, **fields}, headers=ADMIN)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_lead_never_loses_its_last_way_to_be_reached(client: httpx.AsyncClient) -> None:
    made = await lead(client, ADMIN)
    answer = await client.patch(
        f"/v1/leads/{made['id']}", json={"phone": None}, headers=ADMIN | {"If-Match": '"1"'}
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "phone_or_email_required")


async def test_first_touch_is_frozen(client: httpx.AsyncClient) -> None:
    made = await lead(client, ADMIN, utm_source="google", landing_url="https://example.com/devis?x=1")
    assert made["utm_source"] == "google"
    for field in ("utm_source", "landing_url", "source", "consent_snapshot"):
        answer = await client.patch(
            f"/v1/leads/{made['id']}", json={field: "other"}, headers=ADMIN | {"If-Match": '"1"'}
        )
        assert answer.status_code == 422, field


async def test_quick_data_is_masked_everywhere_and_unmasking_is_audited(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    made = await lead(client, ADMIN, quick_data=QUICK)
    hidden = {
        "birth_date": "•••",
        "vehicle": {"plate": "•••2616", "fiscal_power": "•••"},
        "home": {"surface_m2": "•••"},
    }
    listed = (await client.get("/v1/leads", headers=ADMIN)).json()["data"][0]
    assert made["quick_data"] == listed["quick_data"] == hidden
    shown = await client.post(
        f"/v1/leads/{made['id']}/unmask", json={"reason": "Devis demandé"}, headers=ADMIN
    )
    plain = QUICK | {"vehicle": {"plate": "1234512616", "fiscal_power": 7}}
    assert shown.json() == {"id": made["id"], "quick_data": plain}
    line = await owner.fetchrow("SELECT * FROM audit_log WHERE action = 'lead.unmasked'")
    assert line is not None
    assert (line["reason"], str(line["object_id"])) == ("Devis demandé", made["id"])
    nosy = actor(OURS, "leads:read", "leads:write")
    refused = await client.post(
        f"/v1/leads/{made['id']}/unmask", json={"reason": "Par curiosité"}, headers=nosy
    )
    assert refused.status_code == 403


async def test_parts_of_quick_data_are_replaced_one_by_one(client: httpx.AsyncClient) -> None:
    made = await lead(client, ADMIN, quick_data=QUICK)
    path = f"/v1/leads/{made['id']}"
    body = {"quick_data": {"vehicle": {"plate": "0054312316"}}}
    changed = await client.patch(path, json=body, headers=ADMIN | {"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    shown = await client.post(f"{path}/unmask", json={"reason": "Contrôle"}, headers=ADMIN)
    assert shown.json()["quick_data"] == QUICK | body["quick_data"]
    emptied = await client.patch(path, json={"quick_data": None}, headers=ADMIN | {"If-Match": '"2"'})
    assert emptied.json()["quick_data"] == {}


async def test_neither_journal_holds_sensitive_data_nor_events_personal_data(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    made = await lead(client, ADMIN, quick_data=QUICK, need="Besoin secret", wilaya_code="16")
    body = {"phone": "0661 11 22 33", "quick_data": {"birth_date": "1971-02-03"}}
    await client.patch(f"/v1/leads/{made['id']}", json=body, headers=ADMIN | {"If-Match": '"1"'})
    events = str(await owner.fetch("SELECT data FROM event_log"))
    audit = str(await owner.fetch("SELECT changes FROM audit_log"))
    for sensitive in ("1234512616", "1990-05-14", "1971-02-03"):
        assert sensitive not in events + audit
    for personal in ("BOUCHAREB", "+213550123456", "+213661112233", "Besoin secret"):
        assert personal not in events
    assert "+213661112233" in audit


async def test_a_list_is_filtered_sorted_counted_and_searched(client: httpx.AsyncClient) -> None:
    for name, more in {
        "Amina ZEROUAL": {"wilaya_code": "31", "source": "referral", "product_interest": ["MRH"]},
        "Aïssa BENALI": {"tags": ["vip"], "company_name": "SARL El Amel"},
        "Sofiane KACI": {"email": "sofiane@example.com", "quote_completed": True},
    }.items():
        await lead(client, ADMIN, full_name=name, **more)

    async def names(**params: Any) -> list[str]:
        answer = await client.get("/v1/leads", params=params, headers=ADMIN)
        assert answer.status_code == 200, answer.text
        return [row["full_name"] for row in answer.json()["data"]]

    assert await names(sort="full_name") == ["Aïssa BENALI", "Amina ZEROUAL", "Sofiane KACI"]
    assert await names(name_prefix="AISSA") == ["Aïssa BENALI"]
    assert await names(q="amel sarl") == ["Aïssa BENALI"]
    assert await names(q="p-2026-000003") == await names(q="sofiane@example.com") == ["Sofiane KACI"]
    assert await names(tag="vip") == ["Aïssa BENALI"]
    assert await names(wilaya_code=["31", "16"]) == await names(product_interest="MRH") == ["Amina ZEROUAL"]
    assert await names(source="referral", score_gte=1) == ["Amina ZEROUAL"]
    assert await names(sort="-score", limit=1) == ["Sofiane KACI"]
    assert await names(owner_user_id_null=False) == []
    count = await client.get("/v1/leads/count", params={"source": "phone"}, headers=ADMIN)
    assert count.json() == {"count": 2}
    some = await client.get(
        "/v1/leads", params={"fields": ["id", "score"], "include": "total"}, headers=ADMIN
    )
    assert (set(some.json()["data"][0]), some.json()["total"]) == ({"id", "score"}, 3)
    body = {
        "filter": {
            "all": [
                {
                    "any": [
                        {"field": "wilaya_code", "value": "31"},
                        {"field": "tag", "op": "match", "value": "vip"},
                    ]
                }
            ]
        }
    }
    found = await client.post("/v1/leads/search", json=body | {"sort": ["full_name"]}, headers=ADMIN)
    assert [row["full_name"] for row in found.json()["data"]] == ["Aïssa BENALI", "Amina ZEROUAL"]


async def test_the_bin_takes_and_gives_back(client: httpx.AsyncClient) -> None:
    made = await lead(client, ADMIN)
    path = f"/v1/leads/{made['id']}"
    assert (await client.delete(path, headers=ADMIN | {"If-Match": '"1"'})).status_code == 204
    assert (await client.get("/v1/leads", headers=ADMIN)).json()["data"] == []
    assert (await client.get(path, headers=ADMIN)).json()["deleted_at"]
    change = await client.patch(path, json={"need": "x"}, headers=ADMIN | {"If-Match": '"2"'})
    assert (change.status_code, change.json()["code"]) == (409, "deleted")
    step = await client.post(f"{path}/contact", json={}, headers=ADMIN | {"If-Match": '"2"'})
    assert (step.status_code, step.json()["code"]) == (409, "deleted")
    assert (await client.post(f"{path}/restore", headers=ADMIN)).status_code == 200
    assert (await client.post(f"{path}/restore", headers=ADMIN)).status_code == 409


async def test_others_delete_only_their_own_new_leads_for_a_day(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    user = actor(OURS, "leads:read", "leads:write", "leads:delete")
    mine, foreign, old = [await lead(client, who) for who in (user, ADMIN, user)]
    await owner.execute("UPDATE leads SET created_at = now() - interval '25 h' WHERE id = $1", old["id"])
    match = {"If-Match": '"1"'}
    assert (await client.delete(f"/v1/leads/{mine['id']}", headers=user | match)).status_code == 204
    for one in (foreign, old):
        refused = await client.delete(f"/v1/leads/{one['id']}", headers=user | match)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours_to_delete")


async def test_several_leads_in_one_request(client: httpx.AsyncClient) -> None:
    made = await lead(client, ADMIN)
    operations = [
        {"op": "create", "data": {"full_name": "Lina HADDAD", "phone": "0770 00 00 01", "source": "phone"}},
        {"op": "update", "id": made["id"], "version": 9, "data": {"need": "x"}},
        {"op": "create", "data": {"source": "phone"}},
        {"op": "delete", "id": made["id"], "version": 1},
    ]
    answer = await client.post("/v1/leads/batch", json={"operations": operations}, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    assert [row["status"] for row in answer.json()["results"]] == [201, 412, 422, 204]
    new = answer.json()["results"][0]["data"]["id"]
    got = await client.post("/v1/leads/batch-get", json={"ids": [str(uuid4()), new]}, headers=ADMIN)
    assert [row and row["id"] for row in got.json()["data"]] == [None, new]


async def test_other_systems_name_leads(client: httpx.AsyncClient) -> None:
    path = "/v1/external-ids/web_crm/leads/L-7"
    first = await client.post(path, json=KARIM, headers=ADMIN)
    assert (first.status_code, first.json()["external_ids"]) == (
        201,
        [{"system": "web_crm", "value": "L-7"}],
    )
    again = await client.post(path, json={**KARIM, "need": "Vite"}, headers=ADMIN)
    assert (again.status_code, again.json()["id"], again.json()["need"]) == (200, first.json()["id"], "Vite")
    assert (await client.get(path, headers=ADMIN)).json() == again.json()


async def test_everybody_sees_the_leads_of_their_scope(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    here, there = await agency(client, ADMIN), await agency(client, ADMIN, "16013")
    agent = await colleague(owner, OURS, here)
    scopes = ("leads:read", "leads:write")
    about: dict[str, Any] = {"agency_id": here, "agency_ids": (here,)}
    own = actor(OURS, *scopes, data_scope="own", id=agent, **about)
    whole = actor(OURS, *scopes, data_scope="agency", **about)
    ours = await lead(client, ADMIN, agency_id=str(here))
    mine = await lead(client, ADMIN, agency_id=str(there), owner_user_id=str(agent))
    foreign = await lead(client, ADMIN, agency_id=str(there))
    for who, seen in {
        "own": (own, [mine]),
        "agency": (whole, [ours]),
        "all": (ADMIN, [ours, mine, foreign]),
    }.values():
        listed = (await client.get("/v1/leads", headers=who)).json()["data"]
        assert {row["id"] for row in listed} == {one["id"] for one in seen}
        assert (await client.get("/v1/leads/count", headers=who)).json()["count"] == len(seen)
        for one in (ours, mine, foreign):
            expected = 200 if one in seen else 404
            assert (await client.get(f"/v1/leads/{one['id']}", headers=who)).status_code == expected
    match = {"If-Match": '"1"'}
    hidden = await client.patch(f"/v1/leads/{foreign['id']}", json={"need": "x"}, headers=whole | match)
    assert hidden.status_code == 404


async def test_naming_another_owner_needs_leads_assign(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    user = actor(OURS, "leads:read", "leads:write")
    other, myself = await colleague(owner, OURS), await colleague(owner, OURS, id=principal_of(user).id)
    refused = await client.post("/v1/leads", json={**KARIM, "owner_user_id": str(other)}, headers=user)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours_to_assign")
    mine = await lead(client, user, owner_user_id=str(myself))
    assert (mine["status"], mine["owner_user_id"]) == ("assigned", str(myself))
    unknown = await client.post("/v1/leads", json={**KARIM, "owner_user_id": str(uuid4())}, headers=ADMIN)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_owner")
    nowhere = await client.post("/v1/leads", json={**KARIM, "agency_id": str(uuid4())}, headers=ADMIN)
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "unknown_agency")


async def test_another_organization_sees_nothing(client: httpx.AsyncClient) -> None:
    made = await lead(client, ADMIN)
    assert (await client.get(f"/v1/leads/{made['id']}", headers=THEIRS)).status_code == 404
    assert (await client.get("/v1/leads", headers=THEIRS)).json()["data"] == []
    check = await client.post(
        "/v1/leads/check-duplicates", json={k: KARIM[k] for k in ("full_name", "phone")}, headers=THEIRS
    )
    assert check.json() == {"data": []}


async def test_open_leads_follow_the_agency_that_takes_over(client: httpx.AsyncClient) -> None:
    closing, target = await agency(client, ADMIN), await agency(client, ADMIN, "16013")
    opened, lost = [await lead(client, ADMIN, agency_id=str(closing)) for _ in range(2)]
    answer = await client.post(
        f"/v1/leads/{lost['id']}/disqualify", json={"reason": "price"}, headers=ADMIN | {"If-Match": '"1"'}
    )
    assert answer.status_code == 200, answer.text
    await client.post(
        f"/v1/agencies/{closing}/close",
        json={"transfer_to_agency_id": str(target)},
        headers=ADMIN | {"If-Match": '"1"'},
    )
    where = [(await client.get(f"/v1/leads/{one['id']}", headers=ADMIN)).json() for one in (opened, lost)]
    assert [one["agency_id"] for one in where] == [str(target), str(closing)]
    assert [one["version"] for one in where] == [2, 2]


async def test_a_hot_lead_is_due_within_half_an_hour_and_any_other_within_four(
    client: httpx.AsyncClient,
) -> None:
    expiry = str(today() + timedelta(days=20))
    hot = await lead(
        client,
        ADMIN,
        source="comparator",
        phone_verified=True,
        product_interest=["AUTO_P"],
        current_expiry_date=expiry,
        quote_completed=True,
    )
    assert (hot["score"], hot["score_band"]) == (80, "hot")
    top = [(factor["code"], factor["points"]) for factor in hot["score_explanation"][:3]]
    assert top == [("quote_completed", 20), ("phone_verified", 15), ("expiry_known", 15)]
    assert hot["first_contact_due_at"][11:16] != hot["created_at"][11:16]


async def test_whoever_takes_over_from_a_colleague_takes_the_open_leads(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection
) -> None:
    leaving, staying = await colleague(owner, OURS), await colleague(owner, OURS)
    opened, lost = [await lead(client, ADMIN, owner_user_id=str(leaving)) for _ in range(2)]
    assert (await act(client, ADMIN, lost, "disqualify", reason="price")).status_code == 200
    ctx = Context(system(OURS), app.state.database, app.state.tools)
    await publish(ctx, UserDeactivated(leaving, staying))
    await ctx.commit()
    await ctx.close()
    owners = [
        (await client.get(f"/v1/leads/{one['id']}", headers=ADMIN)).json()["owner_user_id"]
        for one in (opened, lost)
    ]
    assert owners == [str(staying), str(leaving)]

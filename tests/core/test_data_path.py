"""Two paths, one answer: what the short path sends is what the ORM and Pydantic would have sent."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor, principal_of
from crm_api.agencies.models import Region
from crm_api.agencies.repository import RegionRepository
from crm_api.agencies.schemas import RegionCreate, RegionPage, RegionPatch, RegionQuery, RegionRead
from crm_api.core.context import Context, Origin
from crm_api.core.events import Event, publish
from crm_api.core.principal import DataScope, Principal
from crm_api.kit.errors import VersionConflict

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, "agencies:read", "agencies:write")
WEST = {"code": "CO", "name": 'Région "Ouest" \\ الغرب 🚗', "office_address": "Chéraga"}


async def create(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/v1/regions", json=WEST | body, headers=ADMIN)
    assert answer.status_code == 201, answer.text
    assert (answer.headers["etag"], answer.headers["location"]) == (
        '"1"',
        f"/v1/regions/{answer.json()['id']}",
    )
    return dict(answer.json())


async def patch(
    client: httpx.AsyncClient, region_id: Any, version: int | None, **body: Any
) -> httpx.Response:
    headers = ADMIN | ({"If-Match": f'"{version}"'} if version else {})
    return await client.patch(f"/v1/regions/{region_id}", json=body, headers=headers)


@pytest.fixture
async def ctx(app: FastAPI) -> AsyncIterator[Context]:
    ctx = Context(principal_of(ADMIN), app.state.database, app.state.tools, Origin("request-1", "127.0.0.1"))
    yield ctx
    await ctx.close()


async def test_both_paths_write_the_same_json(app: FastAPI, client: httpx.AsyncClient, ctx: Context) -> None:
    created = await create(client)
    entity = await ctx.session.get_one(Region, (OURS, UUID(created["id"])))
    expected = json.loads(RegionRead.model_validate(entity).model_dump_json())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", expected["created_at"])
    assert created == expected
    assert (await client.get(f"/v1/regions/{created['id']}", headers=ADMIN)).json() == expected
    assert (await client.get("/v1/regions", headers=ADMIN)).json()["data"] == [expected]


async def test_a_change_names_the_version_it_changes(client: httpx.AsyncClient) -> None:
    region = await create(client)
    changed = await patch(client, region["id"], 1, name="Zed")
    assert (changed.status_code, changed.headers["etag"], changed.json()["version"]) == (200, '"2"', 2)
    late = await patch(client, region["id"], 1, name="Late")
    assert (late.status_code, late.json()["code"], late.json()["current_version"]) == (
        412,
        "version_conflict",
        2,
    )
    assert (await patch(client, region["id"], None, name="Blind")).status_code == 428
    assert (await patch(client, uuid4(), 1, name="Nobody")).status_code == 404
    star = await client.patch(
        f"/v1/regions/{region['id']}", json={"name": "Any"}, headers=ADMIN | {"If-Match": "*"}
    )
    assert star.status_code == 403  # for service clients only
    service = actor(OURS, "agencies:write", kind="client") | {"If-Match": "*"}
    anyhow = await client.patch(f"/v1/regions/{region['id']}", json={"name": "Any"}, headers=service)
    assert (anyhow.status_code, anyhow.json()["version"]) == (200, 3)


async def test_an_empty_patch_changes_nothing(client: httpx.AsyncClient) -> None:
    region = await create(client)
    assert (await patch(client, region["id"], 1)).json() == region
    assert (await patch(client, region["id"], 7)).status_code == 412


async def test_twenty_changes_of_one_version_are_one_change(client: httpx.AsyncClient) -> None:
    region = await create(client)
    answers = []
    for n in range(20):
        answers.append(await patch(client, region["id"], 1, name=f"n{n}"))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19


async def test_every_way_of_writing_leaves_the_same_trail(
    client: httpx.AsyncClient, owner: asyncpg.Connection, ctx: Context
) -> None:
    region = await create(client)
    await patch(client, region["id"], 1, name="Zed", office_address=None)
    await patch(client, region["id"], 1, name="Late")
    entity = await RegionRepository(ctx).load(UUID(region["id"]))
    entity.name = "By the ORM"
    await RegionRepository(ctx).save(entity)
    await ctx.commit()
    lines = await owner.fetch("SELECT action, changes, ip, request_id, actor_type FROM audit_log ORDER BY id")
    assert [row["action"] for row in lines] == ["region.created", "region.updated", "region.updated"]
    assert json.loads(lines[0]["changes"])["name"] == [None, WEST["name"]]
    assert json.loads(lines[1]["changes"]) == {
        "name": [WEST["name"], "Zed"],
        "office_address": ["Chéraga", None],
    }
    assert json.loads(lines[2]["changes"]) == {"name": ["Zed", "By the ORM"]}
    assert (lines[2]["ip"], lines[2]["request_id"], lines[2]["actor_type"]) == (
        "127.0.0.1",
        "request-1",
        "user",
    )
    facts = await owner.fetch("SELECT kind, data, object_id FROM event_log ORDER BY id")
    assert [row["kind"] for row in facts] == ["region.created", "region.updated", "region.updated"]
    assert json.loads(facts[1]["data"])["changed"] == ["name", "office_address"]
    assert json.loads(facts[2]["data"]) == {"changed": ["name"], "values": {"name": "By the ORM"}}
    assert {str(row["object_id"]) for row in facts} == {region["id"]}


async def test_two_plain_writes_need_a_transaction(ctx: Context) -> None:
    regions = RegionRepository(ctx)
    await regions.add(RegionCreate(code="A", name="first"))
    with pytest.raises(RuntimeError, match=r"ctx\.begin"):
        await regions.add(RegionCreate(code="B", name="second"))
    with pytest.raises(RuntimeError, match=r"ctx\.begin"):
        await regions.save(Region(code="C", name="third"))


async def test_inside_a_transaction_all_paths_are_one(ctx: Context, client: httpx.AsyncClient) -> None:
    regions = RegionRepository(ctx)
    entity = await regions.save(Region(code="A", name="orm"))
    entity.name = "renamed, not yet flushed"
    assert (await regions.get(entity.id)).value.name == "renamed, not yet flushed"
    await regions.add(RegionCreate(code="B", name="plain"))
    assert len((await regions.page(RegionQuery(), RegionPage)).value.data) == 2
    await ctx.close()  # rolled back: neither path has left anything
    assert (await client.get("/v1/regions", headers=ADMIN)).json()["data"] == []


async def test_an_edit_of_a_loaded_entity_is_seen_by_the_session(ctx: Context) -> None:
    regions = RegionRepository(ctx)
    entity = await regions.save(Region(code="A", name="loaded"))
    await regions.edit(entity.id, RegionPatch(name="edited beside it"), 1)
    again = await regions.load(entity.id)
    assert (again.name, again.version) == ("edited beside it", 2)
    with pytest.raises(VersionConflict):
        await regions.edit(entity.id, RegionPatch(name="stale"), 1)


async def test_a_statement_of_one_variant_holds_no_value_of_a_principal(app: FastAPI) -> None:
    """Two principals of one data scope share one statement: no value may be baked into it."""
    texts = set()
    for _ in range(2):
        who = Principal(uuid4(), uuid4(), frozenset(), data_scope=DataScope.AGENCY, agency_ids=(uuid4(),))
        regions = RegionRepository(Context(who, app.state.database, app.state.tools))
        texts.add(str(regions.select(Region.id).compile(compile_kwargs={"literal_binds": False})))
    assert len(texts) == 1


@dataclass(frozen=True)
class RegionPraised(Event):
    kind: ClassVar = "region.praised"

    region_id: UUID


async def test_an_event_reaches_its_listeners_in_the_same_transaction(
    ctx: Context, owner: asyncpg.Connection
) -> None:
    heard: list[Event] = []

    async def listener(_: Context, event: Event) -> None:
        heard.append(event)

    ctx.tools = replace(ctx.tools, listeners={RegionPraised: [listener]})
    await publish(ctx, RegionPraised(uuid4()))
    await ctx.close()
    assert len(heard) == 1
    assert await owner.fetchval("SELECT count(*) FROM event_log") == 0


async def test_get_answers_304_to_who_knows_it_already(client: httpx.AsyncClient) -> None:
    region = await create(client)
    headers = ADMIN | {"If-None-Match": '"1"'}
    same = await client.get(f"/v1/regions/{region['id']}", headers=headers)
    assert (same.status_code, same.content) == (304, b"")
    await patch(client, region["id"], 1, name="New")
    assert (await client.get(f"/v1/regions/{region['id']}", headers=headers)).status_code == 200

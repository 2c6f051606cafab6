"""What notes and tasks hang on: any object, if whoever names it may see it."""

from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor, principal_of
from crm_api.core.context import Context
from crm_api.core.objects import OBJECT_TYPES, UnknownObject, require_object
from crm_api.registry import OBJECTS

pytestmark = pytest.mark.anyio
OURS, THEIRS = uuid4(), uuid4()
AGENT = actor(OURS, "leads:read", "leads:write", data_scope="own")
LEAD = {"full_name": "Karim Benali", "phone": "0550123456", "source": "phone"}


def context(app: FastAPI, who: Headers) -> Context:
    return Context(principal_of(who), app.state.database, app.state.tools)


async def a_lead(client: httpx.AsyncClient) -> UUID:
    made = await client.post("/v1/leads", json=LEAD, headers=AGENT)
    assert made.status_code == 201, made.text
    return UUID(made.json()["id"])


def test_the_published_types_are_those_of_the_registry() -> None:
    assert set(OBJECT_TYPES) == set(OBJECTS)


async def test_whoever_sees_an_object_may_name_it(app: FastAPI, client: httpx.AsyncClient) -> None:
    await require_object(context(app, AGENT), "lead", await a_lead(client))


@pytest.mark.parametrize("who", [actor(OURS, data_scope="own"), actor(THEIRS)], ids=["colleague", "stranger"])
async def test_what_somebody_may_not_see_does_not_exist(
    app: FastAPI, client: httpx.AsyncClient, who: Headers
) -> None:
    lead_id = await a_lead(client)
    with pytest.raises(UnknownObject):
        await require_object(context(app, who), "lead", lead_id)


async def test_what_lies_in_the_bin_cannot_be_named(app: FastAPI, client: httpx.AsyncClient) -> None:
    lead_id = await a_lead(client)
    admin = actor(OURS, "leads:delete", "admin:restore")
    gone = await client.delete(f"/v1/leads/{lead_id}", headers={**admin, "If-Match": '"1"'})
    assert gone.status_code == 204, gone.text
    with pytest.raises(UnknownObject):
        await require_object(context(app, AGENT), "lead", lead_id)


async def test_another_kind_of_object_with_that_key_is_not_it(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    lead_id = await a_lead(client)
    with pytest.raises(UnknownObject):
        await require_object(context(app, AGENT), "contact", lead_id)

"""What the demonstration says to its customers is what the product accepts."""

import httpx
import pytest
from fastapi import FastAPI

from company import open_company
from crm_api.core.context import Context
from crm_api.demo.acting import act, everybody
from crm_api.demo.talk import EACH, talk
from interactions.steps import get, person

pytestmark = pytest.mark.anyio


async def test_the_demonstration_talks_to_its_customers(app: FastAPI, client: httpx.AsyncClient) -> None:
    company = await open_company(app, client)
    ilyes = await person(company)
    objects = {"contact": ilyes["id"], "account": ilyes["account_links"][0]["account_id"]}
    made: dict[str, str] = {}

    async def say(ctx: Context) -> None:
        made.update(await talk(ctx, objects))

    house = app.state
    await act(say, everybody(company.admin.id, company.organization_id), house.database, house.tools)
    assert set(made) == {"interaction", "note", "call"}
    for path in ("interactions", "notes", "telephony/calls"):
        kind = {"interactions": "interaction", "notes": "note", "telephony/calls": "call"}[path]
        assert (await get(company, f"/v1/{path}/{made[kind]}")).status_code == 200
    # Those with the person stand in the household's timeline too.
    count = await get(company, "/v1/interactions/count", account_id=objects["account"])
    assert count.json()["count"] == 2 * EACH

"""The operator of the installation keeps a company out and lets it in again."""

from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import URL
from typer.testing import CliRunner

from auth.steps import Person, sign_in
from crm_api import cli
from crm_api.kit.errors import InvalidTransition, NotFound
from crm_api.organizations.service import OrganizationService

pytestmark = pytest.mark.anyio


async def test_a_suspended_company_is_kept_out_and_let_in_again(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, owner_url: URL, user: Person
) -> None:
    url, tools, id = app.state.database.url, app.state.tools, user.organization_id

    async def status() -> int:
        tools.identity.forget()  # what a server believes for four seconds
        answer = await client.get("/v1/auth/sessions", headers=user.headers)
        return answer.status_code

    await owner.execute("UPDATE organizations SET status = 'active', name = 'Alliance' WHERE id = $1", id)
    assert await status() == 200
    await cli.move(url, tools, id, OrganizationService.suspend)
    assert await status() == 401
    assert (await sign_in(client, user)).status_code == 401
    known = [row for row in await cli.everyone(owner_url) if row[0] == id]
    assert [row[2] for row in known] == ["suspended"]
    with pytest.raises(InvalidTransition):
        await cli.move(url, tools, id, OrganizationService.suspend)
    await cli.move(url, tools, id, OrganizationService.resume)
    assert await status() == 200
    lines = await owner.fetch(
        "SELECT changes->'status'->>1 FROM audit_log WHERE actor_type = 'system' AND request_id = 'operator'"
        " ORDER BY id"
    )
    assert [line[0] for line in lines] == ["suspended", "active"]


async def test_an_unknown_company_is_none(app: FastAPI) -> None:
    with pytest.raises(NotFound):
        await cli.move(app.state.database.url, app.state.tools, uuid4(), OrganizationService.suspend)


def test_a_company_is_not_closed_by_mistake() -> None:
    said = CliRunner().invoke(cli.app, ["organizations", "close", str(uuid4())], input="n\n")
    assert said.exit_code == 1
    assert "cannot be undone" in said.output

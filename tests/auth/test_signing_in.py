import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from auth.steps import enrol, register, sign_in

pytestmark = pytest.mark.anyio


async def test_an_administrator_registers_proves_the_address_signs_in_and_enrols(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection
) -> None:
    person = await register(client, app, owner)
    answer = await sign_in(client, person)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["mfa_enrolment_required"]) == ("Bearer", 600, True)
    assert body["scope"] == "mfa:enrol session:self"
    refused = await client.get("/v1/agencies", headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    await enrol(client, person)
    allowed = await client.get("/v1/agencies", headers=person.headers)
    assert allowed.status_code == 200, allowed.text

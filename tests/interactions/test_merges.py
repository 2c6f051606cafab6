"""Two sheets of one person or company become one: what was said to either is there, until they part again."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from company import Company, open_company
from interactions.steps import agencies, call, get, made, person

pytestmark = pytest.mark.anyio


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


async def test_people_take_their_interactions_along_and_back(company: Company) -> None:
    one, other = await person(company), await person(company, last_name="Aissani")
    said = await call(company, ("contact", other))
    kept = await call(company, ("contact", one))
    body = {"other_id": other["id"]}
    merged = await company.send("POST", f"/v1/contacts/{one['id']}/merge", body, version=one["version"])
    assert merged.status_code == 200, merged.text

    async def about(contact: dict[str, str]) -> set[str]:
        found = await get(company, "/v1/interactions", contact_id=contact["id"])
        return {row["id"] for row in found.json()["data"]}

    assert await about(one) == {said["id"], kept["id"]}
    merges = (await get(company, f"/v1/contacts/{one['id']}/merges")).json()["data"]
    path = f"/v1/contacts/{one['id']}/merges/{merges[0]['id']}/undo"
    undone = await company.send("POST", path, version=merged.json()["version"])
    assert undone.status_code == 200, undone.text
    assert await about(one) == {kept["id"]}
    assert await about(other) == {said["id"]}


async def test_accounts_take_their_interactions_along_and_back(company: Company) -> None:
    ids = [
        (await made(company, "/v1/accounts", account(name, (await agencies(company))[0])))["id"]
        for name in ("SARL Transport El Amel", "Transports El Amel")
    ]
    stays, goes = ids
    said = await call(company, ("account", {"id": goes}))
    path = f"/v1/accounts/{stays}"
    merged = await company.send("POST", f"{path}/merge", {"account_id": goes}, version=1)
    assert merged.status_code == 200, merged.text
    listed = await get(company, "/v1/interactions", account_id=stays)
    assert [row["id"] for row in listed.json()["data"]] == [said["id"]]
    gone = (await get(company, f"/v1/accounts/{goes}")).json()
    undone = await company.send("POST", f"/v1/accounts/{goes}/unmerge", version=gone["version"])
    assert undone.status_code == 200, undone.text
    assert (await get(company, "/v1/interactions", account_id=stays)).json()["data"] == []
    assert len((await get(company, "/v1/interactions", account_id=goes)).json()["data"]) == 1


def account(name: str, agency_id: str) -> dict[str, Any]:
    address = {"kind": "head_office", "lines": ["Alger"], "wilaya_code": "16"}
    return {"type": "company", "name": name, "agency_id": agency_id, "addresses": [address]}

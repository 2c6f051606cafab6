"""People of one organization, made over HTTP as a user would."""

from typing import Any
from uuid import uuid4

import httpx

from actors import Headers, actor

OURS = uuid4()
SCOPES = (
    "contacts:read",
    "contacts:write",
    "contacts:delete",
    "accounts:read",
    "accounts:write",
    "accounts:merge",
)
ADMIN = actor(OURS, *SCOPES, "agencies:read", "agencies:write", "pii:read")
THEIRS = actor(uuid4(), *SCOPES, "pii:read")
CIVIL: dict[str, Any] = {
    "birth_date": "1994-05-17",
    "birth_place_commune": "Ouled Fayet",
    "nationality": "DZ",
    "gender": "m",
    "national_id_number": "10 9900 1001 1234 5678",
    "id_document": {
        "type": "cni",
        "number": "209384756",
        "issued_on": "2019-01-13",
        "expires_on": "2029-01-12",
        "issued_by": "APC Chéraga",
    },
    "driving_licence": {
        "number": "DL-771904",
        "issued_on": "2014-07-02",
        "categories": ["B"],
        "wilaya_code": "16",
    },
    "profession": "Hydrogéologue",
    "employer": "Sonelgaz Engineering",
    "marital_status": "divorced",
    "children_count": 2,
}


async def agency(client: httpx.AsyncClient, code: str = "16012", who: Headers = ADMIN) -> str:
    regions = (await client.get("/v1/regions", headers=who)).json()["data"]
    if not regions:
        body = {"code": "CO", "name": "DR Centre"}
        regions = [(await client.post("/v1/regions", json=body, headers=who)).json()]
    place = {"name": f"Agence {code}", "type": "direct_agency", "wilaya_code": "16"}
    body = {"code": code, "region_id": regions[0]["id"], **place}
    answer = await client.post("/v1/agencies", json=body, headers=who)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def described(agency_id: str, **more: Any) -> dict[str, Any]:
    return {
        "last_name": "Aïssani",
        "first_name": "ilyès",
        "phones": [{"value": "0550 12 34 56"}],
        "agency_id": agency_id,
        "create_household": True,
    } | more


async def contact(
    client: httpx.AsyncClient, agency_id: str, who: Headers = ADMIN, **more: Any
) -> dict[str, Any]:
    answer = await client.post("/v1/contacts", json=described(agency_id, **more), headers=who)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def matching(version: int, who: Headers = ADMIN) -> Headers:
    return who | {"If-Match": f'"{version}"'}


async def account(
    client: httpx.AsyncClient,
    agency_id: str,
    name: str = "Famille AISSANI",
    who: Headers = ADMIN,
    **more: Any,
) -> dict[str, Any]:
    place = {"kind": "home", "lines": ["12, rue Didouche Mourad"], "wilaya_code": "16"}
    body = {"type": "household", "name": name, "addresses": [place], "agency_id": agency_id} | more
    answer = await client.post("/v1/accounts", json=body, headers=who)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())

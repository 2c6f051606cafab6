"""Who and what the tests of leads need around them: agencies, colleagues, leads."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from actors import Headers, actor

Answer = dict[str, Any]
EVERYTHING = (
    "leads:read",
    "leads:write",
    "leads:assign",
    "leads:convert",
    "leads:delete",
    "admin:restore",
    "pii:read",
    "settings:manage",
    "agencies:read",
    "agencies:write",
)
KARIM = {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56", "source": "phone"}


def administrator(organization: UUID, **about: Any) -> Headers:
    return actor(organization, *EVERYTHING, **about)


async def lead(client: httpx.AsyncClient, who: Headers, **fields: Any) -> Answer:
    answer = await client.post("/v1/leads", json={**KARIM, **fields}, headers=who)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def act(
    client: httpx.AsyncClient, who: Headers, of: Answer, action: str, **body: Any
) -> httpx.Response:
    """`action` on the lead as it is now."""
    version = (await client.get(f"/v1/leads/{of['id']}", headers=who)).headers["etag"]
    headers = who | {"If-Match": version}
    return await client.post(f"/v1/leads/{of['id']}/{action}", json=body, headers=headers)


async def agency(client: httpx.AsyncClient, who: Headers, code: str = "16012", **more: Any) -> UUID:
    regions = (await client.get("/v1/regions", headers=who)).json()["data"]
    if not regions:
        made = await client.post("/v1/regions", json={"code": "CO", "name": "DR Centre-Ouest"}, headers=who)
        regions = [made.json()]
    body = {"code": code, "name": f"Agence {code}", "type": "direct_agency", "region_id": regions[0]["id"]}
    answer = await client.post("/v1/agencies", json=body | {"wilaya_code": "16"} | more, headers=who)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def colleague(
    owner: asyncpg.Connection, organization: UUID, agency_id: UUID | None = None, **about: Any
) -> UUID:
    """A user, put straight into the table: their own domain is tested elsewhere."""
    role = await owner.fetchval("SELECT id FROM roles WHERE organization_id = $1 LIMIT 1", organization)
    if role is None:
        role = uuid4()
        await _insert(
            owner,
            "roles",
            {"organization_id": organization, "id": role, "code": "user", "label_fr": "Utilisateur"}
            | {"data_scope_default": "agency"},
        )
    user_id = about.pop("id", None) or uuid4()
    row = {"organization_id": organization, "id": user_id, "email": f"{user_id}@example.com"}
    row |= {"first_name": "Lina", "last_name": "HADDAD", "role_id": role, "agency_id": agency_id}
    await _insert(owner, "users", row | {"status": "active"} | about)
    return user_id


async def _insert(owner: asyncpg.Connection, table: str, row: dict[str, Any]) -> None:
    required = await owner.fetch(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = $1"
        " AND is_nullable = 'NO' AND column_default IS NULL AND is_generated = 'NEVER'",
        table,
    )
    neutral = {"integer": 1, "boolean": False, "jsonb": "{}", "ARRAY": [], "text": "fr"}
    enums = {"language": "fr", "display_mode": "system", "availability": "available"}
    whole = {name: enums.get(name, neutral.get(kind)) for name, kind in required} | row
    places = ", ".join(f"${at}" for at in range(1, len(whole) + 1))
    await owner.execute(f"INSERT INTO {table} ({', '.join(whole)}) VALUES ({places})", *whole.values())

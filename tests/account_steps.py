"""What the tests of accounts have in common."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from actors import Headers

EVERYTHING = ("accounts:read", "accounts:write", "accounts:delete", "accounts:merge", "pii:read")
ADDRESS = {"kind": "head_office", "lines": ["12, rue Didouche Mourad"], "wilaya_code": "16"}


async def agency(owner: asyncpg.Connection, organization_id: UUID, code: str = "16012") -> UUID:
    """An agency of that organization, there whether it was asked for before or not."""
    found = await owner.fetchval(
        "SELECT id FROM agencies WHERE organization_id = $1 AND code = $2", organization_id, code
    )
    if found:
        return UUID(str(found))
    region_id, agency_id = uuid4(), uuid4()
    await owner.execute(
        "INSERT INTO regions (organization_id, id, version, code, name) VALUES ($1, $2, 1, $3, $3)",
        organization_id,
        region_id,
        f"R{code}",
    )
    await owner.execute(
        """INSERT INTO agencies
            (organization_id, id, version, code, name, type, status, region_id, wilaya_code)
        VALUES ($1, $2, 1, $3, $3, 'direct_agency', 'active', $4, '16')""",
        organization_id,
        agency_id,
        code,
        region_id,
    )
    return agency_id


def body(agency_id: UUID, name: str = "Famille AISSANI", **more: Any) -> dict[str, Any]:
    return {"type": "household", "name": name, "addresses": [ADDRESS], "agency_id": str(agency_id)} | more


async def opened(client: httpx.AsyncClient, who: Headers, agency_id: UUID, **more: Any) -> dict[str, Any]:
    answer = await client.post("/v1/accounts", json=body(agency_id, **more), headers=who)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def match(version: int) -> Headers:
    return {"If-Match": f'"{version}"'}

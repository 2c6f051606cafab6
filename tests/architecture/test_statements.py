"""A read is one round trip; what costs more stands here with its reason (performance.md, the data path)."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from actors import Headers, actor
from crm_api.registry import ROUTERS
from crm_api.roles.catalogue import permissions
from plans import recorded

pytestmark = pytest.mark.anyio
ORGANIZATION, SOMETHING = uuid4(), str(uuid4())
DEARER_READS = {
    "/v1/agencies/tree": (2, "the regions, and the agencies below them"),
    "/v1/audit-events/verification": (4, "seals and lines are read apart, to be compared with each other"),
}
"""Path -> statements at most, and why more than one."""
QUERIES = {"/v1/relationships": f"?party_type=contact&party_id={SOMETHING}"}
"""What a read asks for besides its path."""
NUMBERS = {"audit_event_id"}
"""Parameters of paths that are no UUID."""
DEARER_LEADS = {
    "create": (3, "those like it among leads and among contacts are read before it is written"),
    "patch of a plain field": (1, "judged and written at once"),
    "patch that the score follows": (2, "what is recorded is read, then the change is written"),
    "discard": (1, "judged and written at once"),
    "list with total": (1, "the count is part of the page"),
}


def reads() -> Iterator[str]:
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
                yield route.path_format


@pytest.fixture
async def who(owner: asyncpg.Connection, app: FastAPI) -> Headers:
    """Somebody who may everything, in an organization that exists."""
    await owner.execute(
        """INSERT INTO organizations (organization_id, id, version, name, status, timezone, locale, currency)
        VALUES ($1, $1, 1, 'Alliance', 'active', 'Africa/Algiers', 'fr-DZ', 'DZD')""",
        ORGANIZATION,
    )
    return actor(ORGANIZATION, *permissions(), "session:self", "mfa:enrol")


@pytest.mark.parametrize("path", sorted(set(reads())))
async def test_a_read_costs_one_statement(
    path: str, who: Headers, app: FastAPI, client: httpx.AsyncClient
) -> None:
    if path.startswith("/v1/partner/"):
        who = actor(ORGANIZATION, *permissions(), kind="client", confirmed_at=None, session_id=None)
    at = "/".join(_filled(part) for part in path.split("/")) + QUERIES.get(path, "")
    with recorded(app) as sent:
        answer = await client.get(at, headers=who)
    assert answer.status_code in (200, 404), answer.text
    most, _ = DEARER_READS.get(path, (1, ""))
    assert len(sent) <= most, sent


async def test_the_writes_of_leads_cost_what_they_were_designed_to(
    who: Headers, app: FastAPI, client: httpx.AsyncClient
) -> None:
    cost: dict[str, int] = {}

    async def ask(kind: str, method: str, path: str = "", version: int | None = None, **more: Any) -> Any:
        headers = who if version is None else who | {"If-Match": f'"{version}"'}
        with recorded(app) as sent:
            answer = await client.request(method, f"/v1/leads{path}", headers=headers, **more)
        assert answer.is_success, answer.text
        cost[kind] = len(sent)
        return answer

    body = {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56", "source": "phone"}
    await ask("create", "POST", json=body)  # from here on settings and numbers are at hand
    other = body | {"full_name": "Lina HADDAD", "phone": "0550 12 34 57"}
    lead = "/" + (await ask("create", "POST", json=other)).json()["id"]
    await ask("patch of a plain field", "PATCH", lead, 1, json={"need": "Une assurance auto"})
    await ask("patch that the score follows", "PATCH", lead, 2, json={"quote_completed": False})
    await ask("discard", "DELETE", lead, 3)
    await ask("list with total", "GET", params={"include": "total", "status": "new"})
    assert cost == {name: count for name, (count, _) in DEARER_LEADS.items()}


def _filled(part: str) -> str:
    if not part.startswith("{"):
        return part
    return "1" if part[1:-1] in NUMBERS else SOMETHING

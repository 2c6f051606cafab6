"""A read is one round trip; what costs more stands here with its reason (performance.md, the data path)."""

from collections.abc import Iterator
from typing import Any, get_type_hints
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from actors import Headers, actor
from crm_api.core.event_stream import EventStream
from crm_api.registry import ROUTERS
from crm_api.roles.catalogue import permissions
from plans import recorded

pytestmark = pytest.mark.anyio
ORGANIZATION, SOMETHING = uuid4(), str(uuid4())
ONE_DAY = "&starts_at_gte=2026-11-24T09:00:00Z&starts_at_lt=2026-11-25T09:00:00Z"
DEARER_READS = {
    "/v1/receivables/{receivable_id}/dunning": (8, "what happened, stopped it, was promised; its rules"),
    "/v1/receivables/{receivable_id}/formal-notice": (6, "everything that stands on the paper"),
    "/v1/payments/{payment_id}/receipt": (6, "everything that stands on the paper"),
    "/v1/accounts/{account_id}/statement": (2, "whose account it is, and its lines"),
    "/v1/appointments/slots": (4, "the agency, the colleague, what is booked; the calendars every 5 s"),
    "/v1/mission-orders/{mission_order_id}/pdf": (7, "everything that stands on the paper"),
    "/v1/quotes/{quote_id}/pdf": (7, "everything that stands on the paper"),
    "/v1/agencies/tree": (2, "the regions, and the agencies below them"),
    "/v1/imports/entities": (4, "the own fields of each of the four kinds that have any, every few seconds"),
    "/v1/notes": (2, "an empty page asks whether the object is there"),
    "/v1/segments/{segment_id}/members": (2, "an empty page asks whether the segment is there"),
    "/v1/discussion-messages": (2, "an empty page asks whether the discussion is there"),
    "/v1/surveys/{survey_id}/results": (2, "what the survey measures, and how many gave which score"),
    "/v1/forecasts/comparison": (3, "the two snapshots, the sums of all changes, the largest of them"),
    "/v1/sla-kpis": (2, "how each promise was kept; how long first replies took"),
    "/v1/sales-kpis": (3, "what was closed and stands; the snapshot of the first day, and its forecast"),
    "/v1/audit-events/verification": (4, "seals and lines are read apart, to be compared with each other"),
}
"""Path -> statements at most, and why more than one."""
PERIOD = "?start=2026-11-01&end=2026-12-01"
QUERIES = {
    "/v1/interactions/last-promise": f"?object_type=lead&object_id={SOMETHING}",
    "/v1/notes": f"?object_type=lead&object_id={SOMETHING}",
    "/v1/search": "?q=karim",
    "/v1/forecasts": PERIOD,
    "/v1/forecasts/comparison": PERIOD,
    "/v1/lead-kpis": PERIOD,
    "/v1/sales-kpis": PERIOD,
    "/v1/discussion-messages": f"?discussion_id={SOMETHING}",
    "/v1/surveys/{survey_id}/results": PERIOD,
    "/v1/web-figures": PERIOD,
    "/v1/campaign-comparisons": "?campaign_id=01a22f6a-801d-713a-a4bc-f234f3872d6a",
    "/v1/complaint-register": "?year=2026&quarter=4",
    "/v1/kb/search": "?q=constat",
    "/v1/sla-kpis": PERIOD,
    "/v1/assistant/figures": PERIOD,
    "/v1/relationships": f"?party_type=contact&party_id={SOMETHING}",
    "/v1/appointments/busy": f"?party_id={SOMETHING}{ONE_DAY}",
    "/v1/appointments/slots": f"?agency_id={SOMETHING}&from_on=2026-11-24&to_on=2026-11-24",
    "/v1/calendars/preview": "?start=2026-11-22T08:00:00Z&minutes=30",
    "/v1/public/files/content": "?link=AZOt9x",
}
"""What a read asks for besides its path."""
WORDS = {"audit_event_id": "1", "language": "fr"}
"""Parameters of paths that are no UUID."""
DEARER_LEADS = {
    "create": (
        1,
        "whom it resembles among leads and among contacts is asked by the statement that writes it",
    ),
    "patch of a plain field": (1, "judged and written at once"),
    "patch that the score follows": (2, "what is recorded is read, then the change is written"),
    "discard": (1, "judged and written at once"),
    "list with total": (1, "the count is part of the page"),
}


def _is_stream(route: APIRoute) -> bool:
    """It has no end; tests/events counts what it costs."""
    return get_type_hints(route.endpoint).get("return") is EventStream


def reads() -> Iterator[str]:
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and not _is_stream(route):
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
    return WORDS.get(part[1:-1], SOMETHING)

"""A site with a collector, and who visits it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from fastapi import FastAPI

from actors import Headers, actor
from chores import done
from company import Company, open_company
from crm_api.core.jobs import enqueue
from crm_api.kit.clock import ALGIERS

Answer = dict[str, Any]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"
PHONE = "Mozilla/5.0 (Linux; Android 15; SM-A556E) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36"


def noon() -> datetime:
    """Of yesterday, in Algiers: far enough from midnight for the visits of a test."""
    day = datetime.now(ALGIERS) - timedelta(days=1)
    return day.replace(hour=12, minute=0, second=0, microsecond=0)


@dataclass
class Site:
    """The site of a company, which holds a write key."""

    app: FastAPI
    company: Company
    owner: asyncpg.Connection
    key: Headers
    began: datetime = field(default_factory=noon)

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        answer = await self.company.send(method, path, body, **more)
        assert answer.is_success, f"{path}: {answer.text}"
        return dict(answer.json())

    async def got(self, path: str, by: Headers | None = None, **query: Any) -> Answer:
        headers = by or self.company.admin.headers
        answer = await self.company.client.get(path, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def event(self, minute: float = 0, url: str = "/auto", type: str = "page_view", **more: Any) -> Answer:
        at = (self.began + timedelta(minutes=minute)).astimezone(UTC).isoformat()
        return {"event_id": str(uuid4()), "type": type, "at": at, "url": url, **more}

    async def send(
        self, *events: Answer, visitor: UUID | None = None, agent: str = FIREFOX, **more: Any
    ) -> httpx.Response:
        body = {
            "consent": visitor is not None,
            "visitor_id": visitor and str(visitor),
            "events": list(events),
        }
        headers = self.key | {"User-Agent": agent}
        return await self.company.client.post("/v1/public/web-events", json=body | more, headers=headers)

    async def seen(self, *events: Answer, visitor: UUID | None = None, **more: Any) -> None:
        """Sent, and put into sessions."""
        answer = await self.send(*events, visitor=visitor, **more)
        assert (answer.status_code, answer.json()) == (202, {"received": len(events)}), answer.text
        await self.gather()

    async def gather(self, job: str = "gather_web_sessions", **payload: Any) -> None:
        ctx = self.company.context()
        await enqueue(ctx, job, payload)
        await ctx.commit()
        await ctx.close()
        await done(self.app, self.owner)

    async def sessions(self, **query: Any) -> list[Answer]:
        """In the order in which they began."""
        found = await self.got("/v1/web-sessions", sort="started_at", **query)
        return list(found["data"])

    async def customer(self, name: str = "Bouchareb") -> Answer:
        listed = (await self.got("/v1/agencies", limit=1))["data"]
        agency = listed[0]["id"] if listed else str(await self.company.agency())
        person: Answer = {
            "last_name": name,
            "first_name": "Karim",
            "create_household": True,
            "agency_id": agency,
        }
        person["emails"] = [{"value": f"{name.lower()}@example.test"}]
        return await self.call("POST", "/v1/contacts", person)


async def open_site(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Site:
    company = await open_company(app, client)
    key = actor(company.organization_id, "web_events:ingest", kind="client")
    return Site(app, company, owner, key)

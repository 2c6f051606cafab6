"""Who and what the tests of tickets need: a furnished company, agents, a customer."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from fastapi import FastAPI

from actors import Headers
from company import Company, Person, open_company
from crm_api.tickets.schemas.messages import Incoming
from crm_api.tickets.service import TicketService

Answer = dict[str, Any]


@dataclass
class Counter:
    """The desk where customers ask."""

    company: Company
    owner: asyncpg.Connection
    agency_id: UUID
    agent: Person
    other: Person
    contact_id: str
    account_id: str

    @property
    def admin(self) -> Headers:
        return self.company.admin.headers

    # --- tickets

    def body(self, **changed: Any) -> Answer:
        known: Answer = {"subject": "Attestation non reçue", "description": "Je n'ai rien reçu."}
        known |= {"channel": "email", "requester_contact_id": self.contact_id} | changed
        return {name: value for name, value in known.items() if value is not ...}

    async def open(self, by: Headers | None = None, **changed: Any) -> httpx.Response:
        return await self.company.send("POST", "/v1/tickets", self.body(**changed), by=by)

    async def opened(self, by: Headers | None = None, **changed: Any) -> Answer:
        answer = await self.open(by, **changed)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def now(self, ticket: Answer | str) -> Answer:
        id = ticket if isinstance(ticket, str) else ticket["id"]
        return await self.read(f"/v1/tickets/{id}")

    async def read(self, path: str, by: Headers | None = None, **query: Any) -> Answer:
        answer = await self.company.client.get(path, params=query, headers=by or self.admin)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def act(
        self, ticket: Answer, step: str, body: Answer | None = None, *, by: Headers | None = None
    ) -> httpx.Response:
        """`step` on the ticket as it is now."""
        version = (await self.now(ticket))["version"]
        path = f"/v1/tickets/{ticket['id']}/{step}"
        return await self.company.send("POST", path, body, by=by, version=version)

    async def done(
        self, ticket: Answer, step: str, body: Answer | None = None, *, by: Headers | None = None
    ) -> Answer:
        answer = await self.act(ticket, step, body, by=by)
        assert answer.status_code in (200, 201), f"{step}: {answer.text}"
        return dict(answer.json())

    async def change(self, ticket: Answer, **changed: Any) -> httpx.Response:
        version = (await self.now(ticket))["version"]
        return await self.company.send("PATCH", f"/v1/tickets/{ticket['id']}", changed, version=version)

    async def say(
        self, ticket: Answer, body: str = "Bonjour", *, by: Headers | None = None, **more: Any
    ) -> Answer:
        path = f"/v1/tickets/{ticket['id']}/messages"
        answer = await self.company.send("POST", path, {"body": body} | more, by=by)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def messages(self, ticket: Answer) -> list[Answer]:
        return list((await self.read(f"/v1/tickets/{ticket['id']}/messages"))["data"])

    async def bring(self, ticket: Answer, **columns: Any) -> None:
        """Straight in the table: as if time had passed."""
        if status := columns.get("status"):
            find = "SELECT id FROM ticket_statuses WHERE organization_id = $1 AND code = $2"
            columns["status_id"] = await self.owner.fetchval(find, self.company.organization_id, status)
            tail = f", closed_at = {'now()' if status == 'closed' else 'NULL'}"
        else:
            tail = ""
        names = ", ".join(f"{name} = ${at}" for at, name in enumerate(columns, 2))
        values = [json.dumps(v) if isinstance(v, dict) else v for v in columns.values()]
        await self.owner.execute(
            f"UPDATE tickets SET {names}{tail} WHERE id = $1", UUID(ticket["id"]), *values
        )

    # --- what channels do

    @asynccontextmanager
    async def house(self) -> AsyncIterator[TicketService]:
        """As the house itself, in one transaction."""
        ctx = self.company.context()
        ctx.begin()
        try:
            yield TicketService(ctx)
            await ctx.commit()
        finally:
            await ctx.close()

    async def written(self, ticket: Answer | None, body: str = "Et alors ?", **more: Any) -> Any:
        """The customer writes by mail."""
        known: Answer = {"channel": "email", "author_contact_id": self.contact_id} | more
        async with self.house() as service:
            incoming = Incoming.model_validate({"body": body} | known)
            return await service.receive(UUID(ticket["id"]) if ticket else None, incoming)


async def open_counter(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Counter:
    company = await open_company(app, client)
    agency_id = await company.agency()
    agent, other = [await company.hire(agency_id=agency_id) for _ in range(2)]
    person = {"last_name": "Bouchareb", "first_name": "Karim", "create_household": True}
    person |= {"phones": [{"value": "0550123456"}], "agency_id": str(agency_id)}
    answer = await company.send("POST", "/v1/contacts", person)
    assert answer.status_code == 201, answer.text
    contact = answer.json()
    account_id = contact["account_links"][0]["account_id"]
    return Counter(company, owner, agency_id, agent, other, contact["id"], account_id)

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers
from company import Person
from moved_clock import MovedClock
from tickets.counter import Answer, Counter, open_counter


@dataclass
class Office:
    """Where complaints are dealt with: who writes answers, who approves them."""

    counter: Counter
    time: MovedClock
    supervisor: Person

    @property
    def owner(self) -> asyncpg.Connection:
        return self.counter.owner

    def body(self, **changed: Any) -> Answer:
        known: Answer = {
            "subject": "Règlement en retard",
            "description": "Mon sinistre n'est toujours pas réglé.",
            "channel": "email",
            "category": "claim_delay",
            "requester_contact_id": self.counter.contact_id,
        }
        return known | changed

    async def opened(self, **changed: Any) -> Answer:
        answer = await self.counter.company.send("POST", "/v1/complaints", self.body(**changed))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def now(self, complaint: Answer) -> Answer:
        return await self.counter.read(f"/v1/complaints/{complaint['id']}")

    async def act(
        self, complaint: Answer, verb: str, body: Answer | None = None, *, by: Headers | None = None
    ) -> httpx.Response:
        path = f"/v1/complaints/{complaint['id']}/{verb}"
        version = (await self.now(complaint))["version"]
        return await self.counter.company.send("POST", path, body, by=by, version=version)

    async def done(
        self, complaint: Answer, verb: str, body: Answer | None = None, *, by: Headers | None = None
    ) -> Answer:
        answer = await self.act(complaint, verb, body, by=by)
        assert answer.is_success, f"{verb}: {answer.text}"
        return dict(answer.json())

    async def investigated(self, **changed: Any) -> Answer:
        complaint = await self.opened(**changed)
        await self.done(complaint, "acknowledge")
        return await self.done(complaint, "investigate")

    async def answered(self, **changed: Any) -> Answer:
        complaint = await self.investigated(**changed)
        await self.done(complaint, "answer", ANSWER)
        return await self.done(complaint, "answer/approve", by=self.supervisor.headers)

    async def bring(self, complaint: Answer, columns: Mapping[str, Any]) -> None:
        """Straight in the table."""
        names = ", ".join(f"{name} = ${at}" for at, name in enumerate(columns, 2))
        await self.owner.execute(
            f"UPDATE complaints SET {names} WHERE id = $1", UUID(complaint["id"]), *columns.values()
        )


ANSWER: Answer = {
    "decision": "partly",
    "answer_text": "Votre dossier a été réexaminé.\nLe règlement intervient sous huit jours.",
    "compensation_amount": {"amount": "5000.00", "currency": "DZD"},
}


@pytest.fixture
async def office(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> Office:
    counter = await open_counter(app, client, owner)
    supervisor = await counter.company.hire("supervisor")
    return Office(counter, MovedClock(monkeypatch), supervisor)

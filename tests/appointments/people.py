"""Who and what the tests of appointments need: a company, its agency, people who meet."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from actors import Headers, actor
from company import Company, Person

Answer = dict[str, Any]
SCOPES = (
    "appointments:read",
    "appointments:write",
    "interactions:write",
    "admin:restore",
    "calendars:manage",
)
SCOPES += ("contacts:write", "contacts:read", "accounts:write", "leads:write", "leads:read", "users:read")
TUESDAY = datetime(2027, 4, 13, 8, 0, tzinfo=UTC)
"""A working day: nine o'clock in Algiers. The agency is open 8-12 and 12:30-16:30 there, UTC+1."""


def at(hour: int, minute: int = 0, *, days: int = 0) -> str:
    """That hour in Algiers, on the Tuesday or so many days later."""
    return (TUESDAY + timedelta(hours=hour - 9, minutes=minute, days=days)).isoformat().replace("+00:00", "Z")


@dataclass
class Office:
    """An agency, who runs it, and a colleague."""

    client: httpx.AsyncClient
    company: Company
    agency_id: UUID
    lina: Person
    omar: Person

    @classmethod
    async def of(cls, company: Company) -> "Office":
        agency_id = await company.agency()
        lina = await company.hire(agency_id=agency_id)
        omar = await company.hire(agency_id=agency_id)
        return cls(company.client, company, agency_id, lina, omar)

    @property
    def admin(self) -> Headers:
        return self.company.admin.headers

    def may(self, *scopes: str, **about: Any) -> Headers:
        about = {"agency_id": self.agency_id, "agency_ids": (self.agency_id,)} | about
        return actor(self.company.organization_id, *scopes, **about)

    def body(self, **changed: Any) -> Answer:
        body = {"title": "Signature du contrat", "type": "phone", "starts_at": at(9), "ends_at": at(10)}
        return body | {name: str(v) if isinstance(v, UUID) else v for name, v in changed.items()}

    async def post(self, who: Person | Headers, **changed: Any) -> httpx.Response:
        headers = who.headers if isinstance(who, Person) else who
        return await self.client.post("/v1/appointments", json=self.body(**changed), headers=headers)

    async def made(self, who: Person | Headers, **changed: Any) -> Answer:
        answer = await self.post(who, **changed)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def act(self, who: Person | Headers, of: Answer, action: str, **body: Any) -> httpx.Response:
        """`action` on the appointment as it is now."""
        headers = who.headers if isinstance(who, Person) else who
        path = f"/v1/appointments/{of['id']}"
        version = (await self.client.get(path, headers=self.admin)).headers["etag"]
        return await self.client.post(f"{path}/{action}", json=body, headers=headers | {"If-Match": version})

    async def capacity(self, seats: int, kind: str = "agency") -> Answer:
        body = {"agency_id": str(self.agency_id), "type": kind, "seats": seats}
        answer = await self.client.post("/v1/appointment-capacities", json=body, headers=self.admin)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def room(self, code: str = "SALLE-2") -> UUID:
        body = {"code": code, "name": "Salle de réunion"}
        answer = await self.client.post("/v1/appointment-resources", json=body, headers=self.admin)
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"])


def nobody() -> str:
    return str(uuid4())

"""What the tests of tasks need around them: a company, its people, tasks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from company import Company, Person, open_company
from crm_api.core.db import now

Answer = dict[str, Any]


def ahead(**how_far: float) -> str:
    return (now() + timedelta(**how_far)).isoformat()


@dataclass
class Office:
    """An agency with two colleagues, and one of another agency."""

    company: Company
    lina: Person
    karim: Person
    stranger: Person

    async def task(self, by: Person | None = None, **fields: Any) -> Answer:
        """For Lina unless another is named."""
        body = {"title": "Rappeler M. Bouchareb", "type": "call"} | fields
        if not {"due_at", "due_in_minutes"} & fields.keys():
            body["due_at"] = ahead(days=1)
        if not {"assignee_user_id", "group_id"} & fields.keys():
            body["assignee_user_id"] = str(self.lina.id)
        answer = await self.company.send("POST", "/v1/tasks", body, by=(by or self.lina).headers)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def act(self, of: Answer, action: str, by: Person | None = None, **body: Any) -> httpx.Response:
        """`action` on the task as it is now."""
        seen = await self.read(of)
        path = f"/v1/tasks/{of['id']}/{action}"
        whole = body or ({} if action == "complete" else None)
        return await self.company.send(
            "POST", path, whole, by=(by or self.lina).headers, version=seen["version"]
        )

    async def read(self, of: Answer) -> Answer:
        answer = await self.company.send("GET", f"/v1/tasks/{of['id']}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def listed(self, by: Person | None = None, **query: Any) -> list[Answer]:
        headers = (by or self.lina).headers
        answer = await self.company.client.get("/v1/tasks", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])

    async def change(self, of: Answer, by: Person | None = None, **fields: Any) -> httpx.Response:
        version = (await self.read(of))["version"]
        return await self.company.send(
            "PATCH", f"/v1/tasks/{of['id']}", fields, by=(by or self.lina).headers, version=version
        )


async def open_office(app: FastAPI, client: httpx.AsyncClient) -> Office:
    company = await open_company(app, client)
    home, elsewhere = await company.agency("16012"), await company.agency("31001")
    return Office(
        company,
        await company.hire(agency_id=home),
        await company.hire(agency_id=home),
        await company.hire(agency_id=elsewhere),
    )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)

"""Who and what the tests of opportunities need around them: a company, an account, sales."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from actors import Headers
from company import Company, open_company

Answer = dict[str, Any]
ENDS: list[Answer] = [
    {
        "code": "won",
        "label_fr": "Gagnée",
        "outcome": "won",
        "probability": "1",
        "forecast_category": "closed",
    },
    {
        "code": "lost",
        "label_fr": "Perdue",
        "outcome": "lost",
        "probability": "0",
        "forecast_category": "omitted",
    },
]


def stage(code: str, probability: str = "0.5", **rules: Any) -> Answer:
    about = {"code": code, "label_fr": code.capitalize(), "probability": probability}
    return about | {"forecast_category": "pipeline"} | rules


def amount(dinars: str) -> Answer:
    return {"amount": dinars, "currency": "DZD"}


@dataclass
class Sales:
    """A furnished company with an agency and an account."""

    company: Company
    agency_id: UUID
    account_id: str
    made: int = field(default=0)

    @property
    def admin(self) -> Headers:
        return self.company.admin.headers

    async def ask(self, method: str, path: str, body: Any = None, **how: Any) -> httpx.Response:
        return await self.company.send(method, path, body, **how)

    async def get(self, path: str, by: Headers | None = None, **query: Any) -> Answer:
        answer = await self.company.client.get(path, params=query, headers=by or self.admin)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def body(self, **fields: Any) -> Answer:
        self.made += 1
        known: Answer = {"name": f"Flotte SARL Atlas - {self.made}", "account_id": self.account_id}
        known |= {"product_code": "AUTO_FLOTTE", "close_date": "2027-01-31"}
        return known | fields

    async def sale(self, *, by: Headers | None = None, **fields: Any) -> Answer:
        answer = await self.ask("POST", "/v1/opportunities", self.body(**fields), by=by)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def now(self, sale: Answer, by: Headers | None = None) -> Answer:
        return await self.get(f"/v1/opportunities/{sale['id']}", by)

    async def act(
        self, sale: Answer, action: str, *, by: Headers | None = None, **body: Any
    ) -> httpx.Response:
        """`action` on the opportunity as it is now."""
        version = (await self.now(sale))["version"]
        return await self.ask(
            "POST", f"/v1/opportunities/{sale['id']}/{action}", body, by=by, version=version
        )

    async def done(self, sale: Answer, action: str, *, by: Headers | None = None, **body: Any) -> Answer:
        answer = await self.act(sale, action, by=by, **body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def patch(self, sale: Answer, **changes: Any) -> httpx.Response:
        version = (await self.now(sale))["version"]
        return await self.ask("PATCH", f"/v1/opportunities/{sale['id']}", changes, version=version)

    async def pipeline(self, code: str = "new_business") -> Answer:
        return next(dict(one) for one in (await self.get("/v1/pipelines"))["data"] if one["code"] == code)

    async def add_pipeline(self, *stages: Answer, code: str = "own", **rules: Any) -> Answer:
        body = {"code": code, "name": "Processus", "stages": [*stages, *ENDS]} | rules
        answer = await self.ask("POST", "/v1/pipelines", body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


async def open_sales(app: FastAPI, client: httpx.AsyncClient) -> Sales:
    company = await open_company(app, client)
    agency_id = await company.agency()
    return Sales(company, agency_id, await an_account(company, agency_id))


async def an_account(company: Company, agency_id: UUID, name: str = "SARL Atlas Transport") -> str:
    address = {"kind": "head_office", "lines": ["Zone industrielle, lot 7"], "wilaya_code": "16"}
    body = {"type": "company", "name": name, "addresses": [address], "agency_id": str(agency_id)}
    answer = await company.send("POST", "/v1/accounts", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])

"""Where quotes are made in tests: a company, its customer, and the calls."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
from dateutil.relativedelta import relativedelta
from fastapi import FastAPI

from account_steps import ADDRESS
from actors import Headers
from company import Company, Person, open_company
from crm_api.kit.clock import today
from crm_api.quotes.conversion import QuoteForPolicy
from crm_api.quotes.service import QuoteService
from quotes.golden import YOUNG, Golden, car

SIGNED = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def tomorrow() -> str:
    return (today() + timedelta(days=1)).isoformat()


def told(case: Golden, on: date) -> dict[str, Any]:
    """The answers, with the birthday of who is young on that day."""
    inputs = dict(case.inputs)
    if inputs.get("driver_born_on") == YOUNG:
        inputs["driver_born_on"] = (on - relativedelta(years=int(YOUNG), months=2)).isoformat()
    return inputs


@dataclass
class Desk:
    """A seller of an agency, and a customer."""

    company: Company
    agency_id: UUID
    seller: Person
    account_id: str

    @classmethod
    async def of(cls, app: FastAPI, client: httpx.AsyncClient) -> "Desk":
        company = await open_company(app, client)
        agency_id = await company.agency("16012")
        seller = await company.hire("user", agency_id=agency_id)
        body = {"type": "company", "name": "SARL Atlas", "agency_id": str(agency_id)}
        body |= {"emails": [{"value": "atlas@example.test"}], "addresses": [ADDRESS]}
        made = await company.send("POST", "/v1/accounts", body, by=seller.headers)
        assert made.status_code == 201, made.text
        return cls(company, agency_id, seller, made.json()["id"])

    @property
    def client(self) -> httpx.AsyncClient:
        return self.company.client

    def body(self, **more: Any) -> dict[str, Any]:
        body = {"product_code": "AUTO_P", "plan_code": "TOUS_RISQUES", "account_id": self.account_id}
        inputs = car(6, "2000000.00", assistance="tranquillite")
        return body | {"inputs": inputs, "effective_on": tomorrow()} | more

    async def ask(self, **more: Any) -> httpx.Response:
        return await self.company.send("POST", "/v1/quotes", self.body(**more), by=self.seller.headers)

    async def draft(self, **more: Any) -> dict[str, Any]:
        answer = await self.ask(**more)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def act(
        self, quote: dict[str, Any], verb: str, body: Any = None, *, by: Headers | None = None
    ) -> httpx.Response:
        """The step, of the quote as it is now."""
        headers = by or self.seller.headers
        version = (await self.read(quote))["version"]
        path = f"/v1/quotes/{quote['id']}/{verb}"
        return await self.company.send("POST", path, body, by=headers, version=version)

    async def done(
        self, quote: dict[str, Any], verb: str, body: Any = None, *, by: Headers | None = None
    ) -> dict[str, Any]:
        answer = await self.act(quote, verb, body, by=by)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def read(self, quote: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/quotes/{quote['id']}", headers=self.company.admin.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def rated(self, **more: Any) -> dict[str, Any]:
        return await self.done(await self.draft(**more), "rate")

    async def sent(self, **more: Any) -> dict[str, Any]:
        return await self.done(await self.rated(**more), "send", {})

    async def token(self, quote: dict[str, Any]) -> str:
        link = await self.client.get(f"/v1/quotes/{quote['id']}/link", headers=self.seller.headers)
        assert link.status_code == 200, link.text
        return str(link.json()["url"]).partition("token=")[2]

    async def converted(self, quote: dict[str, Any], policy_id: UUID) -> QuoteForPolicy:
        """As the policies do it."""
        ctx = self.company.context()
        try:
            taken = await QuoteService(ctx).take_for_conversion(UUID(quote["id"]), policy_id)
            await ctx.commit()
            return taken
        finally:
            await ctx.close()

    async def signed(self, quote: dict[str, Any]) -> str:
        """A document that the customer signed."""
        answer = await self.client.post(
            "/v1/files",
            files={"file": ("devis.pdf", SIGNED, "application/pdf")},
            data={"kind": "contract_signed", "object_type": "quote", "object_id": quote["id"]},
            headers=self.company.admin.headers,
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

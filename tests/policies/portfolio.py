"""Who and what the tests of contracts need around them: a company, an account, products, contracts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from fastapi import FastAPI

from actors import Headers, actor
from company import Company, open_company

Answer = dict[str, Any]
PRODUCTS = (("AUTO_P", "11", "vehicle"), ("MRH", "12", "home"), ("SANTE", "20", "person"))


def dinars(amount: str) -> Answer:
    return {"amount": amount, "currency": "DZD"}


def moment(at: datetime) -> str:
    return at.isoformat()


def ago(**time: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**time)


async def products_of(owner: asyncpg.Connection, organization_id: UUID) -> None:
    """The catalogue as far as contracts need it; what is there already stays."""
    for code, branch, kind in PRODUCTS:
        await owner.execute(
            """INSERT INTO products (organization_id, id, version, code, branch_code, label_fr, target,
                object_kinds, compulsory, tax_profile_code, tacit_renewal, sellable_online, takaful, status,
                valid_from)
            VALUES ($1, $2, 1, $3, $4, $3, 'individual', ARRAY[$5], 'partly', 'AUTO', true, false, false,
                'active', '2020-01-01')
            ON CONFLICT (organization_id, code) DO NOTHING""",
            organization_id,
            uuid4(),
            code,
            branch,
            kind,
        )


@dataclass
class Portfolio:
    """A furnished company with an agency, an account and products."""

    company: Company
    owner: asyncpg.Connection
    agency_id: UUID
    account_id: str

    @property
    def admin(self) -> Headers:
        return self.company.admin.headers

    def somebody(self, *scopes: str, **about: Any) -> Headers:
        return actor(self.company.organization_id, *scopes, **about)

    async def ask(self, method: str, path: str, body: Any = None, **how: Any) -> httpx.Response:
        return await self.company.send(method, path, body, **how)

    async def get(self, path: str, by: Headers | None = None, **query: Any) -> Answer:
        answer = await self.company.client.get(path, params=query, headers=by or self.admin)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def body(self, **fields: Any) -> Answer:
        """A motor contract of a year that took effect a moment ago: 36,500.00 net."""
        known: Answer = {"account_id": self.account_id, "product_code": "AUTO_P"}
        known |= {"effective_at": moment(ago(hours=1)), "net_premium": dinars("36500.00")}
        known |= {"policy_fee": dinars("500.00"), "vat": dinars("7030.00")}
        return known | {"dimension_stamp": dinars("40.00")} | fields

    async def policy(self, status: str = "in_force", **fields: Any) -> Answer:
        """In one of the states that steps over HTTP lead to."""
        answer = await self.ask("POST", "/v1/policies", self.body(**fields))
        assert answer.status_code == 201, answer.text
        policy = dict(answer.json())
        road = {
            "proposed": (),
            "issued": ("issue",),
            "in_force": ("issue", "begin"),
            "suspended": ("issue", "begin", "suspend"),
            "terminated": ("issue", "begin", "terminate"),
            "cancelled": ("cancel",),
        }
        for step in road[status]:
            policy = await self.done(policy, step)
        assert policy["status"] == status
        return policy

    async def now(self, policy: Answer) -> Answer:
        return await self.get(f"/v1/policies/{policy['id']}")

    async def act(
        self, policy: Answer, step: str, body: Answer | None = None, *, by: Headers | None = None
    ) -> httpx.Response:
        """`step` on the contract as it is now."""
        version = (await self.now(policy))["version"]
        known = {
            "suspend": {"reason": "Prime impayée"},
            "cancel": {"reason": "Erreur de saisie"},
            "terminate": {"reason": "sale_of_object"},
            "begin": {},
            "reinstate": {},
        }
        sent = known.get(step) if body is None else body
        return await self.ask("POST", f"/v1/policies/{policy['id']}/{step}", sent, by=by, version=version)

    async def done(self, policy: Answer, step: str, body: Answer | None = None) -> Answer:
        answer = await self.act(policy, step, body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def bring(self, policy: Answer, **columns: Any) -> None:
        """Straight in the table: as if time had passed."""
        names = ", ".join(f"{name} = ${at}" for at, name in enumerate(columns, 2))
        await self.owner.execute(
            f"UPDATE policies SET {names} WHERE id = $1",
            UUID(policy["id"]),
            *columns.values(),
        )

    async def account(self) -> Answer:
        return await self.get(f"/v1/accounts/{self.account_id}")

    async def told(self, *kinds: str) -> list[Answer]:
        """The facts of these kinds, oldest first."""
        rows = await self.owner.fetch(
            "SELECT kind, data FROM event_log WHERE organization_id = $1 AND kind = ANY($2) ORDER BY id",
            self.company.organization_id,
            [*kinds],
        )
        return [dict(row) for row in rows]


async def an_account(company: Company, agency_id: UUID, name: str = "Famille AISSANI") -> str:
    address = {"kind": "home", "lines": ["12, rue Didouche Mourad"], "wilaya_code": "16"}
    body = {"type": "household", "name": name, "addresses": [address], "agency_id": str(agency_id)}
    answer = await company.send("POST", "/v1/accounts", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def open_portfolio(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Portfolio:
    company = await open_company(app, client)
    agency_id = await company.agency()
    await products_of(owner, company.organization_id)
    return Portfolio(company, owner, agency_id, await an_account(company, agency_id))


async def ran(portfolio: Portfolio, job: Any) -> None:
    """A job of the house, as the worker does it."""
    ctx = portfolio.company.context()
    await job(ctx, {})
    await ctx.commit()
    await ctx.close()

"""A counter where premiums are paid: a company with contracts, a cashier, collectors, and a clock to turn."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import time_machine
from fastapi import FastAPI

from actors import Headers
from crm_api.billing.passing import DunningPass
from crm_api.kit.clock import ALGIERS
from crm_api.policies.jobs import follow_policies
from policies.portfolio import Portfolio, dinars, open_portfolio

Answer = dict[str, Any]
SCOPES = (
    *("receivables:read", "receivables:write_off", "payments:read", "payments:write", "payments:refund"),
    *("collections:manage", "policies:read", "policies:write", "accounts:read", "agencies:read"),
    *("organization:read",),
)


def centimes(amount: Answer) -> int:
    whole, _, part = amount["amount"].partition(".")
    return int(whole) * 100 + int(part) * (-1 if whole.startswith("-") else 1)


@contextmanager
def at(moment: datetime | date) -> Iterator[None]:
    """The clock on the wall of Algiers: noon of a day, or that very moment."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, 12, tzinfo=ALGIERS)
    with time_machine.travel(moment.astimezone(UTC), tick=False):
        yield


@dataclass
class Counter:
    """What the tests of billing need around them."""

    app: FastAPI
    portfolio: Portfolio
    cashier: Headers
    boss: Headers
    """Another person with the same rights."""

    @property
    def client(self) -> httpx.AsyncClient:
        return self.portfolio.company.client

    @property
    def owner(self) -> asyncpg.Connection:
        return self.portfolio.owner

    @property
    def account_id(self) -> str:
        return self.portfolio.account_id

    @property
    def organization_id(self) -> UUID:
        return self.portfolio.company.organization_id

    def somebody(self, *scopes: str, **about: Any) -> Headers:
        return self.portfolio.somebody(*(scopes or SCOPES), **about)

    # --- calls

    async def send(
        self, method: str, path: str, body: Any = None, *, by: Headers | None = None, **headers: str
    ) -> httpx.Response:
        sent = {**(by or self.cashier), **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.client.request(method, f"/v1{path}", json=body, headers=sent)

    async def get(self, path: str, by: Headers | None = None, **query: Any) -> Answer:
        answer = await self.client.get(f"/v1{path}", params=query or None, headers=by or self.cashier)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def rows(self, path: str, **query: Any) -> list[Answer]:
        return list((await self.get(path, **query))["data"])

    async def act(
        self, path: str, step: str, body: Any = None, *, by: Headers | None = None
    ) -> httpx.Response:
        """`step` on the object at `path`, as it is now."""
        version = (await self.get(path))["version"]
        return await self.send("POST", f"{path}/{step}", body, by=by, if_match=f'"{version}"')

    async def done(self, path: str, step: str, body: Any = None, *, by: Headers | None = None) -> Answer:
        answer = await self.act(path, step, body, by=by)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    # --- contracts and money

    async def issued(self, effective: date | datetime | None = None, **fields: Any) -> Answer:
        """A contract that was just issued: 36,500.00 net, 44,070.00 in all, its premium due."""
        if effective is not None:
            if not isinstance(effective, datetime):
                effective = datetime(effective.year, effective.month, effective.day, tzinfo=ALGIERS)
            fields["effective_at"] = effective.isoformat()
        return await self.portfolio.policy("issued", **fields)

    async def debts(self, policy: Answer) -> list[Answer]:
        return await self.rows("/receivables", policy_id=policy["id"], sort="due_on")

    async def debt(self, policy: Answer) -> Answer:
        return (await self.debts(policy))[0]

    async def parts(self, policy: Answer) -> list[Answer]:
        return await self.rows("/instalments", policy_id=policy["id"], sort="due_on", limit=200)

    async def receipts(self, policy: Answer) -> list[Answer]:
        return await self.rows("/premium-receipts", policy_id=policy["id"], sort="issued_on", limit=200)

    async def pay(
        self, amount: str, method: str = "tpe", *, by: Headers | None = None, key: str = "", **fields: Any
    ) -> httpx.Response:
        body = {"account_id": self.account_id, "amount": dinars(amount), "method": method}
        body |= {"reference": f"REF {uuid4().hex[:8]}"} | fields
        key = key or str(uuid4())
        while True:  # on a busy machine a lock may be waited for too long: asked again with the same key
            answer = await self.send("POST", "/payments", body, by=by, idempotency_key=key)
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(0.2)

    async def paid(self, amount: str, method: str = "tpe", **fields: Any) -> Answer:
        answer = await self.pay(amount, method, **fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def endorsed(self, policy: Answer, **changes: Any) -> int:
        """Centimes that the change comes to, once it was asked for, reviewed, approved and applied."""
        body: Answer = {"type": "value_change", "reason": "Valeur du véhicule", "changes": changes}
        body["effective_at"] = datetime.now(ALGIERS).isoformat()
        boss = self.somebody("endorsements:write", "policies:read", "policies:write")
        asked = await self.portfolio.ask("POST", f"/v1/policies/{policy['id']}/endorsements", body)
        assert asked.status_code == 201, asked.text
        for step in ("review", "approve", "apply"):
            path = f"/endorsements/{asked.json()['id']}"
            version = (await self.get(path, by=boss))["version"]
            done = await self.send("POST", f"{path}/{step}", by=boss, if_match=f'"{version}"')
            assert done.status_code == 200, done.text
        return centimes(done.json()["total_delta"])

    # --- the clock

    async def night(self, on: date, most: int = 20_000) -> None:
        """The nightly jobs of that day, until nothing is left of them."""
        for name in ("bill", "run"):
            more = True
            while more:
                ctx = self.portfolio.company.context()
                ctx.begin()
                more = await getattr(DunningPass(ctx), name)(on, most)
                await ctx.commit()
                await ctx.close()

    async def follow(self) -> None:
        """What the clock does to contracts, now."""
        ctx = self.portfolio.company.context()
        ctx.begin()
        await follow_policies(ctx, {})
        await ctx.commit()
        await ctx.close()

    async def told(self, *kinds: str) -> list[str]:
        rows = await self.owner.fetch(
            "SELECT kind FROM event_log WHERE organization_id = $1 AND kind = ANY($2) ORDER BY id",
            self.organization_id,
            [*kinds],
        )
        return [row[0] for row in rows]

    async def somewhere(self) -> None:
        """Every paid centime is somewhere, and no sum disagrees with its lines (H invariant 2)."""
        for sql in BALANCES:
            wrong = await self.owner.fetch(sql, self.organization_id)
            assert not wrong, (sql, wrong)


BALANCES = (
    # a payment that counts: what it pays, what is held of it, what went back
    """SELECT p.number, p.amount, coalesce(a.paid, 0), coalesce(c.amount, 0) FROM payments p
    LEFT JOIN (SELECT payment_id, sum(amount) AS paid FROM payment_allocations WHERE taken_back_at IS NULL
        GROUP BY 1) a ON a.payment_id = p.id
    LEFT JOIN (SELECT payment_id, sum(amount) AS amount, sum(refunded_amount) AS back FROM customer_credits
        GROUP BY 1) c ON c.payment_id = p.id
    WHERE p.organization_id = $1 AND p.direction = 'in'
        AND p.status IN ('received', 'deposited', 'cleared', 'settled', 'reversed', 'refunded')
        AND p.amount <> coalesce(a.paid, 0) + coalesce(c.amount, 0) - coalesce(c.back, 0)
            + p.refunded_amount""",
    # one that does not count pays nothing and leaves nothing
    """SELECT p.number FROM payments p WHERE p.organization_id = $1
        AND p.status IN ('initiated', 'authorised', 'bounced', 'failed', 'cancelled', 'expired')
        AND (EXISTS (SELECT FROM payment_allocations a WHERE a.payment_id = p.id AND a.taken_back_at IS NULL)
            OR EXISTS (SELECT FROM customer_credits c WHERE c.payment_id = p.id AND c.balance > 0))""",
    """SELECT c.id FROM customer_credits c LEFT JOIN (SELECT credit_id, sum(amount) AS used
        FROM payment_allocations WHERE taken_back_at IS NULL GROUP BY 1) a ON a.credit_id = c.id
    WHERE c.organization_id = $1 AND c.used_amount <> coalesce(a.used, 0)""",
    """SELECT r.id, r.paid_amount, coalesce(a.paid, 0) FROM receivables r LEFT JOIN (SELECT receivable_id,
        sum(amount) AS paid FROM payment_allocations WHERE taken_back_at IS NULL GROUP BY 1) a
        ON a.receivable_id = r.id
    WHERE r.organization_id = $1 AND r.paid_amount <> coalesce(a.paid, 0)""",
    """SELECT i.id FROM instalments i JOIN receivables r ON r.instalment_id = i.id
    WHERE i.organization_id = $1 AND i.paid_amount <> r.paid_amount""",
    """SELECT s.id FROM premium_schedules s LEFT JOIN (SELECT schedule_id, sum(total) AS total
        FROM instalments GROUP BY 1) i ON i.schedule_id = s.id
    WHERE s.organization_id = $1 AND s.total > 0 AND s.total <> coalesce(i.total, 0)""",
    """SELECT i.id FROM instalments i LEFT JOIN premium_receipts q
        ON q.instalment_id = i.id AND q.type <> 'refund'
    WHERE i.organization_id = $1 AND i.status NOT IN ('scheduled', 'cancelled')
        AND i.total IS DISTINCT FROM q.total""",
)


async def open_counter(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Counter:
    portfolio = await open_portfolio(app, client, owner)
    about = {"agency_id": portfolio.agency_id, "agency_ids": (portfolio.agency_id,)}
    people = [await portfolio.company.hire(agency_id=portfolio.agency_id) for _ in range(2)]
    cashier, boss = (portfolio.somebody(*SCOPES, id=person.id, **about) for person in people)
    return Counter(app, portfolio, cashier, boss)


DAY = timedelta(days=1)

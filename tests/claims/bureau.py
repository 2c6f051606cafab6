"""Who and what the tests of claims need: a contract with its coverages, and the people of the bureau."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from fastapi import FastAPI

from actors import Headers
from company import Company, Person
from crm_api.auth.sessions import OWN
from files.papers import added
from policies.portfolio import Portfolio, ago, dinars, moment, open_portfolio

Answer = dict[str, Any]
ASKED = {
    "default": ["vehicle_registration", "driving_licence"],
    "collision": ["constat_amiable", "vehicle_registration", "driving_licence"],
    "theft": ["police_report"],
}
"""What the product asks for, by cause."""
CONSTAT: Answer = {
    "signed_both": True,
    "boxes_a": [1, 8],
    "boxes_b": [17],
    "observations": "Le véhicule B a reculé.",
    "adversary": {"name": "Amine KACI", "plate": "01234 117 16", "insurer": "SAA", "phone": "0551 00 00 01"},
}
READS = (
    "claims:read",
    "policies:read",
    "documents:read",
    "documents:write",
    "accounts:read",
    "agencies:read",
)


@dataclass
class Bureau:
    """The claims bureau of a furnished company."""

    portfolio: Portfolio
    policy: Answer
    handler: Person
    chief: Person
    """Decides too; another person than the handler."""
    payer: Person
    cashier: Person
    """Pays too; another person than the payer."""
    sleuth: Headers

    @property
    def company(self) -> Company:
        return self.portfolio.company

    @property
    def owner(self) -> asyncpg.Connection:
        return self.portfolio.owner

    @property
    def client(self) -> httpx.AsyncClient:
        return self.company.client

    @property
    def admin(self) -> Headers:
        return self.portfolio.admin

    # --- the declaration

    def body(self, **changed: Any) -> Answer:
        """A collision two days ago."""
        known: Answer = {"policy_id": self.policy["id"], "channel": "phone", "cause": "collision"}
        known |= {"occurred_at": moment(ago(days=2)), "wilaya_code": "16", "commune": "Kouba"}
        known |= {"circumstances": "Choc à l'arrière au feu rouge.", "constat": CONSTAT}
        known |= {"coverages_invoked": ["DC"]} | changed
        return {name: value for name, value in known.items() if value is not ...}

    async def declare(
        self, by: Headers | None = None, key: str | None = None, **changed: Any
    ) -> httpx.Response:
        headers = (by or self.admin) | {"Idempotency-Key": key or str(uuid4())}
        return await self.client.post("/v1/claims", json=self.body(**changed), headers=headers)

    async def declared(self, **changed: Any) -> Answer:
        answer = await self.declare(**changed)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    # --- the file

    async def now(self, claim: Answer) -> Answer:
        return await self.read(f"/v1/claims/{claim['id']}")

    async def read(self, path: str, by: Headers | None = None, **query: Any) -> Answer:
        answer = await self.client.get(path, params=query, headers=by or self.admin)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def act(
        self, claim: Answer, step: str, body: Answer | None = None, *, by: Headers | None = None
    ) -> httpx.Response:
        """`step` on the claim as it is now."""
        version = (await self.now(claim))["version"]
        path = f"/v1/claims/{claim['id']}/{step}"
        return await self.company.send("POST", path, body, by=by or self.handler.headers, version=version)

    async def done(
        self, claim: Answer, step: str, body: Answer | None = None, *, by: Headers | None = None
    ) -> Answer:
        answer = await self.act(claim, step, body, by=by)
        assert answer.status_code in (200, 201), f"{step}: {answer.text}"
        return dict(answer.json())

    async def on(
        self, claim: Answer, part: str, row: Answer, step: str, body: Any = None, *, by: Headers
    ) -> httpx.Response:
        """`step` on a part of the claim (`payments`, `appraisals`...) as it is now."""
        rows = (await self.read(f"/v1/claims/{claim['id']}/{part}"))["data"]
        version = next(each["version"] for each in rows if each["id"] == row["id"])
        path = f"/v1/claims/{claim['id']}/{part}/{row['id']}/{step}"
        return await self.company.send("POST", path, body, by=by, version=version)

    async def bring(self, claim: Answer, **columns: Any) -> None:
        """Straight in the table: as if time had passed."""
        names = ", ".join(f"{name} = ${at}" for at, name in enumerate(columns, 2))
        await self.owner.execute(
            f"UPDATE claims SET {names} WHERE id = $1", UUID(claim["id"]), *columns.values()
        )

    async def paper(self, kind: str = "discharge", by: Headers | None = None) -> str:
        """Handed in by who then uses it: a document on nothing is its owner's."""
        return str((await added(self.client, by or self.cashier.headers, kind=kind))["id"])

    async def under_review(self, **changed: Any) -> Answer:
        claim = await self.declared(**changed)
        await self.done(claim, "register", {"handler_user_id": str(self.handler.id)})
        return await self.done(claim, "review")

    async def to_decide(self, **changed: Any) -> Answer:
        return await self.done(await self.under_review(**changed), "prepare-decision")

    async def approved(self, amount: str = "100000.00", **changed: Any) -> Answer:
        claim = await self.to_decide(**changed)
        approval = {"outcome": "approve", "amount": dinars(amount)}
        decision = await self.done(claim, "decisions", approval, by=self.handler.headers)
        if decision["status"] == "proposed":
            path = f"/v1/claims/{claim['id']}/decisions/{decision['id']}/confirm"
            answer = await self.company.send("POST", path, by=self.chief.headers, version=1)
            assert answer.status_code == 200, answer.text
        return await self.now(claim)

    async def somebody(self, claim: Answer, *roles: str, **about: Any) -> Answer:
        body = {"name": "Karim BOUCHAREB", "roles": list(roles or ("insured",))} | about
        path = f"/v1/claims/{claim['id']}/participants"
        answer = await self.company.send("POST", path, body, by=self.handler.headers)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def payment(self, payee: Answer, gross: str, **changed: Any) -> Answer:
        known = {"payee_participant_id": payee["id"], "coverage_code": "DC", "gross": dinars(gross)}
        return known | {"method": "bank_transfer", "bank_account_ref": "00799999004182013612"} | changed

    async def propose(self, claim: Answer, payee: Answer, gross: str, **changed: Any) -> httpx.Response:
        body = self.payment(payee, gross, **changed)
        return await self.act(claim, "payments", body, by=self.payer.headers)

    async def paid(self, claim: Answer, gross: str, **changed: Any) -> Answer:
        """A payment from the proposal to the bank."""
        payee = await self.somebody(claim)
        answer = await self.propose(claim, payee, gross, **changed)
        assert answer.status_code == 201, answer.text
        row = answer.json()
        for step, body in (
            ("approve", None),
            ("order", {"discharge_document_id": await self.paper()}),
            ("pay", {"reference": "VIR-42"}),
        ):
            answer = await self.on(claim, "payments", row, step, body, by=self.cashier.headers)
            assert answer.status_code == 200, f"{step}: {answer.text}"
        return dict(answer.json())

    async def settled(self, amount: str = "100000.00", **changed: Any) -> Answer:
        claim = await self.approved(amount, **changed)
        await self.paid(claim, amount)
        return await self.done(claim, "settle")

    async def facts(self, claim: Answer) -> list[str]:
        """What was said of the claim, beside plain changes."""
        rows = await self.owner.fetch(
            """SELECT kind FROM event_log WHERE object_type = 'claim' AND object_id = $1
               AND kind NOT IN ('claim.created', 'claim.updated') ORDER BY id""",
            UUID(claim["id"]),
        )
        return [row[0].removeprefix("claim.") for row in rows]

    async def run(self, job: Any) -> None:
        ctx = self.company.context()
        await job(ctx, {})
        await ctx.commit()
        await ctx.close()


async def coverages(
    portfolio: Portfolio, policy: Answer, *codes: str, sum_insured: int = 1_000_000_00
) -> None:
    """Of the first version of the contract."""
    for code in codes:
        await portfolio.owner.execute(
            """INSERT INTO policy_coverages (organization_id, id, version, policy_id, policy_version,
                coverage_code, sum_insured, net_premium, effective_at, expires_at, status)
            SELECT organization_id, $2, 1, id, 1, $3, $4, 0, effective_at, expires_at, 'active'
            FROM policies WHERE id = $1""",
            UUID(policy["id"]),
            uuid4(),
            code,
            sum_insured,
        )


async def contract(portfolio: Portfolio, **changed: Any) -> Answer:
    """In force for four months, with RC, DR and DC."""
    begun = datetime.now(UTC).replace(microsecond=0) - timedelta(days=120)
    policy = await portfolio.policy(effective_at=moment(begun), **changed)
    await portfolio.bring(policy, in_force_since=begun)
    await coverages(portfolio, policy, "RC", "DR", "DC")
    return policy


async def open_bureau(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Bureau:
    portfolio = await open_portfolio(app, client, owner)
    company = portfolio.company
    await owner.execute(
        "UPDATE products SET documents_claim = $2::jsonb WHERE organization_id = $1",
        company.organization_id,
        json.dumps(ASKED),
    )
    handlers, payers = await company.group("claims_handler"), await company.group("claims_payment")
    people = [
        await company.hire(agency_id=portfolio.agency_id, group_ids=groups)
        for groups in ((handlers,), (handlers,), (payers,), (payers,))
    ]
    policy = await contract(portfolio)
    sleuth = portfolio.somebody("claims:read", "claims:fraud", *OWN)
    return Bureau(portfolio, policy, *people, sleuth)


__all__ = ["ASKED", "CONSTAT", "Bureau", "ago", "contract", "coverages", "dinars", "moment", "open_bureau"]

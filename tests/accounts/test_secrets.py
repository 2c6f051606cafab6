"""Class P3 data, and the suspicion of fraud: who sees what."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from account_steps import EVERYTHING, agency, body, match, opened
from actors import actor

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, *EVERYTHING)
INSPECTOR = actor(OURS, *EVERYTHING, "claims:fraud")
RIB = {"kind": "rib", "value": "00100012345678901234", "holder": "Ilyès AISSANI"}
P3: dict[str, Any] = {
    "annual_revenue_amount": {"amount": "123456789.00", "currency": "DZD"},
    "bank_accounts": [RIB],
    "kyc": {"level": "enhanced", "beneficial_owners": [{"full_name": "Karim BENALI", "share_rate": "0.25"}]},
}


@pytest.fixture
async def ours(app: object, owner: asyncpg.Connection) -> UUID:
    return await agency(owner, OURS)


async def test_sealed_fields_are_masked_everywhere(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours, type="company", **P3)
    assert made["masked"] == {
        "annual_revenue_amount": "•••",
        "bank_accounts": [{"kind": "rib", "value": "•••1234", "holder": "•••SANI"}],
        "kyc_level": "enhanced",
    }
    assert made["revenue_band"] == 2
    page = (await client.get("/v1/accounts", headers=ADMIN)).json()
    assert page["data"][0]["masked"] == made["masked"]
    bare = await opened(client, ADMIN, ours)
    assert bare["masked"] == {"annual_revenue_amount": None, "bank_accounts": [], "kyc_level": None}


async def test_sealed_values_are_stored_and_logged_nowhere_in_clear(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    made = await opened(client, ADMIN, ours, **P3)
    await client.patch(
        f"/v1/accounts/{made['id']}", json={"bank_accounts": [RIB, RIB]}, headers=ADMIN | match(1)
    )
    for table in "accounts", "audit_log", "event_log", "search_tokens":
        rows = await owner.fetch(f"SELECT to_jsonb(t)::text AS line FROM {table} t")
        assert rows
        for secret in "00100012345678901234", "BENALI", "123456789":
            assert not [row["line"] for row in rows if secret in row["line"]], (table, secret)


async def test_unmasking_needs_a_scope_and_a_reason_and_is_audited(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    made = await opened(client, ADMIN, ours, **P3)
    path = f"/v1/accounts/{made['id']}/unmask"
    asked = {"fields": ["bank_accounts", "annual_revenue_amount"], "reason": "Virement d'une indemnité"}
    refused = await client.post(path, json=asked, headers=actor(OURS, "accounts:read"))
    assert (refused.status_code, refused.json()["required_scopes"]) == (403, ["accounts:read", "pii:read"])
    silent = await client.post(path, json={"fields": ["kyc"]}, headers=ADMIN)
    assert silent.status_code == 422
    assert not await owner.fetch("SELECT FROM audit_log WHERE action = 'account.unmasked'")
    shown = await client.post(path, json=asked, headers=ADMIN)
    assert shown.json() == {
        "annual_revenue_amount": P3["annual_revenue_amount"],
        "bank_accounts": [RIB],
        "kyc": None,
    }
    (line,) = await owner.fetch("SELECT reason, changes FROM audit_log WHERE action = 'account.unmasked'")
    assert line["reason"] == "Virement d'une indemnité"
    assert "bank_accounts" in line["changes"]


async def test_changing_one_sealed_field_keeps_the_others(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours, **P3)
    path = f"/v1/accounts/{made['id']}"
    emptied = await client.patch(
        path, json={"annual_revenue_amount": None, "name": "Autre nom"}, headers=ADMIN | match(1)
    )
    assert emptied.status_code == 200, emptied.text
    assert (emptied.json()["revenue_band"], emptied.json()["version"]) == (0, 2)
    asked = {"fields": ["bank_accounts", "annual_revenue_amount", "kyc"], "reason": "Contrôle"}
    shown = (await client.post(f"{path}/unmask", json=asked, headers=ADMIN)).json()
    assert (shown["annual_revenue_amount"], shown["bank_accounts"]) == (None, [RIB])
    assert shown["kyc"]["level"] == "enhanced"


async def test_the_suspicion_of_fraud_is_seen_by_few(client: httpx.AsyncClient, ours: UUID) -> None:
    refused = await client.post(
        "/v1/accounts", json=body(ours, risk_flags=["fraud_suspicion"]), headers=ADMIN
    )
    assert (refused.status_code, refused.json()["required_scopes"]) == (403, ["claims:fraud"])
    made = await opened(client, INSPECTOR, ours, risk_flags=["vip", "fraud_suspicion"])
    assert made["risk_flags"] == ["vip", "fraud_suspicion"]
    path = f"/v1/accounts/{made['id']}"
    assert (await client.get(path, headers=ADMIN)).json()["risk_flags"] == ["vip"]
    changed = await client.patch(path, json={"risk_flags": ["pep"]}, headers=ADMIN | match(1))
    assert changed.json()["risk_flags"] == ["pep"]
    assert (await client.get(path, headers=INSPECTOR)).json()["risk_flags"] == ["pep", "fraud_suspicion"]
    asked = {"fraud_suspicion": "true"}
    assert (await client.get("/v1/accounts", params=asked, headers=ADMIN)).status_code == 403
    assert (await client.get("/v1/accounts/count", params=asked, headers=ADMIN)).status_code == 403
    search = {"filter": {"all": [{"field": "fraud_suspicion", "op": "match", "value": True}]}}
    assert (await client.post("/v1/accounts/search", json=search, headers=ADMIN)).status_code == 403
    found = await client.get("/v1/accounts", params=asked, headers=INSPECTOR)
    assert [row["id"] for row in found.json()["data"]] == [made["id"]]
    free = await client.get("/v1/accounts", params={"fraud_suspicion": "false"}, headers=INSPECTOR)
    assert free.json()["data"] == []


async def test_risk_flags_never_reach_the_logs(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    await opened(client, INSPECTOR, ours, risk_flags=["fraud_suspicion"])
    for table in "audit_log", "event_log":
        lines = [row["line"] for row in await owner.fetch(f"SELECT to_jsonb(t)::text AS line FROM {table} t")]
        assert lines
        assert not [line for line in lines if "fraud_suspicion" in line]

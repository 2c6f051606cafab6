"""A declaration: what it checks and computes, and that nothing refuses it by itself."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from claims.bureau import CONSTAT, Bureau, ago, contract, dinars, moment, open_bureau
from crm_api.claims.schemas.claim import ClaimRead

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"cause": "meteor"}, "enum"),
        ({"occurred_at": moment(datetime.now(UTC) + timedelta(days=2))}, "loss_in_the_future"),
        ({"occurred_at": "1989-12-31T00:00:00Z"}, "long_ago"),
        ({"discovered_at": moment(ago(days=3))}, "discovered_before"),
        ({"policy_unknown": True}, "policy_or_unknown"),
        ({"policy_id": ...}, "policy_or_unknown"),
        ({"circumstances": "x" * 4001}, "string_too_long"),
        ({"wilaya_code": "6"}, "string_pattern_mismatch"),
        ({"constat": CONSTAT | {"boxes_a": [18]}}, "less_than_equal"),
        ({"constat": CONSTAT | {"boxes_a": [0]}}, "greater_than_equal"),
        ({"constat": CONSTAT | {"boxes_a": [2, 2]}}, "box_ticked_twice"),
        ({"estimate_amount": {"amount": "10.005", "currency": "DZD"}}, "amount_too_precise"),
        ({"estimate_amount": {"amount": "-1.00", "currency": "DZD"}}, "dinars_expected"),
        ({"latitude": 91}, "less_than_equal"),
        ({"colour": "red"}, "extra_forbidden"),
    ],
)
async def test_what_makes_no_sense_is_refused(bureau: Bureau, changed: dict[str, Any], code: str) -> None:
    answer = await bureau.declare(**changed)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["code"] == code


async def test_a_declaration_sent_twice_is_one_claim(bureau: Bureau) -> None:
    key, said = str(uuid4()), {"id": str(uuid4()), "occurred_at": moment(ago(days=2))}
    first = await bureau.declare(key=key, **said)
    again = await bureau.declare(key=key, **said)
    assert (first.status_code, again.status_code) == (201, 201), again.text
    assert first.json()["id"] == again.json()["id"] == said["id"]
    assert again.headers["idempotency-replayed"] == "true"
    other = await bureau.declare(id=said["id"], circumstances="Autre chose, autre clef.")
    assert (other.status_code, other.json()["code"]) == (409, "claim_already_declared")
    bare = await bureau.client.post("/v1/claims", json=bureau.body(), headers=bureau.admin)
    assert (bare.status_code, bare.json()["code"]) == (400, "idempotency_key_required")
    assert (await bureau.read("/v1/claims/count"))["count"] == 1


async def test_two_phones_with_one_key_of_their_own_make_one_claim(bureau: Bureau) -> None:
    id = str(uuid4())
    answers = await asyncio.gather(*(bureau.declare(id=id) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


async def test_a_claim_on_a_contract_of_another_organization_is_not_found(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, bureau: Bureau
) -> None:
    other = await open_bureau(app, client, owner)
    for policy_id in (other.policy["id"], str(uuid4())):
        answer = await bureau.declare(policy_id=policy_id)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_claim_policy"), answer.text
    claim = await other.declared()
    for path in ("", "/deadlines", "/milestones", "/documents", "/payments", "/reserves", "/participants"):
        seen = await client.get(f"/v1/claims/{claim['id']}{path}", headers=bureau.admin)
        assert seen.status_code == 404, path
    assert (await bureau.read("/v1/claims/count"))["count"] == 0


async def test_somebody_of_no_agency_names_the_one_that_handles_it(bureau: Bureau) -> None:
    answer = await bureau.declare(policy_id=..., policy_unknown=True)
    assert answer.json()["errors"][0]["code"] == "claim_agency_required", answer.text


async def test_the_contract_may_be_unknown_and_become_known(bureau: Bureau) -> None:
    claim = await bureau.declared(
        policy_id=..., policy_unknown=True, constat=..., agency_id=str(bureau.portfolio.agency_id)
    )
    assert (claim["coverage_check"], claim["coverage_check_reason"]) == ("unknown", "policy_unknown")
    assert (claim["regime"], claim["settle_rule"], claim["account_id"]) == ("own_damage", None, None)
    found = {"policy_id": bureau.policy["id"]}
    path, by = f"/v1/claims/{claim['id']}", bureau.handler.headers
    known = await bureau.company.send("PATCH", path, found, by=by, version=claim["version"])
    assert known.status_code == 200, known.text
    told = known.json()
    assert (told["coverage_check"], told["policy_unknown"]) == ("passed", False)
    assert (told["branch_code"], told["settle_rule"]) == ("11", "settle_auto")
    assert told["account_id"] == bureau.portfolio.account_id
    other = await contract(bureau.portfolio)
    again = await bureau.company.send(
        "PATCH", path, {"policy_id": other["id"]}, by=by, version=told["version"]
    )
    assert (again.status_code, again.json()["code"]) == (409, "claim_policy_known")


@pytest.mark.parametrize(
    ("columns", "occurred", "invoked", "reason"),
    [
        ({}, ago(days=2), ["DC"], None),
        ({"in_force_since": None}, ago(days=2), [], "never_in_force"),
        ({}, ago(days=200), [], "before_cover"),
        ({"in_force_since": ago(days=1)}, ago(days=2), [], "before_cover"),
        ({"expires_at": ago(days=2)}, ago(days=2), [], "after_cover"),
        ({"expires_at": ago(days=2)}, ago(days=2, seconds=1), [], None),
        ({}, ago(days=2), ["DC", "VOL"], "coverage_missing"),
    ],
)
async def test_the_cover_is_checked_at_the_moment_of_the_loss(
    bureau: Bureau, columns: dict[str, Any], occurred: datetime, invoked: list[str], reason: str | None
) -> None:
    """A flag in every case: the claim is declared."""
    if columns:
        await bureau.portfolio.bring(bureau.policy, **columns)
    claim = await bureau.declared(occurred_at=moment(occurred), coverages_invoked=invoked)
    assert claim["status"] == "declared"
    assert claim["coverage_check"] == ("failed" if reason else "passed")
    assert claim["coverage_check_reason"] == reason


async def test_a_loss_during_a_suspension_is_flagged_also_after_the_reinstatement(bureau: Bureau) -> None:
    await bureau.owner.execute(
        """INSERT INTO policy_suspensions (organization_id, policy_id, suspended_at, resumed_at, reason)
        SELECT organization_id, id, $1, $2, 'Prime impayée' FROM policies""",
        ago(days=20),
        ago(days=10),
    )
    for days, reason in ((21, None), (15, "suspended"), (9, None)):
        claim = await bureau.declared(occurred_at=moment(ago(days=days)), coverages_invoked=[])
        assert claim["coverage_check_reason"] == reason, days


async def test_a_late_declaration_is_a_flag_with_its_reason_and_never_a_refusal(bureau: Bureau) -> None:
    late = await bureau.declared(occurred_at=moment(ago(days=9)), late_reason="Hospitalisé jusqu'à hier.")
    assert (late["late_declaration"], late["status"]) == (True, "declared")
    assert late["late_reason"] == "Hospitalisé jusqu'à hier."
    noticed = await bureau.declared(occurred_at=moment(ago(days=9)), discovered_at=moment(ago(days=1)))
    assert noticed["late_declaration"] is False
    listed = await bureau.read("/v1/claims", late_declaration="true")
    assert [each["id"] for each in listed["data"]] == [late["id"]]


async def test_claims_of_the_same_contract_within_a_day_are_named_and_nothing_more(bureau: Bureau) -> None:
    first = await bureau.declared(occurred_at=moment(ago(days=5)))
    near = await bureau.declared(occurred_at=moment(ago(days=4, hours=1)))
    assert [each["number"] for each in near["duplicates"]] == [first["number"]]
    far = await bureau.declared(occurred_at=moment(ago(days=3)))
    assert far["duplicates"] == []


@pytest.mark.parametrize(
    ("changed", "regime"),
    [
        ({}, "ida"),
        ({"constat": CONSTAT | {"adversary": {"name": "Amine KACI"}}}, "common_law"),
        ({"constat": CONSTAT | {"adversary": None}}, "own_damage"),
        ({"constat": ..., "cause": "travel_assistance"}, "assistance"),
        ({"constat": ..., "cause": "bodily_injury"}, "third_party_claim"),
        ({"constat": ..., "cause": "flood", "catnat_published_on": "2026-11-20"}, "catnat"),
        ({"constat": ..., "cause": "flood"}, "own_damage"),
    ],
)
async def test_the_rules_of_settlement_are_proposed(
    bureau: Bureau, changed: dict[str, Any], regime: str
) -> None:
    assert (await bureau.declared(**changed))["regime"] == regime


async def test_without_defence_and_recourse_no_direct_indemnification_is_proposed(bureau: Bureau) -> None:
    await bureau.owner.execute("DELETE FROM policy_coverages WHERE coverage_code = 'DR'")
    assert (await bureau.declared())["regime"] == "common_law"


@pytest.mark.parametrize(
    ("cause", "kinds"), [("theft", ["police_report"]), ("fire", ["driving_licence", "vehicle_registration"])]
)
async def test_the_documents_are_those_of_the_product_and_the_cause(
    bureau: Bureau, cause: str, kinds: list[str]
) -> None:
    claim = await bureau.declared(cause=cause, constat=...)
    rows = await bureau.read(f"/v1/claims/{claim['id']}/documents")
    assert [row["kind"] for row in rows["data"]] == kinds


async def test_a_draft_is_kept_and_declared_later(bureau: Bureau) -> None:
    draft = await bureau.declared(draft=True)
    assert (draft["status"], draft["declared_at"], draft["report_deadline_at"]) == ("draft", None, None)
    assert await bureau.facts(draft) == []
    path = f"/v1/claims/{draft['id']}/declare"
    declared = await bureau.company.send("POST", path, version=draft["version"])
    assert declared.status_code == 200, declared.text
    assert (declared.json()["status"], declared.json()["late_declaration"]) == ("declared", False)
    assert await bureau.facts(draft) == ["declared"]
    assert len((await bureau.read(f"/v1/claims/{draft['id']}/documents"))["data"]) == 3


async def test_the_joint_report_is_masked_and_read_in_clear_for_a_reason(bureau: Bureau) -> None:
    claim = await bureau.declared()
    masked = claim["masked"]["constat"]["adversary"]
    assert masked["plate"].startswith("•")
    assert "1234" not in masked["name"]
    path = f"/v1/claims/{claim['id']}/constat/reveal"
    who = bureau.portfolio.somebody("claims:read")
    assert (await bureau.company.send("POST", path, {"reason": "Recours"}, by=who)).status_code == 403
    reader = bureau.portfolio.somebody("claims:read", "pii:read")
    clear = await bureau.company.send("POST", path, {"reason": "Recours contre la SAA"}, by=reader)
    assert clear.json()["constat"]["adversary"]["plate"] == "01234 117 16", clear.text
    assert clear.json()["constat"]["boxes_a"] == [1, 8]
    line = await bureau.owner.fetchrow("SELECT reason FROM audit_log WHERE action = 'claim.unmasked'")
    assert line["reason"] == "Recours contre la SAA"
    kept = await bureau.owner.fetchval("SELECT string_agg(data::text, '') FROM event_log")
    assert "01234" not in kept
    assert "KACI" not in kept


async def test_money_of_a_declaration_is_to_the_centime(bureau: Bureau) -> None:
    claim = await bureau.declared(estimate_amount=dinars("83677.96"))
    assert claim["estimate_amount"] == dinars("83677.96")


async def test_a_claim_is_found_everywhere_by_its_number_and_exported_without_signs_of_fraud(
    bureau: Bureau,
) -> None:
    claim = await bureau.declared()
    for asked in (claim["number"], str(int(claim["number"].rpartition("-")[2]))):
        groups = (await bureau.read("/v1/search", q=asked))["data"]
        hits = [hit["id"] for group in groups for hit in group["hits"] if group["type"] == "claim"]
        assert hits == [claim["id"]], asked
    assert not any("fraud" in name for name in ClaimRead.model_fields)  # the columns of an export

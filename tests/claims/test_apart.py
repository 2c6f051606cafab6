"""Who sees what of a claim: visibility, indicators of fraud, health data, milestones."""

from datetime import timedelta
from typing import Any

import pytest

from claims.bureau import Bureau, ago, contract, dinars, moment
from crm_api.claims import fraud
from crm_api.claims.fraud import Suspicion
from crm_api.claims.models.words import ClaimMilestone, ClaimStatus, FraudStatus
from crm_api.claims.schemas.settings import ClaimSettingsPut, FraudRules
from crm_api.claims.sentences import said

pytestmark = pytest.mark.anyio


# --- fraud


async def test_indicators_are_seen_with_the_scope_and_in_no_event(bureau: Bureau) -> None:
    await bureau.portfolio.bring(bureau.policy, in_force_since=ago(days=12))
    claim = await bureau.declared(estimate_amount=dinars("950000.00"), occurred_at=moment(ago(days=9)))
    path = f"/v1/claims/{claim['id']}/fraud"
    seen = await bureau.read(path, by=bureau.sleuth)
    assert {each["code"]: each["points"] for each in seen["indicators"]} == {
        "soon_after_issue": 30,
        "late_declaration": 10,
        "near_sum_insured": 20,
    }
    assert (seen["score"], seen["status"]) == (60, "suspected")
    assert seen["indicators"][0]["sentence"] == "Survenu 3 jour(s) après le début de la garantie."
    assert (await bureau.client.get(path, headers=bureau.handler.headers)).status_code == 403
    shown = await bureau.now(claim)
    assert not [name for name in shown if "fraud" in name or "indicator" in name]
    version = (await bureau.now(claim))["version"]
    judged = await bureau.company.send(
        "POST",
        path,
        {"status": "investigating", "note": "Photos demandées"},
        by=bureau.sleuth,
        version=version,
    )
    assert judged.json()["status"] == "investigating", judged.text
    told = await bureau.owner.fetchval(
        "SELECT string_agg(kind || data::text, ' ') FROM event_log WHERE kind LIKE 'claim%'"
    )
    assert "fraud" not in told
    assert "suspected" not in told
    assert "investigating" not in told
    audited = await bureau.owner.fetch("SELECT changes FROM audit_log WHERE action = 'claim_fraud.judged'")
    assert len(audited) == 1


async def test_a_hold_stops_the_approval_and_the_payment_and_not_the_refusal(bureau: Bureau) -> None:
    claim = await bureau.to_decide()
    path = f"/v1/claims/{claim['id']}/fraud"

    async def judge(status: str) -> None:
        version = (await bureau.now(claim))["version"]
        body = {"status": status, "note": "Enquête"}
        answer = await bureau.company.send("POST", path, body, by=bureau.sleuth, version=version)
        assert answer.status_code == 200, answer.text

    await judge("investigating")
    approval = {"outcome": "approve", "amount": dinars("100000.00")}
    held = await bureau.act(claim, "decisions", approval)
    assert (held.status_code, held.json()["code"]) == (409, "claim_on_hold")
    await judge("cleared")
    assert (await bureau.done(claim, "decisions", approval))["status"] == "effective"
    payee = await bureau.somebody(claim)
    row = (await bureau.propose(claim, payee, "1000.00")).json()
    await judge("confirmed")
    stopped = await bureau.on(claim, "payments", row, "approve", by=bureau.cashier.headers)
    assert (stopped.status_code, stopped.json()["code"]) == (409, "claim_on_hold")


def test_the_rules_give_points_by_their_data() -> None:
    at = ago(days=10)
    plain = Suspicion(
        occurred_at=at,
        cover_began_at=at - timedelta(days=100),
        cover_ends_at=at + timedelta(days=200),
        claims_in_a_year=1,
        late=False,
        coverage_failed=False,
        estimate=100,
        largest_sum_insured=1000,
    )
    rules = FraudRules()
    assert fraud.indicators(plain, rules) == []
    many: dict[str, tuple[dict[str, Any], int]] = {
        "soon_after_issue": ({"cover_began_at": at - timedelta(days=15)}, 30),
        "shortly_before_expiry": ({"cover_ends_at": at + timedelta(days=7)}, 10),
        "several_claims": ({"claims_in_a_year": 3}, 25),
        "late_declaration": ({"late": True}, 10),
        "coverage_failed": ({"coverage_failed": True}, 10),
        "near_sum_insured": ({"estimate": 900}, 20),
    }
    fields = {name: getattr(plain, name) for name in Suspicion.__dataclass_fields__}
    for code, (changed, points) in many.items():
        found = fraud.indicators(Suspicion(**fields | changed), rules)
        assert [(each["code"], each["points"]) for each in found] == [(code, points)]
        assert said("fraud", code, "ar", value=1) != said("fraud", code, "fr", value=1)
    everything = {name: value for changed, _ in many.values() for name, value in changed.items()}
    found = fraud.indicators(Suspicion(**fields | everything), rules)
    assert fraud.score(found) == 100  # 105 points
    off = FraudRules(late_declaration_points=0)
    assert fraud.indicators(Suspicion(**fields | {"late": True}), off) == []
    assert fraud.judged_by_rules(60, rules, FraudStatus.NONE) is FraudStatus.SUSPECTED
    assert fraud.judged_by_rules(60, rules, FraudStatus.CLEARED) is FraudStatus.CLEARED


# --- health data


async def test_health_data_is_sealed_and_for_who_may_read_it(bureau: Bureau) -> None:
    claim = await bureau.under_review()
    victim = await bureau.somebody(claim, "victim")
    path = f"/v1/claims/{claim['id']}/health"
    data = {"injured_count": 1, "deaths_count": 0, "police_report": {"number": "PV 1234/2026"}}
    data |= {
        "injuries": [{"participant_id": victim["id"], "severity": "serious", "note": "Fracture du bras"}]
    }
    send = bureau.company.send
    for who in (bureau.admin, bureau.handler.headers):  # not even the administrator
        assert (await send("POST", path, data, by=who)).status_code == 403
    medic = bureau.portfolio.somebody("claims:read", "claims:write", "health:read")
    written = await send("POST", path, data, by=medic)
    assert written.json()["injuries"][0]["severity"] == "serious", written.text
    look = {"reason": "Évaluation de l'IPP"}
    assert (await send("POST", f"{path}/reveal", look, by=bureau.handler.headers)).status_code == 403
    read = await send("POST", f"{path}/reveal", look, by=medic)
    assert read.json()["police_report"]["number"] == "PV 1234/2026", read.text
    stranger = {"injuries": [{"participant_id": claim["id"], "severity": "light"}], "injured_count": 1}
    refused = await send("POST", path, stranger, by=medic)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_claim_participant")
    for table in ("event_log", "audit_log"):
        kept = await bureau.owner.fetchval(f"SELECT string_agg(x::text, ' ') FROM {table} x")
        assert "Fracture" not in kept
        assert "PV 1234" not in kept
    sealed = await bureau.owner.fetchval("SELECT sealed FROM claim_health")
    assert b"Fracture" not in sealed
    looks = await bureau.owner.fetch(
        "SELECT action, reason FROM audit_log WHERE object_type = 'claim_health' ORDER BY id"
    )
    assert [tuple(row) for row in looks] == [
        ("claim_health.written", None),
        ("claim_health.read", "Évaluation de l'IPP"),
    ]


# --- who sees a claim


async def test_claims_are_seen_by_the_agency_the_handler_and_who_declared(bureau: Bureau) -> None:
    company = bureau.company
    far = await company.agency("16099")
    group = await company.group("claims_handler")
    stranger = await company.hire(agency_id=far)
    specialist = await company.hire(agency_id=far, group_ids=(group,))
    claim = await bureau.declared()
    path = f"/v1/claims/{claim['id']}"

    async def sees(who: Any) -> bool:
        got = await bureau.client.get(path, headers=who.headers)
        listed = (await bureau.read("/v1/claims", by=who.headers))["data"]
        counted = (await bureau.read("/v1/claims/count", by=who.headers))["count"]
        assert (got.status_code == 200) == bool(listed) == bool(counted)
        return got.status_code == 200

    assert await sees(bureau.handler)
    assert not await sees(stranger)
    assert not await sees(specialist)
    part = await bureau.client.get(f"{path}/reserves", headers=stranger.headers)
    assert part.status_code == 404
    await bureau.done(claim, "register", {"handler_user_id": str(specialist.id)})
    assert await sees(specialist)  # wherever it is
    unknown = await bureau.act(claim, "assign", {"handler_user_id": claim["id"]})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_claim_handler")
    unseen = await bureau.declare(by=stranger.headers)
    assert (unseen.status_code, unseen.json()["code"]) == (404, "unknown_claim_policy")


async def test_claims_are_found_by_contract_customer_person_state_and_time(bureau: Bureau) -> None:
    other = await contract(bureau.portfolio)
    first = await bureau.declared()
    second = await bureau.declared(policy_id=other["id"], cause="theft", constat=...)
    address = {"kind": "home", "lines": ["1, rue Ben M'hidi"], "wilaya_code": "16"}
    person = {"first_name": "Amina", "last_name": "KACI", "phones": [{"value": "0551 22 33 44"}]}
    person |= {"create_household": True, "agency_id": str(bureau.portfolio.agency_id), "addresses": [address]}
    made = await bureau.company.send("POST", "/v1/contacts", person)
    assert made.status_code == 201, made.text
    await bureau.somebody(second, "victim", contact_id=made.json()["id"])
    for query, found in (
        ({"policy_id": other["id"]}, [second]),
        ({"account_id": bureau.portfolio.account_id}, [second, first]),
        ({"contact_id": made.json()["id"]}, [second]),
        ({"cause": "theft"}, [second]),
        ({"branch_code": "11"}, [second, first]),
        ({"status": "registered"}, []),
        ({"number": first["number"]}, [first]),
        ({"handler_missing": "true"}, [second, first]),
        ({"occurred_at_lt": moment(ago(days=3))}, []),
        ({"due_lt": moment(ago(days=-30))}, [second, first]),
    ):
        listed = await bureau.read("/v1/claims", **query)
        assert [each["id"] for each in listed["data"]] == [each["id"] for each in found], query
        assert (await bureau.read("/v1/claims/count", **query))["count"] == len(found)
    page = await bureau.read("/v1/claims", limit=1, sort="-created_at")
    rest = await bureau.read("/v1/claims", limit=1, sort="-created_at", cursor=page["next_cursor"])
    assert [page["data"][0]["id"], rest["data"][0]["id"]] == [second["id"], first["id"]]
    body = {"filter": {"field": "cause", "op": "eq", "value": "theft"}}
    sought = await bureau.company.send("POST", "/v1/claims/search", body)
    assert sought.status_code in (200, 422), sought.text


# --- milestones


async def test_milestones_speak_the_language_asked_for_and_show_no_money(bureau: Bureau) -> None:
    claim = await bureau.under_review()
    path = f"/v1/claims/{claim['id']}/milestones"
    french = await bureau.read(path)
    assert (french["milestone"], french["waiting_for"]) == ("registered", "insurer")
    assert french["sentence"] == f"Votre dossier {claim['number']} est en cours d'étude."
    assert [step["state"] for step in french["steps"]] == ["done", "current", *["ahead"] * 4]
    assert french["steps"][0]["label"] == "Déclaré"
    assert french["steps"][0]["reached_at"] is not None
    arabic = await bureau.client.get(path, headers=bureau.admin | {"Accept-Language": "ar"})
    assert arabic.json()["steps"][0]["label"] == "مصرح به"
    assert not {"reserve_amount", "approved_amount", "indicators"} & {*french}
    settled = await bureau.settled()
    end = await bureau.read(f"/v1/claims/{settled['id']}/milestones")
    assert (end["milestone"], end["waiting_for"], end["expected_on"]) == ("closed", "nobody", None)
    assert [step["state"] for step in end["steps"]] == [
        "done",
        "done",
        "skipped",
        "skipped",
        "done",
        "current",
    ]


async def test_the_mapping_of_milestones_is_data(bureau: Bureau) -> None:
    chosen = {"milestones": {"under_review": "decision"}}
    put = await bureau.company.send("PUT", "/v1/claim-settings", chosen, version=0)
    assert put.status_code == 200, put.text
    stale = await bureau.company.send("PUT", "/v1/claim-settings", chosen, version=0)
    assert stale.status_code == 412
    bureau.company.app.state.tools.memory.clear()
    claim = await bureau.under_review()
    assert (await bureau.read(f"/v1/claims/{claim['id']}/milestones"))["milestone"] == "decision"
    reader = bureau.portfolio.somebody("claims:read")
    assert (
        await bureau.company.send("PUT", "/v1/claim-settings", chosen, by=reader, version=1)
    ).status_code == 403


def test_every_state_has_its_milestone_and_its_sentences_in_three_languages() -> None:
    settings = ClaimSettingsPut()
    for status in ClaimStatus:
        assert settings.milestone(status) in ClaimMilestone
        for section in ("milestones", "next_steps"):
            sentences = {said(section, status, lang, number="S1", count=2) for lang in ("fr", "en", "ar")}
            assert len(sentences) == 3, status
    for milestone in ClaimMilestone:
        assert len({said("milestone_labels", milestone, lang) for lang in ("fr", "en", "ar")}) == 3


# --- the timeline, and what follows from facts below


async def test_what_happened_stands_in_the_timeline(bureau: Bureau) -> None:
    claim = await bureau.under_review()
    told = await bureau.read(f"/v1/claims/{claim['id']}/timeline")
    kinds = [entry["change"]["kind"] for entry in told["data"] if entry["kind"] == "change"]
    assert {"claim.declared", "claim.registered", "claim.under_review"} <= {*kinds}
    note = {"object_type": "claim", "object_id": claim["id"], "body": "Le client a appelé."}
    made = await bureau.company.send("POST", "/v1/notes", note)
    assert made.status_code == 201, made.text


async def test_a_colleague_who_leaves_hands_the_files_over(bureau: Bureau) -> None:
    claim = await bureau.under_review()
    version = await bureau.company.version(bureau.handler.id)
    leaving = {"reassign_to": str(bureau.chief.id)}
    path = f"/v1/users/{bureau.handler.id}/deactivate"
    answer = await bureau.company.send("POST", path, leaving, version=version)
    assert answer.status_code == 200, answer.text
    assert (await bureau.now(claim))["handler_user_id"] == str(bureau.chief.id)

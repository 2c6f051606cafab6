"""E-4, the side of the staff: from the declaration to the closed file, step by step over HTTP."""

import pytest

from claims.bureau import Bureau, dinars
from crm_api.kit.clock import today

pytestmark = pytest.mark.anyio


async def test_a_claim_from_the_declaration_to_the_closed_file(  # noqa: PLR0915 - the whole journey
    bureau: Bureau,
) -> None:
    # 2: declared: cover, delay, rules of settlement, documents
    claim = await bureau.declared()
    assert claim["number"] == f"S16012-{today().year}-000001"
    assert (claim["status"], claim["coverage_check"], claim["late_declaration"]) == (
        "declared",
        "passed",
        False,
    )
    assert (claim["regime"], claim["report_rule"]) == ("ida", "claim_report_general")
    assert (claim["settle_rule"], claim["policy_version"]) == ("settle_auto", 1)
    assert claim["duplicates"] == []
    assert claim["masked"]["constat"]["adversary"]["plate"] != "01234 117 16"
    path = f"/v1/claims/{claim['id']}"
    # 4: registered, documents asked for and judged
    registered = await bureau.done(claim, "register", {})
    assert registered["handler_user_id"] == str(bureau.handler.id)
    wanted = {"kinds": ["constat_amiable", "repair_quote"]}
    assert (await bureau.done(claim, "request-documents", wanted))["status"] == "documents_pending"
    checklist = (await bureau.read(f"{path}/documents"))["data"]
    assert {row["kind"]: row["status"] for row in checklist} == {
        "constat_amiable": "missing",
        "driving_licence": "missing",
        "repair_quote": "missing",
        "vehicle_registration": "missing",
    }
    step = await bureau.read(f"{path}/milestones")
    assert (step["milestone"], step["waiting_for"]) == ("documents", "you")
    assert step["sentence"] == f"Il manque 4 pièce(s) à votre dossier {claim['number']}."
    by = bureau.handler.headers
    paper = {"document_id": await bureau.paper("constat_amiable", by)}
    row = checklist[0]
    received = await bureau.on(claim, "documents", row, "receive", paper, by=by)
    assert received.json()["status"] == "received", received.text
    refused = await bureau.on(claim, "documents", row, "refuse", {"reason": "Photo illisible"}, by=by)
    assert refused.json()["refusal_reason"] == "Photo illisible"
    await bureau.on(claim, "documents", row, "receive", paper, by=by)
    accepted = await bureau.on(claim, "documents", row, "accept", by=by)
    assert accepted.json()["status"] == "accepted", accepted.text
    assert (await bureau.done(claim, "review"))["status"] == "under_review"
    # 5: the adjuster
    adjuster = await bureau.somebody(claim, "adjuster", name="Cabinet Expert Kouba")
    order = {"adjuster_participant_id": adjuster["id"], "place": "Garage El Amel"}
    appraisal = await bureau.done(claim, "appraisals", order)
    for name, body in (
        ("schedule", {"visit_at": "2027-01-04T09:00:00Z"}),
        ("visit", None),
        ("report", {"outcome": "repairable", "net_amount": dinars("95000.00"), "parts": dinars("60000.00")}),
        ("accept", None),
    ):
        answer = await bureau.on(claim, "appraisals", appraisal, name, body, by=by)
        assert answer.status_code == 200, f"{name}: {answer.text}"
    assert (await bureau.now(claim))["status"] == "appraised"
    # 6: reserve and decision
    aside = {"coverage_code": "DC", "movement": dinars("95000.00"), "reason": "Rapport d'expertise"}
    await bureau.done(claim, "reserves", aside)
    await bureau.done(claim, "prepare-decision")
    decision = await bureau.done(claim, "decisions", {"outcome": "approve", "amount": dinars("92500.00")})
    assert (decision["status"], decision["limit_amount"]) == ("effective", dinars("200000.00"))
    # 7: the payment, by others
    payment = await bureau.paid(claim, "95000.00", deductible_applied=dinars("2500.00"))
    assert (payment["status"], payment["net"]) == ("paid", dinars("92500.00"))
    assert payment["bank_account"] == "•••3612"
    settled = await bureau.done(claim, "settle")
    assert (settled["status"], settled["paid_amount"]) == ("settled", dinars("92500.00"))
    assert settled["reserve_amount"] == dinars("2500.00")
    closed = await bureau.done(claim, "close", {"reason": "settled"})
    assert (closed["status"], closed["reserve_amount"]) == ("closed", dinars("0.00"))
    assert closed["incurred_amount"] == dinars("92500.00")
    # a recourse outlives it
    recourse = {"opponent": "SAA", "convention": "ida", "claimed": dinars("92500.00")}
    opened = await bureau.company.send("POST", f"{path}/recoveries", recourse, by=by)
    assert opened.status_code == 201, opened.text
    at = f"/v1/recoveries/{opened.json()['id']}"
    agreed = {"agreed": dinars("46250.00"), "external_reference": "ER-2026-17"}
    assert (await bureau.company.send("POST", f"{at}/agree", agreed, by=by, version=1)).status_code == 200
    got = await bureau.company.send(
        "POST", f"{at}/compensate", {"received": dinars("46250.00")}, by=by, version=2
    )
    assert got.json()["status"] == "compensated", got.text
    assert (await bureau.now(claim))["incurred_amount"] == dinars("46250.00")
    assert (await bureau.read(f"{path}/milestones"))["milestone"] == "closed"
    assert await bureau.facts(claim) == [
        *("declared", "registered", "documents_requested", "document_received", "document_received"),
        *("under_review", "appraisal_ordered", "appraised", "decision_asked", "approved"),
        *("payment_ordered", "paid", "settled", "closed"),
    ]


async def test_a_contested_report_leads_to_a_second_opinion_and_a_refusal_can_be_contested(
    bureau: Bureau,
) -> None:
    claim = await bureau.under_review()
    first = await bureau.done(claim, "appraisals", {"adjuster_name": "Cabinet A"})
    by = bureau.handler.headers
    loss = {"outcome": "total_loss", "net_amount": dinars("700000.00"), "salvage_value": dinars("50000.00")}
    for name, body in (("schedule", {"visit_at": "2027-01-04T09:00:00Z"}), ("visit", None)):
        await bureau.on(claim, "appraisals", first, name, body, by=by)
    bare = await bureau.on(claim, "appraisals", first, "report", loss, by=by)
    assert bare.json()["errors"][0]["code"] == "value_of_a_total_loss"
    valued = loss | {"market_value": dinars("750000.00")}
    assert (await bureau.on(claim, "appraisals", first, "report", valued, by=by)).status_code == 200
    await bureau.on(claim, "appraisals", first, "contest", {"reason": "Valeur trop basse"}, by=by)
    second = await bureau.done(claim, "appraisals", {"adjuster_name": "Cabinet B", "type": "second"})
    assert (second["type"], (await bureau.now(claim))["status"]) == ("second", "appraisal_ordered")
    for name, body in (
        ("schedule", {"visit_at": "2027-01-05T09:00:00Z"}),
        ("visit", None),
        ("report", valued),
    ):
        await bureau.on(claim, "appraisals", second, name, body, by=by)
    await bureau.done(claim, "prepare-decision")
    silent = await bureau.act(claim, "decisions", {"outcome": "refuse"})
    assert silent.json()["errors"][0]["code"] == "motive_of_a_refusal"
    no = await bureau.done(
        claim, "decisions", {"outcome": "refuse", "motive": "Permis non valide ce jour-là."}
    )
    assert "Commission de supervision des assurances" in no["appeal_path"]
    refused = await bureau.now(claim)
    assert (refused["status"], refused["refusal_motive"]) == ("refused", "Permis non valide ce jour-là.")
    assert (await bureau.done(claim, "litigate", {"reference": "TA Alger 26/01234"}))[
        "status"
    ] == "litigation"
    ruled = await bureau.done(claim, "decisions", {"outcome": "approve", "amount": dinars("150000.00")})
    assert ruled["status"] == "effective"
    assert (await bureau.now(claim))["refusal_motive"] is None

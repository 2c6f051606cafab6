"""The life of a sale: every pair of states, the rules of its pipeline, the second person, its end."""

from uuid import uuid4

import asyncpg
import pytest

from actors import Headers, actor
from crm_api.kit.clock import today
from crm_api.opportunities.models.opportunity import OPPORTUNITY
from opportunities.sales import Answer, Sales, amount, stage

pytestmark = pytest.mark.anyio
POLICY = {"policy_number": "16012.2026.11.1110.00042"}
AGAIN = {"close_date": "2027-06-30", "reason": "Le client revient"}
VERBS = {"won": ("win", POLICY), "lost": ("lose", {"reason": "price"}), "open": ("reopen", AGAIN)}
"""State -> the verb that leads there."""


def approver(sales: Sales) -> Headers:
    return actor(sales.company.organization_id, "opportunities:read", "opportunities:approve")


@pytest.mark.parametrize("wanted", sorted(VERBS))
@pytest.mark.parametrize("current", OPPORTUNITY.states)
async def test_every_pair_of_states_is_listed_or_refused(sales: Sales, current: str, wanted: str) -> None:
    made = await sales.sale()
    if current != "open":
        verb, body = VERBS[current]
        await sales.done(made, verb, **body)
    verb, body = VERBS[wanted]
    answer = await sales.act(made, verb, **body)
    if wanted in OPPORTUNITY.allowed(current):
        assert (answer.status_code, answer.json()["status"]) == (200, wanted), answer.text
        return
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert answer.json()["allowed"] == [*OPPORTUNITY.allowed(current)]
    assert (await sales.now(made))["status"] == current


async def test_a_closed_one_neither_moves_nor_changes_its_odds(sales: Sales) -> None:
    made = await sales.sale()
    await sales.done(made, "lose", reason="no_decision")
    odds = {"probability": "0.5", "reason": "Je le sens"}
    for verb, body in (("move", {"stage": "negotiation"}), ("override-probability", odds)):
        answer = await sales.act(made, verb, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")


async def test_any_open_stage_follows_any_other_where_no_rule_says_otherwise(sales: Sales) -> None:
    made = await sales.sale(amount=amount("300000.00"))
    for wanted, odds, category in (
        ("negotiation", "0.7", "commit"),
        ("need_analysis", "0.25", "pipeline"),
        ("documents_pending", "0.9", "commit"),
    ):
        moved = await sales.done(made, "move", stage=wanted)
        assert (moved["stage"], moved["probability"], moved["forecast_category"]) == (wanted, odds, category)
    same = await sales.act(made, "move", stage="documents_pending")
    assert (same.status_code, same.json()["rule"]) == (409, "already_there")
    for end in ("won", "lost"):
        refused = await sales.act(made, "move", stage=end)
        assert (refused.status_code, refused.json()["code"]) == (409, "stage_closes_opportunity")
    lost = await sales.act(made, "move", stage="nowhere")
    assert (lost.status_code, lost.json()["code"]) == (422, "unknown_stage")


async def test_the_history_has_every_stay(sales: Sales) -> None:
    made = await sales.sale(amount=amount("80.00"))
    for wanted in ("quote_sent", "need_analysis"):
        await sales.done(made, "move", stage=wanted)
    await sales.done(made, "win", **POLICY)
    stays = (await sales.get(f"/v1/opportunities/{made['id']}/stages"))["data"]
    assert [(stay["stage"], stay["status"]) for stay in stays] == [
        ("qualification", "open"),
        ("quote_sent", "open"),
        ("need_analysis", "open"),
        ("won", "won"),
    ]
    assert [stay["left_at"] for stay in stays[:-1]] == [stay["entered_at"] for stay in stays[1:]]
    assert stays[-1]["left_at"] is None
    assert {stay["entered_by_id"] for stay in stays} == {str(sales.company.admin.id)}
    assert all(stay["amount"] == amount("80.00") for stay in stays)


async def test_skipping_and_going_back_are_rules_of_the_pipeline(sales: Sales) -> None:
    stages = [stage(code) for code in ("one", "two", "three")]
    strict = await sales.add_pipeline(*stages, no_skipping=True, no_backwards=True)
    made = await sales.sale(pipeline_id=strict["id"])
    for verb, body, rule in (
        ("move", {"stage": "three"}, "no_skipping"),
        ("win", POLICY, "no_skipping"),
    ):
        refused = await sales.act(made, verb, **body)
        assert (refused.status_code, refused.json()["code"]) == (409, "stage_move_not_allowed")
        assert (refused.json()["rule"], refused.json()["allowed"]) == (rule, ["two"])
    for wanted in ("two", "three"):
        await sales.done(made, "move", stage=wanted)
    back = await sales.act(made, "move", stage="one")
    assert (back.json()["rule"], back.json()["allowed"]) == ("no_backwards", [])
    assert (await sales.done(made, "win", **POLICY))["status"] == "won"
    other = await sales.sale(pipeline_id=strict["id"])
    assert (await sales.done(other, "lose", reason="price"))["status"] == "lost", "it is lost from anywhere"


async def test_a_stage_asks_for_what_must_be_filled_in(sales: Sales) -> None:
    asks = ["contact_id", "amount", "lines", "next_step", "custom.fleet_size"]
    picky = await sales.add_pipeline(stage("one"), stage("two", required_fields=asks))
    made = await sales.sale(pipeline_id=picky["id"])
    refused = await sales.act(made, "move", stage="two")
    assert refused.status_code == 422, refused.text
    assert {error["code"] for error in refused.json()["errors"]} == {"required_by_stage"}
    pointers = [error["pointer"] for error in refused.json()["errors"]]
    assert pointers == ["/contact_id", "/amount", "/lines", "/next_step", "/custom_fields/fleet_size"]
    easy = await sales.add_pipeline(stage("one"), stage("two", required_fields=["next_step"]), code="easy")
    begun = await sales.ask("POST", "/v1/opportunities", sales.body(pipeline_id=easy["id"], stage="two"))
    assert begun.json()["errors"][0]["pointer"] == "/next_step"
    other = await sales.sale(pipeline_id=easy["id"], next_step="Appeler")
    await sales.done(other, "move", stage="two")
    emptied = await sales.patch(other, next_step=None)
    assert emptied.json()["errors"][0]["pointer"] == "/next_step", "what the stage asked for stays"
    assert (await sales.patch(other, next_step="Rappeler")).status_code == 200


async def test_sales_begin_where_the_pipeline_lets_them(sales: Sales) -> None:
    stages = stage("one", is_entry=False), stage("two"), stage("three", needs_approval=True)
    own = await sales.add_pipeline(*stages)
    assert (await sales.sale(pipeline_id=own["id"]))["stage"] == "two"
    for wanted in ("one", "three"):
        body = sales.body(pipeline_id=own["id"], stage=wanted)
        refused = await sales.ask("POST", "/v1/opportunities", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "stage_not_for_creation")
        assert refused.json()["allowed"] == ["two"]


async def waiting(sales: Sales) -> Answer:
    """A sale whose move waits for a second person."""
    known = [one for one in (await sales.get("/v1/pipelines"))["data"] if one["code"] == "own"]
    own = known[0] if known else await sales.add_pipeline(stage("one"), stage("two", needs_approval=True))
    made = await sales.sale(pipeline_id=own["id"])
    asked = await sales.done(made, "move", stage="two")
    assert (asked["stage"], asked["pending_stage"]) == ("one", "two")
    assert asked["pending_by_id"] == str(sales.company.admin.id)
    return asked


async def test_a_second_person_agrees(sales: Sales) -> None:
    made = await waiting(sales)
    assert [row["id"] for row in (await sales.get("/v1/opportunities", pending_stage_null="false"))["data"]]
    early = await sales.act(made, "win", **POLICY)
    assert (early.status_code, early.json()["code"]) == (409, "approval_pending")
    own = await sales.act(made, "approve-move")
    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    seller = actor(sales.company.organization_id, "opportunities:read", "opportunities:write")
    assert (await sales.act(made, "approve-move", by=seller)).status_code == 403
    moved = await sales.done(made, "approve-move", by=approver(sales))
    assert (moved["stage"], moved["pending_stage"]) == ("two", None)
    stays = (await sales.get(f"/v1/opportunities/{made['id']}/stages"))["data"]
    assert stays[-1]["approved_by_id"] is not None
    again = await sales.act(made, "approve-move", by=approver(sales))
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_approve")


async def test_a_second_person_refuses_and_a_new_move_takes_the_place(
    sales: Sales, owner: asyncpg.Connection
) -> None:
    made = await waiting(sales)
    refused = await sales.done(made, "refuse-move", by=approver(sales), reason="Remise trop forte")
    assert (refused["stage"], refused["pending_stage"]) == ("one", None)
    reason = await owner.fetchval(
        "SELECT reason FROM audit_log WHERE action = 'opportunity.approval_refused'"
    )
    assert reason == "Remise trop forte"
    other = await waiting(sales)
    lost = await sales.done(other, "lose", reason="price")
    assert (lost["status"], lost["pending_stage"]) == ("lost", None)


async def test_a_sale_is_won_with_its_policy_and_its_amount_is_frozen(sales: Sales) -> None:
    made = await sales.sale(amount=amount("95000.00"))
    without = await sales.act(made, "win")
    assert without.json()["errors"][0]["pointer"] == "/policy_number"
    future = await sales.act(made, "win", **POLICY, closed_on="2099-01-01")
    assert future.json()["errors"][0]["code"] == "in_the_future"
    won = await sales.done(made, "win", **POLICY)
    assert (won["stage"], won["probability"], won["forecast_category"]) == ("won", "1", "closed")
    assert (won["close_date"], won["policy_number"]) == (today().isoformat(), POLICY["policy_number"])
    assert won["closed_at"]
    for changes in ({"amount": amount("1.00")}, {"lines": []}, {"close_date": "2027-01-01"}):
        refused = await sales.patch(made, **changes)
        assert (refused.status_code, refused.json()["code"]) == (409, "opportunity_closed")
        assert refused.json()["fields"] == [*changes]
    assert (await sales.patch(made, tags=["fidele"])).status_code == 200, (
        "what it is worth is frozen, not all"
    )


async def test_a_sale_is_lost_for_a_reason(sales: Sales) -> None:
    rivals = [{"name": "SAA", "strengths": "Prix"}, {"name": "CAAR"}]
    made = await sales.sale(competitors=rivals)
    assert (await sales.act(made, "lose")).json()["errors"][0]["pointer"] == "/reason"
    lost = await sales.done(made, "lose", reason="competitor", comment="Moins cher", competitor="saa")
    assert (lost["loss_reason"], lost["loss_comment"], lost["stage"]) == ("competitor", "Moins cher", "lost")
    assert [(one["name"], one["won"]) for one in lost["competitors"]] == [("SAA", True), ("CAAR", False)]
    other = await sales.sale()
    lost = await sales.done(other, "lose", reason="competitor", competitor="CASH")
    assert [(one["name"], one["won"]) for one in lost["competitors"]] == [("CASH", True)]
    assert lost["weighted_amount"] == amount("0.00")


async def test_who_may_reopen_reopens_and_says_why(sales: Sales, owner: asyncpg.Connection) -> None:
    made = await sales.sale()
    await sales.done(made, "move", stage="negotiation")
    await sales.done(made, "win", **POLICY)
    seller = actor(sales.company.organization_id, "opportunities:read", "opportunities:write")
    assert (await sales.act(made, "reopen", by=seller, **AGAIN)).status_code == 403
    again = await sales.done(made, "reopen", **AGAIN)
    assert (again["status"], again["stage"], again["close_date"]) == ("open", "negotiation", "2027-06-30")
    assert (again["policy_number"], again["closed_at"], again["probability"]) == (None, None, "0.7")
    assert (await sales.patch(made, amount=amount("7.00"))).status_code == 200
    reason = await owner.fetchval("SELECT reason FROM audit_log WHERE action = 'opportunity.reopening'")
    assert reason == "Le client revient"
    await sales.done(made, "lose", reason="price")
    chosen = await sales.done(made, "reopen", **AGAIN, stage="need_analysis")
    assert (chosen["stage"], chosen["loss_reason"], chosen["forecast_category"]) == (
        "need_analysis",
        None,
        "pipeline",
    )
    await sales.done(made, "lose", reason="price")
    wrong = await sales.act(made, "reopen", **AGAIN, stage="won")
    assert wrong.json()["errors"][0]["code"] == "not_an_open_stage"


async def test_somebody_may_know_better_than_the_stage_until_the_next_move(sales: Sales) -> None:
    made = await sales.sale(amount=amount("100.00"))
    refused = await sales.act(made, "override-probability", probability="0.8")
    assert refused.json()["errors"][0]["pointer"] == "/reason"
    for wrong in ("1.2", "-0.1"):
        answer = await sales.act(made, "override-probability", probability=wrong, reason="Trop sûr")
        assert answer.json()["errors"][0]["code"] == "not_a_share"
    sure = await sales.done(made, "override-probability", probability="0.8", reason="Accord verbal")
    assert (sure["probability"], sure["probability_reason"]) == ("0.8", "Accord verbal")
    assert sure["weighted_amount"] == amount("80.00")
    back = await sales.done(made, "override-probability", probability=None, reason="Erreur")
    assert (back["probability"], back["probability_reason"]) == ("0.1", None)
    await sales.done(made, "override-probability", probability="0.8", reason="Accord verbal")
    moved = await sales.done(made, "move", stage="quote_sent")
    assert (moved["probability"], moved["probability_reason"]) == ("0.5", None)


async def test_what_is_left_out_of_the_forecast_stays_out_until_it_ends(sales: Sales) -> None:
    made = await sales.sale()
    assert (await sales.patch(made, forecast_category="omitted")).status_code == 200
    moved = await sales.done(made, "move", stage="negotiation")
    assert moved["forecast_category"] == "omitted"
    refused = await sales.patch(made, forecast_category="closed")
    assert refused.json()["errors"][0]["code"] == "closed_by_winning"
    assert (await sales.done(made, "win", **POLICY))["forecast_category"] == "closed"


async def test_it_can_go_on_in_another_pipeline(sales: Sales) -> None:
    renewal = await sales.pipeline("renewal")
    made = await sales.sale()
    unknown = await sales.act(made, "move", stage="due", pipeline_id=str(uuid4()))
    assert unknown.json()["code"] == "unknown_pipeline"
    moved = await sales.done(made, "move", stage="due", pipeline_id=renewal["id"])
    assert (moved["pipeline_id"], moved["stage"]) == (renewal["id"], "due")
    stays = (await sales.get(f"/v1/opportunities/{made['id']}/stages"))["data"]
    assert [stay["stage"] for stay in stays] == ["qualification", "due"]


async def test_an_old_version_changes_nothing(sales: Sales) -> None:
    made = await sales.sale()
    await sales.done(made, "move", stage="negotiation")
    path = f"/v1/opportunities/{made['id']}/move"
    stale = await sales.ask("POST", path, {"stage": "quote_sent"}, version=made["version"])
    assert (stale.status_code, stale.json()["code"]) == (412, "version_conflict")
    assert (await sales.ask("POST", path, {"stage": "quote_sent"})).status_code == 428


async def test_who_is_concerned_is_told(sales: Sales, owner: asyncpg.Connection) -> None:
    company = sales.company
    manager, seller = (
        await company.hire(agency_id=sales.agency_id),
        await company.hire(agency_id=sales.agency_id),
    )
    path = f"/v1/agencies/{sales.agency_id}"
    version = (await sales.get(path))["version"]
    assert (
        await sales.ask("PATCH", path, {"manager_user_id": str(manager.id)}, version=version)
    ).status_code == 200
    made = await waiting(sales)
    await sales.done(made, "refuse-move", by=approver(sales), reason="Remise trop forte")
    assert (await sales.patch(made, owner_user_id=str(seller.id))).status_code == 200
    rows = await owner.fetch(
        "SELECT recipient_id, kind, title FROM notifications WHERE object_id = $1", made["id"]
    )
    told = {(str(row["recipient_id"]), row["kind"], row["title"]) for row in rows}
    number = made["number"]
    assert told == {
        (str(manager.id), "approval_request", f"L'opportunité {number} attend votre accord"),
        (str(company.admin.id), "decision", f"Le passage de l'opportunité {number} est refusé"),
        (str(seller.id), "assignment", f"L'opportunité {number} vous est confiée"),
    }

"""Discounts and referrals: who may give what, and who else has to agree."""

from typing import Any
from uuid import UUID

import pytest

from actors import actor
from company import Person
from quotes.desk import Desk
from quotes.golden import car

pytestmark = pytest.mark.anyio
TENTH = {"rate": "0.10", "reason": "Client fidèle, sans sinistre"}
FIFTH = {"rate": "0.20", "reason": "Offre concurrente"}
WHY = {"reason": "Bon risque"}


async def head(desk: Desk) -> Person:
    """A head of agency approves 10 % by the group."""
    group = await desk.company.group("agency_manager")
    return await desk.company.hire("user", agency_id=desk.agency_id, group_ids=(group,))


async def test_a_discount_is_on_what_no_law_imposes(desk: Desk) -> None:
    boss = desk.company.admin
    quote = await desk.done(await desk.rated(), "discount", TENTH, by=boss.headers)
    lines = {line["code"]: line for line in quote["coverages"]}
    assert lines["RC"]["discount"]["amount"] == "0.00"
    assert lines["DASC"]["discount"]["amount"] == "5015.00"
    assert quote["discount"]["amount"] == "6455.00"
    assert quote["net_premium"]["amount"] == "60149.40"
    assert (quote["status"], quote["discount_rate"]) == ("rated", "0.1")
    back = await desk.done(quote, "discount", {"rate": "0", "reason": "Annulé"}, by=boss.headers)
    assert (back["total_premium"]["amount"], back["discount_reason"]) == ("83677.96", None)


async def test_above_ones_limit_somebody_else_agrees(desk: Desk) -> None:
    boss = await head(desk)
    quote = await desk.done(await desk.rated(), "discount", TENTH)
    assert quote["status"] == "needs_referral"
    assert quote["referral_reasons"][0]["code"] == "discount_above_limit"
    assert quote["referred_by_id"] == str(desk.seller.id)
    forbidden = await desk.act(quote, "approve", WHY)
    assert (forbidden.status_code, forbidden.json()["code"]) == (403, "insufficient_scope")
    quote = await desk.done(quote, "approve", WHY, by=boss.headers)
    assert (quote["status"], quote["decided_by_id"]) == ("approved", str(boss.id))
    assert quote["decision_reason"] == WHY["reason"]
    assert (await desk.done(quote, "send", {}))["status"] == "sent"


async def test_nobody_approves_beyond_what_they_may_give(desk: Desk) -> None:
    boss = await head(desk)
    own = await desk.done(await desk.rated(), "discount", TENTH, by=boss.headers)
    assert own["status"] == "rated"  # within the limit of who gives it
    quote = await desk.done(await desk.rated(), "discount", FIFTH)
    beyond = await desk.act(quote, "approve", WHY, by=boss.headers)
    assert (beyond.status_code, beyond.json()["code"], beyond.json()["limit"]) == (
        403,
        "beyond_your_limit",
        10,
    )
    assert (await desk.read(quote))["status"] == "needs_referral"
    refused = await desk.done(quote, "refuse", WHY, by=boss.headers)
    assert refused["status"] == "refused"
    assert (await desk.done(refused, "revise", {}))["revision"] == 2
    assert (await desk.read(refused))["status"] == "refused"


async def test_nobody_approves_what_they_asked_for(desk: Desk) -> None:
    boss = await head(desk)
    quote = await desk.done(await desk.rated(), "discount", FIFTH, by=boss.headers)
    assert quote["status"] == "needs_referral"
    own = await desk.act(quote, "approve", WHY, by=boss.headers)
    assert (own.status_code, own.json()["code"]) == (403, "own_referral")
    done = await desk.done(quote, "approve", WHY, by=desk.company.admin.headers)
    assert done["status"] == "approved"


async def test_nobody_passes_the_cap_of_the_tariff(desk: Desk) -> None:
    body = {"rate": "0.51", "reason": "Trop"}
    answer = await desk.act(await desk.rated(), "discount", body, by=desk.company.admin.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "discount_too_large")
    assert answer.json()["cap"] == "50"


async def test_what_the_law_imposes_is_never_discounted(desk: Desk) -> None:
    quote = await desk.rated(
        product_code="CATNAT",
        plan_code="BASE",
        inputs={
            "building": "flat",
            "surface_m2": 120,
            "seismic_zone": "3",
            "compliant": True,
            "permit": "yes",
            "wilaya": "16",
        },
    )
    answer = await desk.act(quote, "discount", TENTH, by=desk.company.admin.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "discount_too_large")  # no row allows any


async def test_a_draft_has_nothing_to_discount(desk: Desk) -> None:
    answer = await desk.act(await desk.draft(), "discount", TENTH)
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_not_priced")


@pytest.mark.parametrize(
    ("inputs", "rule"),
    [
        (car(6, "20000000.00", assistance="tranquillite"), "rule_value"),
        (car(6, "2000000.00", first_registered_on="2000-01-01"), "rule_vehicle_age"),
    ],
)
async def test_an_unusual_risk_is_referred(desk: Desk, inputs: dict[str, Any], rule: str) -> None:
    quote = await desk.rated(inputs=inputs)
    assert (quote["status"], quote["referral_reasons"][0]["code"]) == ("needs_referral", rule)
    assert quote["total_premium"]["amount"] != "0.00"
    sent = await desk.act(quote, "send", {})
    assert (sent.status_code, sent.json()["code"]) == (409, "invalid_transition")


async def test_a_risk_that_is_not_accepted_is_refused_with_its_reason(desk: Desk) -> None:
    quote = await desk.draft(inputs=car(6, "2000000.00", driver_born_on="2015-01-01"))
    answer = await desk.act(quote, "rate")
    assert (answer.status_code, answer.json()["code"]) == (422, "risk_refused")
    assert answer.json()["rules"][0]["code"] == "rule_driver_age"
    cheap = await desk.act(await desk.draft(inputs=car(6, "500000.00")), "rate")
    assert cheap.json()["rules"][0]["code"] == "value_below_plan"


async def test_a_machine_gives_nothing_away(desk: Desk) -> None:
    quote = await desk.rated()
    machine = actor(
        desk.company.organization_id, "quotes:read", "quotes:write", kind="client", session_id=None
    )
    assert UUID(quote["id"])
    assert (await desk.done(quote, "discount", TENTH, by=machine))["status"] == "needs_referral"

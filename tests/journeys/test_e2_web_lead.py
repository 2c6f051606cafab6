"""E-2, up to the opportunity: a form on the insurer's site becomes a sale under way."""

from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from chores import done
from company import Company, Person
from journeys.steps import Answer, facts, notified, read, said, step

pytestmark = pytest.mark.anyio
FORM: Answer = {
    "full_name": "Nadia HAMIDI",
    "phone": "0661 00 11 22",
    "wilaya_code": "16",
    "product_interest": ["AUTO_P"],
    "quote_completed": True,
    "consent": {"text_version": "2026-10", "marketing_email": True},
}


async def test_a_form_becomes_a_sale_under_way(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    agency = str(await company.agency("16012"))
    lina = await company.hire(agency_id=agency)  # type: ignore[arg-type]
    rule = {"name": "Site", "strategy": "round_robin", "target_agency_id": agency}
    await said(company, "/v1/lead-routing-rules", rule)

    # 1. The site sends the form with its write key: looked for, scored, given to somebody, who is told.
    lead, call = await the_form_comes_in(company, lina, owner, app)
    assert lead["agency_id"] == agency

    # 2. Lina calls and reaches her: the lead is contacted, and the call that was asked is done.
    about = [{"object_type": "lead", "object_id": lead["id"]}]
    talk = {"channel": "phone", "direction": "outbound", "outcome": "reached", "links": about}
    talk |= {"summary": "Veut une tous risques", "promise_text": "Un devis jeudi"}
    spoken = await said(company, "/v1/interactions", talk, by=lina.headers)
    path = f"/v1/leads/{lead['id']}"
    contacted = await read(company, path, lina.headers)
    assert contacted["status"] == "contacted"
    assert contacted["first_contacted_at"] is not None
    await done(app, owner)
    assert (await read(company, f"/v1/tasks/{call['id']}", lina.headers))["status"] == "done"

    # 3. She understands the need: the score follows, and says why.
    answer = await step(
        company, path, "qualify", lina.headers, need="Tous risques", product_interest=["AUTO_P"]
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "qualified"
    assert sum(factor["points"] for factor in answer.json()["score_explanation"]) == answer.json()["score"]

    # 4. One transaction makes account, person and sale; the same key gives the same ids.
    sale = {"name": "Tous risques HAMIDI", "product_code": "AUTO_P", "close_date": "2027-01-31"}
    sale |= {"amount": {"amount": "45000.00", "currency": "DZD"}, "next_step": "Envoyer le devis"}
    body = {"create_account": True, "opportunity": sale}
    once = lina.headers | {"Idempotency-Key": str(uuid4())}
    version = answer.json()["version"]
    first, again = [
        await company.send("POST", f"{path}/convert", body, by=once, version=version) for _ in range(2)
    ]
    assert first.status_code == 200, first.text
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    made = first.json()
    assert {"lead.converted"} <= {*await facts(owner, lead["id"])}
    for kind, id in (("account", "account_id"), ("contact", "contact_id"), ("opportunity", "opportunity_id")):
        assert f"{kind}.created" in await facts(owner, made[id])
    refused = await step(company, path, "convert", lina.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "lead_already_converted")

    # What was said and promised is the customer's now.
    timeline = await read(company, f"/v1/contacts/{made['contact_id']}/timeline", lina.headers)
    assert spoken["id"] in [(entry["interaction"] or {}).get("id") for entry in timeline["data"]]
    who = {"object_type": "contact", "object_id": made["contact_id"]}
    promise = await read(company, "/v1/interactions/last-promise", lina.headers, **who)
    assert promise["promise"]["id"] == spoken["id"]

    # 5. The sale stands in the first stage, with what the lead knew, and moves on.
    there = f"/v1/opportunities/{made['opportunity_id']}"
    opened = await read(company, there, lina.headers)
    assert (opened["stage"], opened["status"], opened["lead_id"]) == ("qualification", "open", lead["id"])
    assert (opened["owner_user_id"], opened["agency_id"]) == (str(lina.id), agency)
    moved = await step(company, there, "move", lina.headers, stage="quote_sent")
    assert (moved.json()["stage"], moved.json()["probability"]) == ("quote_sent", "0.5")
    stays = (await read(company, f"{there}/stages", lina.headers))["data"]
    assert [stay["stage"] for stay in stays] == ["qualification", "quote_sent"]
    assert "opportunity.stage_changed" in await facts(owner, made["opportunity_id"])
    forecast = await read(company, "/v1/forecasts", lina.headers, start="2027-01-01", end="2027-02-01")
    assert forecast["weighted_forecast"]["amount"] == "22500.00"


async def the_form_comes_in(
    company: Company, lina: Person, owner: asyncpg.Connection, app: FastAPI
) -> tuple[Answer, Answer]:
    """The lead, and the call that is asked of who got it."""
    site = actor(company.organization_id, "leads:capture", kind="client")
    form = FORM | {"submission_id": str(uuid4())}
    for _ in range(2):  # the browser sends it twice
        sent = await company.send("POST", "/v1/public/leads", form, by=site)
        assert sent.status_code == 202, sent.text
    (lead,) = (await read(company, "/v1/leads", lina.headers))["data"]
    assert (lead["status"], lead["owner_user_id"]) == ("assigned", str(lina.id))
    assert (lead["source"], lead["score"] > 0, lead["score_band"] in ("warm", "hot")) == (
        "web_form",
        True,
        True,
    )
    assert sum(factor["points"] for factor in lead["score_explanation"]) == lead["score"]
    told = await facts(owner, lead["id"])
    assert told.count("lead.created") == told.count("lead.assigned") == 1
    await done(app, owner)
    (call,) = (await read(company, "/v1/tasks", lina.headers, whose="mine"))["data"]
    assert (call["type"], call["due_in_minutes"], call["object_id"]) == ("call", 30, lead["id"])
    assert await notified(company, lina.headers) == ["lead"]
    home = await read(company, "/v1/home", lina.headers)
    assert lead["id"] in str(home)
    return lead, call

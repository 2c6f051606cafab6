"""What an interaction does to the lead it is about: E-2 step 2, and the customer the lead becomes."""

from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import Company, open_company
from interactions.steps import agencies, call, get, lead

pytestmark = pytest.mark.anyio


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


async def again(company: Company, of: dict[str, Any]) -> dict[str, Any]:
    return dict((await get(company, f"/v1/leads/{of['id']}")).json())


async def test_an_outbound_call_that_reached_makes_a_lead_contacted(
    company: Company, owner: asyncpg.Connection
) -> None:
    karim = await lead(company)
    assert (karim["status"], karim["first_contacted_at"]) == ("new", None)
    await call(company, ("lead", karim))
    reached = await again(company, karim)
    assert reached["status"] == "contacted"
    assert reached["first_contacted_at"] is not None
    assert reached["phone_verified_at"] is not None
    kinds = [row[0] for row in await owner.fetch("SELECT kind FROM event_log ORDER BY id")]
    assert kinds.count("lead.contacted") == kinds.count("interaction.recorded") == 1


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"direction": "inbound"}, "new"),
        ({"direction": "internal"}, "new"),
        ({"outcome": None}, "new"),
        ({"outcome": "no_answer"}, "new"),
        ({"outcome": "busy"}, "new"),
        ({"outcome": "voicemail"}, "new"),
        ({"outcome": "wrong_number"}, "new"),
        ({"outcome": "callback_requested"}, "contacted"),
        ({"outcome": "refused"}, "contacted"),
        ({"channel": "in_person", "outcome": "info_given"}, "contacted"),
        ({"channel": "in_person", "outcome": None}, "new"),
        ({"channel": "email", "outcome": None}, "contacted"),
        ({"channel": "whatsapp", "outcome": None}, "contacted"),
        ({"channel": "push", "outcome": None}, "new"),
        ({"channel": "chatbot", "outcome": None}, "new"),
    ],
)
async def test_only_what_reaches_them_contacts_them(
    company: Company, said: dict[str, Any], status: str
) -> None:
    karim = await lead(company)
    await call(company, ("lead", karim), **said)
    assert (await again(company, karim))["status"] == status


async def test_attempts_in_vain_are_counted_and_a_wrong_number_marked(company: Company) -> None:
    karim = await lead(company)
    await call(company, ("lead", karim), outcome="no_answer")
    await call(company, ("lead", karim), outcome="busy")
    assert (await again(company, karim))["contact_attempts"] == 2
    await call(company, ("lead", karim), outcome="wrong_number")
    assert (await again(company, karim))["contact_invalid"] is True


async def test_a_correction_makes_up_for_a_call_that_did_reach(company: Company) -> None:
    karim = await lead(company)
    wrong = await call(company, ("lead", karim), outcome="no_answer")
    path = f"/v1/interactions/{wrong['id']}"
    await company.send("PATCH", path, {"outcome": "reached"}, version=1)
    reached = await again(company, karim)
    assert reached["status"] == "contacted"
    await company.send("POST", f"{path}/correct", {"reason": "Non, personne", "outcome": "busy"})
    assert (await again(company, karim))["status"] == "contacted", "what others acted upon is not undone"


async def test_a_lead_given_up_or_further_on_keeps_its_state(company: Company) -> None:
    karim, lina = await lead(company), await lead(company, full_name="Lina HADDAD", phone="0551 00 00 01")
    await company.send("POST", f"/v1/leads/{karim['id']}/disqualify", {"reason": "price"}, version=1)
    await call(company, ("lead", karim))
    assert (await again(company, karim))["status"] == "disqualified"
    await call(company, ("lead", lina))
    version = (await again(company, lina))["version"]
    await company.send("POST", f"/v1/leads/{lina['id']}/qualify", {"need": "Auto"}, version=version)
    await call(company, ("lead", lina))
    assert (await again(company, lina))["status"] == "qualified"


async def test_a_converted_lead_hands_its_interactions_to_the_customer(company: Company) -> None:
    karim = await lead(company, wilaya_code="16", agency_id=(await agencies(company))[0])
    said = await call(company, ("lead", karim), promise_text="Un devis")
    path, version = f"/v1/leads/{karim['id']}", (await again(company, karim))["version"]
    qualified = await company.send("POST", f"{path}/qualify", {"need": "Auto"}, version=version)
    made = await company.send("POST", f"{path}/convert", {}, version=qualified.json()["version"])
    assert made.status_code == 200, made.text
    for kind in ("contact", "account"):
        listed = await get(company, "/v1/interactions", **{f"{kind}_id": made.json()[f"{kind}_id"]})
        assert [row["id"] for row in listed.json()["data"]] == [said["id"]], kind
    where = {"object_type": "contact", "object_id": made.json()["contact_id"]}
    promised = (await get(company, "/v1/interactions/last-promise", **where)).json()["promise"]
    assert promised["id"] == said["id"]
    undone = await company.send("POST", f"{path}/undo-conversion", version=made.json()["version"])
    assert undone.status_code == 200, undone.text
    links = (await get(company, f"/v1/interactions/{said['id']}")).json()["links"]
    assert [link["object_type"] for link in links] == ["lead"]

"""What was promised to a client: the last promise in one call, and whether it was kept."""

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import Company, open_company
from crm_api.interactions.models import PROMISE
from interactions.steps import call, get, lead, person, seller

pytestmark = pytest.mark.anyio
STEPS = {"kept": "keep-promise", "broken": "break-promise"}


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


async def test_the_last_promise_is_read_in_one_call(company: Company) -> None:
    ilyes = await person(company)
    where = {"object_type": "contact", "object_id": ilyes["id"]}
    assert (await get(company, "/v1/interactions/last-promise", **where)).json() == {"promise": None}
    await call(company, ("contact", ilyes), promise_text="Un devis", occurred_at="2026-10-01T08:00:00Z")
    last = await call(company, ("contact", ilyes), promise_text="Rappeler jeudi", promise_due_on="2026-11-26")
    await call(company, ("contact", ilyes), subject="Sans promesse")
    told = (await get(company, "/v1/interactions/last-promise", **where)).json()["promise"]
    assert (told["id"], told["promise_text"]) == (last["id"], "Rappeler jeudi")
    assert (told["promise_due_on"], told["promise_status"]) == ("2026-11-26", "open")
    assert told["agent_user_id"] == str(company.admin.id)
    household = {"object_type": "account", "object_id": ilyes["account_links"][0]["account_id"]}
    assert (await get(company, "/v1/interactions/last-promise", **household)).json()["promise"] == told


async def test_a_promise_taken_out_or_added_is_followed(company: Company) -> None:
    karim = await lead(company)
    where = {"object_type": "lead", "object_id": karim["id"]}
    said = await call(company, ("lead", karim), promise_text="Un devis", promise_due_on="2026-11-26")
    path = f"/v1/interactions/{said['id']}"
    out = await company.send("PATCH", path, {"promise_text": None, "promise_due_on": None}, version=1)
    assert (out.json()["promise_status"], out.json()["promise_due_on"]) == (None, None)
    assert (await get(company, "/v1/interactions/last-promise", **where)).json()["promise"] is None
    await company.send("PATCH", path, {"promise_text": "Deux devis"}, version=2)
    told = (await get(company, "/v1/interactions/last-promise", **where)).json()["promise"]
    assert told["promise_text"] == "Deux devis"
    await company.send("POST", f"{path}/correct", {"reason": "Trois, en fait", "promise_text": "Trois devis"})
    told = (await get(company, "/v1/interactions/last-promise", **where)).json()["promise"]
    assert told["promise_text"] == "Trois devis"


async def test_a_client_out_of_sight_has_no_promises(company: Company) -> None:
    karim = await lead(company)
    await call(company, ("lead", karim), promise_text="Un devis")
    there = await seller(company, "16101")
    where = {"object_type": "lead", "object_id": karim["id"]}
    assert (await get(company, "/v1/interactions/last-promise", there.headers, **where)).status_code == 404


@pytest.mark.parametrize("wanted", STEPS)
@pytest.mark.parametrize("current", PROMISE.states)
async def test_every_pair_of_states(
    company: Company, owner: asyncpg.Connection, current: str, wanted: str
) -> None:
    karim = await lead(company)
    said = await call(company, ("lead", karim), promise_text="Un devis")
    await owner.execute("UPDATE interactions SET promise_status = $1", current)
    path = f"/v1/interactions/{said['id']}/{STEPS[wanted]}"
    assert (await company.send("POST", path)).status_code == 428
    answer = await company.send("POST", path, version=1)
    if wanted in PROMISE.allowed(current):
        told = answer.json()
        assert (answer.status_code, told["promise_status"]) == (200, wanted)
        assert told["promise_settled_by_id"] == str(company.admin.id)
        kinds = await owner.fetch("SELECT kind FROM event_log WHERE kind = 'interaction.promise_settled'")
        assert len(kinds) == 1
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
        assert set(answer.json()["allowed"]) == set(PROMISE.allowed(current))


async def test_where_nothing_was_promised_nothing_is_kept(company: Company) -> None:
    karim = await lead(company)
    said = await call(company, ("lead", karim))
    answer = await company.send("POST", f"/v1/interactions/{said['id']}/keep-promise", version=1)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_promised")

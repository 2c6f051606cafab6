"""Everything about a customer on one page."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor, principal_of
from contacts.people import CIVIL
from crm_api.kit.clock import today
from crm_api.profiles.schemas import AccountProfile, AccountSectionName, ContactProfile, ContactSectionName
from crm_api.profiles.sections import OF_PAGE
from plans import recorded
from policies.portfolio import Answer, Portfolio, an_account, dinars

pytestmark = pytest.mark.anyio


async def person(portfolio: Portfolio, **more: Any) -> Answer:
    body: Answer = {"last_name": "Aïssani", "first_name": "Ilyès", "phones": [{"value": "0550 12 34 56"}]}
    body |= {"agency_id": str(portfolio.agency_id), "emails": [{"value": "ilyes@example.com"}]}
    answer = await portfolio.ask("POST", "/v1/contacts", body | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def at_home(portfolio: Portfolio, role: str = "head", **more: Any) -> Answer:
    """Somebody of the household that the portfolio begins with."""
    link = {"account_id": portfolio.account_id, "role": role, "is_primary": True}
    return await person(portfolio, account_links=[link], create_household=False, **more)


async def page(
    portfolio: Portfolio, who: str, by: Headers | None = None, *include: str, kind: str = "contacts"
) -> Answer:
    path = f"/v1/{kind}/{who}/profile"
    answer = await portfolio.company.client.get(
        path, params={"include": list(include)} if include else {}, headers=by or portfolio.admin
    )
    assert answer.status_code == 200, answer.text
    shown = dict(answer.json())
    schema = ContactProfile if kind == "contacts" else AccountProfile
    schema.model_validate_json(answer.content, strict=True)
    assert set(schema.model_fields) == shown.keys()
    return shown


async def owing(portfolio: Portfolio, policy: Answer, amount: int, days: int, **columns: Any) -> UUID:
    """A debt on the contract that fell due so many days ago."""
    known = {"organization_id": portfolio.company.organization_id, "id": uuid4(), "version": 1}
    known |= {"account_id": UUID(policy["account_id"]), "policy_id": UUID(policy["id"]), "kind": "premium"}
    known |= {"original_amount": amount, "due_on": today() - timedelta(days=days), "status": "open"}
    known |= {"dunning_state": "overdue", "dunning_from_on": today() - timedelta(days=days)}
    known |= {"agency_id": UUID(policy["agency_id"])} | columns
    names, places = ", ".join(known), ", ".join(f"${at}" for at in range(1, len(known) + 1))
    await portfolio.owner.execute(f"INSERT INTO receivables ({names}) VALUES ({places})", *known.values())
    return known["id"]


async def test_a_person_is_shown_with_what_is_theirs(portfolio: Portfolio) -> None:
    ilyes = await at_home(portfolio)
    household = await portfolio.policy("in_force")
    ended = await portfolio.policy("terminated")
    company = await an_account(portfolio.company, portfolio.agency_id, "SARL Transports")
    employed = {"account_id": company, "role": "employee"}
    linked = await portfolio.ask("POST", f"/v1/contacts/{ilyes['id']}/account-links", employed)
    assert linked.status_code < 300, linked.text
    await portfolio.owner.execute("UPDATE accounts SET type = 'company' WHERE id = $1", UUID(company))
    fleet = await portfolio.policy("in_force", account_id=company)

    shown = await page(portfolio, ilyes["id"])
    account = await portfolio.account()
    assert shown["head"] == {
        "type": "contact",
        "id": ilyes["id"],
        "name": ilyes["display_name"],
        "number": account["number"],
        "email": "ilyes@example.com",
        "phone": "+213550123456",
    }
    assert shown["identity"]["value"] == (await portfolio.get(f"/v1/contacts/{ilyes['id']}"))
    assert [one["name"] for one in shown["accounts"]["data"]] == [account["name"], "SARL Transports"]
    numbers = {one["number"] for one in shown["policies"]["data"]}
    assert numbers == {household["number"], ended["number"]}, fleet["number"]
    assert (shown["policies"]["in_force_count"], shown["policies"]["ended_count"]) == (1, 1)
    assert shown["policies"]["href"] == f"/v1/policies?policyholder_contact_id={ilyes['id']}"


async def test_a_contract_one_has_a_part_in_is_theirs_too(portfolio: Portfolio) -> None:
    lina = await person(portfolio, create_household=True)
    signed = await portfolio.policy("proposed", policyholder_contact_id=lina["id"])
    driven = await portfolio.policy(
        "proposed", parties=[{"contact_id": lina["id"], "role": "main_driver", "valid_from": str(today())}]
    )
    shown = await page(portfolio, lina["id"], None, "policies")
    assert {one["id"] for one in shown["policies"]["data"]} == {signed["id"], driven["id"]}


async def test_what_is_owed_and_what_comes(portfolio: Portfolio) -> None:
    ilyes = await at_home(portfolio)
    policy = await portfolio.policy("in_force")
    late = await owing(portfolio, policy, 1_000_050, 40)
    await owing(portfolio, policy, 500_000, -10, dunning_state="quiet")
    for kind, who in ("contacts", ilyes["id"]), ("accounts", portfolio.account_id):
        shown = await page(portfolio, who, kind=kind)
        debts = shown["receivables"]
        assert debts["data"][0]["id"] == str(late)
        assert debts["oldest_due_on"] == str(today() - timedelta(days=40))
        own = await portfolio.get("/v1/receivables", policy_id=policy["id"])
        total = sum(int(one["balance"]["amount"].replace(".", "")) for one in own["data"])
        assert int(debts["owed"]["amount"].replace(".", "")) == total
        assert debts["overdue"] == dinars("10000.50")
        assert "unpaid" in shown["banners"]["data"]
        assert ("expiry", policy["id"]) in {(o["kind"], o["policy_id"]) for o in shown["due_dates"]["data"]}
        (cover,) = shown["coverage"]["data"]
        said = await portfolio.get(f"/v1/policies/{policy['id']}/coverage-state")
        assert {**cover, "as_of": None} == {**said, "as_of": None}
        assert cover["state"] == "covered_unpaid"


@pytest.mark.parametrize("status", ["issued", "in_force", "suspended"])
async def test_cover_is_what_the_contract_itself_says(portfolio: Portfolio, status: str) -> None:
    policy = await portfolio.policy(status)
    shown = await page(portfolio, portfolio.account_id, None, "coverage", kind="accounts")
    said = await portfolio.get(f"/v1/policies/{policy['id']}/coverage-state")
    assert [{**one, "as_of": None} for one in shown["coverage"]["data"]] == [{**said, "as_of": None}]


async def test_what_was_said_and_last_promised(portfolio: Portfolio) -> None:
    ilyes = await at_home(portfolio)
    about = [{"object_type": "contact", "object_id": ilyes["id"]}]
    for day in range(1, 13):
        body: Answer = {"channel": "phone", "direction": "inbound", "outcome": "reached", "links": about}
        body |= {"occurred_at": f"2026-11-{day:02}T08:00:00Z", "summary": f"Appel {day}"}
        if day in (3, 5):
            body |= {"promise_text": f"Promis le {day}", "promise_due_on": "2026-12-01"}
        answer = await portfolio.ask("POST", "/v1/interactions", body)
        assert answer.status_code == 201, answer.text
    said = (await page(portfolio, ilyes["id"], None, "interactions"))["interactions"]
    assert [one["summary"] for one in said["data"]] == [f"Appel {day}" for day in range(12, 2, -1)]
    assert said["has_more"] is True
    assert said["last_promise"]["promise_text"] == "Promis le 5"
    whole = await portfolio.get(said["href"].partition("?")[0], kind="interaction")
    assert whole["data"][0]["interaction"] == said["data"][0]


async def test_sensitive_facts_are_masked_and_the_look_is_audited(portfolio: Portfolio) -> None:
    ilyes = await at_home(portfolio, **CIVIL)
    who = portfolio.somebody("contacts:read", "pii:read")
    shown = await page(portfolio, ilyes["id"], who, "identity")
    assert "1234567" not in str(shown).replace(" ", "")
    assert shown["identity"]["value"]["national_id_number"].startswith("•")
    lines = await portfolio.owner.fetch(
        "SELECT actor_id, object_id, changes FROM audit_log WHERE action = 'contact.profile_read'"
        " AND organization_id = $1",
        portfolio.company.organization_id,
    )
    assert [(line["actor_id"], line["object_id"]) for line in lines] == [
        (principal_of(who).id, UUID(ilyes["id"]))
    ]
    assert lines[0]["changes"] in ('{"sections": ["identity"]}', {"sections": ["identity"]})


async def test_the_page_and_its_audit_line_are_one_round_trip(app: FastAPI, portfolio: Portfolio) -> None:
    ilyes = await at_home(portfolio)
    await portfolio.policy()
    for kind, who in ("contacts", ilyes["id"]), ("accounts", portfolio.account_id):
        with recorded(app) as sent:
            await page(portfolio, who, kind=kind)
        assert len(sent) == 1
        assert "audit_log" in sent[0].sql


async def test_nobody_out_of_sight_is_shown(portfolio: Portfolio) -> None:
    ilyes = await at_home(portfolio)
    own = {"data_scope": "own"}
    strangers = [
        (portfolio.somebody("contacts:read", "accounts:read", **own), 404),
        (
            portfolio.somebody("contacts:read", "accounts:read", data_scope="agency", agency_ids=(uuid4(),)),
            404,
        ),
        (portfolio.somebody("contacts:read", "accounts:read", data_scope="agency"), 404),
        (portfolio.somebody("policies:read"), 403),
    ]
    for path in f"/v1/contacts/{ilyes['id']}/profile", f"/v1/accounts/{portfolio.account_id}/profile":
        for who, code in strangers:
            answer = await portfolio.ask("GET", path, by=who)
            assert answer.status_code == code, answer.text
    lines = await portfolio.owner.fetchval(
        "SELECT count(*) FROM audit_log WHERE action LIKE '%.profile_read'"
    )
    assert lines == 0


async def test_a_section_shows_only_rows_in_sight(portfolio: Portfolio) -> None:
    """The account is of the agency; one of its contracts was issued by another."""
    elsewhere = await portfolio.company.agency("31007")
    mine = await portfolio.policy("in_force")
    await portfolio.policy("in_force", agency_id=str(elsewhere))
    scopes = "accounts:read", "contacts:read", "policies:read", "receivables:read", "claims:read"
    colleague = portfolio.somebody(*scopes, data_scope="agency", agency_ids=(portfolio.agency_id,))
    shown = await page(portfolio, portfolio.account_id, colleague, kind="accounts")
    assert [one["id"] for one in shown["policies"]["data"]] == [mine["id"]]
    assert shown["policies"]["in_force_count"] == 1
    assert [one["policy_id"] for one in shown["coverage"]["data"]] == [mine["id"]]
    regions = portfolio.somebody(*scopes, data_scope="region", agency_ids=(portfolio.agency_id, elsewhere))
    shown = await page(portfolio, portfolio.account_id, regions, kind="accounts")
    assert len(shown["policies"]["data"]) == 2


async def test_another_organization_has_no_such_page(portfolio: Portfolio) -> None:
    ilyes = await at_home(portfolio)
    policy = await portfolio.policy()
    theirs = actor(uuid4(), "contacts:read", "accounts:read", "policies:read")
    for path in f"/v1/contacts/{ilyes['id']}/profile", f"/v1/accounts/{policy['account_id']}/profile":
        answer = await portfolio.company.client.get(path, headers=theirs)
        assert answer.status_code == 404


async def test_sections_are_chosen_and_the_others_are_null(portfolio: Portfolio) -> None:
    shown = await page(portfolio, portfolio.account_id, None, "policies", "tasks", kind="accounts")
    assert {name for name, value in shown.items() if value is not None} == {
        "head",
        "as_of",
        "policies",
        "tasks",
    }
    few = portfolio.somebody("accounts:read", "policies:read")
    shown = await page(portfolio, portfolio.account_id, few, kind="accounts")
    assert shown["policies"] is not None
    assert (shown["claims"], shown["receivables"], shown["members"]) == (None, None, None)


@pytest.mark.parametrize(
    ("include", "code"), [(["policies", "unheard_of"], 422), (["members"], 422), (["claims"], 403)]
)
async def test_what_cannot_be_shown_is_refused(portfolio: Portfolio, include: list[str], code: int) -> None:
    ilyes = await at_home(portfolio)
    answer = await portfolio.company.client.get(
        f"/v1/contacts/{ilyes['id']}/profile",
        params={"include": include},
        headers=portfolio.somebody("contacts:read"),
    )
    assert answer.status_code == code, answer.text


async def test_who_is_missing_or_in_the_bin_has_no_page(portfolio: Portfolio) -> None:
    ilyes = await person(portfolio, create_household=True)
    gone = await portfolio.ask("DELETE", f"/v1/contacts/{ilyes['id']}", version=ilyes["version"])
    assert gone.status_code == 204, gone.text
    for who in str(uuid4()), ilyes["id"]:
        answer: httpx.Response = await portfolio.ask("GET", f"/v1/contacts/{who}/profile")
        assert answer.status_code == 404


async def test_flags_stand_above_everything(portfolio: Portfolio) -> None:
    ilyes = await at_home(portfolio)
    await portfolio.owner.execute("UPDATE contacts SET do_not_contact = true, is_deceased = true")
    await portfolio.owner.execute("UPDATE accounts SET risk_flags = '{vip,fraud_suspicion}'")
    shown = await page(portfolio, ilyes["id"], None, "banners")
    trusted = portfolio.somebody("contacts:read", "accounts:read", "claims:fraud")
    plain = portfolio.somebody("contacts:read", "accounts:read")
    assert {"deceased", "do_not_contact", "vip"} <= set(shown["banners"]["data"])
    told = (await page(portfolio, ilyes["id"], trusted, "banners"))["banners"]["data"]
    assert told == ["deceased", "do_not_contact", "fraud_suspicion", "vip"]
    told = (await page(portfolio, ilyes["id"], plain, "banners"))["banners"]["data"]
    assert told == ["deceased", "do_not_contact", "vip"]


def test_every_section_has_its_word_and_its_field() -> None:
    for root, schema, words in (
        ("contact", ContactProfile, ContactSectionName),
        ("account", AccountProfile, AccountSectionName),
    ):
        known = {*OF_PAGE[root], "coverage"}
        assert known == {*words.__args__}
        assert known | {"head", "as_of"} == set(schema.model_fields)

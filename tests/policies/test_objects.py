"""What contracts cover: objects of every kind, their sealed parts, parties and coverages."""

from typing import Any
from uuid import UUID

import pytest

from policies.portfolio import Answer, Portfolio, ago, an_account, dinars, moment

pytestmark = pytest.mark.anyio
ADDRESS = {"kind": "home", "lines": ["12, rue Didouche Mourad"], "wilaya_code": "16"}
CAR: Answer = {"kind": "vehicle", "make": "Renault", "model": "Symbol", "fiscal_power": 7}
KINDS: tuple[Answer, ...] = (
    CAR | {"plate_number": "12345 126 16", "vin": "vf1lb0b0h55123456"},
    {"kind": "home", "address": ADDRESS, "type": "apartment", "occupancy": "owner"}
    | {"surface_m2": 95, "rooms": 4, "seismic_zone": "3"},
    {"kind": "business", "address": ADDRESS, "activity": "Boulangerie"},
    {"kind": "boat", "name": "El Bahdja", "hull_length_cm": 650, "registration": "AL 123456"},
    {"kind": "goods", "nature": "Machines", "value": dinars("1.00"), "route_from": "Marseille"}
    | {"route_to": "Alger", "conveyance": "sea", "departure_on": "2026-12-24"},
    {"kind": "agricultural", "subject": "Blé dur", "area_ha": 12, "location": "Tiaret"},
    {"kind": "engineering", "site": "Rouïba", "contract_value": dinars("9000000.00")}
    | {"works_from": "2026-12-01", "works_to": "2027-11-30"},
)


async def insured(portfolio: Portfolio, details: Answer = CAR, **fields: Any) -> Answer:
    body = {"account_id": portfolio.account_id, "label": "Renault Symbol 2016", "details": details}
    answer = await portfolio.ask("POST", "/v1/insured-objects", body | fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def refused(portfolio: Portfolio, details: Answer, **fields: Any) -> list[str]:
    body = {"account_id": portfolio.account_id, "label": "Renault Symbol 2016", "details": details}
    answer = await portfolio.ask("POST", "/v1/insured-objects", body | fields)
    assert answer.status_code == 422, answer.text
    return [error["code"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("details", KINDS, ids=lambda details: str(details["kind"]))
async def test_every_kind_is_kept_as_it_was_given(portfolio: Portfolio, details: Answer) -> None:
    made = await insured(portfolio, details)
    read = await portfolio.get(f"/v1/insured-objects/{made['id']}")
    assert read["kind"] == details["kind"]
    secret = ("plate_number", "vin", "registration")
    for name, value in details.items():
        if name in secret:
            assert name not in read["details"]
            assert read["masked"][name].startswith("•••")
        elif name != "address":
            assert read["details"][name] == value


async def test_what_a_kind_does_not_know_is_refused(portfolio: Portfolio) -> None:
    assert await refused(portfolio, CAR | {"rooms": 4}) == ["extra_forbidden"]
    assert await refused(portfolio, CAR | {"fiscal_power": 100}) == ["less_than_equal"]
    assert await refused(portfolio, CAR | {"vin": "VF1LB0B0H5512345O"}) == ["invalid_vin"]
    assert await refused(portfolio, CAR | {"plate_number": "12"}) == ["invalid_plate"]
    assert await refused(portfolio, KINDS[1] | {"surface_m2": 9}) == ["greater_than_equal"]
    assert await refused(portfolio, KINDS[5] | {"head_count": 4}) == ["area_or_heads"]
    assert await refused(portfolio, KINDS[6] | {"works_to": "2026-01-01"}) == ["works_period"]
    assert await refused(portfolio, {"kind": "person"}) == ["person_expected"]


async def test_a_registration_is_read_in_clear_for_a_reason_and_found_by_itself(portfolio: Portfolio) -> None:
    made = await insured(portfolio, KINDS[0])
    body = {"fields": ["plate_number", "vin"], "reason": "Établissement de l'attestation"}
    path = f"/v1/insured-objects/{made['id']}"
    clear = await portfolio.ask(
        "POST", f"{path}/unmask", body, by=portfolio.somebody("policies:read", "pii:read")
    )
    assert clear.json() == {
        "plate_number": "1234512616",
        "vin": "VF1LB0B0H55123456",
        "registration": None,
    }
    answer = await portfolio.ask("POST", f"{path}/unmask", body, by=portfolio.somebody("policies:read"))
    assert answer.status_code == 403
    found = await portfolio.ask("POST", "/v1/insured-objects/lookup", {"plate_number": "12345-126-16"})
    assert [one["id"] for one in found.json()["data"]] == [made["id"]]
    lines = await portfolio.owner.fetch(
        "SELECT action, reason, changes::text FROM audit_log WHERE object_id = $1", UUID(made["id"])
    )
    told = {line["action"] for line in lines}
    assert {"insured_object.unmasked", "insured_object.found_by_plate"} <= told
    assert not any("1234512616" in line["changes"] for line in lines)
    events = await portfolio.owner.fetch(
        "SELECT data::text AS data FROM event_log WHERE object_id = $1", UUID(made["id"])
    )
    assert not any("Symbol" in line["data"] or "12616" in line["data"] for line in events)


async def test_the_same_vehicle_on_two_living_contracts_is_warned_of_and_not_refused(
    portfolio: Portfolio,
) -> None:
    first = await insured(portfolio, KINDS[0])
    policy = await portfolio.policy("in_force", object_ids=[first["id"]])
    other = await an_account(portfolio.company, portfolio.agency_id, "Famille BENALI")
    second = await insured(portfolio, KINDS[0], account_id=other)
    assert [one["number"] for one in second["warnings"]] == [policy["number"]]
    answer = await portfolio.ask(
        "POST", "/v1/policies", portfolio.body(account_id=other, object_ids=[second["id"]], issue=True)
    )
    assert answer.status_code == 201, answer.text
    assert [(one["code"], one["policy_id"]) for one in answer.json()["warnings"]] == [
        ("double_insurance", policy["id"])
    ]
    later = portfolio.body(
        account_id=other, object_ids=[second["id"]], effective_at=moment(ago(days=-400)), term_months=6
    )
    assert (await portfolio.ask("POST", "/v1/policies", later)).json()["warnings"] == []


async def test_the_same_vehicle_renewed_is_no_double(portfolio: Portfolio) -> None:
    car = await insured(portfolio, KINDS[0])
    policy = await portfolio.policy("in_force", object_ids=[car["id"]])
    body = portfolio.body(object_ids=[car["id"]], previous_policy_id=policy["id"])
    assert (await portfolio.ask("POST", "/v1/policies", body)).json()["warnings"] == []


async def test_an_object_under_cover_is_not_removed(portfolio: Portfolio) -> None:
    car = await insured(portfolio)
    policy = await portfolio.policy("in_force", object_ids=[car["id"]])
    path = f"/v1/insured-objects/{car['id']}/remove"
    answer = await portfolio.ask("POST", path, version=1)
    assert (answer.status_code, answer.json()["code"]) == (409, "insured_object_in_use")
    await portfolio.done(policy, "terminate")
    assert (await portfolio.ask("POST", path, version=1)).json()["status"] == "removed"


async def test_a_contract_is_read_with_its_parts(portfolio: Portfolio) -> None:
    car = await insured(portfolio)
    parties = [
        {"role": "beneficiary", "account_id": portfolio.account_id, "share": "0.5"},
        {"role": "beneficiary", "account_id": await an_account(portfolio.company, portfolio.agency_id)}
        | {"share": "0.5"},
        {"role": "payer", "account_id": portfolio.account_id},
    ]
    coverages = [
        {"coverage_code": "RC", "insured_object_id": car["id"], "net_premium": dinars("6500.00")},
        {"coverage_code": "AST", "net_premium": dinars("1500.00"), "deductible_percent": "0.025"},
    ]
    policy = await portfolio.policy("in_force", object_ids=[car["id"]], parties=parties, coverages=coverages)
    whole = await portfolio.get(
        f"/v1/policies/{policy['id']}", include=["parties", "objects", "coverages", "suspensions"]
    )
    assert [party["share"] for party in whole["parties"]] == ["0.5", "0.5", None]
    assert [held["id"] for held in whole["objects"]] == [car["id"]]
    assert [one["coverage_code"] for one in whole["coverages"]] == ["AST", "RC"]
    assert whole["coverages"][0]["deductible_percent"] == "0.025"
    assert whole["coverages"][1]["expires_at"] == policy["expires_at"]
    assert whole["suspensions"] == []
    bare = await portfolio.get(f"/v1/policies/{policy['id']}")
    assert [bare[part] for part in ("parties", "objects", "coverages", "suspensions")] == [None] * 4


async def test_shares_add_up_and_coverages_stay_within_their_contract(portfolio: Portfolio) -> None:
    car = await insured(portfolio)
    half = {"role": "beneficiary", "account_id": portfolio.account_id, "share": "0.5"}
    stray = {"coverage_code": "RC", "insured_object_id": car["id"], "net_premium": dinars("1.00")}
    beyond = {"coverage_code": "RC", "net_premium": dinars("1.00")}
    beyond |= {"effective_at": moment(ago(days=2))}
    for fields, code in (
        ({"parties": [half]}, "shares_add_up"),
        ({"parties": [half | {"role": "payer"}]}, "share_of_beneficiaries"),
        ({"coverages": [stray]}, "not_insured"),
        ({"coverages": [beyond]}, "outside_term"),
        ({"coverages": [beyond, beyond]}, "repeated_coverage"),
    ):
        answer = await portfolio.ask("POST", "/v1/policies", portfolio.body(**fields))
        assert answer.status_code == 422, answer.text
        assert [error["code"] for error in answer.json()["errors"]] == [code]


async def test_health_is_sealed_and_read_with_its_own_scope(portfolio: Portfolio) -> None:
    person = {"first_name": "Ilyes", "last_name": "Aïssani", "create_household": True}
    phone = {"kind": "mobile", "value": "0550123456"}
    answer = await portfolio.ask(
        "POST", "/v1/contacts", person | {"phones": [phone], "agency_id": str(portfolio.agency_id)}
    )
    assert answer.status_code == 201, answer.text
    contact_id = answer.json()["id"]
    made = await insured(portfolio, {"kind": "person"}, contact_id=contact_id, label="Ilyes AÏSSANI")
    path = f"/v1/insured-objects/{made['id']}/health-questionnaire"
    answers = {"smoker": True, "conditions": ["Asthme"], "height_cm": 172}
    clerk = portfolio.somebody("policies:write", "policies:read")
    assert (await portfolio.ask("POST", path, answers, by=clerk)).status_code == 403
    nurse = portfolio.somebody("policies:write", "policies:read", "health:read")
    kept = await portfolio.ask("POST", path, answers, by=nurse)
    assert kept.status_code == 200, kept.text
    assert "smoker" not in kept.text
    read = await portfolio.ask("POST", f"{path}/read", {"reason": "Sélection médicale"}, by=nurse)
    assert read.json()["answers"]["conditions"] == ["Asthme"]
    assert (await portfolio.ask("POST", f"{path}/read", {"reason": "Curiosité"}, by=clerk)).status_code == 403
    everything = await portfolio.owner.fetch(
        "SELECT changes::text AS said FROM audit_log UNION ALL SELECT data::text FROM event_log"
    )
    assert not any("Asthme" in line["said"] for line in everything)
    car = await insured(portfolio)
    wrong = f"/v1/insured-objects/{car['id']}/health-questionnaire"
    assert (await portfolio.ask("POST", wrong, answers, by=nurse)).json()["code"] == "not_a_person"


async def test_who_does_not_see_the_account_does_not_see_its_objects(portfolio: Portfolio) -> None:
    made = await insured(portfolio)
    elsewhere = portfolio.somebody("policies:read", data_scope="own")
    assert (await portfolio.get("/v1/insured-objects", elsewhere))["data"] == []
    path = f"/v1/insured-objects/{made['id']}"
    assert (await portfolio.ask("GET", path, by=elsewhere)).status_code == 404

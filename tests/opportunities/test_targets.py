"""Targets cascade from the company to a person, and never silently exceed each other."""

from typing import Any
from uuid import UUID

import pytest

from actors import actor
from company import Person
from crm_api.kit.clock import today
from opportunities.sales import Answer, Sales, amount

pytestmark = pytest.mark.anyio


def month() -> Answer:
    return {"period": "month", "starts_on": today().replace(day=1).isoformat()}


async def target(sales: Sales, level: str, dinars: str, **fields: Any) -> Answer:
    body = month() | {"level": level, "amount": amount(dinars)} | fields
    answer = await sales.ask("POST", "/v1/sales-targets", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
async def region_id(sales: Sales) -> str:
    return str((await sales.get(f"/v1/agencies/{sales.agency_id}"))["region_id"])


@pytest.fixture
async def seller(sales: Sales) -> Person:
    return await sales.company.hire(agency_id=sales.agency_id)


async def test_a_target_is_a_part_of_the_one_above(sales: Sales, region_id: str, seller: Person) -> None:
    company = await target(sales, "company", "1000.00")
    region = await target(sales, "region", "600.00", region_id=region_id)
    agency = await target(sales, "agency", "400.00", agency_id=str(sales.agency_id))
    person = await target(sales, "person", "150.00", user_id=str(seller.id))
    assert (person["agency_id"], person["region_id"]) == (str(sales.agency_id), region_id)
    for one, allocated, left in (
        (company, "600.00", "400.00"),
        (region, "400.00", "200.00"),
        (agency, "150.00", "250.00"),
        (person, "0.00", "150.00"),
    ):
        read = await sales.get(f"/v1/sales-targets/{one['id']}")
        assert (read["allocated"], read["difference"]) == (amount(allocated), amount(left)), read["level"]
    listed = await sales.get("/v1/sales-targets", period="month", starts_on=month()["starts_on"])
    assert len(listed["data"]) == 4
    below = await sales.get("/v1/sales-targets", agency_id=str(sales.agency_id))
    assert {one["level"] for one in below["data"]} == {"agency", "person"}


async def test_an_excess_is_refused_with_the_difference_unless_it_is_meant(
    sales: Sales, region_id: str
) -> None:
    company = await target(sales, "company", "1000.00")
    region = await target(sales, "region", "600.00", region_id=region_id)
    body = month() | {"level": "agency", "agency_id": str(sales.agency_id), "amount": amount("750.50")}
    refused = await sales.ask("POST", "/v1/sales-targets", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "target_exceeds_parent")
    assert (refused.json()["difference"], refused.json()["parent_id"]) == ("150.50", region["id"])
    assert (await sales.get("/v1/sales-targets", level="agency"))["data"] == []
    meant = await sales.ask("POST", "/v1/sales-targets", body | {"accept_excess": True})
    assert meant.status_code == 201, meant.text
    read = await sales.get(f"/v1/sales-targets/{region['id']}")
    assert read["difference"] == amount("-150.50"), "it stays in sight"
    path = f"/v1/sales-targets/{company['id']}"
    lowered = await sales.ask("PATCH", path, {"amount": amount("599.99")}, version=1)
    assert (lowered.status_code, lowered.json()["difference"]) == (409, "0.01")
    assert (await sales.ask("PATCH", path, {"amount": amount("600.00")}, version=1)).status_code == 200


async def test_what_is_won_and_expected_stands_beside_it(
    sales: Sales, region_id: str, seller: Person
) -> None:
    elsewhere = await sales.company.agency("16088")
    sold = {"close_date": today().isoformat(), "stage": "negotiation"}
    for dinars, place, owner_id in (
        ("100.00", sales.agency_id, seller.id),
        ("20.00", sales.agency_id, sales.company.admin.id),
        ("3.00", elsewhere, sales.company.admin.id),
    ):
        fields = {"agency_id": str(place), "owner_user_id": str(owner_id)}
        await sales.sale(amount=amount("1000.00"), **sold, **fields)
        made = await sales.sale(amount=amount(dinars), **sold, **fields)
        await sales.done(made, "win", policy_number="16012.2026.11.1110.00042")
    for level, scope, won, expected in (
        ("company", {}, "123.00", "2223.00"),
        ("region", {"region_id": region_id}, "120.00", "1520.00"),
        ("agency", {"agency_id": str(sales.agency_id)}, "120.00", "1520.00"),
        ("person", {"user_id": str(seller.id)}, "100.00", "800.00"),
    ):
        one = await target(sales, level, "1.00", **scope, accept_excess=True)
        assert (one["won_amount"], one["forecast_amount"]) == (amount(won), amount(expected)), level


async def test_a_target_names_its_level_its_period_and_an_amount(sales: Sales, region_id: str) -> None:
    for fields, code in (
        ({"level": "company", "region_id": region_id}, "scope_of_its_level"),
        ({"level": "region"}, "scope_of_its_level"),
        ({"level": "company", "starts_on": "2026-11-02"}, "period_start"),
        ({"level": "company", "period": "quarter", "starts_on": "2026-11-01"}, "period_start"),
        ({"level": "company", "period": "year", "starts_on": "2026-02-01"}, "period_start"),
        ({"level": "company", "amount": amount("0.00")}, "nothing_to_reach"),
    ):
        answer = await sales.ask("POST", "/v1/sales-targets", month() | {"amount": amount("1.00")} | fields)
        assert answer.status_code == 422, answer.text
        assert code in {error["code"] for error in answer.json()["errors"]}, fields
    nobody = str(UUID(int=7))
    for fields, code in (
        ({"level": "region", "region_id": nobody}, "unknown_region"),
        ({"level": "agency", "agency_id": nobody}, "unknown_agency"),
        ({"level": "person", "user_id": nobody}, "unknown_owner"),
    ):
        answer = await sales.ask("POST", "/v1/sales-targets", month() | {"amount": amount("1.00")} | fields)
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


async def test_a_scope_has_one_target_in_a_period(sales: Sales) -> None:
    made = await target(sales, "company", "1.00")
    body = month() | {"level": "company", "amount": amount("2.00")}
    again = await sales.ask("POST", "/v1/sales-targets", body)
    assert (again.status_code, again.json()["code"]) == (409, "target_taken")
    gone = await sales.ask("DELETE", f"/v1/sales-targets/{made['id']}", version=1)
    assert gone.status_code == 204
    assert (await target(sales, "company", "2.00"))["version"] == 1


async def test_targets_are_seen_by_whom_they_concern(sales: Sales, region_id: str, seller: Person) -> None:
    await target(sales, "company", "1000.00")
    await target(sales, "region", "600.00", region_id=region_id)
    await target(sales, "agency", "400.00", agency_id=str(sales.agency_id))
    await target(sales, "person", "150.00", user_id=str(seller.id))
    ours, here = (
        sales.company.organization_id,
        {"agency_id": sales.agency_id, "agency_ids": (sales.agency_id,)},
    )
    for scope, levels in (
        ("own", {"person"}),
        ("agency", {"agency", "person"}),
        ("region", {"region", "agency", "person"}),
        ("all", {"company", "region", "agency", "person"}),
    ):
        who = actor(ours, "forecasts:read", data_scope=scope, id=seller.id, **here)
        seen = (await sales.get("/v1/sales-targets", who))["data"]
        assert {one["level"] for one in seen} == levels, scope
    reader = actor(ours, "forecasts:read")
    body = month() | {"level": "company", "period": "year", "amount": amount("2.00")}
    assert (await sales.ask("POST", "/v1/sales-targets", body, by=reader)).status_code == 403

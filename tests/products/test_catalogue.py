"""The catalogue over HTTP: what an organization sells, and how its figures change."""

from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from company import Company, open_company
from crm_api.kit.clock import today
from crm_api.products.jobs import furnish_catalogue
from crm_api.products.service import ProductService
from crm_api.reference.service import products

pytestmark = pytest.mark.anyio
DRAFT = {
    "code": "TRACTEUR",
    "branch_code": "2X",
    "label_fr": "Tracteurs agricoles",
    "target": "both",
    "tax_profile_code": "AUTO",
    "valid_from": "2026-01-01",
}


class Shop:
    """A company and who keeps its catalogue."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.keeper: Headers = actor(company.organization_id, "products:read", "products:write")

    async def send(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.company.send(method, path, body, by=more.pop("by", self.keeper), **more)

    async def row(self, **changed: Any) -> httpx.Response:
        body = {"product_code": "AUTO_P", "coverage_code": "PTA", "part": "base"}
        body |= {"flat_amount": {"amount": "1200.00", "currency": "DZD"}, "source_ref": "Note 12/2026"}
        body |= {"valid_from": "2026-01-01"} | changed
        return await self.send("POST", "/v1/tariff-rows", {k: v for k, v in body.items() if v is not None})


@pytest.fixture
async def shop(app: FastAPI, client: httpx.AsyncClient) -> Shop:
    return Shop(await open_company(app, client))


async def test_an_organization_that_opens_sells_the_products_of_the_book(shop: Shop) -> None:
    listed = (await shop.send("GET", "/v1/products?limit=200")).json()["data"]
    assert {row["code"] for row in listed} == {product.code for product in products()}
    assert all(row["status"] == "active" and row["documents_claim"] for row in listed)
    plans = (await shop.send("GET", "/v1/plans?product_code=AUTO_P")).json()["data"]
    assert {plan["code"] for plan in plans} == {"TOUS_RISQUES", "DCVV"}
    rows = (await shop.send("GET", "/v1/tariff-rows?limit=200&product_code=CATNAT")).json()["data"]
    assert rows
    assert all(row["source_ref"] and row["valid_from"] for row in rows)
    assert len((await shop.send("GET", "/v1/coverage-definitions?limit=200")).json()["data"]) == 33
    taxes = (await shop.send("GET", "/v1/tax-profiles?code=AUTO")).json()["data"]
    assert taxes[0]["vat_rate"] == "0.19"


async def test_an_organization_older_than_the_catalogue_gets_it_once(
    shop: Shop, owner: asyncpg.Connection
) -> None:
    mine = shop.company.organization_id
    for table in ("tariff_rows", "plans", "coverage_definitions", "tax_profiles", "products"):
        await owner.execute(f"DELETE FROM {table} WHERE organization_id = $1", mine)
    ctx = shop.company.context()
    assert (await ProductService(ctx).sold("MRH", today())).plans
    await ctx.commit()
    await ctx.close()
    for _ in range(2):
        ctx = shop.company.context()
        await furnish_catalogue(ctx, {})
        await ctx.commit()
        await ctx.close()
    assert await owner.fetchval("SELECT count(*) FROM products WHERE organization_id = $1", mine) == 22


async def test_a_product_is_prepared_then_sold_then_retired(shop: Shop) -> None:
    made = (await shop.send("POST", "/v1/products", DRAFT)).json()
    assert made["status"] == "draft"
    path = f"/v1/products/{made['id']}"
    early = await shop.send("POST", f"{path}/activate", version=1)
    assert (early.status_code, early.json()["code"]) == (409, "product_incomplete")
    plan = {
        "code": "BASE",
        "label_fr": "Formule",
        "coverages": [{"code": "RC"}, {"code": "PJ", "required": False}],
    }
    assert (await shop.send("POST", f"{path}/plans", plan)).status_code == 201
    sold = await shop.send("POST", f"{path}/activate", version=1)
    assert (sold.status_code, sold.json()["status"]) == (200, "active")
    retired = await shop.send("POST", f"{path}/retire", version=sold.json()["version"])
    assert retired.json()["status"] == "retired"
    changed = await shop.send("PATCH", path, {"label_ar": "جرارات"}, version=retired.json()["version"])
    assert changed.json()["label_ar"] == "جرارات"
    stale = await shop.send("PATCH", path, {"label_ar": None}, version=1)
    assert stale.status_code == 412


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"code": "AUTO_P"}, "product_code_taken"),
        ({"branch_code": "99"}, "unknown_branch"),
        ({"tax_profile_code": "NONE"}, "unknown_tax_profile"),
        ({"questionnaire": {"type": "objet"}}, "validation_failed"),
        (
            {"questionnaire": {"type": "object", "properties": {"a": {"type": "nothing"}}}},
            "validation_failed",
        ),
        (
            {"questionnaire": {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:1/x"}}}},
            "validation_failed",
        ),
        ({"valid_to": "2025-01-01"}, "validation_failed"),
    ],
)
async def test_a_product_that_cannot_be_is_refused(shop: Shop, changed: dict[str, Any], code: str) -> None:
    answer = await shop.send("POST", "/v1/products", DRAFT | changed)
    assert answer.status_code in (409, 422)
    assert answer.json()["code"] == code


async def test_a_change_of_price_is_a_new_row_and_the_open_one_ends_the_day_before(shop: Shop) -> None:
    first = (await shop.row()).json()
    second = await shop.row(valid_from="2027-01-01", flat_amount={"amount": "1500.00", "currency": "DZD"})
    assert second.status_code == 201, second.text
    was = (await shop.send("GET", f"/v1/tariff-rows/{first['id']}")).json()
    assert was["valid_to"] == "2026-12-31"
    for day, amount in (("2026-12-31", "1200.00"), ("2027-01-01", "1500.00")):
        query = f"?product_code=AUTO_P&coverage_code=PTA&valid_on={day}"
        (row,) = (await shop.send("GET", f"/v1/tariff-rows{query}")).json()["data"]
        assert row["flat_amount"]["amount"] == amount
    other = await shop.row(keys={"zone": "N"})
    assert other.status_code == 201  # other keys: another figure


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"valid_from": "2025-06-01"}, "tariff_rows_overlap"),
        ({"valid_from": "2026-01-01"}, "tariff_rows_overlap"),
        ({"valid_from": "2025-01-01", "valid_to": "2026-01-01"}, "tariff_rows_overlap"),
        ({"product_code": "NOTHING"}, "unknown_product"),
        ({"coverage_code": "NOTHING"}, "unknown_coverage"),
        ({"rate": "0.1"}, "validation_failed"),
        ({"flat_amount": {"amount": "1.005", "currency": "DZD"}}, "validation_failed"),
        ({"flat_amount": None, "rate": "-0.1"}, "validation_failed"),
        ({"part": "factor"}, "validation_failed"),
        ({"keys": {"colour": "red"}}, "validation_failed"),
        ({"valid_to": "2025-12-31"}, "validation_failed"),
    ],
)
async def test_a_row_that_says_twice_or_nothing_is_refused(
    shop: Shop, changed: dict[str, Any], code: str
) -> None:
    assert (await shop.row()).status_code == 201
    answer = await shop.row(**changed)
    assert answer.status_code in (409, 422), answer.text
    assert answer.json()["code"] == code


async def test_a_figure_ends_today_or_later(shop: Shop) -> None:
    row = (await shop.row()).json()
    path = f"/v1/tariff-rows/{row['id']}/end"
    yesterday = (today() - timedelta(days=1)).isoformat()
    past = await shop.send("POST", path, {"valid_to": yesterday}, version=1)
    assert (past.status_code, past.json()["code"]) == (409, "tariff_row_begun")
    ended = await shop.send("POST", path, {"valid_to": date(2027, 6, 30).isoformat()}, version=1)
    assert ended.json()["valid_to"] == "2027-06-30"


async def test_taxes_have_versions(shop: Shop) -> None:
    dinars = {"currency": "DZD"}
    body = {
        "code": "AUTO",
        "valid_from": "2027-01-01",
        "vat_rate": "0.09",
        "policy_fee": {"amount": "600.00", **dinars},
        "dimension_stamp": {"amount": "40.00", **dinars},
        "source_ref": "LF 2027",
    }
    assert (await shop.send("POST", "/v1/tax-profiles", body)).status_code == 201
    again = await shop.send("POST", "/v1/tax-profiles", body)
    assert (again.status_code, again.json()["code"]) == (409, "tax_profile_taken")
    ctx = shop.company.context()
    for day, rate in ((date(2026, 12, 31), "0.19"), (date(2027, 1, 1), "0.09")):
        taxes = (await ProductService(ctx).sold("AUTO_P", day)).taxes
        assert taxes is not None
        assert str(taxes.vat_rate) == rate
    await ctx.close()
    brackets = [{"up_to": 100, "fixed": 0, "rate": "0"}, {"up_to": 50, "fixed": 0, "rate": "0"}]
    wrong = await shop.send("POST", "/v1/tax-profiles", body | {"stamp_brackets": brackets})
    assert wrong.json()["errors"][0]["code"] == "brackets_order"


async def test_another_organization_sees_and_changes_nothing_of_it(
    shop: Shop, app: FastAPI, client: httpx.AsyncClient
) -> None:
    listed = (await shop.send("GET", "/v1/products")).json()["data"]
    other = Shop(await open_company(app, client))
    assert (await other.send("GET", f"/v1/products/{listed[0]['id']}")).status_code == 404
    gone = await other.send("PATCH", f"/v1/products/{listed[0]['id']}", {"label_fr": "X"}, version=1)
    assert gone.status_code == 404
    reader = actor(shop.company.organization_id, "products:read")
    refused = await shop.send("POST", "/v1/products", DRAFT, by=reader)
    assert refused.status_code == 403

from uuid import uuid4

import httpx
import pytest

from actors import actor

pytestmark = pytest.mark.anyio
READER = actor(uuid4(), "reference:read")


@pytest.fixture
async def reader(client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.headers.update(READER)
    return client


async def test_wilayas_are_listed_as_of_a_day(reader: httpx.AsyncClient) -> None:
    before = (await reader.get("/v1/reference/wilayas?on=2026-12-31")).json()["data"]
    after = (await reader.get("/v1/reference/wilayas?on=2027-01-01")).json()["data"]
    assert (len(before), len(after)) == (58, 69)
    assert after[58] == {
        "code": "59",
        "label_fr": "Aflou",
        "label_ar": "آفلو",
        "region": "CO",
        "tariff_zone": "S",
        "valid_from": "2027-01-01",
        "mother_code": "03",
    }


async def test_without_a_day_today_is_meant(reader: httpx.AsyncClient) -> None:
    assert len((await reader.get("/v1/reference/wilayas")).json()["data"]) in {58, 69}


@pytest.mark.parametrize(("lang", "label"), [("fr", "Nouvelle"), ("en", "New"), ("ar", "جديدة")])
async def test_labels_come_in_the_language_asked_for(
    reader: httpx.AsyncClient, lang: str, label: str
) -> None:
    answer = (await reader.get(f"/v1/reference/enums?lang={lang}")).json()
    assert answer["lang"] == lang
    statuses = next(enum["values"] for enum in answer["data"] if enum["name"] == "lead.status")
    assert statuses[0] == {"value": "new", "label": label}


async def test_labels_are_french_unless_told_otherwise(reader: httpx.AsyncClient) -> None:
    assert (await reader.get("/v1/reference/enums")).json()["lang"] == "fr"


async def test_the_catalogue_is_listed(reader: httpx.AsyncClient) -> None:
    branches = (await reader.get("/v1/reference/branches")).json()["data"]
    products = (await reader.get("/v1/reference/products")).json()["data"]
    assert {product["branch_code"] for product in products} == {branch["code"] for branch in branches}
    assert products[0]["code"] == "AUTO_RC"
    assert products[0]["object_kinds"] == ["vehicle"]


@pytest.mark.parametrize("query", ["enums?lang=de", "wilayas?on=2027-13-01", "wilayas?day=2027-01-01"])
async def test_a_wrong_question_is_refused(reader: httpx.AsyncClient, query: str) -> None:
    answer = await reader.get(f"/v1/reference/{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(("headers", "status"), [({}, 401), (actor(uuid4(), "leads:read"), 403)])
async def test_who_may_not_read_is_refused(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    assert (await client.get("/v1/reference/enums", headers=headers)).status_code == status

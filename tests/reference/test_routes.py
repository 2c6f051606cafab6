from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.types import Receive, Scope, Send

from crm_api.core.principal import Principal
from crm_api.core.problems import refusal_of, respond
from crm_api.kit.errors import DomainError
from crm_api.reference.router import ROUTERS

pytestmark = pytest.mark.anyio
READER = Principal(uuid4(), uuid4(), frozenset({"reference:read"}))


def client_of(principal: Principal | None) -> httpx.AsyncClient:
    """The domain's routes alone: they need neither database nor tools."""
    app = FastAPI()
    app.state.database = app.state.tools = SimpleNamespace()
    for router in ROUTERS:
        app.include_router(router)

    async def refused(request: Any, error: Exception) -> Any:
        refusal = refusal_of(error)
        assert refusal is not None
        return respond(request, refusal)

    for kind in (DomainError, RequestValidationError):
        app.add_exception_handler(kind, refused)

    async def known(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "principal": principal, "locale": "fr", "request_id": "r"}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(known), base_url="http://crm")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(READER) as client:
        yield client


async def test_wilayas_are_listed_as_of_a_day(client: httpx.AsyncClient) -> None:
    before = (await client.get("/v1/reference/wilayas?on=2026-12-31")).json()["data"]
    after = (await client.get("/v1/reference/wilayas?on=2027-01-01")).json()["data"]
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


async def test_without_a_day_today_is_meant(client: httpx.AsyncClient) -> None:
    assert len((await client.get("/v1/reference/wilayas")).json()["data"]) in {58, 69}


@pytest.mark.parametrize(("lang", "label"), [("fr", "Nouvelle"), ("en", "New"), ("ar", "جديدة")])
async def test_labels_come_in_the_language_asked_for(
    client: httpx.AsyncClient, lang: str, label: str
) -> None:
    answer = (await client.get(f"/v1/reference/enums?lang={lang}")).json()
    assert answer["lang"] == lang
    statuses = next(enum["values"] for enum in answer["data"] if enum["name"] == "lead.status")
    assert statuses[0] == {"value": "new", "label": label}


async def test_labels_are_french_unless_told_otherwise(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/reference/enums")).json()["lang"] == "fr"


async def test_the_catalogue_is_listed(client: httpx.AsyncClient) -> None:
    branches = (await client.get("/v1/reference/branches")).json()["data"]
    products = (await client.get("/v1/reference/products")).json()["data"]
    assert {product["branch_code"] for product in products} == {branch["code"] for branch in branches}
    assert products[0]["code"] == "AUTO_RC"
    assert products[0]["object_kinds"] == ["vehicle"]


@pytest.mark.parametrize("query", ["enums?lang=de", "wilayas?on=2027-13-01", "wilayas?day=2027-01-01"])
async def test_a_wrong_question_is_refused(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/v1/reference/{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    ("principal", "status"), [(None, 401), (Principal(uuid4(), uuid4(), frozenset({"leads:read"})), 403)]
)
async def test_who_may_not_read_is_refused(principal: Principal | None, status: int) -> None:
    async with client_of(principal) as client:
        assert (await client.get("/v1/reference/enums")).status_code == status

"""The documents and the page that tries them, over HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest

from contract.sample_app import create_app

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://crm") as client:
        yield client


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("file", ["openapi.json", "openapi.portal.json", "openapi.partner.json"])
async def test_a_served_document_sends_its_calls_to_the_server_it_came_from(
    client: httpx.AsyncClient, file: str
) -> None:
    answer = await client.get(f"/{file}")
    assert answer.json()["servers"] == [{"url": "/"}]
    assert answer.json()["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    ("page", "file"), [("/docs", "openapi.json"), ("/docs/partner", "openapi.partner.json")]
)
async def test_the_page_shows_one_document_and_lets_no_foreign_script_run(
    client: httpx.AsyncClient, page: str, file: str
) -> None:
    answer = await client.get(page)
    assert f'data-document="/{file}"' in answer.text
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert "//" not in answer.text.replace("<!doctype", "")


@pytest.mark.parametrize("asset", ["swagger-ui-bundle.js", "swagger-ui.css", "start.js", "LICENSE.txt"])
async def test_the_page_finds_its_files_here(client: httpx.AsyncClient, asset: str) -> None:
    assert (await client.get(f"/docs/assets/{asset}")).status_code == 200


async def test_there_is_no_page_for_an_unknown_audience(client: httpx.AsyncClient) -> None:
    assert (await client.get("/docs/everybody")).status_code == 404

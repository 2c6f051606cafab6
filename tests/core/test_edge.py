"""Bad requests: a 4xx problem document that names what is wrong, and never a word of what is inside."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from crm_api.agencies.service import AgencyService, RegionService

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, "agencies:read", "agencies:write")
JSON = ADMIN | {"Content-Type": "application/json"}
GOOD = b'{"code":"CO","name":"DR Centre-Ouest"}'


async def post(client: httpx.AsyncClient, body: bytes, **headers: str) -> httpx.Response:
    return await client.post("/v1/regions", content=body, headers=JSON | headers)


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == problem["request_id"]
    assert problem["type"] == "/problems/" + code.replace("_", "-")
    assert problem["status"] == status
    return problem


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (b"", "", "json_invalid"),
        (b"{", "", "json_invalid"),
        (b"[" * 100_000, "", "json_invalid"),
        (b'{"code":' * 50_000, "", "json_invalid"),
        (b"null", "", "model_type"),
        (b"[]", "", "model_type"),
        (b'"text"', "", "model_type"),
        (b"7", "", "model_type"),
        (b"NaN", "", "model_type"),
        (b'{"code":"CO","name":NaN}', "/name", "string_type"),
        (b'{"code":"CO","name":1e999}', "/name", "string_type"),
        (b'{"code":"CO","name":' + b"9" * 5000 + b"}", "", "json_invalid"),
        (b'{"code":"CO","name":"\\u0000"}', "/name", "nul_character"),
        (b'{"code":"CO","\\u0000":"x","name":"y"}', "", "nul_character"),
        (b'{"code":"CO","name":"\\ud800"}', "/name", "half_character"),
        (b'{"code":"CO","name":"\xff\xfe"}', "", "json_invalid"),
        (b'{"code":"CO","name":"DR","salary":1}', "/salary", "extra_forbidden"),
        (b'{"code":"CO","name":true}', "/name", "string_type"),
        (b'{"code":"CO","name":""}', "/name", "string_too_short"),
        (b'{"code":"CO","name":"' + b"a" * 81 + b'"}', "/name", "string_too_long"),
        (b'{"name":"DR"}', "/code", "missing"),
        (b'{"code":"CO","name":"DR","director_user_id":"\' OR 1=1"}', "/director_user_id", "uuid_parsing"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_body_that_is_wrong_is_refused_and_the_field_named(
    client: httpx.AsyncClient, body: bytes, pointer: str, code: str
) -> None:
    problem = refused(await post(client, body), 422, "validation_failed")
    assert (pointer, code) in [(fault["pointer"], fault["code"]) for fault in problem["errors"]], problem
    assert (await client.get("/v1/regions", headers=ADMIN)).json()["data"] == []


async def test_text_that_looks_dangerous_is_only_text(client: httpx.AsyncClient) -> None:
    name = "=cmd|' /C calc'!A0 <script>'; DROP TABLE regions; --"
    made = await client.post("/v1/regions", json={"code": "CO", "name": name}, headers=ADMIN)
    assert (made.status_code, made.json()["name"]) == (201, name)


async def test_a_body_too_large_is_refused_announced_or_not(client: httpx.AsyncClient) -> None:
    problem = refused(await post(client, b" " * 1_048_577), 413, "payload_too_large")
    assert problem["detail"] == "Le corps dépasse 1048576 octets."

    async def endless() -> Any:
        for _ in range(200):
            yield b" " * 65_536

    answer = await client.post("/v1/regions", content=endless(), headers=JSON)
    refused(answer, 413, "payload_too_large")


async def test_headers_too_large_are_refused(client: httpx.AsyncClient) -> None:
    refused(
        await client.get("/v1/regions", headers=ADMIN | {"X-Filler": "a" * 70_000}), 431, "headers_too_large"
    )


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a_body_that_is_not_called_json_is_refused(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/v1/regions", content=GOOD, headers=ADMIN | {"Content-Type": kind})
    refused(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=NaN", "limit"),
        ("salary=1", "salary"),
        ("sort=name", "sort"),
        ("cursor=" + "a" * 2000, "cursor"),
        ("limit=%00", "limit"),
    ],
)
async def test_a_query_that_is_wrong_is_refused_and_the_parameter_named(
    client: httpx.AsyncClient, query: str, pointer: str
) -> None:
    problem = refused(await client.get(f"/v1/regions?{query}", headers=ADMIN), 422, "validation_failed")
    assert (problem["errors"][0]["pointer"], problem["errors"][0]["location"]) == (pointer, "query")


async def test_broken_unicode_in_a_query_or_path_is_no_bug(client: httpx.AsyncClient) -> None:
    for address in "/v1/agencies?name_prefix=%ff%fe", "/v1/agencies/%ff", "/v1/agencies/%00", "/v1/%00":
        assert 200 <= (await client.get(address, headers=ADMIN)).status_code < 500, address


async def test_an_unknown_address_and_a_foreign_method(client: httpx.AsyncClient) -> None:
    for address in "/", "/v1", "/v1/nothing", "/v1/regions/", "/admin.php", "/v1/regions/x/y/z":
        refused(await client.get(address, headers=ADMIN), 404, "not_found")
    answer = await client.put("/v1/regions", headers=ADMIN)
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    options = await client.options("/v1/regions")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    await post(client, GOOD)
    whole = await client.get("/v1/regions", headers=ADMIN)
    head = await client.head("/v1/regions", headers=ADMIN)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]
    missing = await client.head(f"/v1/regions/{uuid4()}", headers=ADMIN)
    assert (missing.status_code, missing.content) == (404, b"")


@pytest.mark.parametrize(
    ("wish", "language", "title"),
    [
        ("", "fr", "Introuvable"),
        ("en", "en", "Not found"),
        ("ar-DZ,fr;q=0.5", "ar", "غير موجود"),
        ("de,en;q=0.1", "en", "Not found"),
        ("*;q=x,,;;,", "fr", "Introuvable"),
        ("en;q=0", "fr", "Introuvable"),
    ],
)
async def test_a_problem_speaks_the_language_of_the_caller(
    client: httpx.AsyncClient, wish: str, language: str, title: str
) -> None:
    answer = await client.get(f"/v1/regions/{uuid4()}", headers=ADMIN | {"Accept-Language": wish})
    assert (answer.headers["content-language"], answer.json()["title"]) == (language, title)
    assert answer.headers["vary"] == "Accept-Language"


async def test_a_bug_tells_nothing_but_its_request_id(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("postgresql://crm_app:secret@10.0.0.1")

    monkeypatch.setattr(RegionService, "get", broken)
    answer = await client.get(f"/v1/regions/{uuid4()}", headers=ADMIN | {"X-Request-Id": "abc-123"})
    assert refused(answer, 500, "internal_error")["request_id"] == "abc-123"
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text


@pytest.mark.parametrize("given", ["a b", "x" * 65, "<script>", "é"])
async def test_a_strange_request_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    headers = ADMIN | {"X-Request-Id": given.encode()}  # type: ignore[dict-item]  # httpx takes bytes too
    assert (await client.get("/v1/regions", headers=headers)).headers["x-request-id"] != given


async def test_beyond_its_capacity_it_sheds_and_stays_alive(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = asyncio.Event()

    async def slow(*_: Any) -> None:
        await release.wait()

    monkeypatch.setattr(AgencyService, "tree", slow)
    most = app.state.tools.settings.max_in_flight
    waiting = [asyncio.create_task(client.get("/v1/agencies/tree", headers=ADMIN)) for _ in range(most)]
    await asyncio.sleep(0.3)
    answer = await client.get("/v1/regions", headers=ADMIN)
    alive = await client.get("/livez")
    release.set()
    await asyncio.gather(*waiting)
    refused(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert alive.status_code == 200
    assert (await client.get("/v1/regions", headers=ADMIN)).status_code == 200

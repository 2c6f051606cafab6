"""What machines ask of a process, and the catalogue of problems."""

import pkgutil
from importlib import import_module

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

import crm_api
from crm_api.core import i18n
from crm_api.core.catalogue import kinds, slug
from crm_api.kit.errors import DomainError

pytestmark = pytest.mark.anyio
ROOFS = {"crm_api.cli", "crm_api.main", "crm_api.worker"}
for module in pkgutil.walk_packages(crm_api.__path__, "crm_api."):
    if module.name not in ROOFS and not module.name.startswith("crm_api.demo"):
        import_module(module.name)


async def test_a_living_process_says_so_without_a_database(client: httpx.AsyncClient) -> None:
    assert (await client.get("/livez")).json() == {"status": "ok"}


async def test_ready_means_the_database_answers(client: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (200, "ok")
    assert answer.json()["checks"]["worker"] == "never seen"
    beat = """INSERT INTO pgqueuer_schedules (expression, entrypoint, last_run)
        VALUES ('* * * * *', 'worker_beat', now() - $1::text::interval)"""
    await owner.execute(beat, "10 seconds")
    assert (await client.get("/readyz")).json()["checks"]["worker"] == "ok"
    await owner.execute("UPDATE pgqueuer_schedules SET last_run = now() - interval '1 hour'")
    late = await client.get("/readyz")
    assert (late.status_code, late.json()["checks"]["worker"]) == (200, "late")


async def test_a_process_that_must_go_or_has_no_database_is_not_ready(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.state.draining = True
    try:
        answer = await client.get("/readyz")
    finally:
        app.state.draining = False
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    url = app.state.database.url
    monkeypatch.setattr(app.state.database, "url", url.set(port=1, host="127.0.0.1"))
    gone = await client.get("/readyz")
    assert (gone.status_code, gone.json()["checks"]["database"]) == (503, "unreachable")
    assert (await client.get("/livez")).status_code == 200


async def test_metrics_name_route_templates_and_no_path(client: httpx.AsyncClient) -> None:
    await client.get("/v1/agencies/01936e2a-5f00-7abc-8def-0123456789ab")
    text = (await client.get("/metrics")).text
    assert 'route="/v1/agencies/{agency_id}"' in text
    assert "01936e2a" not in text


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.code)
def test_every_problem_speaks_three_languages(kind: type[DomainError]) -> None:
    entry = i18n.messages()["problems"].get(kind.code, {})
    assert set(entry.get("title", {})) >= {"fr", "en", "ar"}, f"{kind.__module__}: title of {kind.code}"
    assert set(entry.get("detail", {})) >= {"fr", "ar"}, f"{kind.__module__}: sentence of {kind.code}"
    assert kind.__doc__


def test_two_problems_of_one_code_have_one_status() -> None:
    assert all(slug(kind) == at for at, kind in kinds().items())
    assert len(kinds()) > 40


def test_every_fault_speaks_french_and_arabic() -> None:
    for code, entry in i18n.messages()["faults"].items():
        assert {"fr", "ar"} <= set(entry), code


async def test_the_catalogue_is_a_page_for_people_and_json_for_programs(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/v1/problems", headers={"Accept-Language": "en"})).json()["data"]
    assert {"/problems/not-found", "/problems/version-conflict"} <= {entry["type"] for entry in listed}
    one = await client.get("/problems/not-found", headers={"Accept-Language": "ar"})
    assert (one.json()["title"], one.headers["content-language"]) == ("غير موجود", "ar")
    page = await client.get(
        "/problems/not-found", headers={"Accept": "text/html,*/*", "Accept-Language": "ar"}
    )
    assert page.headers["content-type"].startswith("text/html")
    assert 'dir="rtl"' in page.text
    assert (await client.get("/problems", headers={"Accept": "text/html"})).text.count("<li>") == len(listed)
    missing = await client.get("/problems/no-such-thing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")

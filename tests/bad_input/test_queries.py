"""What no client should ask: refused by the parameter's name, and never a fault of ours."""

from collections.abc import AsyncIterator
from typing import NamedTuple
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from company import open_company
from crm_api.core.openapi.samples import kinds
from crm_api.core.openapi.walk import Json, resolved
from survey.estate import Estate, Values
from survey.operations import Operation, survey

pytestmark = pytest.mark.anyio
ODD = ("", "%00", "%ff%fe", "%ed%a0%80", "1e400", "NaN", "9" * 400, "9223372036854775808", "2026-02-30")
ODD_PATHS = ("x", "%00", "%ff", "..%2f..%2fetc", "1" * 5000, "%27%20OR%201=1--")


class Stage(NamedTuple):
    estate: Estate
    reads: list[tuple[Operation, Values]]

    async def get(self, operation: Operation, values: Values, query: str) -> httpx.Response:
        needed = "".join(f"{k}={v}&" for k, v in (await self.estate.query(operation)).items())
        address = f"{operation.address(values)}?{needed}{query}"
        return await self.estate.client.get(address, headers=self.estate.headers)


@pytest.fixture(scope="module")
async def stage(house: FastAPI) -> AsyncIterator[Stage]:
    transport = httpx.ASGITransport(house)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        estate = Estate(await open_company(house, client), survey(house))
        reads = [
            (operation, await estate.values(operation))
            for operation in await estate.reached()
            if operation.method == "GET" and operation.query
        ]
        yield Stage(estate, reads)


def types_of(operation: Operation, schema: Json) -> set[str]:
    schema = resolved(operation.document, schema)
    parts = [resolved(operation.document, part) for part in schema.get("anyOf", [schema])]
    return {kind for part in parts for kind in kinds(part)} - {"null"}


def refusal(answer: httpx.Response, name: str) -> str | None:
    """What is wrong with it; None if nothing is."""
    if answer.status_code != 422:
        return f"{answer.url} answered {answer.status_code} {answer.text[:200]}"
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    return None if any(name in pointer for pointer in pointers) else f"{answer.url}: {pointers}"


async def test_an_odd_parameter_is_refused_or_understood(stage: Stage) -> None:
    wrong = []
    for operation, values in stage.reads:
        for name in operation.query:
            for odd in ODD:
                answer = await stage.get(operation, values, f"{name}={odd}")
                if answer.status_code not in (200, 400, 404, 422) or answer.status_code >= 500:
                    wrong.append(
                        f"{operation.name} {name}={odd[:30]}: {answer.status_code} {answer.text[:150]}"
                    )
    assert not wrong, "\n".join(wrong)


async def test_a_parameter_nobody_knows_is_named(stage: Stage) -> None:
    wrong = [
        refusal(await stage.get(operation, values, "no_such_filter=1"), "no_such_filter")
        for operation, values in stage.reads
    ]
    assert not [*filter(None, wrong)], "\n".join(filter(None, wrong))


async def test_pages_have_bounds(stage: Stage) -> None:
    wrong = []
    for operation, values in stage.reads:
        if "limit" in operation.query:
            for limit in ("0", "-1", "201", "1e3", "9" * 30, "x", "1.5"):
                wrong.append(refusal(await stage.get(operation, values, f"limit={limit}"), "limit"))
    assert not [*filter(None, wrong)], "\n".join(filter(None, wrong))


async def test_what_may_be_given_once_is_refused_twice(stage: Stage) -> None:
    """Two values of one thing contradict each other: which one would win?"""
    wrong = []
    for operation, values in stage.reads:
        for name, schema in operation.query.items():
            if "array" not in types_of(operation, schema) and name in ("limit", "sort", "cursor", "q"):
                answer = await stage.get(operation, values, f"{name}=1&{name}=2")
                if answer.status_code not in (400, 422):
                    wrong.append(f"{operation.name} {name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_a_cursor_is_good_for_its_own_list_alone(stage: Stage) -> None:
    agencies = stage.estate
    for code in ("A", "B", "C"):
        body = {"code": code, "name": f"Direction {code}"}
        await agencies.client.post("/v1/regions", json=body, headers=agencies.headers)
    first = await agencies.client.get("/v1/regions?limit=1&sort=code", headers=agencies.headers)
    cursor = first.json()["next_cursor"]
    assert cursor
    spoiled = [cursor[:-2], cursor + "A", cursor[::-1], cursor.swapcase(), "x", "=" * 50, "é"]
    wrong = []
    for operation, values in stage.reads:
        if "cursor" in operation.query:
            own = operation.path == "/v1/regions"
            for bad in spoiled if own else [*spoiled, cursor]:
                answer = await stage.get(operation, values, f"cursor={quote(bad)}")
                if answer.status_code not in (400, 422):
                    wrong.append(f"{operation.name} {bad}: {answer.status_code} {answer.text[:150]}")
    assert not wrong, "\n".join(wrong)
    again = await agencies.client.get(
        f"/v1/regions?limit=1&sort=-code&cursor={cursor}", headers=agencies.headers
    )
    assert again.status_code in (400, 422)


async def test_an_id_that_is_none_is_refused(stage: Stage) -> None:
    wrong = []
    for operation in stage.estate.operations:
        for name in operation.path_names:
            values = dict.fromkeys(operation.path_names, "01936e2a-7c1e-7b3a-9f60-3d5b2b8f1c11")
            for odd in ODD_PATHS:
                answer = await stage.estate.send(operation, values | {name: odd}, operation.sample())
                least = 200 if name == "system" else 400  # whoever calls itself so: no id
                if not least <= answer.status_code < 500:
                    wrong.append(
                        f"{operation.name} {name}={odd[:20]}: {answer.status_code} {answer.text[:150]}"
                    )
    assert not wrong, "\n".join(wrong)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_no_question_makes_the_house_stumble(stage: Stage, data: st.DataObject) -> None:
    operation, values = data.draw(st.sampled_from(stage.reads))
    name = data.draw(st.sampled_from(sorted(operation.query)))
    text = data.draw(st.text(max_size=40))
    answer = await stage.get(operation, values, f"{name}={quote(text, errors='surrogatepass')}")
    assert answer.status_code < 500, answer.text

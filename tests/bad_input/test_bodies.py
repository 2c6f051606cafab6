"""What no client should send: refused with a problem document that names the field, and nothing written."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import URL

from actors import principal_of
from company import open_company
from crm_api.core.openapi.samples import kinds
from crm_api.core.openapi.walk import Json, resolved
from survey.estate import Estate, Values
from survey.operations import Operation, survey
from survey.rows import digest, ids_of, text_of

pytestmark = pytest.mark.anyio
WHOLE = frozenset({"application/json", "application/merge-patch+json"})
"""JSON lines are taken and judged row by row, later: `tests/integrations` has what they may not say."""
LONG = "9" * 400
WRONG: dict[str, list[str]] = {
    "string": ["17", "true", "[]", "{}", r'"a\u0000b"', r'"\ud800"', f'"{"x" * 70_000}"'],
    "integer": ['"x"', "1.5", "[]", "true", LONG, "9223372036854775808", "1e400", "NaN", "-Infinity"],
    "number": ['"x"', "[]", "true", LONG, "1e400", "NaN", "Infinity"],
    "boolean": ['"x"', "17", "[]", "{}"],
    "array": ['"x"', "17", "{}", "[[]]", '["x", 17]', f"[{','.join(['null'] * 3000)}]"],
    "object": ['"x"', "17", "[]", '{"no_such_field": 1}'],
}
"""JSON that is not a value of the type, or not one that fits. (A number may come as text.)"""
FORMATS: dict[str, list[str]] = {
    "date": ['"2026-02-30"', '"0000-01-01"', '"10000-01-01"', '"2026-13-01"', "1", '"yesterday"'],
    "date-time": ['"2026-02-30T00:00:00Z"', '"2026-11-23T25:00:00Z"', '"10000-01-01T00:00:00Z"', "1"],
    "uuid": ['"x"', '"01936e2a-7c1e-7b3a-9f60"', "17", r'"\u0000"'],
    "email": ['"x"', '"@"', '"a@b"', '"a b@example.com"'],
}
UNSPEAKABLE: tuple[tuple[str, bytes], ...] = (
    ("empty", b""),
    ("blank", b"   "),
    ("not JSON", b"{"),
    ("no object", b"[]"),
    ("a word", b'"x"'),
    ("null", b"null"),
    ("broken UTF-8", b'{"\xff\xfe": "\xc3\x28"}'),
    ("a lone surrogate as a name", rb'{"\ud800": 1}'),
    ("a NUL as a name", rb'{"\u0000": 1}'),
    ("nested 10,000 deep", b'{"x":' * 10_000 + b"1" + b"}" * 10_000),
    ("a list nested 10,000 deep", b"[" * 10_000 + b"]" * 10_000),
    ("a field nobody knows", b'{"no_such_field": 1}'),
    ("a number without an end", b'{"no_such_field": 1e400}'),
)
SPEAKABLE = (
    "Robert'); DROP TABLE leads;--",
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "%s {0} \\",
)
"""Text like any other: taken as it is, or refused by a rule of the field."""

MASK = "•••"


class Stage(NamedTuple):
    estate: Estate
    places: list[tuple[Operation, Values, Any]]
    owner: asyncpg.Connection
    foreign: Estate

    async def send(self, operation: Operation, values: Values, content: bytes) -> httpx.Response:
        headers = dict(self.estate.client_headers if "/partner/" in operation.path else self.estate.headers)
        headers["Content-Type"] = operation.media_type or "application/json"
        if operation.takes_version:
            headers["If-Match"] = await self.estate.version(operation, values)
        if operation.needs_key:
            headers["Idempotency-Key"] = "bad-input"
        address = operation.address(values)
        return await self.estate.client.request(operation.method, address, content=content, headers=headers)


@pytest.fixture(scope="module")
async def stage(house: FastAPI, owner_url: URL) -> AsyncIterator[Stage]:
    owner = await asyncpg.connect(owner_url.set(drivername="postgresql").render_as_string(False))
    transport = httpx.ASGITransport(house)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        foreign = Estate(await open_company(house, client), survey(house))
        await foreign.reached()
        estate = Estate(await open_company(house, client), survey(house))
        places = [
            (operation, await estate.values(operation), await estate.body(operation))
            for operation in await estate.reached()
            if operation.media_type in WHOLE
        ]
        yield Stage(estate, places, owner, foreign)
    await owner.close()


def fault(answer: httpx.Response, where: str) -> str | None:
    """What is wrong with this refusal; None if nothing is."""
    if answer.is_success and "failed" in answer.json():  # a batch tells row by row
        refused = answer.json()["failed"] == len(answer.json()["results"])
        return None if refused else f"{where} was taken: {answer.text[:300]}"
    if not 400 <= answer.status_code < 500:
        return f"{where} answered {answer.status_code} {answer.text[:300]}"
    if answer.headers["content-type"] != "application/problem+json":
        return f"{where} is refused without a problem document"
    return None


async def test_what_cannot_be_understood_is_refused_before_anything_is_written(stage: Stage) -> None:
    wrong = []
    before = await digest(stage.owner)
    for operation, values, body in stage.places:
        for name, content in UNSPEAKABLE:
            if content != b"null" or body is not None:
                answer = await stage.send(operation, values, content)
                wrong.append(fault(answer, f"{operation.name}: {name}"))
    assert not [*filter(None, wrong)], "\n".join(filter(None, wrong))
    assert await digest(stage.owner) == before


async def test_ten_megabytes_are_not_read_to_the_end(stage: Stage) -> None:
    content = b'{"x": "' + b"y" * 10_000_000 + b'"}'
    for operation, values, _ in stage.places:
        answer = await stage.send(operation, values, content)
        assert answer.status_code == 413, f"{operation.name}: {answer.status_code}"


async def test_a_wrong_value_is_named_by_its_pointer(stage: Stage) -> None:
    wrong = []
    before = await digest(stage.owner)
    for operation, values, body in stage.places:
        for name, value in spoiled(operation):
            answer = await stage.send(operation, values, with_field(body, name, value))
            where = f"{operation.name} {name}={value[:40]}"
            wrong.append(fault(answer, where) or unnamed(answer, name, where))
    assert not [*filter(None, wrong)], "\n".join(filter(None, wrong))
    assert await digest(stage.owner) == before


def unnamed(answer: httpx.Response, name: str, where: str) -> str | None:
    if answer.is_success:
        return None
    if answer.json()["code"] != "validation_failed":
        return f"{where}: {answer.text[:300]}"
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    if not any(pointer == f"/{name}" or pointer.startswith(f"/{name}/") for pointer in pointers):
        return f"{where}: {pointers}"
    return None


def longer_than(longest: int, value: str) -> str:
    """The long text of `WRONG`, longer still where the field takes as much."""
    return f'"{"x" * (longest + 1)}"' if len(value) > 70_000 and longest >= 70_000 else value


def spoiled(operation: Operation) -> Iterator[tuple[str, str]]:
    """Every field of the body with every value that it must not take."""
    for name, schema in fields(operation):
        choices = [resolved(operation.document, choice) for choice in schema.get("anyOf", [schema])]
        types = {kind for choice in choices for kind in kinds(choice)} - {"null"}
        formats = {choice.get("format") for choice in choices}
        if len(types) == 1:
            yield from ((name, value) for value in FORMATS.get(formats.pop() or "", []))
            longest = max(choice.get("maxLength", 0) for choice in choices)
            wrong = WRONG.get(types.pop(), [])
            yield from ((name, longer_than(longest, value)) for value in wrong)


def fields(operation: Operation) -> Iterator[tuple[str, Json]]:
    schema = resolved(operation.document, operation.schema)
    for name, part in schema.get("properties", {}).items():
        yield name, resolved(operation.document, part)


def with_field(body: Any, name: str, value: str) -> bytes:
    """The body with one field written in so many words: they need not be what a JSON writer writes."""
    others = {key: val for key, val in (body or {}).items() if key != name}
    parts = [f"{json.dumps(key)}: {json.dumps(val)}" for key, val in others.items()]
    return ("{" + ", ".join([*parts, f'"{name}": {value}']) + "}").encode()


FRESH: Mapping[str, tuple[str, Callable[[], str]]] = {
    "ringCall": ("reference", lambda: str(uuid4())),
    "syncPolicy": ("as_of", lambda: datetime.now(UTC).isoformat()),
}
"""What makes it news: told twice, an operation answers with what stands."""


TOLD_OTHERWISE = frozenset({("tryAutoReplies", "text"), ("reportKbGap", "question")})
"""The answer has a field of that name that says something else: the reply, the question without its links."""


async def test_text_is_text_whatever_it_looks_like(stage: Stage) -> None:
    """Kept to the letter, or refused by a rule of the field; never a fault of ours."""
    wrong = []
    for operation, values, body in stage.places:
        for name, schema in fields(operation):
            if "string" in {kind for part in schema.get("anyOf", [schema]) for kind in kinds(part)}:
                for text in SPEAKABLE:
                    field, fresh = FRESH.get(operation.name, ("", str))
                    given = body | {field: fresh()} if field else body
                    answer = await stage.send(operation, values, with_field(given, name, json.dumps(text)))
                    if answer.status_code >= 500:
                        wrong.append(f"{operation.name} {name}: {answer.status_code} {answer.text[:200]}")
                    elif (
                        answer.is_success and answer.content and (operation.name, name) not in TOLD_OTHERWISE
                    ):
                        kept = answer.json().get(name)
                        if kept not in (text, None) and MASK not in str(kept):
                            wrong.append(f"{operation.name} {name}: {kept!r} for {text!r}")
    assert not wrong, "\n".join(wrong)


async def test_a_reference_into_another_organization_is_refused_and_never_kept(stage: Stage) -> None:
    theirs = await ids_of(stage.owner, stage.foreign.company.organization_id)
    wrong = []
    for operation, values, body in stage.places:
        for name, schema in fields(operation):
            template = stage.estate.template_of(name, operation)
            if template is None:
                continue
            id = [*(await stage.foreign.one(template)).values()][-1]
            listed = "array" in {kind for part in schema.get("anyOf", [schema]) for kind in kinds(part)}
            value = json.dumps([id] if listed else id)
            answer = await stage.send(operation, values, with_field(body, name, value))
            if answer.status_code >= 500:
                wrong.append(f"{operation.name} {name}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)
    ours = await text_of(stage.owner, principal_of(stage.estate.headers).organization_id)
    kept = [line[:300] for line in ours.splitlines() if any(id in line for id in theirs)]
    assert not kept, "\n".join(kept)

#!/usr/bin/env python3
"""Measure OpenAPI documents against the numbers we promised: `measure.py openapi.json ...`.

Prints one table and the places that fall short; exits 1 when a number is missed. It reads only the
files, and shares no code with the builder it judges.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Node = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PAGING = {"cursor"}
QUOTA = {"RateLimit", "RateLimit-Policy", "X-Request-Id"}

BY_ADDRESS = {
    "GET /v1/public/files/content": "a signature that lasts a minute",
    "GET /v1/public/calendars/{secret}/appointments.ics": "a secret of its owner, who can change it",
    "GET /v1/public/mission-orders/{code}": "a code that stands on the paper",
    "GET /v1/public/quotes/{link}": "a signed link that the customer got by mail",
    "GET /v1/public/quotes/{link}/pdf": "the same link",
    "POST /v1/public/quotes/{link}/accept": "the same link, and a code that is mailed then",
    "POST /v1/public/quotes/{link}/decline": "the same link",
    "GET /v1/public/surveys/{link}": "a signed link that who is asked got by mail",
    "POST /v1/public/surveys/{link}": "the same link, and one answer",
    "GET /v1/public/consents/{link}": "a signed link that who is asked got by mail",
    "POST /v1/public/consents/{link}": "the same link; it confirms once",
    "GET /v1/public/preferences/{link}": "a signed link at the foot of every message",
    "PUT /v1/public/preferences/{link}": "the same link",
    "GET /v1/u/{link}": "a signed link in the head of every message; changes nothing",
    "POST /v1/u/{link}": "the same link: one click to leave (RFC 8058)",
    "POST /v1/public/mentions/{link}": "a signed address, and a signature of the body",
    "GET /o/{link}": "a signed link in a message that somebody got: the picture in it",
    "POST /v1/integrations/messages/{provider_key}/events": "an unguessable address, a signature of the body",
    "GET /v1/public/counters/{link}": "a signed link on the poster of the agency",
    "POST /v1/public/counters/{link}": "the same link; limited by network and by hour",
    "POST /v1/public/channels/{channel_key}/messages": "an unguessable address, a signature of the body",
    "POST /v1/public/channels/{channel_key}/receipts": "the same",
}
"""Not public: whoever has no unguessable address gets 404. Counted apart, and named one by one."""


@dataclass
class Share:
    """How many of those that should, do."""

    least: float
    """Percent."""
    count: int = 0
    total: int = 0
    missing: list[str] = field(default_factory=list)

    def add(self, good: object, where: str) -> None:
        self.total += 1
        if good:
            self.count += 1
        else:
            self.missing.append(where)

    @property
    def percent(self) -> float:
        return 100 * self.count / self.total if self.total else 100.0


class Document:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.root: Node = json.loads(path.read_text(encoding="utf-8"))
        self.shares: dict[str, Share] = {}
        self.faults: list[str] = []
        self.public: list[str] = []
        self.by_address: list[str] = []

    def resolve(self, node: Any) -> Node:
        while isinstance(node, dict) and "$ref" in node:
            found: Any = self.root
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            node = found
        return node if isinstance(node, dict) else {}

    def operations(self) -> Iterator[tuple[str, str, Node]]:
        for path, item in self.root.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    yield path, method, item[method]

    def share(self, name: str, good: object, where: str, least: float = 100) -> None:
        self.shares.setdefault(name, Share(least)).add(good, where)

    def measure(self) -> None:
        seen: set[str] = set()
        for path, method, operation in self.operations():
            where = f"{method.upper()} {path}"
            name = operation.get("operationId", "")
            self._words(where, operation)
            self.share("operationId is camelCase and unique", _camel(name) and name not in seen, where)
            seen.add(name)
            self._answers(where, path, operation)
            self._security(where, operation)
            self._bodies(where, operation)
            self._parameters(where, method, operation)
        self._schemas()

    def _words(self, where: str, operation: Node) -> None:
        for key in ("summary", "tags"):
            self.share(f"{key}", operation.get(key), where)
        own = re.sub(
            r"\*\*(Required scopes|Refusals):\*\*.*", "", operation.get("description", ""), flags=re.S
        )
        self.share("description of its own", own.strip(), where)

    def _answers(self, where: str, path: str, operation: Node) -> None:
        answers = {code: self.resolve(answer) for code, answer in operation["responses"].items()}
        refusals = {code: answer for code, answer in answers.items() if code >= "400"}
        problems = all("application/problem+json" in a.get("content", {}) for a in refusals.values())
        self.share("refusals are problem documents", refusals and problems, where)
        self.share("429, 500", {"429", "500"} <= answers.keys(), where)
        if operation.get("security"):
            self.share("401, 403 where one signs in", {"401", "403"} <= answers.keys(), where)
        if "{" in path:
            self.share("404 with an id in the path", "404" in answers, where)
        if operation.get("requestBody") or operation.get("parameters"):
            self.share("422 with any input", "422" in answers, where)
        headers = [answer.get("headers", {}).keys() >= QUOTA for answer in answers.values()]
        self.share("quota and request id on every answer", all(headers), where)

    def _security(self, where: str, operation: Node) -> None:
        ways = operation.get("security")
        if ways == []:
            (self.by_address if where in BY_ADDRESS else self.public).append(where)
            return
        scoped = [scopes for way in ways or () for name, scopes in way.items() if name == "oauth2"]
        self.share("scopes", scoped and all(scoped) and operation.get("x-required-scopes"), where)

    def _bodies(self, where: str, operation: Node) -> None:
        for media in self.resolve(operation.get("requestBody", {})).get("content", {}).values():
            self.share("request bodies with example", _shown(media), where)
        for code, answer in operation["responses"].items():
            for kind, media in self.resolve(answer).get("content", {}).items():
                if "json" in kind and code < "300":
                    self.share("JSON answers with example", _shown(media), where)

    def _parameters(self, where: str, method: str, operation: Node) -> None:
        parameters = [self.resolve(parameter) for parameter in operation.get("parameters", ())]
        names = {parameter["name"] for parameter in parameters}
        for parameter in parameters:
            place, schema = f"{where} {parameter['name']}", self.resolve(parameter.get("schema"))
            self.share("parameters described", parameter.get("description"), place)
            self.share("parameters with example", _shown(parameter) or _valued(schema), place)
        created = "201" in operation["responses"] and method == "post"
        if created and operation.get("security"):
            self.share("Idempotency-Key where something is created", "Idempotency-Key" in names, where)
        if method in {"patch", "put", "delete"} and "x-unversioned" not in operation:
            self.share("If-Match on PATCH, PUT, DELETE", "If-Match" in names, where)
        if method == "get" and "next_cursor" in self._answered(operation):
            self.share("lists with cursor", names >= PAGING, where)

    def _answered(self, operation: Node) -> Node:
        answer = self.resolve(operation["responses"].get("200", {}))
        schema = self.resolve(answer.get("content", {}).get("application/json", {}).get("schema", {}))
        properties: Node = schema.get("properties", {})
        return properties

    def _schemas(self) -> None:
        for where, schema in _all_schemas(self.root):
            kinds = schema.get("type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if "nullable" in schema:
                self.faults.append(f"{where}: `nullable` is a word of OpenAPI 3.0")
            if "string" in kinds:
                bounds = {"maxLength", "enum", "const"} & schema.keys()
                self.share("strings bounded", bounds, where)
            for name, part in schema.get("properties", {}).items():
                both = (part, self.resolve(part))
                place = f"{where}.{name}"
                self.share("properties described", any(p.get("description") for p in both), place)
                self.share("properties with example, enum or default", any(map(_valued, both)), place, 95)


def _camel(name: str) -> bool:
    return bool(re.fullmatch(r"[a-z][A-Za-z0-9]*", name))


def _shown(node: Node) -> bool:
    return bool("example" in node or node.get("examples"))


def _valued(schema: Node) -> bool:
    return any(key in schema for key in ("enum", "const", "default", "example")) or bool(
        schema.get("examples")
    )


NAMED = {"properties", "schemas"}
SINGLE = {"schema", "items", "additionalProperties", "contentSchema", "not", "propertyNames"}
SEVERAL = {"anyOf", "allOf", "oneOf", "prefixItems"}
VALUES = {"examples", "example", "default", "enum", "const"}


def _all_schemas(node: Any, where: str = "", *, schema: bool = False) -> Iterator[tuple[str, Node]]:
    """Every schema object, named by its place; examples are values and are passed over."""
    if isinstance(node, list):
        for index, part in enumerate(node):
            yield from _all_schemas(part, f"{where}/{index}", schema=schema)
    if not isinstance(node, dict):
        return
    if schema:
        yield where, node
    for key in (key for key in node if key not in VALUES):
        part, place = node[key], f"{where}/{key}"
        if key in NAMED and isinstance(part, dict):
            for name, inner in part.items():
                yield from _all_schemas(inner, f"{place}/{name}", schema=True)
        else:
            yield from _all_schemas(part, place, schema=key in SINGLE | SEVERAL)


def report(document: Document, *, kilobytes: float, public: int) -> list[str]:
    """Print the table; the faults are what was missed."""
    count = sum(1 for _ in document.operations())
    size = document.path.stat().st_size / 1024
    print(f"\n{document.path.name}: {count} operations, {size:.0f} KB")
    faults = list(document.faults)
    for name, share in sorted(document.shares.items()):
        missed = share.percent < share.least
        mark = "MISSED" if missed else "ok    "
        print(f"  {mark} {share.percent:5.1f} %  {name} ({share.count}/{share.total})")
        if missed:
            faults += [f"{name}: {where}" for where in share.missing[:25]]
    limits: list[tuple[str, float, float, Callable[[float], str]]] = [
        ("KB per operation", size / count if count else 0, kilobytes, lambda v: f"{v:.1f}"),
        ("public operations", len(document.public), public, lambda v: f"{v:.0f}"),
        ("operations opened by their address", len(document.by_address), 22, lambda v: f"{v:.0f}"),
    ]
    for name, value, most, text in limits:
        print(f"  {'MISSED' if value > most else 'ok    '} {text(value):>7}  {name} (at most {text(most)})")
        if value > most:
            faults.append(f"{name}: {text(value)}, at most {text(most)}")
    return faults


def main(files: list[str]) -> int:
    faults = []
    for file in files:
        document = Document(Path(file))
        document.measure()
        # An audience's document is a part of the whole, so that the shared components weigh more.
        whole = Path(file).name == "openapi.json"
        faults += [f"{file}: {fault}" for fault in report(document, kilobytes=9 if whole else 40, public=10)]
    print("\n" + "\n".join(faults) if faults else "\nEvery number is reached.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Every operation of the running application, read off its document: a new domain is here by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from crm_api.core.authority import Authority, PublicDoor
from crm_api.core.openapi import documents
from crm_api.core.openapi.samples import Sampler
from crm_api.core.openapi.walk import Json, operations, resolved

FORM = "application/x-www-form-urlencoded"
UPLOAD = "multipart/form-data"
STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, and what it takes."""

    name: str
    method: str
    path: str
    scopes: frozenset[str]
    public: str | None
    """Why it is open to everybody; None where it is not."""
    parameters: tuple[Json, ...]
    media_type: str | None
    schema: Json
    """Of the body; empty where it takes none."""
    document: Json

    @property
    def path_names(self) -> tuple[str, ...]:
        return tuple(p["name"] for p in self.parameters if p["in"] == "path")

    @property
    def query(self) -> Mapping[str, Json]:
        """The query parameters: name to schema."""
        return {p["name"]: p["schema"] for p in self.parameters if p["in"] == "query"}

    @property
    def takes_version(self) -> bool:
        return any(p["name"] == "If-Match" for p in self.parameters)

    @property
    def needs_key(self) -> bool:
        return any(p["name"] == "Idempotency-Key" and p["required"] for p in self.parameters)

    @property
    def creates(self) -> bool:
        return self.method == "POST" and "{" not in self.path and "201" in self.answers

    @property
    def answers(self) -> Json:
        answers: Json = self.document["paths"][self.path][self.method.lower()]["responses"]
        return answers

    def address(self, values: Mapping[str, str]) -> str:
        address = self.path
        for name, value in values.items():
            address = address.replace(f"{{{name}}}", value)
        return address

    def sample(self, *, needed_only: bool = True) -> Any:
        """A body that fits: only what is required, or with all it may hold."""
        if self.media_type is None:
            return None
        return Sampler(self.document).of(self.schema, at_most=1 if needed_only else None)


def survey(app: FastAPI) -> list[Operation]:
    """All of them that end, in the order of the document; streams have tests of their own (tests/events)."""
    document = documents(app, {})["staff"]
    reasons = dict(_public(app))
    return [
        Operation(
            name=operation["operationId"],
            method=method.upper(),
            path=path,
            scopes=frozenset(operation.get("x-required-scopes", ())),
            public=reasons.get((path, method)),
            parameters=tuple(resolved(document, p) for p in operation.get("parameters", ())),
            **_body(document, operation),
            document=document,
        )
        for path, method, operation in operations(document)
        if STREAM not in operation["responses"].get("200", {}).get("content", {})
    ]


def _body(document: Json, operation: Json) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    for media_type, media in content.items():
        return {"media_type": media_type, "schema": media["schema"]}
    return {"media_type": None, "schema": {}}


def doors(app: FastAPI) -> Iterator[tuple[str, str, Authority | PublicDoor | None]]:
    """Path, method and door of every route."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            for method in context.methods or ():
                yield str(context.path_format), method.lower(), _door(context.dependant)


def _door(dependant: Any) -> Authority | PublicDoor | None:
    if isinstance(dependant.call, Authority | PublicDoor):
        return dependant.call
    return next(filter(None, map(_door, dependant.dependencies)), None)


def _public(app: FastAPI) -> Iterator[tuple[tuple[str, str], str]]:
    for path, method, door in doors(app):
        if isinstance(door, PublicDoor):
            yield (path, method), door.reason

"""What a route may say about itself in `openapi_extra`; none of it is ever needed for a plain CRUD route.

`x-audience`     list of staff, partner, portal; who may read about it. Left out: staff alone.
`x-public`       why nobody has to sign in, on a route without a door; one with `public("...")` has said it.
`x-idempotency`  "required", "optional" or "none". Left out: what the door asks for; optional on a secured
                 POST, none elsewhere.
`x-problems`     refusals of its own, as `{"409": ["lead_already_converted"]}`; `refusals()` writes it.
`x-examples`     `{"request": value, "200": value}`, where the synthesised example would mislead.
`x-unversioned`  why a PATCH, PUT or DELETE takes no If-Match.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from crm_api.core.authority import Authority, PublicDoor
from crm_api.kit.errors import DomainError

Where = tuple[str, str]
"""A path (or the name of a webhook) and a method in lower case."""


@dataclass(frozen=True, slots=True)
class Extras:
    operation_id: str
    own_words: bool
    """Whether the route has a summary of its own (FastAPI makes one up from the name)."""
    audience: tuple[str, ...] = ("staff",)
    public: bool = False
    idempotency: str = "none"
    problems: Mapping[str, list[str]] = field(default_factory=dict)
    examples: Mapping[str, Any] = field(default_factory=dict)


def refusals(*errors: type[DomainError]) -> dict[str, Any]:
    """`openapi_extra=refusals(LeadAlreadyConverted)`: the route's own errors, beside those of its kind."""
    problems: dict[str, list[str]] = {}
    for error in errors:
        problems.setdefault(str(error.status), []).append(error.code)
    return {"x-problems": problems}


def extras(app: FastAPI) -> dict[Where, Extras]:
    """Read from the routes themselves: what FastAPI copies into a document loses every null."""
    return {where: read for routes in (app.routes, app.webhooks.routes) for where, read in _read(routes)}


def _read(routes: Any) -> Iterator[tuple[Where, Extras]]:
    for context in iter_route_contexts(routes):
        if not isinstance(context.original_route, APIRoute):
            continue
        for method in sorted(context.methods or ()):
            yield (str(context.path_format), method.lower()), _extras(context, method)


def _extras(route: Any, method: str) -> Extras:
    said: Mapping[str, Any] = route.openapi_extra or {}
    public = "x-public" in said or _has_public_door(route.dependant)
    usual = "optional" if method == "POST" and not public else "none"
    if _asks_for_key(route.dependant):
        usual = "required"
    return Extras(
        operation_id=_camel(route.operation_id or route.name),
        own_words=bool(route.summary),
        audience=tuple(said.get("x-audience", ("staff",))),
        public=public,
        idempotency=said.get("x-idempotency", usual),
        problems=said.get("x-problems", {}),
        examples=said.get("x-examples", {}),
    )


def _has_public_door(dependant: Any) -> bool:
    return isinstance(dependant.call, PublicDoor) or any(map(_has_public_door, dependant.dependencies))


def _asks_for_key(dependant: Any) -> bool:
    door = dependant.call
    return (isinstance(door, Authority) and door.keyed) or any(map(_asks_for_key, dependant.dependencies))


def _camel(name: str) -> str:
    return re.sub(r"_+(\w)", lambda found: found[1].upper(), name)

"""What a screen can show and change: read off the routes of each kind of object, so it is written only once.

The list of `/v1/leads` names the query and the row, its POST and PATCH the bodies, their doors the scopes.
The composition root fills this table (`Tools.entities`), as it fills that of objects.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from fastapi import APIRouter, params
from fastapi.routing import APIRoute
from pydantic import BaseModel

from crm_api.core.authority import Authority
from crm_api.core.db import Entity
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.kit.listing import ListQuery


@dataclass(frozen=True, slots=True)
class Way:
    """One operation on a kind of object: what it takes, and the scopes it asks for."""

    scopes: frozenset[str]
    body: type[BaseModel] | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of object, as the API knows it."""

    label: str
    path: str
    model: type[Entity]
    read: type[BaseModel]
    query: type[ListQuery]
    listed: Way
    created: Way | None
    changed: Way | None
    deleted: Way | None

    @property
    def default_sort(self) -> str:
        return str(self.query.model_fields["sort"].default)


Entities = Mapping[str, Shape]
"""By label: `lead`."""


def routes_of(routers: Iterable[APIRouter]) -> list[APIRoute]:
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]


def entities_of(
    routes: Iterable[APIRoute], objects: Mapping[str, type[Repository[Any, Any]]]
) -> dict[str, Shape]:
    """Of each object that has a list."""
    found = {(method, route.path_format): route for route in routes for method in route.methods or ()}
    shapes: dict[str, Shape] = {}
    for label, repository in objects.items():
        path = f"/v1/{table_of(repository.model).name.replace('_', '-')}"
        listing = found.get(("GET", path))
        query = listing and _argument(listing.endpoint, lambda mark: isinstance(mark, params.Query))
        if listing is None or not (isinstance(query, type) and issubclass(query, ListQuery)):
            continue
        one = f"{path}/{{{label}_id}}"
        shapes[label] = Shape(
            label=label,
            path=path,
            model=repository.model,
            read=repository.read,
            query=query,
            listed=_way(listing),
            created=_way(found[key]) if (key := ("POST", path)) in found else None,
            changed=_way(found[key]) if (key := ("PATCH", one)) in found else None,
            deleted=_way(found[key]) if (key := ("DELETE", one)) in found else None,
        )
    return shapes


def _way(route: APIRoute) -> Way:
    door = _argument(route.endpoint, lambda mark: isinstance(mark, params.Depends), marked=True)
    scopes = door.dependency.scopes if door and isinstance(door.dependency, Authority) else frozenset()
    body = _argument(route.endpoint, lambda mark: mark is None or type(mark) is params.Body)
    return Way(scopes, body if isinstance(body, type) and issubclass(body, BaseModel) else None)


def _argument(endpoint: Callable[..., Any], wanted: Callable[[Any], bool], *, marked: bool = False) -> Any:
    """The type of the first argument whose mark is wanted, or the mark itself."""
    hints = get_type_hints(endpoint, include_extras=True)
    hints.pop("return", None)
    for hint in hints.values():
        kind, *marks = get_args(hint) if hasattr(hint, "__metadata__") else (hint,)
        mark = next((m for m in marks if isinstance(m, params.Depends | params.Param | params.Body)), None)
        if wanted(mark) and (mark is not None or (isinstance(kind, type) and issubclass(kind, BaseModel))):
            return mark if marked else kind
    return None

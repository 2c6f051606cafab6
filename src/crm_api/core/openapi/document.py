"""From the routes to the three documents: everything for the staff, less for the portal and the partners."""

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from fastapi.dependencies import utils
from fastapi.openapi.utils import get_openapi

from crm_api.core.openapi import answers, examples, parameters
from crm_api.core.openapi.extras import Extras, Where, extras
from crm_api.core.openapi.operations import complete, complete_webhook
from crm_api.core.openapi.problem import problem_schemas
from crm_api.core.openapi.schemas import tidy
from crm_api.core.openapi.walk import Json, operations, references, webhooks

FILES: Mapping[str, str] = {
    "staff": "openapi.json",
    "portal": "openapi.portal.json",
    "partner": "openapi.partner.json",
}
_READERS = {"staff": "company-internal", "portal": "external-public", "partner": "external-partner"}
_API_ID = "01936e2a-7c1e-7b3a-9f60-a55a0000c0de"
_TOKEN_URL = "/v1/auth/token"  # noqa: S105 - an address
_LANGUAGE = (
    "`title` and `detail` of refusals, and the labels of enumerations, follow `Accept-Language`: "
    "`fr` (default), `en` or `ar`; the answer says which in `Content-Language`."
)


def documents(app: FastAPI, scopes: Mapping[str, str]) -> dict[str, Json]:
    """The document of each audience; `scopes` says what each scope allows."""
    whole = _whole(app, scopes)
    return {audience: _for(audience, whole) for audience in FILES}


def write(app: FastAPI, scopes: Mapping[str, str], folder: Path) -> list[Path]:
    """Freeze the documents as files, the same bytes for the same routes."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for audience, document in documents(app, scopes).items():
        path = folder / FILES[audience]
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written.append(path)
    return written


def _whole(app: FastAPI, scopes: Mapping[str, str]) -> Json:
    said = extras(app)
    document = raw(app)
    _components(document, scopes)
    for path, method, operation in operations(document):
        examples.one_event(operation)
        complete(document, path, method, operation, said[path, method])
    for name, method, operation in webhooks(document):
        complete_webhook(operation, said[name, method])
    tidy(document)
    parameters.described(document)
    parameters.exemplified(document)
    _examples(document, said)
    parameters.share(document)
    _prune(document)
    _sort(document)
    return document


def raw(app: FastAPI) -> Json:
    """What FastAPI makes of the routes, before we complete it."""
    with _every_query_remembered():
        return get_openapi(
            title=app.title,
            version=app.version,
            openapi_version="3.1.0",
            summary=app.summary,
            description=f"{app.description}\n\n{_LANGUAGE}".strip(),
            contact=app.contact,
            license_info=app.license_info,
            routes=app.routes,
            webhooks=app.webhooks.routes,
            tags=copy.deepcopy(app.openapi_tags),
            servers=app.servers,
            separate_input_output_schemas=True,
        )


@contextmanager
def _every_query_remembered() -> Iterator[None]:
    """FastAPI looks parameters up by identity, in a memory of 128 query models: beyond that it finds none."""
    name = "get_cached_model_fields"
    short = getattr(utils, name)
    setattr(utils, name, cache(short.__wrapped__))
    try:
        yield
    finally:
        setattr(utils, name, short)


def _components(document: Json, scopes: Mapping[str, str]) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(problem_schemas())
    components["responses"] = answers.shared_responses()
    components["headers"] = copy.deepcopy(dict(answers.HEADERS))
    components["parameters"] = copy.deepcopy(dict(parameters.SHARED))
    components["examples"] = {}
    flow = {"tokenUrl": _TOKEN_URL, "refreshUrl": _TOKEN_URL, "scopes": dict(sorted(scopes.items()))}
    components["securitySchemes"] = {
        "oauth2": {
            "type": "oauth2",
            "description": "A JWT (RFC8725) of 10 minutes; its refresh token serves once.",
            "flows": {"password": flow, "clientCredentials": dict(flow)},
        },
        "api_key": {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "The key of an integration; its scopes are chosen when it is made.",
        },
    }


def _examples(document: Json, said: Mapping[Where, Extras]) -> None:
    for place, method, operation in operations(document):
        examples.illustrate(document, operation, said[place, method].examples)
    for place, method, operation in webhooks(document):
        examples.illustrate(document, operation, said[place, method].examples)


def _for(audience: str, whole: Json) -> Json:
    """The part of the document that this audience may read; the staff reads everything."""
    document = copy.deepcopy(whole)
    document["info"] |= {"x-api-id": _API_ID, "x-audience": _READERS[audience]}
    if audience == "staff":
        return document
    for kind in ("paths", "webhooks"):
        for place, item in list(document.get(kind, {}).items()):
            for method in [m for m, operation in item.items() if audience not in operation["x-audience"]]:
                del item[method]
            if not item:
                del document[kind][place]
    if not document.get("webhooks"):
        document.pop("webhooks", None)
    document["info"]["title"] += f" ({audience})"
    _prune(document)
    return document


def _prune(document: Json) -> None:
    """Drop whatever no operation reaches: components, scopes, tags."""
    components = document["components"]
    reached: set[str] = set()
    waiting = list(references({key: part for key, part in document.items() if key != "components"}))
    while waiting:
        address = waiting.pop()
        if address in reached:
            continue
        reached.add(address)
        kind, name = address.removeprefix("#/components/").split("/", 1)
        waiting += references(components[kind][name])
    for kind in ("schemas", "responses", "headers", "parameters", "examples"):
        kept = {n: c for n, c in components.get(kind, {}).items() if f"#/components/{kind}/{n}" in reached}
        components[kind] = kept
        if not kept:
            del components[kind]
    every = [operation for _, _, operation in [*operations(document), *webhooks(document)]]
    needed = {scope for operation in every for scope in operation.get("x-required-scopes", ())}
    for flow in components["securitySchemes"]["oauth2"]["flows"].values():
        flow["scopes"] = {scope: text for scope, text in flow["scopes"].items() if scope in needed}
    used = {tag for operation in every for tag in operation.get("tags", ())}
    document["tags"] = [tag for tag in document.get("tags", ()) if tag["name"] in used]


def _sort(document: Json) -> None:
    document["paths"] = dict(sorted(document["paths"].items()))
    for kind, parts in document["components"].items():
        document["components"][kind] = dict(sorted(parts.items()))

"""One operation at a time: who may call it, what it takes beside its body, what it answers."""

from collections.abc import Iterator
from http import HTTPStatus

from crm_api.core.openapi import answers, parameters
from crm_api.core.openapi.examples import MERGE_PATCH
from crm_api.core.openapi.extras import Extras
from crm_api.core.openapi.walk import Json, resolved
from crm_api.core.openapi.words import headline, purpose

_ORDER = (
    "tags",
    "summary",
    "description",
    "operationId",
    "deprecated",
    "x-audience",
    "x-required-scopes",
    "security",
    "parameters",
    "requestBody",
    "responses",
)
_OURS = ("x-public", "x-idempotency", "x-problems", "x-examples")


def complete(document: Json, path: str, method: str, operation: Json, said: Extras) -> None:
    """Add to FastAPI's operation what the conventions promise for every one of its kind."""
    operation["operationId"] = said.operation_id
    operation["x-audience"] = list(said.audience)
    if not said.own_words:
        operation["summary"] = headline(said.operation_id)
    _secure(operation, said)
    _take(operation, method, said)
    if method == "patch":
        _merge(operation)
    _answer(document, path, method, operation, said)
    operation["description"] = _description(operation, said)
    _in_order(operation)


def complete_webhook(operation: Json, said: Extras) -> None:
    """A webhook is declared as a function that returns what we send; here that becomes the request."""
    sent = next(answer for answer in operation["responses"].values() if "content" in answer)
    operation["requestBody"] = {"required": True, "content": sent["content"]}
    operation["operationId"] = said.operation_id
    operation["x-audience"] = list(said.audience)
    if not said.own_words:
        operation["summary"] = headline(said.operation_id)
    operation["security"] = []
    operation["parameters"] = [parameters.shared(name) for name in parameters.OF_WEBHOOKS]
    operation["responses"] = {"204": {"description": "Received. Any 2xx within 15 seconds will do."}}
    _in_order(operation)


def _secure(operation: Json, said: Extras) -> None:
    """Scopes travel as those of oauth2; an API key has its own and takes none in the document."""
    if said.public:
        operation["security"] = []
        return
    named = {scope for way in operation.get("security", ()) for scopes in way.values() for scope in scopes}
    operation["x-required-scopes"] = sorted(named)
    operation["security"] = [{"oauth2": sorted(named)}, {"api_key": []}]


def _take(operation: Json, method: str, said: Extras) -> None:
    taken = operation.get("parameters", [])
    kept = [p for p in taken if p["name"].lower() not in {"idempotency-key", "if-match", "if-none-match"}]
    if any(p["name"].lower() == "if-match" for p in taken):
        kept.append(parameters.shared("IfMatch"))
    if said.idempotency == "required":
        kept.append(parameters.shared("RequiredIdempotencyKey"))
    elif said.idempotency == "optional":
        kept.append(parameters.shared("IdempotencyKey"))
    if kept:
        operation["parameters"] = kept
    else:
        operation.pop("parameters", None)


def _merge(operation: Json) -> None:
    """A PATCH is a JSON merge patch, whatever FastAPI calls its body."""
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        content[MERGE_PATCH] = content.pop("application/json")


def _answer(document: Json, path: str, method: str, operation: Json, said: Extras) -> None:
    responses = {code: answer for code, answer in operation["responses"].items() if int(code) < 400}
    for code, answer in list(responses.items()):
        wanted = list(_headers(document, method, int(code), answer, said))
        answer["headers"] = {**answer.get("headers", {}), **answers.headers(*wanted)}
        if answer.get("description") == "Successful Response":
            answer["description"] = HTTPStatus(int(code)).phrase
        if method == "get" and "ETag" in wanted:
            operation.setdefault("parameters", []).append(parameters.shared("IfNoneMatch"))
            responses["304"] = {"$ref": "#/components/responses/NotModified"}
    for status in _refused(path, operation, said):
        responses[str(status)] = answers.refusal(status)
    operation["responses"] = dict(sorted(responses.items()))


def _headers(document: Json, method: str, status: int, answer: Json, said: Extras) -> Iterator[str]:
    properties = _properties(document, answer)
    if "version" in properties and status in {200, 201}:
        yield "ETag"
    if method == "post" and status in {201, 202}:
        yield "Location"
    if method == "get" and "next_cursor" in properties:
        yield "Link"
    if said.idempotency != "none" and status < 300:
        yield "Idempotency-Replayed"


def _properties(document: Json, answer: Json) -> Json:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    properties: Json = resolved(document, schema).get("properties", {})
    return properties


def _refused(path: str, operation: Json, said: Extras) -> list[int]:
    refused = {400, 429, 500, 503, *map(int, said.problems)}
    if not said.public:
        refused |= {401, 403}
    if "{" in path or _names_others(operation, said):
        refused.add(404)
    if "{" in path:
        refused.add(422)
    if "requestBody" in operation:
        refused |= {409, 413, 415, 422}
    if operation.get("parameters"):
        refused.add(422)
    if said.idempotency != "none":
        refused |= {409, 422}
    if parameters.shared("IfMatch") in operation.get("parameters", ()):
        refused |= {409, 412, 428}
    return sorted(refused)


def _names_others(operation: Json, said: Extras) -> bool:
    """The query or the body may name an object, and there may be none of that name."""
    asked = {str(parameter.get("name", "")) for parameter in operation.get("parameters", ())}
    by_query = any(name.endswith("_id") or name == "link" for name in asked)
    return by_query or ("requestBody" in operation and not said.public)


def _description(operation: Json, said: Extras) -> str:
    parts = [operation.get("description") or purpose(said.operation_id) or ""]
    if scopes := operation.get("x-required-scopes"):
        parts.append(f"**Required scopes:** {_quoted(scopes)}.")
    if said.problems:
        codes = "; ".join(f"{_quoted(codes)} ({status})" for status, codes in sorted(said.problems.items()))
        parts.append(f"**Refusals:** {codes}.")
    return "\n\n".join(part for part in parts if part)


def _quoted(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _in_order(operation: Json) -> None:
    for key in _OURS:
        operation.pop(key, None)
    ordered = {key: operation[key] for key in _ORDER if key in operation}
    rest = {key: value for key, value in operation.items() if key not in ordered}
    operation.clear()
    operation.update(ordered | rest)

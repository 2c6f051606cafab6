"""The header parameters of the conventions, and the sharing of whatever several operations repeat."""

import json
import re
from collections import Counter
from collections.abc import Mapping

from crm_api.core.openapi.samples import Sampler
from crm_api.core.openapi.walk import Json, operations, schemas, webhooks
from crm_api.core.openapi.words import meaning

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Chosen by the client, best a UUID. The same key within 24 hours gets the same answer, "
    "and the effect happens once.",
}
_KEY_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
_KEY_SAMPLE = "7b1d5f0e-58f1-4f0e-8b41-1b0e0c1c8a11"
_TAG = {"type": "string", "maxLength": 13, "pattern": r'^(\*|(W/)?"[0-9]{1,9}")$'}
OF_WEBHOOKS = ("WebhookId", "WebhookTimestamp", "WebhookSignature")
SHARED: Mapping[str, Json] = {
    "IdempotencyKey": {**_KEY, "required": False, "schema": {**_KEY_SCHEMA, "examples": [_KEY_SAMPLE]}},
    "RequiredIdempotencyKey": {**_KEY, "required": True, "schema": _KEY_SCHEMA, "example": _KEY_SAMPLE},
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of the version you read: 428 without it, 412 when it is outdated.",
        "required": True,
        "schema": _TAG,
        "example": '"7"',
    },
    "WebhookId": {
        "name": "webhook-id",
        "in": "header",
        "description": "The same at every attempt: a message seen before may be dropped.",
        "required": True,
        "schema": {"type": "string", "maxLength": 64, "pattern": "^[!-~]+$"},
        "example": "msg_01936e2a7c1e7b3a9f603d5b2b8f1c11",
    },
    "WebhookTimestamp": {
        "name": "webhook-timestamp",
        "in": "header",
        "description": "Seconds since 1970; refuse what is older than 5 minutes.",
        "required": True,
        "schema": {"type": "string", "maxLength": 20, "pattern": "^[0-9]+$"},
        "example": "1795422600",
    },
    "WebhookSignature": {
        "name": "webhook-signature",
        "in": "header",
        "description": "`v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`; one per valid secret.",
        "required": True,
        "schema": {"type": "string", "maxLength": 500, "pattern": "^[!-~ ]+$"},
        "example": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag you have: 304 and no body while it is current.",
        "required": False,
        "schema": {"type": "string", "maxLength": 200, "examples": ['"7"']},
    },
}


def shared(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{name}"}


def described(document: Json) -> None:
    """Every parameter says what it is and shows a value.

    A required one shows it beside its schema, where Swagger UI takes it as the first thing to send; an
    optional one inside, so that a try begins without filters.
    """
    sampler = Sampler(document)
    for _, _, operation in [*operations(document), *webhooks(document)]:
        for parameter in operation.get("parameters", ()):
            if "$ref" in parameter:
                continue
            schema = parameter["schema"]
            said = parameter.pop("description", None) or schema.pop("description", None)
            schema.pop("description", None)
            if said or (said := meaning(parameter["name"])):
                parameter["description"] = said
            value = parameter.pop("example", None) or sampler.of(schema, parameter["name"])
            schema.pop("examples", None)
            if parameter.setdefault("required", False):
                parameter["example"] = value
            elif not shows(schema):
                schema["examples"] = [value]


def share(document: Json) -> None:
    """A parameter that several operations repeat is written once, under `components/parameters`."""
    places = [*operations(document), *webhooks(document)]
    times = Counter(_text(p) for _, _, o in places for p in o.get("parameters", ()) if "$ref" not in p)
    homes: dict[str, str] = {}
    components = document["components"]["parameters"]
    for _, _, operation in places:
        for index, parameter in enumerate(operation.get("parameters", ())):
            text = _text(parameter)
            if "$ref" in parameter or times[text] < 2:
                continue
            if text not in homes:
                homes[text] = _free_name(parameter, components)
                components[homes[text]] = parameter
            operation["parameters"][index] = shared(homes[text])


def _text(parameter: Json) -> str:
    return json.dumps(parameter, sort_keys=True)


def _free_name(parameter: Json, taken: Json) -> str:
    base = "".join(part.capitalize() for part in re.split(r"\W|_", parameter["name"]))
    return next(n for n in (base, *(f"{base}{i}" for i in range(2, 1_000))) if n not in taken)


def exemplified(document: Json) -> None:
    """Every property shows a value, as long as a short one can."""
    sampler = Sampler(document)
    for _, schema in schemas(document):
        for name, part in schema.get("properties", {}).items():
            if not isinstance(part, dict) or shows(part):
                continue
            value = sampler.of(part, name)
            if len(json.dumps(value)) <= 360:
                part["examples"] = [value]


def shows(schema: Json) -> bool:
    return any(schema.get(key) is not None for key in ("examples", "enum", "const", "default"))

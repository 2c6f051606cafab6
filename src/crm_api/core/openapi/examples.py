"""The examples of bodies: synthesised from the schemas, kept once, and put in after generation.

(FastAPI's own generator drops every null inside an example, which then no longer fits its schema.)
"""

from collections.abc import Iterator, Mapping
from typing import Any

from crm_api.core.openapi.samples import Sampler
from crm_api.core.openapi.walk import SCHEMAS, Json

MERGE_PATCH = "application/merge-patch+json"


def illustrate(document: Json, operation: Json, given: Mapping[str, Any]) -> None:
    """Give every body of the operation one example: the `given` one, or one made from its schema."""
    for key, media_type, media in _bodies(operation):
        media.pop("example", None)
        if key in given:
            media["examples"] = {"sample": {"summary": "Example", "value": given[key]}}
        elif "examples" not in media and media.get("schema"):
            media["examples"] = {"sample": _made(document, media_type, media["schema"])}


def _bodies(operation: Json) -> Iterator[tuple[str, str, Json]]:
    bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
    for key, body in bodies.items():
        for media_type, media in body.get("content", {}).items():
            yield key, media_type, media


def _made(document: Json, media_type: str, schema: Json) -> Json:
    """The example of a named schema is kept under its name, and every operation refers to it."""
    sampler = Sampler(document)
    name = schema.get("$ref", "").removeprefix(SCHEMAS)
    if name:
        schema.pop("description", None)  # pydantic lends a reference the words of another field
    patch = media_type == MERGE_PATCH
    value = sampler.of(schema, at_most=2 if patch else None)
    example = {"summary": "What changes, and nothing else" if patch else "Example", "value": value}
    if not name:
        return example
    document["components"]["examples"].setdefault(name, example)
    return {"$ref": f"#/components/examples/{name}"}


def one_event(operation: Json) -> None:
    """FastAPI says `itemSchema`, a word of OpenAPI 3.2; in 3.1 `schema` is that of each event.

    A stream of ours (`core.event_stream`) names only the schema of the data.
    """
    for answer in operation["responses"].values():
        for media_type, media in answer.get("content", {}).items():
            if media_type == "text/event-stream" and "$ref" in media.get("schema", {}):
                media["schema"] = _event({"$ref": media["schema"]["$ref"]})
            if "itemSchema" in media:
                data = media.pop("itemSchema").get("properties", {}).get("data", {})
                media["schema"] = _event(data.get("contentSchema", {}))


def _event(content: Json) -> Json:
    text = {"type": "string", "maxLength": 200}
    return {
        "type": "object",
        "description": "One event of the stream.",
        "required": ["data"],
        "properties": {
            "id": {
                **text,
                "description": "Send it back in Last-Event-ID to go on from here.",
                "examples": ["4711"],
            },
            "event": {**text, "description": "The kind of event.", "examples": ["lead.updated"]},
            "data": {
                "type": "string",
                "maxLength": 65_536,
                "description": "What happened, as JSON.",
                "contentMediaType": "application/json",
                "contentSchema": content,
            },
            "retry": {
                "type": "integer",
                "minimum": 0,
                "description": "Milliseconds to wait before connecting again.",
            },
        },
    }

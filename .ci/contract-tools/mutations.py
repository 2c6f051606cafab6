"""Changes to try on a real document: those that break a client, and those that must not be held against us.

Each takes the document, finds a place where it applies, and changes it there; `StopIteration` says that
the document has no such place.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

Node = dict[str, Any]
Mutation = Callable[[Node], None]
BREAKING: list[Mutation] = []
HARMLESS: list[Mutation] = []
SCHEMAS = "#/components/schemas/"


def breaking(mutation: Mutation) -> Mutation:
    BREAKING.append(mutation)
    return mutation


def harmless(mutation: Mutation) -> Mutation:
    HARMLESS.append(mutation)
    return mutation


def operations(root: Node, *methods: str) -> Iterator[tuple[str, str, Node]]:
    for path, item in root["paths"].items():
        for method, operation in item.items():
            if not methods or method in methods:
                yield path, method, operation


def resolved(root: Node, node: Node) -> Node:
    while "$ref" in node:
        kind, name = node["$ref"].removeprefix("#/components/").split("/", 1)
        node = root["components"][kind][name]
    return node


def parameters(root: Node, *places: str) -> Iterator[Node]:
    """The parameters of operations; one that is shared is first written out where it is used."""
    for _, _, operation in operations(root):
        for index, parameter in enumerate(operation.get("parameters", ())):
            own = operation["parameters"][index] = copy.deepcopy(resolved(root, parameter))
            if own["in"] in places:
                yield own


def optional(root: Node) -> Node:
    return next(p for p in parameters(root, "query") if not p.get("required"))


def bodies(root: Node) -> Iterator[Node]:
    """The schemas of JSON requests."""
    for _, _, operation in operations(root, "post"):
        media = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if media:
            yield resolved(root, media["schema"])


def answers(root: Node, *methods: str) -> Iterator[Node]:
    """The schemas of JSON answers that are one resource."""
    for _, _, operation in operations(root, *methods):
        for status in ("200", "201"):
            media = operation["responses"].get(status, {}).get("content", {}).get("application/json")
            if media and "id" in (schema := resolved(root, media["schema"])).get("properties", {}):
                yield schema


def fields(schemas: Iterator[Node], fits: Callable[[Node], Any]) -> Iterator[tuple[Node, str, Node]]:
    for schema in schemas:
        for name, part in schema.get("properties", {}).items():
            if fits(part):
                yield schema, name, part


def free_text(part: Node) -> bool:
    return (
        part.get("type") == "string" and "maxLength" in part and "format" not in part and "enum" not in part
    )


def remove(schema: Node, name: str) -> None:
    del schema["properties"][name]
    if name in schema.get("required", ()):
        schema["required"].remove(name)


@breaking
def path_removed(root: Node) -> None:
    del root["paths"][next(iter(root["paths"]))]


@breaking
def operation_removed(root: Node) -> None:
    path, method, _ = next(operations(root, "delete"))
    del root["paths"][path][method]


@breaking
def operation_renamed(root: Node) -> None:
    next(operations(root, "get"))[2]["operationId"] = "somethingElse"


@breaking
def required_parameter_added(root: Node) -> None:
    new = {"name": "region", "in": "query", "required": True, "schema": {"type": "string", "maxLength": 5}}
    next(operations(root, "get"))[2].setdefault("parameters", []).append(new)


@breaking
def parameter_removed(root: Node) -> None:
    gone = optional(root)
    for _, _, operation in operations(root):
        operation["parameters"] = [p for p in operation.get("parameters", ()) if p is not gone]


@breaking
def parameter_became_required(root: Node) -> None:
    optional(root)["required"] = True


@breaking
def header_became_required(root: Node) -> None:
    next(p for p in parameters(root, "header") if not p.get("required"))["required"] = True


@breaking
def parameter_maximum_lowered(root: Node) -> None:
    next(p for p in parameters(root, "query") if p["schema"].get("maximum", 0) > 1)["schema"]["maximum"] = 1


@breaking
def parameter_default_changed(root: Node) -> None:
    schema = next(p for p in parameters(root, "query") if isinstance(p["schema"].get("default"), int))[
        "schema"
    ]
    schema["default"] -= 1


@breaking
def parameter_choice_removed(root: Node) -> None:
    choices = (p["schema"].get("items", p["schema"]).get("enum", ()) for p in parameters(root, "query"))
    next(values for values in choices if len(values) > 1).pop()


@breaking
def required_field_added(root: Node) -> None:
    schema = next(bodies(root))
    schema["properties"]["branch"] = {"type": "string", "maxLength": 9}
    schema.setdefault("required", []).append("branch")


@breaking
def request_field_removed(root: Node) -> None:
    schema = next(bodies(root))
    remove(schema, next(iter(schema["properties"])))


@breaking
def request_field_became_required(root: Node) -> None:
    schema = next(s for s in bodies(root) if set(s["properties"]) - set(s.get("required", ())))
    schema.setdefault("required", []).append(
        next(name for name in schema["properties"] if name not in schema.get("required", ()))
    )


@breaking
def request_choice_removed(root: Node) -> None:
    _, _, part = next(fields(bodies(root), lambda p: len(p.get("enum", ())) > 1))
    part["enum"].pop()


@breaking
def request_text_shortened(root: Node) -> None:
    _, _, part = next(fields(bodies(root), free_text))
    part["maxLength"] = part.get("minLength", 0) + 1


@breaking
def request_pattern_tightened(root: Node) -> None:
    _, _, part = next(fields(bodies(root), free_text))
    part["pattern"] = "^16[0-9]{3}$"


@breaking
def answer_field_removed(root: Node) -> None:
    remove(next(answers(root)), "id")


@breaking
def answer_field_became_optional(root: Node) -> None:
    next(answers(root))["required"].remove("id")


@breaking
def answer_field_changed_type(root: Node) -> None:
    _, _, part = next(fields(answers(root), lambda p: p.get("type") == "integer"))
    part.clear()
    part.update({"type": "string", "maxLength": 9})


@breaking
def answer_field_became_nullable(root: Node) -> None:
    _, _, part = next(fields(answers(root), free_text))
    part["type"] = ["string", "null"]


@breaking
def answer_field_became_a_choice_with_null(root: Node) -> None:
    schema, name, part = next(fields(answers(root), free_text))
    schema["properties"][name] = {"anyOf": [part, {"type": "null"}]}


@breaking
def answer_object_became_a_choice_with_null(root: Node) -> None:
    def whole(part: Node) -> bool:
        return "$ref" in part and resolved(root, part).get("type") == "object"

    schema, name, part = next(fields(answers(root), whole))
    schema["properties"][name] = {"anyOf": [{"$ref": part["$ref"]}, {"type": "null"}]}


@breaking
def answer_field_changed_format(root: Node) -> None:
    _, _, part = next(fields(answers(root), lambda p: p.get("format") == "date-time"))
    part["format"] = "date"


@breaking
def closed_choice_grew(root: Node) -> None:
    _, _, part = next(fields(answers(root), lambda p: "enum" in p and "x-extensible-enum" not in p))
    part["enum"].append("purged")


@breaking
def success_status_changed(root: Node) -> None:
    created = next(o for _, _, o in operations(root, "post") if "201" in o["responses"])["responses"]
    created["200"] = created.pop("201")


@breaking
def media_type_changed(root: Node) -> None:
    contents = (o.get("requestBody", {}).get("content", {}) for _, _, o in operations(root, "patch"))
    content = next(c for c in contents if c)
    content["text/plain"] = content.pop(next(iter(content)))


@breaking
def answer_header_removed(root: Node) -> None:
    found = (o["responses"].get("200", {}).get("headers", {}) for _, _, o in operations(root, "get"))
    del next(headers for headers in found if "ETag" in headers)["ETag"]


@breaking
def refusal_removed(root: Node) -> None:
    del next(o for _, _, o in operations(root, "get") if "404" in o["responses"])["responses"]["404"]


@breaking
def scope_added(root: Node) -> None:
    next(o for _, _, o in operations(root) if o["security"])["security"][0]["oauth2"].append(
        "admin:everything"
    )


@breaking
def public_route_closed(root: Node) -> None:
    next(o for _, _, o in operations(root) if not o["security"])["security"] = [{"oauth2": []}]


@breaking
def webhook_removed(root: Node) -> None:
    sent = root.get("webhooks", {})
    del sent[next(iter(sent))]


@harmless
def nothing_changed(root: Node) -> None:
    pass


@harmless
def null_written_as_a_choice(root: Node) -> None:
    schema, name, part = next(fields(answers(root), lambda p: p.get("type") == ["string", "null"]))
    schema["properties"][name] = {"anyOf": [{**part, "type": "string"}, {"type": "null"}]}


@harmless
def path_added(root: Node) -> None:
    _, _, operation = next(operations(root, "get"))
    root["paths"]["/v1/novelties"] = {"get": {**copy.deepcopy(operation), "operationId": "listNovelties"}}
    root["paths"]["/v1/novelties"]["get"]["parameters"] = []


@harmless
def optional_parameter_added(root: Node) -> None:
    new = {"name": "novelty", "in": "query", "required": False, "schema": {"type": "string", "maxLength": 5}}
    next(operations(root, "get"))[2].setdefault("parameters", []).append(new)


@harmless
def answer_field_added(root: Node) -> None:
    schema = next(answers(root, "get"))
    schema["properties"]["novelty"] = {"type": "integer"}
    schema["required"].append("novelty")


@harmless
def optional_field_added(root: Node) -> None:
    next(bodies(root))["properties"]["novelty"] = {"type": "string", "maxLength": 9}


@harmless
def field_no_longer_required(root: Node) -> None:
    next(schema for schema in bodies(root) if schema.get("required"))["required"].pop()


@harmless
def words_changed(root: Node) -> None:
    next(operations(root))[2]["description"] = "In other words."


@harmless
def deprecated(root: Node) -> None:
    next(operations(root))[2]["deprecated"] = True


@harmless
def limit_raised(root: Node) -> None:
    schema = next(p for p in parameters(root, "query") if p["schema"].get("maximum"))["schema"]
    schema["maximum"] += 100


@harmless
def refusal_added(root: Node) -> None:
    _, _, operation = next(operations(root, "get"))
    operation["responses"]["410"] = {"description": "Gone."}

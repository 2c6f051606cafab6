"""`anyOf: [X, {type: null}]` and `type: [..., null]` accept the same values; `redocly diff` takes the one for
the other's end. So that only what a client could notice counts, both documents are compared as the second.
"""

import copy
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
SCHEMAS = "#/components/schemas/"
NULL = {"type": "null"}
VALUES = {"default", "enum", "example", "examples"}


def folded(root: Node) -> Node:
    """The document with every such choice written as a type; whatever else it says stays as it is."""
    root = copy.deepcopy(root)
    waiting = list(_choices(root))
    while waiting:
        schema = waiting.pop()
        only = next(choice for choice in schema["anyOf"] if choice != NULL)
        named = root["components"]["schemas"]
        name = only.get("$ref", "").removeprefix(SCHEMAS)
        target = named[name] if name else only
        if not isinstance(target.get("type"), str):
            continue
        or_null: Node = {**copy.deepcopy(target), "type": [target["type"], "null"]}
        if "enum" in target:
            or_null["enum"] = [*target["enum"], None]
        del schema["anyOf"]
        if name and target["type"] == "object":
            schema["$ref"] = f"{SCHEMAS}{name}OrNull"
            if f"{name}OrNull" not in named:
                named[f"{name}OrNull"] = or_null
                waiting += _choices(or_null)
        else:
            schema.update({**or_null, **schema})
    return root


def _choices(node: Any) -> Iterator[Node]:
    if isinstance(node, list):
        for part in node:
            yield from _choices(part)
    if not isinstance(node, dict):
        return
    for key, part in node.items():
        if key not in VALUES:
            yield from _choices(part)
    choices = node.get("anyOf")
    if isinstance(choices, list) and len(choices) == 2 and choices.count(NULL) == 1:
        yield node

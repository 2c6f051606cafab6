"""What Schemathesis must know about us that a document cannot say."""

from typing import Any

import schemathesis

# A cursor is signed for one list with its filters and sort: none can be made up, and 400 is the right
# answer to an invented one. No value of If-None-Match is an error (RFC 9110, 13.1.2): a strange one is
# passed over. Both have tests of their own.
UNTRIED = {"cursor", "If-None-Match"}


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    shared = raw_schema["components"].get("parameters", {})
    hidden = {f"#/components/parameters/{key}" for key, p in shared.items() if p["name"] in UNTRIED}
    for item in raw_schema["paths"].values():
        for operation in item.values():
            operation["parameters"] = [
                parameter
                for parameter in operation.get("parameters", ())
                if parameter.get("$ref") not in hidden and parameter.get("name") not in UNTRIED
            ]

"""What Schemathesis must know about us that a document cannot say.

IDS names a JSON file of real identifiers, `{"lead_id": "01936e2a-...", ...}`: wherever a parameter, or a
field of an example, bears such a name, that object is used, so that more than 404 is seen.
"""

import json
import os
from pathlib import Path
from typing import Any, get_args

import httpx
import schemathesis
from pydantic_core.core_schema import ErrorType
from schemathesis.specs.openapi.checks import positive_data_acceptance

# A cursor is signed for one list with its filters and sort: none can be made up, and 400 is the right
# answer to an invented one. No value of If-None-Match is an error (RFC 9110, 13.1.2): a strange one is
# passed over. With `fields` an answer holds the chosen fields only, which no schema can say. All three have
# tests of their own.
UNTRIED = {"cursor", "If-None-Match", "fields"}
IDS: dict[str, str] = json.loads(Path(os.environ["IDS"]).read_text()) if "IDS" in os.environ else {}
OUTDATED, REFUSED = 412, {400, 415, 422}
OF_SCHEMAS = {*get_args(ErrorType), "bad_request", "unsupported_media_type"} - {
    "value_error",
    "assertion_error",
}
OF_THE_HOUSE = "/custom_fields/", "/definition/", "/filter/", "/filters/", "/scopes"
"""What these hold depends on another field: an organization's own, one of the list's, the kind of client."""


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    components = raw_schema["components"]
    known(components.get("examples", {}))
    shared = components.get("parameters", {})
    for parameter in shared.values():
        identify(parameter)
    for item in raw_schema["paths"].values():
        for operation in item.values():
            kept = [p for p in operation.get("parameters", ()) if named(shared, p) not in UNTRIED]
            operation["parameters"] = [identify(parameter) for parameter in kept]


def named(shared: dict[str, Any], parameter: dict[str, Any]) -> str:
    name: str = shared.get(parameter.get("$ref", "").rpartition("/")[2], parameter)["name"]
    return name


def identify(parameter: dict[str, Any]) -> dict[str, Any]:
    if parameter.get("in") == "path" and parameter["name"] in IDS:
        parameter["example"] = IDS[parameter["name"]]
    return parameter


def known(value: Any) -> None:
    """Put the real identifiers into the examples."""
    if isinstance(value, list):
        for part in value:
            known(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key in IDS and isinstance(part, str):
                value[key] = IDS[key]
            else:
                known(part)


@schemathesis.check
def valid_data_acceptance(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> bool | None:
    """Valid data may still meet a rule of the trade (an unknown region, an agency closed before it opened).

    Those refusals, of the whole (a text as logo) or of a field, have codes of their own; one of Pydantic's
    would mean that the document allows what the schema does not. A made-up version is outdated.
    """
    if response.status_code == OUTDATED:
        return None
    if response.status_code in REFUSED:
        problem = response.json()
        faults = problem.get("errors", ())
        codes = {fault["code"] for fault in faults if not fault["pointer"].startswith(OF_THE_HOUSE)}
        codes |= set() if faults else {problem["code"]}
        if not codes & OF_SCHEMAS:
            return None
    return positive_data_acceptance(ctx, response, case)


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """No header with blanks around it: HTTP takes them off (RFC 9110, 5.5), and a wrong one arrives right."""
    return all(str(value) == str(value).strip() for value in (case.headers or {}).values())


if "REFRESH_TOKEN" in os.environ:

    @schemathesis.auth(refresh_interval=240)
    class Session:
        """Signs in once more before the access token of the command line is ten minutes old.

        Nearly a thousand operations take longer than that: the second half would only ever see 401.
        """

        refresh_token = os.environ["REFRESH_TOKEN"]

        def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
            form = {"grant_type": "refresh_token", "refresh_token": Session.refresh_token}
            answer = (
                httpx.post(f"{os.environ['BASE_URL']}/v1/auth/token", data=form).raise_for_status().json()
            )
            Session.refresh_token = answer["refresh_token"]
            return str(answer["access_token"])

        def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

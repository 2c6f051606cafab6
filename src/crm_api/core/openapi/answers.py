"""What every answer has in common, declared once: headers, and the problem document of each refusal."""

from collections.abc import Mapping
from typing import Any

from crm_api.core.openapi.walk import Json

_REQUEST_ID = "01936e2a-7c1e-7b3a-9f60-3d5b2b8f1c11"
_PRINTABLE = {"type": "string", "maxLength": 200, "pattern": "^[ -~]*$"}
_SECONDS = {"type": "integer", "format": "int32", "minimum": 0, "maximum": 86_400}

HEADERS: Mapping[str, Json] = {
    "RateLimit": {
        "description": "What is left of the quota, and the seconds until it is whole again.",
        "schema": _PRINTABLE,
        "example": '"default";r=598;t=42',
    },
    "RateLimit-Policy": {
        "description": "The quota: so many requests in so many seconds.",
        "schema": _PRINTABLE,
        "example": '"default";q=600;w=60',
    },
    "X-Request-Id": {
        "description": "Names this request; quote it to the support.",
        "schema": {"type": "string", "maxLength": 64, "pattern": "^[A-Za-z0-9._-]*$"},
        "example": _REQUEST_ID,
    },
    "Retry-After": {"description": "Seconds to wait before asking again.", "schema": _SECONDS, "example": 30},
    "ETag": {
        "description": "The version of the resource; send it back in If-Match to change it.",
        "schema": {"type": "string", "maxLength": 80, "pattern": '^"[^"]*"$'},
        "example": '"7"',
    },
    "Location": {
        "description": "Address of what was created.",
        "schema": {"type": "string", "format": "uri-reference", "maxLength": 300},
        "example": f"/v1/leads/{_REQUEST_ID}",
    },
    "Link": {
        "description": 'The next page, as rel="next".',
        "schema": {"type": "string", "maxLength": 4_000, "pattern": "^[ -~]*$"},
        "example": '</v1/leads?cursor=eyJrIjpbIjIwMjYiXX0>; rel="next"',
    },
    "Idempotency-Replayed": {
        "description": "Present when this is the answer of an earlier request with the same Idempotency-Key.",
        "schema": {"type": "boolean"},
        "example": True,
    },
    "Content-Language": {
        "description": "The language of `title` and `detail`, chosen by Accept-Language.",
        "schema": {"type": "string", "enum": ["fr", "en", "ar"]},
        "example": "en",
    },
    "Content-Range": {
        "description": "How many bytes there are.",
        "schema": {"type": "string", "maxLength": 60, "pattern": "^bytes "},
        "example": "bytes */184213",
    },
    "WWW-Authenticate": {
        "description": "How to authenticate (RFC 6750).",
        "schema": _PRINTABLE,
        "example": 'Bearer error="invalid_token"',
    },
}
ALWAYS = ("RateLimit", "RateLimit-Policy", "X-Request-Id")

_REFUSALS: Mapping[int, tuple[str, str, Mapping[str, tuple[str, Json]]]] = {
    400: (
        "BadRequest",
        "The request cannot be understood.",
        {"bad_request": ("Bad request", {}), "cursor_mismatch": ("Cursor of another list", {})},
    ),
    401: (
        "Unauthorized",
        "Nobody is signed in, or no longer.",
        {
            "unauthorized": ("Sign in first", {}),
            "token_expired": ("Access token expired", {}),
            "step_up_required": ("Confirm who you are", {}),
        },
    ),
    403: (
        "Forbidden",
        "Your role does not grant this.",
        {
            "forbidden": ("Not granted", {}),
            "insufficient_scope": ("Scope missing", {"required_scopes": ["leads:write"]}),
            "mfa_enrolment_required": ("Second factor missing", {"required_scopes": ["leads:write"]}),
        },
    ),
    404: ("NotFound", "There is no such thing here.", {"not_found": ("Not found", {})}),
    406: (
        "NotAcceptable",
        "None of the accepted media types is offered.",
        {"not_acceptable": ("Not acceptable", {})},
    ),
    409: (
        "Conflict",
        "This contradicts what is already recorded.",
        {
            "duplicate": ("Recorded already", {"existing_id": _REQUEST_ID}),
            "invalid_transition": ("Not from this state", {"allowed": ["qualified", "lost"]}),
            "idempotency_in_progress": ("The same request is still running", {}),
        },
    ),
    410: ("Gone", "This is no longer available.", {"gone": ("Gone", {})}),
    412: (
        "PreconditionFailed",
        "Somebody changed this since you read it.",
        {"version_conflict": ("Outdated version", {"current_version": 9})},
    ),
    413: ("PayloadTooLarge", "The body is too large.", {"payload_too_large": ("Body too large", {})}),
    415: (
        "UnsupportedMediaType",
        "This content type is not taken here.",
        {"unsupported_media_type": ("Unsupported media type", {})},
    ),
    416: (
        "RangeNotSatisfiable",
        "That part is not in the file.",
        {"range_not_satisfiable": ("Range not satisfiable", {"size": 184_213})},
    ),
    422: (
        "ValidationFailed",
        "Some fields were refused.",
        {
            "validation_failed": (
                "Invalid data",
                {
                    "errors": [
                        {
                            "pointer": "/email",
                            "location": "body",
                            "code": "invalid_email",
                            "detail": "This is not an e-mail address.",
                        }
                    ]
                },
            ),
        },
    ),
    428: (
        "PreconditionRequired",
        "Say which version you are changing.",
        {"precondition_required": ("If-Match is missing", {})},
    ),
    429: ("TooManyRequests", "The quota is used up.", {"rate_limited": ("Too many requests", {})}),
    500: ("InternalError", "A fault of ours; it is recorded.", {"internal_error": ("Internal error", {})}),
    503: ("Unavailable", "Not for the moment.", {"unavailable": ("Unavailable", {})}),
}
_EXTRA_HEADERS = {
    401: ("WWW-Authenticate",),
    416: ("Content-Range",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def header(name: str) -> Json:
    return {"$ref": f"#/components/headers/{name}"}


def headers(*names: str) -> Json:
    return {name: header(name) for name in (*names, *ALWAYS)}


def refusal(status: int) -> Json:
    return {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"}


def shared_responses() -> Json:
    """`components/responses`: one per refusal, and the 304 of a conditional GET."""
    made = {name: _response(status) for status, (name, _, _) in _REFUSALS.items()}
    return {
        **made,
        "NotModified": {
            "description": "You have the current version already.",
            "headers": headers("ETag"),
        },
    }


def _response(status: int) -> Json:
    _, description, examples = _REFUSALS[status]
    return {
        "description": description,
        "headers": headers("Content-Language", *_EXTRA_HEADERS.get(status, ())),
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {
                    code: {"summary": title, "value": _problem(status, code, title, description, extra)}
                    for code, (title, extra) in examples.items()
                },
            }
        },
    }


def _problem(status: int, code: str, title: str, detail: str, extra: Json) -> Json:
    problem: dict[str, Any] = {
        "type": f"/problems/{code.replace('_', '-')}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "instance": "/v1/leads",
        "request_id": _REQUEST_ID,
    }
    return problem | extra

"""Every refusal leaves the house as a problem document (RFC 9457), in the language of the caller."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import asyncpg
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from crm_api.core import i18n
from crm_api.core.pool import LOST
from crm_api.kit.errors import (
    BadRequest,
    DomainError,
    Forbidden,
    NotFound,
    PayloadTooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    ValidationFailed,
)

MEDIA_TYPE = "application/problem+json"
LONGEST_ECHO = 200


class MethodNotAllowed(DomainError):
    """This address does not take that method."""

    status = 405


class NotAcceptable(DomainError):
    """No representation of this suits what you accept."""

    status = 406


class HeadersTooLarge(DomainError):
    """The headers of the request are too large."""

    status = 431


class InternalError(DomainError):
    """Something went wrong on our side; the request changed nothing. Quote the request id to support."""

    status = 500


_BY_STATUS: Mapping[int, type[DomainError]] = {
    400: BadRequest,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    406: NotAcceptable,
    413: PayloadTooLarge,
    415: UnsupportedMediaType,
}
_BUSY = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError, asyncpg.TooManyConnectionsError)
_RETRY = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


def respond(request: Request, error: DomainError) -> Response:
    """The answer to a refusal, with the headers its status asks for."""
    language, request_id = request.scope.get("locale", i18n.DEFAULT), request.scope.get("request_id", "")
    document = problem(error, language, str(request.scope.get("path", "")), request_id)
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store"}
    if (seconds := error.extra.get("retry_after")) is not None:
        headers["Retry-After"] = str(seconds)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="crm"'
    if allow := error.extra.get("allow"):
        headers["Allow"] = allow
    if error.status == 416:
        headers["Content-Range"] = f"bytes */{error.extra['size']}"
    return Response(to_json(document, fallback=str), error.status, headers, MEDIA_TYPE)


def problem(error: DomainError, language: str, path: str, request_id: str) -> dict[str, Any]:
    """The document itself; extension members first, so that none can replace a standard one."""
    english = type(error).__doc__ or error.code
    extra = {key: value for key, value in error.extra.items() if key not in ("count", "allow")}
    if "errors" in extra:
        extra["errors"] = [_translated(fault, language) for fault in extra["errors"]]
    return extra | {
        "type": f"/problems/{error.code.replace('_', '-')}",
        "title": i18n.title_of(error.code, language),
        "status": error.status,
        "code": error.code,
        "detail": error.sentence(i18n.detail_of(error.code, language, english)),
        "instance": quote(path[:160]),
        "request_id": request_id,
    }


def told(error: DomainError, language: str) -> dict[str, str]:
    """Code and sentence of a refusal, for where a whole document would be too much."""
    english = type(error).__doc__ or error.code
    return {"code": error.code, "detail": error.sentence(i18n.detail_of(error.code, language, english))}


def faults_told(error: ValidationFailed, language: str) -> list[dict[str, str]]:
    """What is wrong, field by field, in that language."""
    faults = [_translated(fault, language) for fault in error.extra["errors"]]
    return [{name: fault[name] for name in ("pointer", "code", "detail")} for fault in faults]


def _translated(fault: Mapping[str, Any], language: str) -> dict[str, Any]:
    values = fault.get("values", {})
    detail = i18n.fault(fault["code"], language, fault["detail"], values)
    return {
        "pointer": fault["pointer"],
        "location": fault["location"],
        "code": fault["code"],
        "detail": detail[:1_000],
    }


def refusal_of(error: Exception) -> DomainError | None:
    """The refusal that an exception of a library means; None for a bug of ours."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, RequestValidationError):
        return ValidationFailed(*(fault_of(fault) for fault in error.errors()[:200]))
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, PoolTimeout):
        return Unavailable()
    cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(cause, (*LOST, *_BUSY, *_RETRY)) or _is_lost_connection(error):
        return Unavailable()
    if isinstance(cause, asyncpg.DataError):  # what the schemas let through and PostgreSQL cannot hold
        return ValidationFailed.at("", "value_out_of_range", "A value cannot be stored.")
    return None


def _is_lost_connection(error: Exception) -> bool:
    return (
        isinstance(error, DBAPIError) and error.connection_invalidated and isinstance(error, SQLAlchemyError)
    )


def _of_http(error: HTTPException) -> DomainError:
    kind = _BY_STATUS.get(error.status_code)
    if kind is None:
        kind = BadRequest if error.status_code < 500 else InternalError
    allow = (error.headers or {}).get("Allow")
    return kind(**({"allow": allow} if allow else {}), **({"limit": ""} if kind is PayloadTooLarge else {}))


def fault_of(fault: Mapping[str, Any]) -> dict[str, Any]:
    """Pydantic's words for one wrong field, in ours: a pointer into the body, or the parameter's name."""
    where, *path = fault["loc"] or ("body",)
    code = str(fault["type"])
    if code == "json_invalid":
        path = []
    context: dict[str, Any] = {
        k: v for k, v in (fault.get("ctx") or {}).items() if not isinstance(v, Exception)
    }
    return {
        "pointer": pointer(path) if where == "body" else ".".join(map(str, path))[:LONGEST_ECHO],
        "location": where if where in ("body", "query", "path", "header") else "query",
        "code": code,
        "detail": str(fault["msg"])[:1000],
        "values": context,
    }


def faults_in(error: ValidationError, language: str) -> list[dict[str, Any]]:
    """What is wrong with one line of a table, in the words of whoever sent it."""
    found = error.errors(include_url=False, include_input=False)
    faults = [
        _translated(fault_of({**fault, "loc": ("body", *fault["loc"])}), language) for fault in found[:200]
    ]
    return [{name: fault[name] for name in ("pointer", "code", "detail")} for fault in faults]


def pointer(path: Iterable[Any]) -> str:
    """RFC 6901."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)[:500]

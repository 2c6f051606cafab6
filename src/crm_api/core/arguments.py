"""How the arguments of an endpoint are read from a request: one reader each, made when the route is made."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from fastapi import Request, params
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, TypeAdapter, ValidationError

from crm_api.core.authority import Door, if_match, version_of
from crm_api.core.problems import pointer
from crm_api.kit.errors import CsvExpected, UnsupportedMediaType, ValidationFailed

_JSON = re.compile(r"application/([\w.-]+\+)?json\b")
CSV = "text/csv"
NDJSON = "application/x-ndjson"
"""One JSON object a line."""
_UNSTORABLE = re.compile(rb"\\u(0000|[dD][89a-fA-F])")
"""NUL, and halves of a character: those that have their other half are told apart by reading on."""
_HALF = re.compile("[\ud800-\udfff]")


class Argument(NamedTuple):
    name: str
    where: str
    read: Callable[[Request, bytes], Any]


def signature(endpoint: Callable[..., Any], path: str) -> tuple[str, Door, list[Argument]] | None:
    """The guest's name, the door, and a reader for every other argument; None if FastAPI must do it."""
    hints = get_type_hints(endpoint, include_extras=True)
    hints.pop("return", None)
    door: tuple[str, Door] | None = None
    arguments = []
    for name, hint in hints.items():
        kind, *marks = get_args(hint) if hasattr(hint, "__metadata__") else (hint,)
        mark = next((m for m in marks if isinstance(m, params.Depends | params.Param | params.Body)), None)
        if isinstance(mark, params.Depends) and isinstance(mark.dependency, Door):
            door = name, mark.dependency
        elif isinstance(mark, params.Depends) and mark.dependency is if_match:
            arguments.append(Argument(name, "header", _read_version))
        elif isinstance(mark, params.Query) and isinstance(kind, type) and issubclass(kind, BaseModel):
            arguments.append(Argument(name, "query", _query_reader(kind)))
        elif f"{{{name}}}" in path:
            arguments.append(Argument(name, "path", _path_reader(name, hint)))
        elif (
            (mark is None or type(mark) is params.Body)
            and isinstance(kind, type)
            and issubclass(kind, BaseModel)
        ):
            arguments.append(Argument(name, "body", _body_reader(kind)))
        elif type(mark) is params.Body and kind is bytes and mark.media_type == CSV:
            arguments.append(Argument(name, "csv", lambda _, body: body))
        elif type(mark) is params.Body and kind is bytes and mark.media_type == NDJSON:
            arguments.append(Argument(name, "lines", lambda _, body: body))
        else:
            return None
    return (*door, arguments) if door else None


async def body_of(request: Request, arguments: list[Argument]) -> bytes:
    """What the endpoint asked for; nothing is read when it asked for no body."""
    kinds = {argument.where for argument in arguments}
    if "body" in kinds:
        return await json_body(request)
    if "csv" in kinds:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != CSV:
            raise CsvExpected
        return await request.body()
    if "lines" in kinds:
        told = request.headers.get("content-type", "")
        if told.partition(";")[0].strip().lower() != NDJSON and not _JSON.match(told):
            raise UnsupportedMediaType
        return await request.body()
    return b""


async def json_body(request: Request) -> bytes:
    """A form or text body is refused: a browser may send those across sites without asking."""
    if not _JSON.match(request.headers.get("content-type", "")):
        raise UnsupportedMediaType
    body = await request.body()
    refuse_unstorable(body)
    return body


def refuse_unstorable(body: bytes) -> None:
    """Raises ValidationFailed, with its place, for the first text that PostgreSQL cannot hold."""
    if _UNSTORABLE.search(body):
        _refuse_unstorable(body)


def read_all(arguments: list[Argument], request: Request, body: bytes) -> dict[str, Any]:
    """All arguments, or all faults together."""
    values: dict[str, Any] = {}
    faults: list[Any] = []
    for name, where, read in arguments:
        try:
            values[name] = read(request, body)
        except ValidationError as error:
            prefix = (where, name) if where == "path" else (where,)
            found = error.errors(include_url=False, include_input=False)
            faults += [{**fault, "loc": (*prefix, *fault["loc"])} for fault in found]
    if faults:
        raise RequestValidationError(faults)
    return values


def _read_version(request: Request, _: bytes) -> int:
    return version_of(request, request.headers.get("if-match"))


def _query_reader(model: type[BaseModel]) -> Callable[[Request, bytes], BaseModel]:
    lists = {
        name
        for name, field in model.model_fields.items()
        if list in {get_origin(part) for part in (field.annotation, *get_args(field.annotation))}
    }

    def read(request: Request, _: bytes) -> BaseModel:
        query = request.query_params
        for key, value in query.multi_items():
            if "\0" in key or "\0" in value:
                raise ValidationFailed.at(
                    key.replace("\0", ""), "nul_character", "The character NUL cannot be stored.", "query"
                )
            if key not in lists and len(query) < len(query.multi_items()) and len(query.getlist(key)) > 1:
                raise ValidationFailed.at(key, "repeated_parameter", "Give this once.", "query")
        return model.model_validate(
            {key: query.getlist(key) if key in lists else query[key] for key in query}
        )

    return read


def _path_reader(name: str, hint: Any) -> Callable[[Request, bytes], Any]:
    validate = TypeAdapter(hint).validate_strings
    return lambda request, _: validate(request.path_params[name])


def _body_reader(model: type[BaseModel]) -> Callable[[Request, bytes], BaseModel]:
    """Strictly: `true` is no number and "1" is none either; only JSON has no word for days and ids."""
    return lambda _, body: model.model_validate_json(body, strict=True)


def _refuse_unstorable(body: bytes) -> None:
    """Python's own reader keeps halves of characters, so that the field can be named."""
    try:
        found = _unstorable(json.loads(body), ())
    except (ValueError, RecursionError):
        return  # not JSON: the reader will say so
    if found is not None:
        raise ValidationFailed.at(*found)


def _unstorable(value: Any, path: tuple[Any, ...]) -> tuple[str, str, str] | None:
    """Pointer, code and sentence of the first text that PostgreSQL cannot hold."""
    if isinstance(value, str):
        return _fault_of(value, path)
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found = _fault_of(key, path) if isinstance(key, str) else None
        if found := found or _unstorable(item, (*path, key)):
            return found
    return None


def _fault_of(text: str, path: tuple[Any, ...]) -> tuple[str, str, str] | None:
    if "\0" in text:
        return pointer(path), "nul_character", "The character NUL cannot be stored."
    if not text.isascii() and _HALF.search(text):
        return pointer(path), "half_character", "This holds half of a character (a lone surrogate)."
    return None

"""The catalogue of problems: what a `type` leads to, for people as a page, for programs as JSON."""

from collections.abc import Iterator
from html import escape

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from crm_api.core import i18n
from crm_api.core.problems import respond
from crm_api.kit.errors import DomainError, NotFound

_PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title></head>
<body>{body}</body>
</html>
"""
_POLICY = "default-src 'none'; frame-ancestors 'none'"


def kinds() -> dict[str, type[DomainError]]:
    """Every kind of refusal the house has, by its address."""
    known: dict[str, type[DomainError]] = {}
    for kind in _below(DomainError):
        known.setdefault(slug(kind), kind)
    return dict(sorted(known.items()))


def slug(kind: type[DomainError]) -> str:
    return kind.code.replace("_", "-")


def mount(app: FastAPI) -> None:
    for path, endpoint in (
        ("/v1/problems", list_problems),
        ("/problems", list_problems),
        ("/problems/{slug}", get_problem),
        ("/v1/problems/{slug}", get_problem),
    ):
        app.add_route(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False)


async def list_problems(request: Request) -> Response:
    """Every kind of problem, with its status."""
    language = request.scope.get("locale", i18n.DEFAULT)
    entries = [described(kind, language) for kind in kinds().values()]
    if not _is_browser(request):
        return JSONResponse({"data": entries}, headers=_headers(language))
    rows = "".join(
        f'<li>{e["status"]} <a href="{e["type"]}">{escape(str(e["title"]))}</a></li>' for e in entries
    )
    return _page("Problems", f"<ul>{rows}</ul>", language)


async def get_problem(request: Request) -> Response:
    """One kind of problem."""
    language = request.scope.get("locale", i18n.DEFAULT)
    kind = kinds().get(request.path_params["slug"])
    if kind is None:
        return respond(request, NotFound())
    entry = described(kind, language)
    if not _is_browser(request):
        return JSONResponse(entry, headers=_headers(language))
    title = escape(str(entry["title"]))
    sentence, code = escape(str(entry["detail"])), f"<code>{entry['code']}</code> {entry['status']}"
    body = f"<h1>{title}</h1><p>{sentence}</p><p>{code}</p>"
    return _page(title, body, language)


def described(kind: type[DomainError], language: str) -> dict[str, str | int]:
    english = kind.__doc__ or kind.code
    return {
        "type": f"/problems/{slug(kind)}",
        "code": kind.code,
        "status": kind.status,
        "title": i18n.title_of(kind.code, language),
        "detail": i18n.detail_of(kind.code, language, english),
    }


def _page(title: str, body: str, language: str) -> Response:
    direction = "rtl" if language == "ar" else "ltr"
    html = _PAGE.format(language=language, direction=direction, title=title, body=body)
    return HTMLResponse(html, headers=_headers(language) | {"Content-Security-Policy": _POLICY})


def _headers(language: str) -> dict[str, str]:
    return {
        "Content-Language": language,
        "Vary": "Accept, Accept-Language",
        "Cache-Control": "public, max-age=3600",
    }


def _is_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)

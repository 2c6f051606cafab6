"""The documents over HTTP, and a page to try them on, without a byte from another server."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles

from crm_api.core.openapi import FILES, documents

_ASSETS = Path(__file__).parent / "static" / "swagger"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI writes style attributes; no script runs but the three files of ours."""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="stylesheet" href="/docs/assets/page.css">
</head>
<body>
<nav><a href="/docs">Staff</a><a href="/docs/portal">Portal</a><a href="/docs/partner">Partners</a></nav>
<div id="api" data-document="/{file}"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/assets/start.js"></script>
</body>
</html>
"""


def mount(app: FastAPI, scopes: Mapping[str, str]) -> None:
    """Serve `/openapi*.json` and `/docs`; call it once every route is there."""

    @cache
    def texts() -> dict[str, bytes]:
        """Calls tried on the page go to the server it came from, whatever address the file names."""
        return {
            FILES[audience]: json.dumps(document | {"servers": [{"url": "/"}]}, ensure_ascii=False).encode()
            for audience, document in documents(app, scopes).items()
        }

    async def document(request: Request) -> Response:
        headers = {"Cache-Control": "no-cache"}
        return Response(texts()[request.url.path.removeprefix("/")], 200, headers, "application/json")

    async def page(request: Request) -> Response:
        audience = request.path_params.get("audience", "staff")
        if audience not in FILES:
            return Response(status_code=404)
        html = _PAGE.format(title=app.title, file=FILES[audience])
        return Response(html, 200, {"Content-Security-Policy": _POLICY}, "text/html")

    for file in FILES.values():
        app.add_route(f"/{file}", document, include_in_schema=False)
    app.mount("/docs/assets", StaticFiles(directory=_ASSETS), name="docs-assets")
    app.add_route("/docs", page, include_in_schema=False)
    app.add_route("/docs/{audience}", page, include_in_schema=False)

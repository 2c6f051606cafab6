"""`python -m benchmarks.server`: the real application and, behind /raw, the bare handlers, in one process."""

import os

import uvicorn
from starlette.types import Receive, Scope, Send

from benchmarks.raw import PREFIX, Raw
from crm_api.core import streams, telemetry
from crm_api.core.identity import Identity
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import make_tools
from crm_api.main import create_app
from crm_api.registry import LISTENERS, OBJECTS


class Both:
    def __init__(self, settings: Settings) -> None:
        assert settings.owner_url is not None, "CRM_DATABASE_URL"  # noqa: S101
        telemetry.configure(settings.log_level)
        tools = make_tools(settings, Identity(), LISTENERS, OBJECTS)
        self._app = create_app(app_url(settings, settings.owner_url), tools)
        self._raw = Raw(
            settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False),
            settings.db_connections,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._raw.open()
            await self._app(scope, receive, send)
            await self._raw.close()
        elif scope["path"].startswith(PREFIX):
            await self._raw(scope, receive, send)
        else:
            await self._app(scope, receive, send)


if __name__ == "__main__":
    streams.MOST_OF_ONE = int(os.environ.get("CRM_BENCH_STREAMS_OF_ONE", streams.MOST_OF_ONE))
    uvicorn.run(
        Both(Settings()),
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
    )

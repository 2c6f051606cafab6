"""A stream in a test: the application is called as a server would, and what it sends is read as it comes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from actors import Headers


@dataclass
class Stream:
    """What came so far."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    ended: bool = False
    came: asyncio.Event = field(default_factory=asyncio.Event)
    reading: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared: the client does not take what is sent."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def events(self) -> list[dict[str, Any]]:
        """{id, event, ...data} of each."""
        found = []
        for block in self.text.split("\n\n"):
            lines = dict(
                line.split(": ", 1) for line in block.split("\n") if not line.startswith(":") and line
            )
            if "data" in lines:
                found.append({"event": lines["event"], "cursor": lines.get("id")} | json.loads(lines["data"]))
        return found

    @property
    def last_id(self) -> str:
        return [line[4:] for line in self.text.split("\n") if line.startswith("id: ")][-1]

    def kinds(self) -> list[str]:
        return [one["event"] for one in self.events]

    async def until(self, *kinds: str, seconds: float = 5) -> list[dict[str, Any]]:
        """As soon as these have come, in any order; fails when they do not."""
        async with asyncio.timeout(seconds):
            while not set(kinds) <= set(self.kinds()):
                self.came.clear()
                await self.came.wait()
        return self.events

    async def about(self, object_id: UUID, seconds: float = 5) -> None:
        """As soon as this object was told of."""
        async with asyncio.timeout(seconds):
            while str(object_id) not in {one.get("id") for one in self.events}:
                self.came.clear()
                await self.came.wait()

    async def over(self, seconds: float = 5) -> None:
        async with asyncio.timeout(seconds):
            while not self.ended:
                self.came.clear()
                await self.came.wait()


@asynccontextmanager
async def listening(
    app: FastAPI, headers: Headers | None = None, query: str = "", method: str = "GET"
) -> AsyncIterator[Stream]:
    stream = Stream()
    stream.reading.set()
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await stream.gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        await stream.reading.wait()
        if message["type"] == "http.response.start":
            stream.status = message["status"]
            stream.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            stream.text += message["body"].decode()
            if not message.get("more_body"):
                stream.ended = True
                stream.gone.set()
        stream.came.set()

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": "/v1/events",
        "raw_path": b"/v1/events",
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
        "state": {},
    }
    serving = asyncio.create_task(app(scope, receive, send))  # type: ignore[arg-type]
    try:
        async with asyncio.timeout(5):
            while not stream.text and not stream.ended:
                stream.came.clear()
                await stream.came.wait()
        yield stream
    finally:
        stream.gone.set()
        stream.reading.set()
        await asyncio.wait_for(serving, 10)

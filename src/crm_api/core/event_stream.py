"""Server-sent events: one open answer, written to by others (`core.streams`) while it waits for its end.

An idle one is one waiting coroutine; a task that writes exists only while there is something to write.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crm_api.core.principal import Principal

MOST_WAITING = 65_536
"""Bytes that a client may be behind; it is then told to begin anew."""
FAREWELL = 5.0
"""Seconds to take the last word."""
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
RESET = b'event: reset\ndata: {"reason":"%s"}\n\n'


class Subscriber:
    """Somebody who listens: who it is, what of it they want, and what waits to be written to them."""

    __slots__ = (
        "_ended",
        "_leave",
        "_send",
        "_size",
        "_task",
        "_waiting",
        "_writer",
        "ends_at",
        "principal",
        "turn",
        "types",
    )

    def __init__(self, principal: Principal, types: frozenset[str] | None, seconds: float) -> None:
        """`types`: kinds of object, None for all; `seconds`: how long it lasts at most."""
        self.principal, self.types = principal, types
        self.ends_at = monotonic() + seconds
        self.turn = 0
        """In which of the seconds between two pings it has its own."""
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._send: Send | None = None
        self._leave: Callable[[Subscriber], None] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._task: asyncio.Task[object] | None = None
        self._ended = False

    def left(self, leave: Callable[["Subscriber"], None]) -> None:
        """What to call when it is over."""
        self._leave = leave

    def push(self, text: bytes) -> None:
        """To be written; a client that is too far behind is told so, and loses the stream."""
        if self._ended:
            return
        self._waiting.append(text)
        self._size += len(text)
        if self._size > MOST_WAITING:
            self._waiting.clear()
            self.end(RESET % b"slow")
        self._write()

    def first(self, text: bytes) -> None:
        """Before everything that waits already."""
        self._waiting.appendleft(text)
        self._size += len(text)

    def end(self, last: bytes = b"") -> None:
        """No more is written after what waits; the client comes back by itself."""
        if not self._ended:
            self._ended = True
            if last:
                self._waiting.append(last)
            if self._task is None:  # its answer has not begun, and may never
                self.abandon()
            self._write()
            asyncio.get_running_loop().call_later(FAREWELL, self._cut)

    async def last(self, receive: Receive, send: Send) -> None:
        """Until the client goes, or it is ended."""
        self._send, self._task = send, asyncio.current_task()
        self._write()
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not self._ended or self._task is None:  # the server stops: not our doing
                raise
            self._task.uncancel()
        finally:
            self._task = self._send = None
            self._ended = True
            if self._writer is not None:
                self._writer.cancel()
            if self._leave is not None:
                self._leave(self)

    def abandon(self) -> None:
        """The answer was never begun."""
        if self._leave is not None:
            self._leave(self)

    def _write(self) -> None:
        if self._send is not None and self._writer is None and (self._waiting or self._ended):
            self._writer = asyncio.get_running_loop().create_task(self._written(self._send))

    async def _written(self, send: Send) -> None:
        try:
            while self._waiting:
                text = b"".join(self._waiting)
                self._waiting.clear()
                await send({"type": "http.response.body", "body": text, "more_body": True})
                self._size -= min(self._size, len(text))
            if self._ended:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except OSError:  # the client went meanwhile
            pass
        finally:
            self._writer = None

    def _cut(self) -> None:
        """Who does not even take the last word is left alone with a closed connection."""
        if self._task is not None:
            self._task.cancel()


class EventStream(Response):
    """Begins once the request itself is done with: nothing of it is held while it lasts."""

    media_type = "text/event-stream"

    def __init__(self, subscriber: Subscriber, status_code: int = 200) -> None:
        super().__init__(status_code=status_code)  # FastAPI reads the usual status off this signature
        self.subscriber = subscriber

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["later"] = self._begun

    async def _begun(self, scope: Scope, receive: Receive | None, send: Send) -> None:
        """`receive` is None for HEAD: then there is nothing but the headers."""
        for name in ("route", "principal", "credential", "tools", "database", "path_params"):
            scope.pop(name, None)
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        if receive is None:
            self.subscriber.abandon()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await self.subscriber.last(receive, send)

"""The client: keep-alive connections that ask as fast as they are answered. Small enough to cost little."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

Ask = Callable[[int], bytes]
"""Makes the next request of a connection, whole, as bytes."""
TICKS = 100
"""Of the kernel's clock in a second."""


@dataclass(slots=True)
class Result:
    """One round of one variant."""

    seconds: float
    latencies: list[float]
    errors: int
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu_seconds / max(1, len(self.latencies)) * 1e6


class _Asking(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again."""

    def __init__(self, at: int, ask: Ask, result: Result, until: float) -> None:
        self._at, self._ask, self._result, self._until = at, ask, result, until
        self._received = bytearray()
        self._missing = -1
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._missing < 0:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            self._missing = end + 4 + _length(bytes(self._received[:end]))
        if len(self._received) >= self._missing:
            self._result.latencies.append(time.perf_counter() - self._asked)
            self._result.errors += self._received[9:10] != b"2"
            self._received.clear()
            self._missing = -1
            self._next()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self._result.errors += time.perf_counter() < self._until
            self.done.set_result(None)

    def _next(self) -> None:
        self._asked = time.perf_counter()
        if self._asked < self._until:
            self._transport.write(self._ask(self._at))
        else:
            self._transport.close()


def _length(head: bytes) -> int:
    at = head.lower().index(b"content-length:") + 15
    return int(head[at:].split(b"\r", 1)[0])


async def drive(port: int, ask: Ask, connections: int, seconds: float, server_pid: int) -> Result:
    result = Result(0, [], 0, -cpu_seconds(server_pid))
    started = time.perf_counter()
    loop = asyncio.get_running_loop()
    clients = []
    for at in range(connections):
        _, client = await loop.create_connection(
            lambda at=at: _Asking(at, ask, result, started + seconds),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        clients.append(client.done)
    async with asyncio.timeout(seconds + 30):
        await asyncio.gather(*clients)
    result.seconds = time.perf_counter() - started
    result.cpu_seconds += cpu_seconds(server_pid)
    return result


async def fetch(port: int, request: bytes) -> tuple[int, bytes]:
    """One answer, for checking that both variants say the same."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4_000_000)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(_length(head))
    writer.close()
    return int(head[9:12]), body


def cpu_seconds(pid: int) -> float:
    """User and system time of the server process, from the kernel."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mib(pid: int) -> float:
    """Resident memory of a process."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024

"""The client: keep-alive connections that ask as fast as they are answered. Small enough to cost little."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

Ask = Callable[[], bytes]
"""Makes the next request, whole, as bytes."""


@dataclass(slots=True)
class Result:
    """One round of one variant."""

    requests: int
    seconds: float
    latencies: list[float]
    errors: int
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu_seconds / max(1, self.requests) * 1e6


async def drive(port: int, ask: Ask, connections: int, seconds: float, server_pid: int) -> Result:
    latencies: list[float] = []
    errors = 0
    before, started = _cpu_seconds(server_pid), time.perf_counter()
    until = started + seconds

    async def one() -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4_000_000)
        while time.perf_counter() < until:
            asked = time.perf_counter()
            writer.write(ask())
            status = await _answered(reader)
            latencies.append(time.perf_counter() - asked)
            errors += not 200 <= status < 300
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    took = time.perf_counter() - started
    return Result(len(latencies), took, latencies, errors, _cpu_seconds(server_pid) - before)


async def _answered(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at >= 0:
        end = lower.index(b"\r\n", at)
        length = int(lower[at + 15 : end])
        if length:
            await reader.readexactly(length)
    return int(head[9:12])


async def fetch(port: int, request: bytes) -> tuple[int, bytes]:
    """One answer, for checking that both variants say the same."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4_000_000)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.index(b"content-length:")
    body = await reader.readexactly(int(lower[at + 15 : lower.index(b"\r\n", at)]))
    writer.close()
    return int(head[9:12]), body


def _cpu_seconds(pid: int) -> float:
    """User and system time of the server process, from the kernel."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100

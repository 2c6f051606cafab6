"""`python -m benchmarks.streams`: what thousands of idle streams cost, in memory and to everybody else.

Rounds of reads without and with the streams, in the same process; then one lead is made, and the time until
the last of the streams has heard of it is taken. `--gate`: 1 when a figure is above demand.
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import time
from statistics import median
from uuid import UUID

import uvloop

from benchmarks.__main__ import BUILD, CONNECTIONS, _copy, _listening, _server, _sign_in
from benchmarks.asks import Asks, Variant
from benchmarks.data import ORGANIZATIONS, cluster, prepare
from benchmarks.load import Result, drive, fetch, rss_mib
from crm_api.core.keys import SigningKeys
from crm_api.core.tokens import Tokens

MOST_KIB, MOST_SLOWER = 60, 1.2
AT_ONCE = 50


class Idle(asyncio.Protocol):
    """One stream: asks, waits for the head, and notes when the first event comes."""

    def __init__(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._request, self._begun = request, False
        self.open: asyncio.Future[bool] = loop.create_future()
        self.heard: asyncio.Future[float] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if not self.open.done():
            self.open.set_result(data.startswith(b"HTTP/1.1 200"))
        if b"event: lead." in data and not self.heard.done():
            self.heard.set_result(time.perf_counter())

    def connection_lost(self, _: Exception | None) -> None:
        if not self.open.done():
            self.open.set_result(False)


async def _opened(port: int, request: bytes, many: int) -> list[Idle]:
    """Some at a time: a server takes as many new connections as its backlog holds."""
    found: list[Idle] = []
    loop = asyncio.get_running_loop()
    for at in range(0, many, AT_ONCE):
        some = [
            await loop.create_connection(lambda: Idle(request), "127.0.0.1", port)
            for _ in range(min(AT_ONCE, many - at))
        ]
        assert all(await asyncio.gather(*(idle.open for _, idle in some))), "a stream was refused"  # noqa: S101
        found += [idle for _, idle in some]
    return found


def _p99(results: list[Result]) -> float:
    """The median of the rounds: one hiccup of a shared machine is not the streams' doing."""
    return median(sorted(result.latencies)[int(len(result.latencies) * 0.99)] * 1000 for result in results)


async def _measure(options: argparse.Namespace) -> dict[str, float]:
    with cluster("10k") as found:
        async with _copy(await prepare(found)) as ready:
            folder = BUILD / "bench-home"
            tokens: dict[UUID, str] = await _sign_in(ready, Tokens(SigningKeys(folder / "keys")))
            with _server(ready, folder) as (port, pid):
                await _listening(port)
                return await _run(port, pid, tokens, options)


async def _run(port: int, pid: int, tokens: dict[UUID, str], options: argparse.Namespace) -> dict[str, float]:
    asks, real = Asks("10k"), Variant("real", tokens)
    token = tokens[ORGANIZATIONS[0]]
    request = f"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()

    async def rounds(many: int) -> list[Result]:
        return [
            await drive(port, asks.of("get", real), CONNECTIONS, options.seconds, pid) for _ in range(many)
        ]

    await rounds(2)
    warm = await _opened(port, request, 50)  # what the first stream starts is not counted for each
    for idle in warm:
        idle.transport.close()
    await asyncio.sleep(1)
    alone, before = await rounds(options.rounds), rss_mib(pid)
    streams = await _opened(port, request, options.streams)
    kib = (rss_mib(pid) - before) * 1024 / options.streams
    together = await rounds(options.rounds)
    started = time.perf_counter()
    made = real.request("POST", ORGANIZATIONS[0], "", asks.body(990_001))
    status, _ = await fetch(port, made)
    assert status == 201, status  # noqa: S101
    async with asyncio.timeout(30):
        heard = sorted(await asyncio.gather(*(idle.heard for idle in streams)))
    for idle in streams:
        idle.transport.close()
    return {
        "streams": options.streams,
        "kib_per_stream": round(kib, 1),
        "p99_ms_alone": round(_p99(alone), 2),
        "p99_ms_with_streams": round(_p99(together), 2),
        "p99_ratio": round(_p99(together) / _p99(alone), 3),
        "req_s_alone": round(median(result.per_second for result in alone)),
        "req_s_with_streams": round(median(result.per_second for result in together)),
        "cpu_us_alone": round(median(result.cpu_us for result in alone)),
        "cpu_us_with_streams": round(median(result.cpu_us for result in together)),
        "errors": sum(result.errors for result in (*alone, *together)),
        "first_heard_ms": round((heard[0] - started) * 1000, 1),
        "last_heard_ms": round((heard[-1] - started) * 1000, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument("--streams", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--gate", action="store_true")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the server inherits it
    os.environ["CRM_BENCH_STREAMS_OF_ONE"] = str(options.streams)
    figures = uvloop.run(_measure(options))
    print(json.dumps(figures, indent=1))
    BUILD.mkdir(exist_ok=True)
    (BUILD / "bench-streams.json").write_text(json.dumps(figures, indent=1) + "\n")
    too_much = figures["kib_per_stream"] > MOST_KIB or figures["p99_ratio"] > MOST_SLOWER
    return int(bool(figures["errors"]) or (options.gate and too_much))


if __name__ == "__main__":
    sys.exit(main())

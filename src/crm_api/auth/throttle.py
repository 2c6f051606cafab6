"""Brakes on guessing: whoever fails waits longer each time, nobody is locked out for good.

Three counters: of the account from this network (5 failures are free), of the account from anywhere (20; a
network the person has signed in from before is exempt, so that an attacker elsewhere cannot keep them out),
and of the network (60 a minute). All wait at most a quarter of an hour.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

from crm_api.auth.repository import ThrottleRepository
from crm_api.core.context import Context
from crm_api.kit.errors import RateLimited

LONGEST, FORGOTTEN = timedelta(minutes=15), timedelta(hours=1)


class Rule(NamedTuple):
    free: int
    longest: timedelta | None
    forgotten: timedelta


HERE, ANYWHERE = Rule(5, LONGEST, FORGOTTEN), Rule(20, LONGEST, FORGOTTEN)
NETWORK = Rule(60, None, timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, counted as a failure until it is settled."""

    of_account: tuple[str, ...]
    of_network: str


class Throttle:
    def __init__(self, ctx: Context) -> None:
        self._counts = ThrottleRepository(ctx)
        self._network = network_of(ctx.origin.ip)

    async def attempt(self, account: str, *, known_device: bool) -> Attempt:
        """Raises RateLimited, and then it does not count."""
        here, anywhere = _key("here", account, self._network), _key("anywhere", account)
        network = _key("network", self._network)
        rules = {here: HERE, network: NETWORK} | ({} if known_device else {anywhere: ANYWHERE})
        if seconds := await self._counts.count(rules):
            raise RateLimited(retry_after=seconds)
        return Attempt((here, *(() if known_device else (anywhere,))), network)

    async def succeeded(self, attempt: Attempt) -> None:
        """Forgives what the account failed before."""
        await self._counts.settle(attempt.of_account, [attempt.of_network])

    async def undecided(self, attempt: Attempt) -> None:
        """Neither right nor wrong (a second factor is missing): as if nobody had tried."""
        await self._counts.settle((), [*attempt.of_account, attempt.of_network])


def network_of(ip: str | None) -> str:
    """Whom an address is counted with: its /24, or its /64."""
    try:
        address = ip_address(ip or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return str(ip_network(f"{address}/{24 if address.version == 4 else 64}", strict=False))


def _key(*parts: str) -> str:
    return sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()

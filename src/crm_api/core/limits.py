"""How much one principal may ask for in a minute.

One process counts for itself in a dictionary (1 µs; `limits` in memory costs 70 µs, a third of a request);
several processes count together in Redis, with `limits`.
"""

import time
from typing import Protocol

from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from crm_api.core.settings import Settings
from crm_api.kit.bounded import Bounded
from crm_api.kit.errors import RateLimited

Headers = list[tuple[bytes, bytes]]
WINDOW = 60


class Limiter(Protocol):
    async def spend(self, who: object, quota: int | None) -> Headers:
        """One request of `who`. Answers the RateLimit headers; raises RateLimited."""
        ...


class OwnLimiter:
    """Counts in this process."""

    def __init__(self, quota: int) -> None:
        self._quota = quota
        self._spent: Bounded[object, list[int]] = Bounded(50_000)
        """Who -> [minute, requests in it]."""

    async def spend(self, who: object, quota: int | None) -> Headers:
        quota, now = quota or self._quota, int(time.time())
        minute, seconds = now // WINDOW, WINDOW - now % WINDOW
        spent = self._spent.get(who)
        if spent is None or spent[0] != minute:
            spent = self._spent[who] = [minute, 0]
        spent[1] += 1
        return _said(quota, quota - spent[1], seconds)


class SharedLimiter:
    """Counts in Redis, for all processes of the installation."""

    def __init__(self, url: str, quota: int) -> None:
        self._window, self._quota = FixedWindowRateLimiter(RedisStorage(f"async+{url}")), quota

    async def spend(self, who: object, quota: int | None) -> Headers:
        quota = quota or self._quota
        item = RateLimitItemPerMinute(quota)
        allowed = await self._window.hit(item, str(who))
        reset, left = await self._window.get_window_stats(item, str(who))
        return _said(quota, left if allowed else -1, max(1, round(reset - time.time())))


def make_limiter(settings: Settings) -> Limiter:
    if settings.redis_url:
        return SharedLimiter(settings.redis_url.get_secret_value(), settings.requests_per_minute)
    return OwnLimiter(settings.requests_per_minute)


def _said(quota: int, left: int, seconds: int) -> Headers:
    if left < 0:
        raise RateLimited(retry_after=seconds, quota=quota)
    return [
        (b"ratelimit-policy", b'"default";q=%d;w=60' % quota),
        (b"ratelimit", b'"default";r=%d;t=%d' % (left, seconds)),
    ]

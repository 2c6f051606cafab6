"""How much one principal may ask for: counted with `limits`, in this process or in Redis for all of them."""

import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from crm_api.core.settings import Settings
from crm_api.kit.bounded import Bounded
from crm_api.kit.errors import RateLimited

Headers = list[tuple[bytes, bytes]]


class Limiter:
    """One minute's quota; says on every answer what is left of it."""

    def __init__(self, settings: Settings) -> None:
        url = settings.redis_url
        storage = RedisStorage(f"async+{url.get_secret_value()}") if url else MemoryStorage()
        self._window = FixedWindowRateLimiter(storage)
        self._default = settings.requests_per_minute
        self._items: Bounded[int, tuple[RateLimitItemPerMinute, bytes]] = Bounded(1000)

    async def spend(self, who: str, quota: int | None) -> Headers:
        """One request. Raises RateLimited (with the same headers' figures in its retry_after)."""
        item, policy = self._item(quota or self._default)
        allowed = await self._window.hit(item, who)
        reset, left = await self._window.get_window_stats(item, who)
        seconds = max(1, round(reset - time.time()))
        if not allowed:
            raise RateLimited(retry_after=seconds)
        return [(b"ratelimit-policy", policy), (b"ratelimit", b'"default";r=%d;t=%d' % (left, seconds))]

    def _item(self, quota: int) -> tuple[RateLimitItemPerMinute, bytes]:
        known = self._items.get(quota)
        if known is None:
            known = RateLimitItemPerMinute(quota), b'"default";q=%d;w=60' % quota
            self._items[quota] = known
        return known

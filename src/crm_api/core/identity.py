"""From a credential to a principal, remembered for seconds: so long may a revocation take to act."""

from collections.abc import Awaitable, Callable
from time import monotonic
from uuid import UUID

from crm_api.core.principal import Principal
from crm_api.kit.bounded import Bounded

TRUSTED_FOR = 4.0
"""Seconds a verified credential is believed without another look at the database (5 are promised)."""

Lookup = Callable[[str], Awaitable[tuple[Principal, float]]]
"""Credential -> who it is, for how many seconds at most; raises Unauthenticated. Made by `auth`."""


class Identity:
    """Asks `lookup`, which is given here or, as it needs the connections, when the application is made."""

    def __init__(self, lookup: Lookup | None = None) -> None:
        self.lookup = lookup
        self._known: Bounded[str, tuple[float, Principal]] = Bounded(20_000)

    def remembered(self, credential: str) -> Principal | None:
        known = self._known.get(credential)
        return known[1] if known is not None and monotonic() < known[0] else None

    async def principal(self, credential: str) -> Principal:
        if self.lookup is None:
            raise RuntimeError("nobody has said how credentials are looked up")
        principal, lasts = await self.lookup(credential)
        self._known[credential] = monotonic() + min(TRUSTED_FOR, lasts), principal
        return principal

    def forget(self, session_id: UUID | None = None) -> None:
        """At once, in this process: after a logout, a change of role, a revocation."""
        for credential in [c for c, (_, who) in self._known.items() if session_id in (None, who.session_id)]:
            del self._known[credential]

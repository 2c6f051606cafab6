from datetime import datetime
from typing import Any

from sqlalchemy import delete, func

from crm_api.core.context import Context
from crm_api.events.models import EventTicket


class TicketRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def keep(self, digest: str, sealed: bytes, expires_at: datetime) -> None:
        """And throws away those that nobody used in time."""
        await self.ctx.session.execute(
            delete(EventTicket).where(self._own(), EventTicket.expires_at < func.now())
        )
        self.ctx.session.add(EventTicket(digest=digest, sealed=sealed, expires_at=expires_at))

    async def take(self, digest: str) -> bytes | None:
        """What it holds; nobody finds it a second time."""
        found = delete(EventTicket).where(
            self._own(), EventTicket.digest == digest, EventTicket.expires_at > func.now()
        )
        return await self.ctx.session.scalar(found.returning(EventTicket.sealed))

    def _own(self) -> Any:
        return EventTicket.organization_id == self.ctx.organization_id

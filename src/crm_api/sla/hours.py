"""Whether promises count otherwise than they did: calendars, the agencies that follow them, policies."""

from hashlib import sha256

from pydantic_core import to_json

from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.sla.promising import PromiseBook
from crm_api.sla.repository import SlaClockRepository


class HoursWatch:
    """Compares instead of listening: whatever changed the hours, and however, is noticed within a minute."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.clocks = SlaClockRepository(ctx)

    async def changed(self) -> bool:
        """Since this was last asked; while nothing is promised nobody asks."""
        if not await self.clocks.any_open():
            return False
        return await self.clocks.saw(await self.look())

    async def look(self) -> str:
        """A fingerprint of all that decides when promises are due; what is remembered is read afresh."""
        book = PromiseBook(self.ctx)
        book.forget()
        hours = await CalendarService(self.ctx.apart()).fingerprint()
        told = [repr(promise) for promise in await book.fresh()]
        return sha256(to_json([hours, told])).hexdigest()

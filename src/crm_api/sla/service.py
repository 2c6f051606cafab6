"""The clocks: what happened goes in, how they stand comes out. Whoever starts one keeps its id.

Every verb answers the clock, so that its keeper copies `next_due_at`. Verbs on many clocks at once (`_all`)
lock and write them by the set: a mass incident answers four hundred customers in three statements.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import enqueue_each
from crm_api.kit.business_time import Calendar, around_the_clock
from crm_api.kit.clock import ALGIERS
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import new_id
from crm_api.sla.clock import SlaCategory, SlaFactKind
from crm_api.sla.counting import Clock, Count, Counted, begun, counted
from crm_api.sla.explaining import explained
from crm_api.sla.models import SlaClock, SlaHours
from crm_api.sla.policies import Promise, SlaFacts, chosen
from crm_api.sla.promising import PromiseBook
from crm_api.sla.repository import Held, SlaClockRepository
from crm_api.sla.schemas.clocks import SlaExplanation

__all__ = ["Clock", "SlaCategory", "SlaFacts", "SlaService"]
_AROUND_THE_CLOCK = around_the_clock(ALGIERS)


class SlaService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.clocks = SlaClockRepository(ctx)
        self.book = PromiseBook(ctx)
        self.calendars = CalendarService(ctx.apart())

    # --- one clock

    async def start(
        self,
        facts: SlaFacts,
        at: datetime,
        *,
        category: SlaCategory = SlaCategory.NEW,
        answered: bool = False,
    ) -> Clock:
        """A clock for new work. `answered`: an agent made it while talking to the customer, so that no first
        answer is owed (D-46).
        """
        clock = SlaClock(id=new_id(), about=facts.written(), category=category, history=[], started_at=at)
        count = Count(clock.id, facts, [], {}, [])
        count.enter(SlaFactKind.STARTED, at, self.ctx.principal.id, category, answered=answered)
        await self.clocks.add(clock)
        (standing,) = await self._write([count], at)
        return standing

    async def moved(self, clock_id: UUID, category: SlaCategory, at: datetime) -> Clock:
        """The work is in another state; to where it is already: nothing happens."""
        return await self._one(clock_id, SlaFactKind.MOVED, at, category)

    async def customer_wrote(self, clock_id: UUID, at: datetime) -> Clock:
        """A person wrote; what a machine sends is not told here."""
        return await self._one(clock_id, SlaFactKind.CUSTOMER_WROTE, at)

    async def agent_answered(self, clock_id: UUID, at: datetime) -> Clock:
        """A public message of a human agent: automatic answers and robots are not told here."""
        return await self._one(clock_id, SlaFactKind.AGENT_ANSWERED, at)

    async def held(self, clock_id: UUID, at: datetime) -> Clock:
        """Work that this depends on is out: resolution and updates rest until it is `released`."""
        return await self._one(clock_id, SlaFactKind.HELD, at)

    async def released(self, clock_id: UUID, at: datetime) -> Clock:
        return await self._one(clock_id, SlaFactKind.RELEASED, at)

    async def reclassify(self, clock_id: UUID, facts: SlaFacts, at: datetime) -> Clock:
        """Other facts, perhaps another policy; the time that has passed is kept."""

        def enter(count: Count) -> None:
            count.facts = facts
            count.enter(SlaFactKind.RECLASSIFIED, at, self.ctx.principal.id)

        standings = await self._enter([clock_id], enter, at)
        return _only(standings, clock_id)

    async def get(self, clock_id: UUID) -> Clock:
        """How it stands. Raises NotFound."""
        return (await self._counted(await self._read(clock_id), now())).standing

    async def explain(self, clock_id: UUID) -> SlaExplanation:
        """Why each promise is due when it is. Raises NotFound."""
        count, moment = await self._read(clock_id), now()
        promises = await self.book.promises()
        calendar = await self.calendar(chosen(promises, count.facts), count.facts)
        done = await self._counted(count, moment)
        return explained(count, done, promises, calendar, moment, self.ctx.origin.locale)

    async def _read(self, clock_id: UUID) -> Count:
        clock = await self.clocks.read(clock_id)
        if clock is None:
            raise NotFound(id=str(clock_id))
        (count,) = await self._begun([clock])
        return count

    # --- many clocks

    async def agent_answered_all(self, clock_ids: Sequence[UUID], at: datetime) -> list[Clock]:
        return await self._all(clock_ids, SlaFactKind.AGENT_ANSWERED, at)

    async def recount(self, clock_ids: Sequence[UUID], moment: datetime) -> list[Clock]:
        """By the policies and calendars as they are now; nothing happened."""
        return await self._enter(clock_ids, lambda _: None, moment)

    async def tell_due(self, moment: datetime, most: int) -> int:
        """Announces what was crossed on up to `most` clocks; how many there were.

        Those that somebody else holds are left: their own verb announces it.
        """
        ids = await self.clocks.due(moment, most)
        clocks = await self.clocks.locked(ids, skip=True) if ids else []
        await self._write(await self._begun(clocks), moment)
        return len(clocks)

    # --- how

    async def _one(
        self, clock_id: UUID, what: SlaFactKind, at: datetime, category: SlaCategory | None = None
    ) -> Clock:
        return _only(await self._all([clock_id], what, at, category), clock_id)

    async def _all(
        self, clock_ids: Sequence[UUID], what: SlaFactKind, at: datetime, category: SlaCategory | None = None
    ) -> list[Clock]:
        def enter(count: Count) -> None:
            if not count.says_nothing_new(what, category):
                count.enter(what, at, self.ctx.principal.id, category)

        return await self._enter(clock_ids, enter, at)

    async def _enter(
        self, clock_ids: Sequence[UUID], enter: Callable[[Count], None], at: datetime
    ) -> list[Clock]:
        counts = await self._begun(await self.clocks.locked(clock_ids))
        for count in counts:
            enter(count)
        return await self._write(counts, at)

    async def _begun(self, clocks: Sequence[Held]) -> list[Count]:
        timers: dict[UUID, list[Any]] = {clock.id: [] for clock in clocks}
        for timer in await self.clocks.timers_of(list(timers)) if timers else ():
            timers[timer.clock_id].append(timer)
        return [begun(*clock[:3], timers[clock.id], (clock.policy_id, clock.next_due_at)) for clock in clocks]

    async def _write(self, counts: Sequence[Count], at: datetime) -> list[Clock]:
        moment = max(at, now())
        done = [await self._counted(count, moment) for count in counts]
        await self.clocks.write(
            [each.clock for each in done if each.clock], [row for each in done for row in each.timers]
        )
        await self._announce([each for each in done if each.crossed])
        return [each.standing for each in done]

    async def _counted(self, count: Count, moment: datetime) -> Counted:
        promise = chosen(await self.book.promises(), count.facts)
        return counted(count, promise, await self.calendar(promise, count.facts), moment)

    async def calendar(self, promise: Promise | None, facts: SlaFacts) -> Calendar:
        """Whose hours a promise counts in."""
        if promise is not None and promise.hours == SlaHours.ALWAYS:
            return _AROUND_THE_CLOCK
        if promise is not None and promise.calendar_id is not None:
            return await self.calendars.with_id(promise.calendar_id)
        return await self.calendars.for_agency(facts.agency_id)

    async def _announce(self, done: Sequence[Counted]) -> None:
        """By a job of its own: here the clocks are locked, and who hears of it locks what hangs on them."""
        payloads: list[dict[str, Any]] = [
            {
                "clock_id": each.standing.id,
                "policy_id": each.standing.policy_id,
                "crossed": [crossing._asdict() for crossing in each.crossed],
            }
            for each in done
        ]
        await enqueue_each(self.ctx, "tell_sla_crossings", payloads, [None] * len(payloads))


def _only(standings: list[Clock], clock_id: UUID) -> Clock:
    if not standings:
        raise NotFound(id=str(clock_id))
    return standings[0]

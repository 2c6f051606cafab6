"""Who is free, and when: busy ranges, and the slots that opening hours leave between them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from crm_api.agencies.service import AgencyService
from crm_api.appointments.booking import most_at_once
from crm_api.appointments.models import Hold
from crm_api.appointments.repository import AppointmentRepository
from crm_api.appointments.schemas.times import BusyQuery, BusyRange, BusyRanges, Slot, SlotQuery, Slots
from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.business_time import Calendar
from crm_api.users.service import UserService

Times = Sequence[tuple[datetime, datetime]]
_DAY = timedelta(days=1)


class Openings:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.appointments = AppointmentRepository(ctx)

    async def busy(self, query: BusyQuery) -> BusyRanges:
        """Everybody sees when; what it is about, only who may see the appointment."""
        taken = await self.appointments.taken(query.party_id, query.starts_at_gte, query.starts_at_lt)
        return BusyRanges(
            data=[
                BusyRange(
                    party_id=one.party_id,
                    starts_at=one.starts_at,
                    ends_at=one.ends_at,
                    tentative=one.hold == Hold.TENTATIVE,
                    appointment_id=one.appointment_id,
                    title=one.title,
                )
                for one in taken
            ]
        )

    async def slots(self, query: SlotQuery) -> Slots:
        """Raises NotFound for an agency or a colleague that is not here."""
        agency_id = query.agency_id
        if query.user_id is not None:
            colleague = (await UserService(self.ctx).get(query.user_id)).value
            agency_id = agency_id or colleague.agency_id
        if query.agency_id is not None:
            await AgencyService(self.ctx).get(query.agency_id)
        calendar = await CalendarService(self.ctx).for_agency(agency_id)
        whole = _whole(query.from_on, query.to_on, calendar)
        taken: Times = ()
        if query.user_id is not None:
            held = await self.appointments.taken([query.user_id], *whole, firmly=True)
            taken = [(one.starts_at, one.ends_at) for one in held]
        seats: int | None = None
        booked: Times = ()
        if agency_id is not None:
            seats, booked = await self.appointments.agency_times(agency_id, query.type, *whole)
        free = [
            (begin, end)
            for begin, end in _cut(calendar, query, not_before=now())
            if not _meeting(taken, begin, end)
        ]
        left = [None if seats is None else seats - most_at_once(_meeting(booked, *times)) for times in free]
        slots = [
            Slot(starts_at=begin, ends_at=end, seats_left=seats_left)
            for (begin, end), seats_left in zip(free, left, strict=True)
            if seats_left is None or seats_left > 0
        ]
        return Slots(data=slots, timezone=calendar.zone.key)


def _whole(first: date, last: date, calendar: Calendar) -> tuple[datetime, datetime]:
    begin = datetime.combine(first, time(), calendar.zone)
    return begin.astimezone(UTC), datetime.combine(last + _DAY, time(), calendar.zone).astimezone(UTC)


def _cut(calendar: Calendar, query: SlotQuery, not_before: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The opening hours in pieces of the length asked for; what is left over at their end is none."""
    length = timedelta(minutes=query.minutes)
    for ahead in range((query.to_on - query.from_on).days + 1):
        for opens, closes in calendar.intervals(query.from_on + ahead * _DAY):
            begin = opens
            while begin + length <= closes:
                if begin >= not_before:
                    yield begin, begin + length
                begin += length


def _meeting(times: Times, begin: datetime, end: datetime) -> Times:
    """What of these lies within, cut to it."""
    return [(max(a, begin), min(b, end)) for a, b in times if a < end and b > begin]

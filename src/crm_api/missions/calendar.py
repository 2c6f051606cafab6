"""A mission in the calendar of who is sent: an appointment on each working day of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from crm_api.appointments.models import LONGEST, AppointmentType
from crm_api.appointments.schemas.appointment import AppointmentCreate
from crm_api.appointments.service import AppointmentService
from crm_api.appointments.steps import AppointmentSteps
from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.kit.business_time import Calendar
from crm_api.missions.models import MissionOrder, MissionType

Times = tuple[datetime, datetime]
_DAY = timedelta(days=1)
_MORNING = time(8)
_REMINDER = 1440
"""Minutes: the day before it begins, once."""


class MissionCalendar:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def enter(self, order: MissionOrder) -> None:
        """Booked over whatever stands there: that they are needed elsewhere was decided."""
        assert order.owner_user_id is not None  # noqa: S101 - a CHECK says so
        assert order.agency_id is not None  # noqa: S101 - the same
        appointments = AppointmentService(self.ctx)
        calendar = await CalendarService(self.ctx).for_agency(order.agency_id)
        inspects = order.type is MissionType.CLAIM_INSPECTION
        for number, (begin, end) in enumerate(_days(order, calendar)):
            entry = AppointmentCreate(
                title=f"{order.number} : {order.place}"[:160],
                type=AppointmentType.EXPERT_VISIT if inspects else AppointmentType.HOME_VISIT,
                starts_at=begin,
                ends_at=end,
                location=order.place,
                object_type=MissionOrder.label,
                object_id=order.id,
                reminder_offsets=[] if number else [_REMINDER],
                force=True,
            )
            await appointments.enter(entry, order.owner_user_id, order.agency_id, quietly=True)

    async def clear(self, order: MissionOrder, reason: str) -> None:
        """Its days are free again."""
        steps = AppointmentSteps(self.ctx)
        for appointment in await steps.appointments.about(MissionOrder.label, order.id):
            await steps.call_off(appointment, reason[:200], quietly=True)


def _days(order: MissionOrder, calendar: Calendar) -> Iterator[Times]:
    """From the first opening to the last closing of each working day, eight hours at most.

    A mission that holds none of those has its first day, from eight o'clock.
    """
    worked = False
    for ahead in range((order.ends_on - order.starts_on).days + 1):
        if spans := calendar.intervals(order.starts_on + ahead * _DAY):
            worked = True
            yield spans[0].start, min(spans[-1].end, spans[0].start + LONGEST)
    if not worked:
        begin = datetime.combine(order.starts_on, _MORNING, calendar.zone).astimezone(UTC)
        yield begin, begin + LONGEST

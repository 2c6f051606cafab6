from crm_api.kit.errors import Conflict, DomainError, Duplicate


class CalendarCodeTaken(Duplicate):
    """Another calendar has this code."""


class CalendarDayTaken(Duplicate):
    """This day has an exception already; change that one."""


class UnknownCalendar(DomainError):
    """There is no such calendar."""

    status = 422


class CalendarInUse(Conflict):
    """This calendar rules {agencies} open agencies or is the default one; give them another first."""


class RetiredCalendarUnfit(Conflict):
    """A retired calendar cannot be the default one."""

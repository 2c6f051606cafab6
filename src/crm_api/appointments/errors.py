from crm_api.kit.errors import Conflict, DomainError, Duplicate, Forbidden, NotFound


class AppointmentConflict(Conflict):
    """Somebody or something is taken at that time; send `force` to book all the same."""

    # extra: conflicts


class AgencyFull(Conflict):
    """The agency takes no more than {seats} such appointments at once."""

    # extra: seats


class OutsideOpeningHours(Conflict):
    """The agency is closed at that time."""

    # extra: next_opening_at


class AppointmentNotBegun(Conflict):
    """It has not begun yet."""


class AppointmentSettled(Conflict):
    """This appointment is over or called off; it can only be read."""


class NotYourAppointment(Forbidden):
    """You change your own appointments; those of colleagues you may only read."""


class NotInvited(Conflict):
    """You are not among those attending."""


class UnknownOrganizer(DomainError):
    """There is no such active user."""

    status = 422


class UnknownAgency(DomainError):
    """There is no such agency."""

    status = 422


class UnknownResource(DomainError):
    """There is no such room or thing, or it is out of use."""

    status = 422


class ResourceCodeTaken(Duplicate):
    """Another room or thing has this code."""


class CapacityKnown(Duplicate):
    """The capacity of this agency for this type is recorded already."""


class CalendarImported(Duplicate):
    """This entry of the calendar is recorded already."""


class NoSuchFeed(NotFound):
    """There is no such calendar."""


class UnreadableCalendar(DomainError):
    """This is not an iCalendar file (RFC 5545)."""

    status = 422


class CalendarTooLarge(DomainError):
    """A calendar has {limit} entries at most, and 1 MiB."""

    status = 422


class EntryWithoutTimes(DomainError):
    """The entry does not say when it begins and ends, in a time zone that we know."""

    status = 422


class EntryTooLong(DomainError):
    """An appointment lasts between 15 minutes and 8 hours."""

    status = 422


class EntryRepeatsBadly(DomainError):
    """The rule of repetition cannot be followed."""

    status = 422

from crm_api.kit.errors import Conflict, DomainError, Forbidden


class ChannelNotConnected(DomainError):
    """No gateway for this channel is connected: {channels}."""

    status = 422


class UnknownReminderContact(DomainError):
    """There is no such person."""

    status = 422


class UnknownReminderUser(DomainError):
    """There is no such user here."""

    status = 422


class NotYourReminder(Forbidden):
    """You remind yourself or a customer; a colleague is given a task."""


class ReminderStarted(Conflict):
    """A reminder that has fired or was cancelled cannot be changed."""


class SnoozedEnough(Conflict):
    """A reminder can be put off 5 times."""


class SnoozeInThePast(Conflict):
    """It can only be put off to a moment that is still to come."""

from crm_api.kit.errors import Conflict, DomainError, Duplicate


class SlaPolicyNameTaken(Duplicate):
    """Another policy has this name."""


class UnknownSlaCalendar(DomainError):
    """There is no such calendar."""

    status = 422


class TooManySlaPolicies(Conflict):
    """An organization has at most {limit} policies; retire some."""

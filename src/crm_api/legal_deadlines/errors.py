from crm_api.kit.errors import Conflict, DomainError, Duplicate


class LegalDeadlineTaken(Duplicate):
    """A row of this limit begins on that day already."""


class LegalDeadlineUnknown(Conflict):
    """Nothing is laid down for {code} on {day}."""


class LegalUnitUnfit(DomainError):
    """This limit is counted in {units}."""

    status = 422

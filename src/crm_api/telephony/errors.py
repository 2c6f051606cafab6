from crm_api.kit.errors import DomainError, Duplicate


class CallKnown(Duplicate):
    """A call is recorded under that identifier already."""


class EndsBeforeItBegan(DomainError):
    """A call cannot end before it began."""

    status = 422

from crm_api.kit.errors import DomainError


class BulkEditTooLarge(DomainError):
    """The filter finds more than {limit} records; narrow it."""

    status = 422


class NothingToChange(DomainError):
    """Say what to change."""

    status = 422

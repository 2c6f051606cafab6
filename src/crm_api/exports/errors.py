from crm_api.kit.errors import DomainError, Forbidden


class ExportTooLarge(DomainError):
    """This would be {rows} rows; {limit} at most. Narrow the filter, for instance by date."""

    status = 422


class ExportReasonRequired(DomainError):
    """Official and financial data is exported for a reason: give it."""

    status = 422


class ExportNoLongerAllowed(Forbidden):
    """Whoever asked for this export may no longer do so."""

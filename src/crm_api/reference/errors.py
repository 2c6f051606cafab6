from crm_api.kit.errors import DomainError


class WilayaUnknown(DomainError):
    """No wilaya has this code."""

    status = 422

from crm_api.kit.errors import Conflict


class TradeRegisterTaken(Conflict):
    """A company with this trade register number works here already."""


class OrganizationNotOpen(Conflict):
    """The organization is suspended or closed."""

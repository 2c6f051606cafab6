from crm_api.kit.errors import Conflict, DomainError, NotFound


class TradeRegisterTaken(Conflict):
    """A company with this trade register number works here already."""


class LogoTooLarge(DomainError):
    """A logo has at most {limit} bytes."""

    status = 413


class LogoUnfit(DomainError):
    """A logo is a PNG, a JPEG, or an SVG that is nothing but a drawing."""

    status = 415


class NoLogo(NotFound):
    """The organization has no logo yet."""

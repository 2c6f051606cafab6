from crm_api.kit.errors import Conflict, DomainError, Gone, NotFound


class AlreadyColleague(Conflict):
    """Somebody with this address works here already."""


class InvitationOpen(Conflict):
    """This address is invited already; send that invitation again, or revoke it."""


class AgencyNotActive(Conflict):
    """This agency is suspended or closed."""


class InvitationUnknown(NotFound):
    """This invitation does not exist, or a newer one was sent."""


class InvitationClosed(Gone):
    """This invitation was accepted, revoked, or has expired."""

    # extra: state


class InvitationSentTooOften(DomainError):
    """This invitation was sent again five times today; try tomorrow."""

    status = 429
    # extra: retry_after


class UnknownAgencyCode(DomainError):
    """No agency has this number."""

    status = 422

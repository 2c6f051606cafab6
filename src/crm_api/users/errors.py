from crm_api.kit.errors import Conflict, DomainError, Forbidden


class LoginTaken(Conflict):
    """This e-mail address or user name is in use."""


class LastAdministrator(Conflict):
    """This is the last active administrator; name another one first."""


class PasswordUsedBefore(DomainError):
    """This password was used before; choose another one."""

    status = 422


class UnknownAgency(DomainError):
    """There is no such agency."""

    status = 422


class SuccessorUnfit(Conflict):
    """Who takes over or stands in must be another user, and active."""


class UserHasLeft(Conflict):
    """This user was deactivated and cannot be changed."""


class BeyondYourAuthority(Forbidden):
    """This user may do more than you; somebody with as much authority must do this."""


class OutsideYourAgencies(Forbidden):
    """You manage the users of your own agencies only."""


class UnknownUser(DomainError):
    """There is no such user."""

    status = 422

from crm_api.kit.errors import Conflict, DomainError, Duplicate, Forbidden


class RoleCodeTaken(Duplicate):
    """Another role has this code."""


class GroupCodeTaken(Duplicate):
    """Another group has this code or name."""


class SystemRoleUnchangeable(Forbidden):
    """The four base roles cannot be changed; copy one instead."""


class RoleInUse(Conflict):
    """Users, invitations or shared views have this role; give them another one first."""


class GroupInUse(Conflict):
    """Tickets, tasks, an inbox, a discussion or a rule name this group; give them to another one first."""


class UnknownRole(DomainError):
    """There is no such role."""

    status = 422


class UnknownGroup(DomainError):
    """There is no such group."""

    status = 422


class CannotGrant(Forbidden):
    """You cannot give what you do not hold yourself."""

    # extra: permissions or data_scope

"""Nobody gives what he does not hold (domain.md B-4).

Segregated scopes (health data, the payment of claims) are the exception that keeps duties apart: an
administrator of roles, who does not hold them, gives them to others and never to himself.
"""

from collections.abc import Iterable

from crm_api.core.principal import DataScope, Principal
from crm_api.roles.catalogue import of_kind
from crm_api.roles.errors import CannotGrant

REACH = tuple(DataScope)
"""Narrow to wide."""


def refuse_to_grant(
    principal: Principal, scopes: Iterable[str], data_scope: DataScope | None = None, *, to_himself: bool
) -> None:
    """Raises CannotGrant unless this principal may give all of that."""
    allowed = principal.scopes
    if not to_himself and "roles:manage" in allowed:
        allowed |= of_kind("segregated")
    if lacking := sorted(set(scopes) - allowed):
        raise CannotGrant(permissions=lacking)
    if data_scope is not None and REACH.index(data_scope) > REACH.index(principal.data_scope):
        raise CannotGrant(data_scope=data_scope)


def widest(scopes: Iterable[DataScope | None]) -> DataScope:
    """Of those that are given."""
    return max((scope for scope in scopes if scope is not None), key=REACH.index)

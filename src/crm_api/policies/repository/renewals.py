from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Interval,
    Numeric,
    Select,
    Text,
    and_,
    cast,
    func,
    literal_column,
    or_,
    type_coerce,
)

from crm_api.accounts.models import Account
from crm_api.core.money import Centimes
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.kit.listing import Selection
from crm_api.policies.models.policy import Policy, PolicyStatus
from crm_api.policies.schemas.renewals import GRACE_DAYS, RenewalRead

_ZONE: ColumnElement[str] = literal_column("'Africa/Algiers'", Text())
_SINCE = func.now() - literal_column(f"interval '{GRACE_DAYS} days'", Interval())


class RenewalRepository(Repository[Policy, RenewalRead]):
    """Contracts that end soon, each beside its customer and the one that goes on from it: one statement."""

    model, read = Policy, RenewalRead
    rows_by_owner = True

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        policy, later, account = table_of(Policy).c, _next.c, table_of(Account).c
        before, after = (type_coerce(each.annual_net_premium, BigInteger) for each in (policy, later))
        rate = func.round(cast(after - before, Numeric) / func.nullif(before, literal_column("0")), 6)
        return {
            **super().columns(),
            "producer_user_id": policy.owner_user_id,
            "account_name": account.name,
            "days_left": cast(_day(policy.expires_at) - _day(func.now()), Integer),
            "next_number": later.number,
            "next_status": later.status,
            "next_annual_net_premium": later.annual_net_premium,
            "price_change": type_coerce(after - before, Centimes()),
            "price_change_rate": type_coerce(rate, Numeric(9, 6)),
            "price_change_reason": later.price_change_reason,
            "renewal_told_at": policy.renewal_due_told_at,
        }

    def _listed(self, chosen: Selection, *columns: Any) -> Select[Any]:
        policies, accounts = table_of(Policy), table_of(Account)
        follows = and_(
            _next.c.organization_id == policies.c.organization_id,
            _next.c.id == policies.c.next_policy_id,
        )
        whose = and_(
            accounts.c.organization_id == policies.c.organization_id,
            accounts.c.id == policies.c.account_id,
        )
        together = policies.join(accounts, whose).outerjoin(_next, follows)
        open_ones = or_(
            policies.c.status == PolicyStatus.IN_FORCE,
            policies.c.status == PolicyStatus.SUSPENDED,
            policies.c.status == PolicyStatus.EXPIRED,
        )
        listed = super()._listed(chosen, *columns).select_from(together)
        return listed.where(policies.c.expires_at >= _SINCE, open_ones)


_next = table_of(Policy).alias("next")


def _day(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.timezone(_ZONE, moment), Date())

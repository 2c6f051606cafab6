"""Which tickets somebody sees (domain.md C-3, C-5), as a condition of a statement. Parameters only."""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, bindparam, literal_column, or_, select

from crm_api.accounts.models import Account
from crm_api.core.plain import table_of
from crm_api.core.visibility import Variant, visible_rows
from crm_api.roles.models import GroupMember
from crm_api.tickets.models.ticket import Ticket, TicketWatcher


def seen_tickets(variant: Variant) -> list[ColumnElement[bool]]:
    """Mine, made by me, of my agencies; what I follow; my groups' queues; what a visible account asks."""
    tickets = table_of(Ticket)
    mine = visible_rows(tickets, variant)
    if not mine:
        return []
    return [or_(*mine, _follows(tickets), _in_my_group(tickets), _of_account(tickets, variant))]


# Scalars, not EXISTS: PostgreSQL would first hash every row of the other table.


def _follows(tickets: Any) -> ColumnElement[bool]:
    watchers = TicketWatcher.__table__.alias("watching")
    return _there(
        select(literal_column("true")).where(
            watchers.c.organization_id == tickets.c.organization_id,
            watchers.c.ticket_id == tickets.c.id,
            watchers.c.user_id == _me(),
        ),
        tickets,
    )


def _in_my_group(tickets: Any) -> ColumnElement[bool]:
    members = GroupMember.__table__.alias("membership")
    return _there(
        select(literal_column("true")).where(
            members.c.organization_id == tickets.c.organization_id,
            members.c.group_id == tickets.c.group_id,
            members.c.user_id == _me(),
        ),
        tickets,
    )


def _of_account(tickets: Any, variant: Variant) -> ColumnElement[bool]:
    accounts = table_of(Account).alias("customer")
    return _there(
        select(literal_column("true")).where(
            accounts.c.organization_id == tickets.c.organization_id,
            accounts.c.id == tickets.c.account_id,
            *visible_rows(accounts, variant),  # type: ignore[arg-type]
        ),
        tickets,
    )


def _there(found: Any, tickets: Any) -> ColumnElement[bool]:
    row: ColumnElement[bool] = found.correlate(tickets).limit(literal_column("1")).scalar_subquery()
    return row.is_not(None)


def _me() -> Any:
    return bindparam("actor_id", type_=Uuid())

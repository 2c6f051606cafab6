"""Whose page it is, and what belongs to them: the parts of the statement that several sections read.

A person's page shows what is theirs: the contracts they hold or have a part in, and those of their
households; not those of a company that employs them. An account's page shows the account's own.
"""

from functools import cached_property
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.contacts.models import AccountLink
from crm_api.core.context import Context
from crm_api.core.inheritance import in_sight
from crm_api.core.plain import table_of
from crm_api.core.visibility import variant_of
from crm_api.files.sight import readers
from crm_api.policies.models.policy import Policy, PolicyParty

MOST_HELD = 1000
"""Contracts, debts and claims of one customer that are looked at: counts stop there."""
ID, ORGANIZATION = bindparam("object_id", type_=Uuid()), bindparam("organization_id", type_=Uuid())
TODAY = bindparam("today", type_=Date())
NOW: ColumnElement[Any] = cast(func.now(), TIMESTAMP(timezone=True))
LINKS: Any = AccountLink.__table__
KINDS = ("contact", "account", "policy", "insured_object", "claim", "receivable", "opportunity")
"""Whose own rules decide which rows are seen."""


def word(constant: str) -> ColumnElement[str]:
    return literal_column(f"'{constant}'", Text())


def number(constant: int) -> ColumnElement[Any]:
    return literal_column(str(constant))


class Around:
    """One page's common parts, made once a statement. Parameters only, never values."""

    def __init__(self, ctx: Context, root: str) -> None:
        self.ctx, self.root = ctx, root
        self.is_person = root == "contact"
        self.scopes = ctx.principal.scopes
        self.variant = variant_of(ctx.principal)

    def shape(self) -> tuple[Any, ...]:
        """What of the principal the statement depends on."""
        seen = tuple(self.ctx.tools.objects[kind](self.ctx).visibility for kind in KINDS)
        held = frozenset({"accounts:read", "receivables:read", "claims:read"} & self.scopes)
        return self.root, seen, self.variant, readers(self.ctx.principal), held

    def seen(self, kind: str) -> tuple[Table, list[ColumnElement[bool]]]:
        return in_sight(self.ctx, kind)

    @cached_property
    def households(self) -> CTE:
        """Of a person: the households they belong to today, or for which they hold a contract."""
        accounts, conditions = self.seen("account")
        policies = table_of(Policy)
        home = *conditions, accounts.c.type == word("household")
        linked = select(accounts.c.id).where(
            LINKS.c.organization_id == ORGANIZATION,
            LINKS.c.contact_id == ID,
            LINKS.c.to_date.is_(None),
            accounts.c.id == LINKS.c.account_id,
            *home,
        )
        signed = select(accounts.c.id).where(
            policies.c.organization_id == ORGANIZATION,
            policies.c.policyholder_contact_id == ID,
            accounts.c.id == policies.c.account_id,
            *home,
        )
        return union(linked, signed).cte("households")

    def of_theirs(self, table: Table, *conditions: ColumnElement[bool]) -> Select[Any]:
        """Rows of a table with `account_id`."""
        rows = select(table.c.id).where(*conditions)
        if not self.is_person:
            return rows.where(table.c.account_id == ID)
        return rows.where(table.c.account_id == self.households.c.id)

    @cached_property
    def held(self) -> CTE:
        """Their contracts, at most `MOST_HELD`."""
        policies, seen = self.seen("policy")
        columns = [
            policies.c[name]
            for name in (
                *("id", "number", "status", "product_code", "effective_at", "expires_at", "total_premium"),
                *("source_system", "as_of", "reinstates_at"),
            )
        ]
        if not self.is_person:
            newest = select(*columns).where(policies.c.account_id == ID, *seen)
            order = policies.c.effective_at.desc(), policies.c.id.desc()
            return newest.order_by(*order).limit(number(MOST_HELD)).cte("held")
        party = table_of(PolicyParty)
        home = select(*columns).where(policies.c.account_id == self.households.c.id, *seen)
        signed = select(*columns).where(policies.c.policyholder_contact_id == ID, *seen)
        part = select(*columns).where(
            party.c.organization_id == ORGANIZATION,
            party.c.contact_id == ID,
            policies.c.id == party.c.policy_id,
            *seen,
        )
        parts = [select(one.limit(number(MOST_HELD)).subquery()) for one in (home, signed, part)]
        return union(*parts).cte("held")

    @cached_property
    def owed(self) -> CTE:
        """What they owe and have not paid."""
        table, seen = self.seen("receivable")
        left = *seen, table.c.balance > literal_column("0")
        if not self.is_person:
            mine = select(table).where(table.c.account_id == ID, *left)
            return mine.order_by(table.c.due_on, table.c.id).limit(number(MOST_HELD)).cte("owed")
        ids = union(
            select(self.of_theirs(table, *left).limit(number(MOST_HELD)).subquery()),
            select(
                select(table.c.id)
                .where(table.c.policy_id == self.held.c.id, *left)
                .limit(number(MOST_HELD))
                .subquery()
            ),
        ).subquery("owed_ids")
        own = table.c.organization_id == ORGANIZATION
        return select(table).where(own, table.c.id == ids.c.id).cte("owed")

    @cached_property
    def claimed(self) -> CTE:
        """Their claims."""
        claims, seen = self.seen("claim")
        if not self.is_person:
            mine = select(claims).where(claims.c.account_id == ID, *seen)
            order = claims.c.created_at.desc(), claims.c.id.desc()
            return mine.order_by(*order).limit(number(MOST_HELD)).cte("claimed")
        branches = [
            self.of_theirs(claims, *seen),
            select(claims.c.id).where(claims.c.declarant_contact_id == ID, *seen),
            select(claims.c.id).where(claims.c.policy_id == self.held.c.id, *seen),
        ]
        ids = union(*(select(one.limit(number(MOST_HELD)).subquery()) for one in branches))
        found = ids.subquery("claimed_ids")
        own = claims.c.organization_id == ORGANIZATION
        return select(claims).where(own, claims.c.id == found.c.id).cte("claimed")

    def flags(self) -> Select[Any]:
        """Warnings on their accounts, one a row."""
        accounts, seen = self.seen("account")
        shown = self.ctx.tools.objects["account"](self.ctx).columns()["risk_flags"]
        mine = accounts.c.id == (self.households.c.id if self.is_person else ID)
        return select(func.unnest(shown).label("flag")).where(mine, *seen)

    def anything(self, rows: Any, flag: str, *conditions: ColumnElement[bool]) -> Select[Any]:
        """The flag, when one of the rows meets the conditions."""
        return select(word(flag).label("flag")).select_from(rows).where(*conditions).limit(number(1))

    def first_of(self, *parts: Select[Any]) -> Any:
        """One list of several."""
        return union_all(*(select(part.subquery()) for part in parts)).subquery()

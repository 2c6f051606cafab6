from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_api.accounts.actions import AccountBranch
from crm_api.accounts.errors import (
    TaxIdTaken,
    TradeRegisterNumberTaken,
    UnknownAgency,
    UnknownParentAccount,
)
from crm_api.accounts.models import Account, AccountMerge, AccountStatus, RiskFlag
from crm_api.accounts.schemas import AccountKpis, AccountRead
from crm_api.core.context import Context
from crm_api.core.external_ids import REFUSALS, ExternallyKnownRepository
from crm_api.core.plain import table_of
from crm_api.core.statements import unnested
from crm_api.core.visibility import variant_of, visible_rows
from crm_api.core.words import SearchToken
from crm_api.kit.listing import Selection

MOST_ALIKE = 20
"""Accounts looked at that share one telephone or address."""
FURTHEST = 20
"""Steps that a walk through a group takes at most, whatever the rows say."""


class AccountRepository(ExternallyKnownRepository[Account, AccountRead]):
    model, read = Account, AccountRead
    refusals = {
        **REFUSALS,
        "uq_accounts_tax_id": TaxIdTaken,
        "uq_accounts_trade_register_number": TradeRegisterNumberTaken,
        "fk_accounts_organization_id_agency_id": UnknownAgency,
        "fk_accounts_organization_id_parent_account_id": UnknownParentAccount,
    }

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.rows_seen = variant_of(ctx.principal)
        self.fraud_seen = "claims:fraud" in ctx.principal.scopes
        self.visibility = self.rows_seen, self.fraud_seen

    rows_by_owner = True

    def visible(self) -> list[ColumnElement[bool]]:
        table = table_of(Account)
        own = table.c.organization_id == bindparam("organization_id")
        return [own, *visible_rows(table, self.rows_seen)]

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        table = table_of(Account)
        flags: ColumnElement[Any] = table.c.risk_flags
        if not self.fraud_seen:
            flags = func.array_remove(flags, _text(RiskFlag.FRAUD_SUSPICION), type_=flags.type)
        return {
            **super().columns(),
            "manager_user_id": table.c.owner_user_id,
            "risk_flags": flags,
            "masked": _masked(table.c.masked),
            "kpis": _no_kpis().concat(table.c.kpis),
        }

    def _listed(self, chosen: Selection, *columns: Any) -> Select[Any]:
        """Accounts that were merged away are read one by one only."""
        return super()._listed(chosen, *columns).where(table_of(Account).c.merged_into_id.is_(None))

    async def visible_ids(self, ids: Sequence[UUID]) -> set[UUID]:
        """Which of these this principal sees, in the bin or not."""
        wanted = any_(bindparam("ids", type_=ARRAY(Uuid())))
        rows = await self.rows(
            "visible ids", lambda: self.select(Account.id).where(Account.id == wanted), {"ids": list(ids)}
        )
        return {row[0] for row in rows}

    # --- many at once

    async def agencies_of(self, ids: Sequence[UUID]) -> dict[UUID, UUID]:
        wanted = any_(bindparam("ids", type_=ARRAY(Uuid())))
        account = table_of(Account).c
        rows = await self.rows(
            "agencies of",
            lambda: self.select(account.id, account.agency_id).where(*self._alive(), account.id == wanted),
            {"ids": list({*ids})},
        )
        return {row[0]: row[1] for row in rows}

    async def taken(self, column: str, values: Sequence[str]) -> dict[str, UUID]:
        """Whose `tax_id` or `trade_register_number` these are, visible or not; those in use only."""
        if not values:
            return {}
        legal = table_of(Account).c[column]
        own = Account.organization_id == bindparam("organization_id")
        wanted = legal == any_(bindparam("values", type_=ARRAY(Text())))
        in_use = Account.merged_into_id.is_(None), Account.deleted_at.is_(None)
        rows = await self.rows(
            ("taken", column),
            lambda: select(legal, Account.id).where(own, wanted, *in_use),
            {"values": list(values)},
        )
        return {row[0]: row[1] for row in rows}

    async def reached_by(self, words: Sequence[str]) -> list[Sequence[Any]]:
        """(word, id, name, number, phones, emails, wilaya) of the accounts that have one of these words.

        A word is a telephone number in its digits or an e-mail address, as the search keeps them.
        """
        rows = await self.rows(
            "reached by", self._reached_by, {"tokens": [f"account/{one}" for one in words]}
        )
        return [
            (row[0].removeprefix("account/"), *row[1:4], *map(from_json, row[4:6]), row[6]) for row in rows
        ]

    async def compared(self, ids: Sequence[UUID]) -> list[Sequence[Any]]:
        """(id, name, number, phones, emails, wilaya) of the living accounts among these."""
        parts = cast(Account.phones, Text), cast(Account.emails, Text)
        columns = Account.id, Account.name, Account.number, *parts, Account.wilaya_code
        asked = Account.id == any_(bindparam("ids", type_=ARRAY(Uuid())))
        rows = await self.rows(
            "compared",
            lambda: self.select(*columns).where(asked, *self._alive(), Account.merged_into_id.is_(None)),
            {"ids": list(ids)},
        )
        return [(*row[:3], *map(from_json, row[3:5]), row[5]) for row in rows]

    def _reached_by(self) -> Select[Any]:
        asked = unnested(tokens=Text())
        token = asked.c.tokens
        holding = (
            select(SearchToken.object_id)
            .where(SearchToken.organization_id == bindparam("organization_id"), SearchToken.token == token)
            .limit(literal_column(str(MOST_ALIKE)))
            .lateral("holding")
        )
        parts = cast(Account.phones, Text), cast(Account.emails, Text)
        return (
            self.select(token, Account.id, Account.name, Account.number, *parts, Account.wilaya_code)
            .select_from(asked)
            .join(holding, true())
            .join(Account, Account.id == holding.c.object_id)
            .where(*self._alive(), Account.merged_into_id.is_(None))
        )

    # --- groups

    async def lock_groups(self) -> None:
        """Until the end of the use case nobody else moves an account in its group: no circle can close."""
        lock = f"{self.ctx.organization_id}|account groups"
        await self.ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(lock, 0))))

    async def chain(self, account_id: UUID) -> list[UUID]:
        """The account and those above it, nearest first, visible or not."""
        rows = await self.rows("chain", self._chain, {"id": account_id})
        return [row[0] for row in rows]

    def _chain(self) -> Select[Any]:
        up = _walk(upwards=True)
        return select(up.c.id).order_by(up.c.level)

    async def height(self, account_id: UUID) -> int:
        """Levels of the group from this account down, itself counted."""
        rows = await self.rows("height", self._height, {"id": account_id})
        return int(rows[0][0])

    def _height(self) -> Select[Any]:
        down = _walk(upwards=False)
        return select(func.coalesce(func.max(down.c.level), literal_column("0")) + literal_column("1"))

    async def ancestors(self, account_id: UUID) -> list[AccountBranch]:
        """Those above that this principal sees, nearest first."""
        rows = await self.rows("ancestors", self._ancestors, {"id": account_id})
        return [
            AccountBranch.model_validate(dict(zip(AccountBranch.model_fields, row, strict=True)))
            for row in rows
        ]

    def _ancestors(self) -> Select[Any]:
        up, table = _walk(upwards=True), table_of(Account)
        names = [name for name in AccountBranch.model_fields if name != "level"]
        return (
            self.select(*(table.c[name] for name in names), up.c.level)
            .join(up, up.c.id == table.c.id)
            .where(up.c.level > literal_column("0"))
            .order_by(up.c.level)
        )

    async def has_children(self, account_id: UUID) -> bool:
        """Whether accounts that are not in the bin stand below it, visible or not."""
        rows = await self.rows(
            "has children",
            lambda: (
                select(Account.id)
                .where(
                    Account.organization_id == bindparam("organization_id"),
                    Account.parent_account_id == bindparam("parent"),
                    Account.deleted_at.is_(None),
                )
                .limit(literal_column("1"))
            ),
            {"parent": account_id},
        )
        return bool(rows)

    async def move_children(self, parent_id: UUID, to_id: UUID) -> list[UUID]:
        """Every account directly below one is from now on below the other; their ids."""
        below = table_of(Account).c.parent_account_id == bindparam("parent", type_=Uuid())
        changes = {"parent_account_id": to_id}
        return await self.edit_all("children", lambda: [below], {"parent": parent_id}, changes)

    async def take_back_children(self, ids: Sequence[UUID], from_id: UUID, to_id: UUID) -> None:
        """Those of `ids` that are still below `from_id`."""
        table = table_of(Account)
        where = [
            table.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
            table.c.parent_account_id == bindparam("parent", type_=Uuid()),
        ]
        values = {"ids": list(ids), "parent": from_id}
        await self.edit_all("some children", lambda: where, values, {"parent_account_id": to_id})

    # --- agencies

    async def hand_over(self, agency_id: UUID, to_id: UUID) -> list[UUID]:
        """Every account of an agency that is not closed, merged or in the bin goes to the other one."""
        table = table_of(Account)
        where = [
            table.c.agency_id == bindparam("from_agency", type_=Uuid()),
            table.c.status.in_(
                [literal_column(f"'{state}'") for state in (AccountStatus.ACTIVE, AccountStatus.ARCHIVED)]
            ),
            *self._alive(),
        ]
        return await self.edit_all(
            "hand over", lambda: where, {"from_agency": agency_id}, {"agency_id": to_id}
        )

    # --- contracts

    async def contracts_of(self, account_id: UUID) -> Sequence[Any] | None:
        """lifecycle, customer_since, last_policy_expiry as they stand, whoever sees the account."""
        table = table_of(Account)
        mine = table.c.organization_id == bindparam("organization_id"), table.c.id == bindparam("id")
        columns = table.c.lifecycle, table.c.customer_since, table.c.last_policy_expiry
        rows = await self.rows("contracts of", lambda: select(*columns).where(*mine), {"id": account_id})
        return rows[0] if rows else None

    async def follow_contracts(self, account_id: UUID, changes: Mapping[str, Any]) -> None:
        """What its contracts make of it, with the lines in the journal."""
        same = table_of(Account).c.id == bindparam("id", type_=Uuid())
        await self.edit_all("follow contracts", lambda: [same], {"id": account_id}, changes)

    # --- merges

    async def keep_merge(self, merge: AccountMerge) -> None:
        self.ctx.session.add(merge)
        await self.ctx.session.flush()

    async def merge(self, merge_id: UUID) -> AccountMerge:
        return await self.ctx.session.get_one(AccountMerge, (self.ctx.organization_id, merge_id))

    async def last_merge_of(self, account_id: UUID) -> AccountMerge | None:
        """The one that still holds."""
        latest = (
            select(AccountMerge)
            .where(AccountMerge.account_id == account_id, AccountMerge.undone_at.is_(None))
            .order_by(AccountMerge.merged_at.desc())
            .limit(1)
        )
        found: AccountMerge | None = await self.ctx.session.scalar(latest)
        return found


def _walk(*, upwards: bool) -> Any:
    """From the account :id through its group: (id, level), the account itself at level 0."""
    table = table_of(Account)
    here = table.c.organization_id == bindparam("organization_id")
    level: ColumnElement[int] = literal_column("0")
    start = select(table.c.id, table.c.parent_account_id, level.label("level")).where(
        here, table.c.id == bindparam("id")
    )
    walk = start.cte("walk", recursive=True)
    step = walk.c.parent_account_id == table.c.id if upwards else walk.c.id == table.c.parent_account_id
    further = (
        select(table.c.id, table.c.parent_account_id, walk.c.level + literal_column("1"))
        .join_from(table, walk, step)
        .where(here, walk.c.level < literal_column(str(FURTHEST)))
    )
    return walk.union_all(further)


def _masked(column: ColumnElement[Any]) -> ColumnElement[Any]:
    def part(*path: str) -> ColumnElement[Any]:
        return func.jsonb_extract_path(column, *map(_text, path), type_=JSONB())

    return func.jsonb_build_object(
        *(_text("annual_revenue_amount"), part("annual_revenue_amount")),
        *(_text("bank_accounts"), func.coalesce(part("bank_accounts"), func.jsonb_build_array())),
        *(_text("kyc_level"), part("kyc", "level")),
        type_=JSONB(),
    )


def _no_kpis() -> ColumnElement[Any]:
    nothing = [item for name in AccountKpis.model_fields for item in (_text(name), null())]
    return func.jsonb_build_object(*nothing, type_=JSONB())


def _text(constant: str) -> ColumnElement[str]:
    return literal_column(f"'{constant}'", Text())

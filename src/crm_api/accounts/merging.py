"""Two accounts of one customer become one; for 30 days they can be taken apart again."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from crm_api.accounts.errors import (
    AccountCircle,
    AccountGroupTooDeep,
    AccountMergedWithItself,
    AccountNotMerged,
    MergeTooOld,
)
from crm_api.accounts.events import AccountMergeUndone, AccountsMerged
from crm_api.accounts.models import ACCOUNT, DEEPEST, Account, AccountMerge, AccountStatus
from crm_api.accounts.repository import AccountRepository
from crm_api.accounts.schemas import AccountRead
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import Deleted, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json

UNDONE_WITHIN = timedelta(days=30)
LISTS = {"phones": 20, "emails": 20, "addresses": 10, "tags": 20, "external_ids": 20}
"""What the survivor gains of these, and how many it may have in all."""
SINGLE = ("trade_register_number", "tax_id", "statistical_id", "tax_article", "segment")
"""What the survivor takes over where it has none."""

KEYS = ("owner_user_id", "agency_id")
CHOSEN = ("name", "type", "segment", "industry_code", "activity", "employee_count", *KEYS)
"""Fields of which the other account's value may stay."""


class AccountMerges:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.accounts = AccountRepository(ctx)

    async def merge(
        self, survivor_id: UUID, account_id: UUID, version: int, sides: Mapping[str, str] | None = None
    ) -> Json[AccountRead]:
        """`account_id` goes; its rows, and what the survivor lacks, come over.

        `sides`: field of `CHOSEN` -> "other" where its value is to stay instead of the survivor's.
        """
        if survivor_id == account_id:
            raise AccountMergedWithItself
        self.ctx.begin()
        await self.accounts.lock_groups()
        # Always in this order, so that two merges of the same pair cannot wait for each other.
        loaded = {id: await self.accounts.load(id) for id in sorted((survivor_id, account_id))}
        survivor, account = loaded[survivor_id], loaded[account_id]
        self._refuse_unfit(survivor, account, version)
        await self._refuse_misplaced(survivor, account)
        replaced = _replaced(survivor, account, sides or {})
        gained = {name: value for name, value in gains(survivor, account).items() if name not in replaced}
        merge = AccountMerge(
            id=new_id(),
            account_id=account_id,
            survivor_id=survivor_id,
            merged_at=now(),
            status_before=account.status,
            gained=gained,
        )
        account.status = AccountStatus.MERGED
        account.merged_into_id, account.merged_at = survivor_id, merge.merged_at
        account.external_ids = []  # they name the survivor from now on
        await self.accounts.save(account)
        for name, value in gained.items():
            own = getattr(survivor, name)
            setattr(survivor, name, _joined(own, value))
        for name in replaced:
            setattr(survivor, name, getattr(account, name))
        await self.accounts.save(survivor)
        merge.moved = {
            "account": [str(id) for id in await self.accounts.move_children(account_id, survivor_id)],
            "replaced": replaced,
        }
        await self.accounts.keep_merge(merge)
        await publish(self.ctx, AccountsMerged(account_id, survivor_id, merge.id))
        return await self.accounts.get(survivor_id)

    async def undo(self, account_id: UUID, version: int) -> Json[AccountRead]:
        """The account is itself again, with what it had; what the survivor was given since stays there."""
        account = await self.accounts.load(account_id)
        if version not in (account.version, ANY_VERSION):
            raise VersionConflict(current_version=account.version)
        merge = await self.accounts.last_merge_of(account_id)
        if merge is None:
            raise AccountNotMerged
        if now() - merge.merged_at > UNDONE_WITHIN:
            raise MergeTooOld(days=UNDONE_WITHIN.days)
        ACCOUNT.check(account.status, AccountStatus.ACTIVE)
        await self.accounts.lock_groups()
        survivor = await self.accounts.load(merge.survivor_id)
        for name, value in merge.gained.items():
            setattr(survivor, name, _without(getattr(survivor, name), value))
        for name, (was, since) in merge.moved.get("replaced", {}).items():
            if to_jsonable_python(getattr(survivor, name)) == since:
                setattr(survivor, name, was if name not in KEYS or was is None else UUID(was))
        await self.accounts.save(survivor)
        account.status, account.merged_into_id, account.merged_at = merge.status_before, None, None
        account.external_ids = merge.gained.get("external_ids", [])
        await self.accounts.save(account)
        children = [UUID(id) for id in merge.moved.get("account", [])]
        await self.accounts.take_back_children(children, survivor.id, account_id)
        merge.undone_at = now()
        await publish(self.ctx, AccountMergeUndone(account_id, survivor.id, merge.id))
        return await self.accounts.get(account_id)

    async def remember(self, merge_id: UUID, kind: str, ids: Sequence[UUID]) -> None:
        """For listeners of `AccountsMerged`: which rows of theirs followed."""
        merge = await self.accounts.merge(merge_id)
        merge.moved = {**merge.moved, kind: [str(id) for id in ids]}

    async def remembered(self, merge_id: UUID, kind: str) -> list[UUID]:
        """For listeners of `AccountMergeUndone`."""
        merge = await self.accounts.merge(merge_id)
        return [UUID(id) for id in merge.moved.get(kind, [])]

    @staticmethod
    def _refuse_unfit(survivor: Account, account: Account, version: int) -> None:
        if version not in (survivor.version, ANY_VERSION):
            raise VersionConflict(current_version=survivor.version)
        for one in survivor, account:
            if one.deleted_at is not None:
                raise Deleted(id=str(one.id))
            ACCOUNT.check(one.status, AccountStatus.MERGED)

    async def _refuse_misplaced(self, survivor: Account, account: Account) -> None:
        """The account's children come to stand below the survivor: that must make no circle."""
        above = await self.accounts.chain(survivor.id)
        if account.id in above:
            raise AccountCircle
        if len(above) + await self.accounts.height(account.id) - 1 > DEEPEST:
            raise AccountGroupTooDeep(most=DEEPEST)


def _replaced(survivor: Account, account: Account, sides: Mapping[str, str]) -> dict[str, Any]:
    """Field -> what the survivor had and what it has after, of those where the other's value stays."""
    names = [name for name in CHOSEN if sides.get(name) == "other" and getattr(account, name) is not None]
    pairs = {name: [getattr(survivor, name), getattr(account, name)] for name in names}
    replaced: dict[str, Any] = to_jsonable_python(pairs)
    return replaced


def gains(survivor: Account, account: Account) -> dict[str, Any]:
    """Column -> what the survivor takes over from the account."""
    gained: dict[str, Any] = {}
    for name, most in LISTS.items():
        own, theirs = getattr(survivor, name), getattr(account, name)
        known = [_identity(entry) for entry in own]
        new = [_secondary(entry) for entry in theirs if _identity(entry) not in known]
        gained[name] = new[: most - len(own)]
    for name in SINGLE:
        value = getattr(account, name)
        if getattr(survivor, name) is None and value is not None:
            gained[name] = str(value)
    gained["custom_fields"] = {
        key: value for key, value in account.custom_fields.items() if key not in survivor.custom_fields
    }
    return {name: value for name, value in gained.items() if value}


def _identity(entry: Any) -> Any:
    """Two numbers or addresses are the same when their values are, whatever else is known of them."""
    if isinstance(entry, dict) and "system" not in entry:
        return entry.get("value", entry)
    return entry


def _secondary(entry: Any) -> Any:
    return {**entry, "is_primary": False} if isinstance(entry, dict) and "is_primary" in entry else entry


def _joined(own: Any, gained: Any) -> Any:
    if isinstance(own, list):
        return [*own, *gained]
    return {**own, **gained} if isinstance(own, dict) else gained


def _without(present: Any, gained: Any) -> Any:
    """`present` without what a merge brought, as far as nobody has changed it since."""
    if isinstance(present, list):
        return [entry for entry in present if entry not in gained]
    if isinstance(present, dict):
        return {key: value for key, value in present.items() if gained.get(key, ...) != value}
    return None if str(present) == gained else present

"""One way to merge two records of each kind, and to take it back: each domain does its own."""

from collections.abc import Mapping
from typing import Any, Protocol, get_args
from uuid import UUID

from crm_api.accounts.merging import CHOSEN as ACCOUNT_CHOICES
from crm_api.accounts.merging import AccountMerges
from crm_api.accounts.service import AccountService
from crm_api.contacts.identity import CivilField
from crm_api.contacts.merges import ContactMergeRequest, PlainField
from crm_api.contacts.merging import MergingService
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.core.sealing import vault_of
from crm_api.duplicates.models import DuplicatePair, PairEntity
from crm_api.kit.schemas import Json
from crm_api.leads.merging import CHOSEN as LEAD_CHOICES
from crm_api.leads.merging import LeadMerges
from crm_api.leads.service import LeadService

Sides = Mapping[str, Any]


class Merger(Protocol):
    """Of one kind of record. `merge` answers what `undo` needs."""

    choices: tuple[str, ...]

    def __init__(self, ctx: Context, pair_id: UUID) -> None: ...
    async def get(self, id: UUID) -> Json[Any]: ...
    async def merge(self, survivor_id: UUID, other_id: UUID, sides: Sides) -> dict[str, Any]: ...
    async def undo(self, survivor_id: UUID, other_id: UUID, kept: Mapping[str, Any]) -> None: ...


class AccountMerger:
    choices: tuple[str, ...] = ACCOUNT_CHOICES

    def __init__(self, ctx: Context, pair_id: UUID) -> None:
        self.ctx = ctx

    async def get(self, id: UUID) -> Json[Any]:
        return await AccountService(self.ctx).get(id)

    async def merge(self, survivor_id: UUID, other_id: UUID, sides: Sides) -> dict[str, Any]:
        await AccountMerges(self.ctx).merge(survivor_id, other_id, ANY_VERSION, sides)
        return {}

    async def undo(self, survivor_id: UUID, other_id: UUID, kept: Mapping[str, Any]) -> None:
        await AccountMerges(self.ctx).undo(other_id, ANY_VERSION)


class ContactMerger:
    choices: tuple[str, ...] = (*get_args(PlainField), *get_args(CivilField))

    def __init__(self, ctx: Context, pair_id: UUID) -> None:
        self.ctx = ctx

    async def get(self, id: UUID) -> Json[Any]:
        return await ContactService(self.ctx).get(id)

    async def merge(self, survivor_id: UUID, other_id: UUID, sides: Sides) -> dict[str, Any]:
        asked = ContactMergeRequest(other_id=other_id, survivorship=dict(sides))
        await MergingService(self.ctx).merge(survivor_id, asked, ANY_VERSION)
        merges = await MergingService(self.ctx).merges_of(survivor_id)
        return {"merge_id": next(str(one.id) for one in merges.data if one.other_id == other_id)}

    async def undo(self, survivor_id: UUID, other_id: UUID, kept: Mapping[str, Any]) -> None:
        await MergingService(self.ctx).undo(survivor_id, UUID(kept["merge_id"]), ANY_VERSION)


class LeadMerger:
    """What an undoing needs of leads are values, so they wait sealed."""

    choices: tuple[str, ...] = LEAD_CHOICES

    def __init__(self, ctx: Context, pair_id: UUID) -> None:
        self.ctx, self.pair_id = ctx, pair_id

    async def get(self, id: UUID) -> Json[Any]:
        return await LeadService(self.ctx).get(id)

    async def merge(self, survivor_id: UUID, other_id: UUID, sides: Sides) -> dict[str, Any]:
        kept = await LeadMerges(self.ctx).merge(survivor_id, other_id, sides)
        vault = await vault_of(self.ctx)
        return {"sealed": vault.seal(kept, table=DuplicatePair.__tablename__, row_id=self.pair_id).hex()}

    async def undo(self, survivor_id: UUID, other_id: UUID, kept: Mapping[str, Any]) -> None:
        vault = await vault_of(self.ctx)
        sealed = bytes.fromhex(kept["sealed"])
        opened = vault.open(sealed, table=DuplicatePair.__tablename__, row_id=self.pair_id)
        await LeadMerges(self.ctx).undo(survivor_id, other_id, opened)


MERGERS: Mapping[PairEntity, type[Merger]] = {
    PairEntity.ACCOUNT: AccountMerger,
    PairEntity.CONTACT: ContactMerger,
    PairEntity.LEAD: LeadMerger,
}

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.accounts.actions import AccountAncestors, AccountAssign, AccountBatch, AccountMergeRequest
from crm_api.accounts.merging import AccountMerges
from crm_api.accounts.parts import AccountUnmask, AccountUnmasked
from crm_api.accounts.schemas import (
    AccountCreate,
    AccountListQuery,
    AccountPage,
    AccountPatch,
    AccountQuery,
    AccountRead,
)
from crm_api.accounts.service import AccountService
from crm_api.core.batch import BatchGet, BatchResult, Found, found, run_batch
from crm_api.core.context import Context
from crm_api.core.external_ids import ExternalId, ExternalSystem, ExternalValue
from crm_api.core.http import IfMatch, MergePatch, Router, requires, upserted
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search

router = Router("accounts")
named_outside = Router("external-ids", tag="accounts")
Reader = Annotated[Context, requires("accounts:read")]
Writer = Annotated[Context, requires("accounts:write")]
Remover = Annotated[Context, requires("accounts:delete")]
Merger = Annotated[Context, requires("accounts:merge")]
Unmasker = Annotated[Context, requires("accounts:read", "pii:read")]


@router.get("")
async def list_accounts(ctx: Reader, query: Annotated[AccountListQuery, Query()]) -> Json[AccountPage]:
    """List accounts."""
    return await AccountService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_account(ctx: Writer, body: AccountCreate) -> Json[AccountRead]:
    """Open an account.

    It gets the next customer code. Bank accounts, turnover and identity checks are sealed at once.
    """
    return await AccountService(ctx).create(body)


@router.get("/count")
async def count_accounts(ctx: Reader, query: Annotated[AccountQuery, Query()]) -> Count:
    """Count accounts."""
    return await AccountService(ctx).count(query)


@router.post("/search")
async def search_accounts(ctx: Reader, body: Search) -> Json[AccountPage]:
    """Search accounts by conditions on their fields, `custom.<key>` included."""
    return await AccountService(ctx).search(body)


@router.post("/batch")
async def batch_accounts(ctx: Writer, body: AccountBatch) -> Json[BatchResult[AccountRead]]:
    """Open, change and delete up to 100 accounts.

    Each operation answers for itself, unless the batch is `atomic`. Deletions need accounts:delete.
    """
    return await run_batch(ctx, AccountService(ctx), body, AccountRead, deleting="accounts:delete")


@router.post("/batch-get")
async def batch_get_accounts(ctx: Reader, body: BatchGet) -> Json[Found[AccountRead]]:
    """Read up to 100 accounts by their identifiers."""
    return found(AccountRead, await AccountService(ctx).get_many(body.ids))


@named_outside.get("/{system}/accounts/{value}")
async def get_account_by_external_id(
    ctx: Reader, system: ExternalSystem, value: ExternalValue
) -> Json[AccountRead]:
    """Read the account that another system calls so."""
    return await AccountService(ctx).get_by_external_id(system, value)


@named_outside.post("/{system}/accounts/{value}", responses=upserted(AccountRead))
async def upsert_account(
    ctx: Writer, system: ExternalSystem, value: ExternalValue, body: AccountCreate
) -> Json[AccountRead]:
    """Open the account that another system calls so, or change it.

    Fields left out of the body stay as they are. Two requests at once make one account.
    """
    return await AccountService(ctx).upsert(ExternalId(system=system, value=value), body)


@router.get("/{account_id}")
async def get_account(ctx: Reader, account_id: UUID) -> Json[AccountRead]:
    """Read an account, in the bin or merged away too.

    Who reads it is recorded in the audit log.
    """
    return await AccountService(ctx).sheet(account_id)


@router.patch("/{account_id}")
async def update_account(
    ctx: Writer, account_id: UUID, body: Annotated[AccountPatch, MergePatch], version: IfMatch
) -> Json[AccountRead]:
    """Change an account."""
    return await AccountService(ctx).update(account_id, body, version)


@router.delete("/{account_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_account(ctx: Remover, account_id: UUID, version: IfMatch) -> None:
    """Put an account in the bin; refused while it has contracts, files or accounts below it."""
    await AccountService(ctx).delete(account_id, version)


@router.post("/{account_id}/restore")
async def restore_account(ctx: Remover, account_id: UUID) -> Json[AccountRead]:
    """Take an account out of the bin."""
    return await AccountService(ctx).restore(account_id)


@router.post("/{account_id}/archive")
async def archive_account(ctx: Writer, account_id: UUID, version: IfMatch) -> Json[AccountRead]:
    """Put an obsolete account out of daily sight."""
    return await AccountService(ctx).archive(account_id, version)


@router.post("/{account_id}/close")
async def close_account(ctx: Writer, account_id: UUID, version: IfMatch) -> Json[AccountRead]:
    """Close an account: the relation has ended, the files stay."""
    return await AccountService(ctx).close(account_id, version)


@router.post("/{account_id}/reopen")
async def reopen_account(ctx: Writer, account_id: UUID, version: IfMatch) -> Json[AccountRead]:
    """Make an archived or closed account active again."""
    return await AccountService(ctx).reopen(account_id, version)


@router.post("/{account_id}/assign")
async def assign_account(
    ctx: Writer, account_id: UUID, body: AccountAssign, version: IfMatch
) -> Json[AccountRead]:
    """Give an account to another manager, or to another agency."""
    return await AccountService(ctx).assign(account_id, body, version)


@router.post("/{account_id}/merge")
async def merge_accounts(
    ctx: Merger, account_id: UUID, body: AccountMergeRequest, version: IfMatch
) -> Json[AccountRead]:
    """Merge another account into this one.

    Its contacts, contracts, files and the accounts below it move here, with the numbers, addresses, tags
    and identifiers that this one lacks. Can be undone for 30 days.
    """
    return await AccountMerges(ctx).merge(account_id, body.account_id, version)


@router.post("/{account_id}/unmerge")
async def unmerge_account(ctx: Merger, account_id: UUID, version: IfMatch) -> Json[AccountRead]:
    """Take an account that was merged away apart again, with what it had."""
    return await AccountMerges(ctx).undo(account_id, version)


@router.post("/{account_id}/unmask")
async def unmask_account(ctx: Unmasker, account_id: UUID, body: AccountUnmask) -> AccountUnmasked:
    """Show sealed fields in clear; who asked, and why, is kept in the audit log."""
    return await AccountService(ctx).unmask(account_id, body)


@router.get("/{account_id}/children")
async def list_account_children(
    ctx: Reader, account_id: UUID, query: Annotated[AccountListQuery, Query()]
) -> Json[AccountPage]:
    """List the accounts directly below an account."""
    return await AccountService(ctx).children(account_id, query)


@router.get("/{account_id}/ancestors")
async def list_account_ancestors(ctx: Reader, account_id: UUID) -> AccountAncestors:
    """List the accounts above an account, up to the top of its group."""
    return await AccountService(ctx).ancestors(account_id)


ROUTERS = (
    router,
    named_outside,
)

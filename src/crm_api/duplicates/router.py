from typing import Annotated
from uuid import UUID

from fastapi import Query

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, Router, requires
from crm_api.duplicates.schemas import (
    DuplicatePairPage,
    DuplicatePairRead,
    DuplicateQuery,
    MergeChoice,
    MergePreview,
)
from crm_api.duplicates.service import DuplicateService
from crm_api.kit.schemas import Json

router = Router("duplicates")
Steward = Annotated[Context, requires("accounts:merge", "accounts:write", "contacts:write", "leads:write")]


@router.get("")
async def list_duplicates(ctx: Steward, query: Annotated[DuplicateQuery, Query()]) -> Json[DuplicatePairPage]:
    """List pairs of records that are probably one, the surest first.

    They are found as records come in and change. A pair is seen by who sees both of its records.
    """
    return await DuplicateService(ctx).page(query)


@router.get("/{pair_id}")
async def get_duplicate(ctx: Steward, pair_id: UUID) -> Json[DuplicatePairRead]:
    """Read a pair."""
    return await DuplicateService(ctx).get(pair_id)


@router.post("/{pair_id}/dismiss")
async def dismiss_duplicate(ctx: Steward, pair_id: UUID, version: IfMatch) -> Json[DuplicatePairRead]:
    """Say that they are two."""
    return await DuplicateService(ctx).dismiss(pair_id, version)


@router.post("/{pair_id}/reopen")
async def reopen_duplicate(ctx: Steward, pair_id: UUID, version: IfMatch) -> Json[DuplicatePairRead]:
    """Put a dismissed pair back into the queue."""
    return await DuplicateService(ctx).reopen(pair_id, version)


@router.post("/{pair_id}/preview")
async def preview_merge(ctx: Steward, pair_id: UUID, body: MergeChoice) -> MergePreview:
    """See what a merge would make, field by field; nothing of it is kept."""
    return await DuplicateService(ctx).preview(pair_id, body)


@router.post("/{pair_id}/merge")
async def merge_duplicate(
    ctx: Steward, pair_id: UUID, body: MergeChoice, version: IfMatch
) -> Json[DuplicatePairRead]:
    """Merge the two records of a pair."""
    return await DuplicateService(ctx).merge(pair_id, body, version)


@router.post("/{pair_id}/unmerge")
async def unmerge_duplicate(ctx: Steward, pair_id: UUID, version: IfMatch) -> Json[DuplicatePairRead]:
    """Take a merge back, for thirty days.

    Each field that nobody changed since gets its value back.
    """
    return await DuplicateService(ctx).unmerge(pair_id, version)


ROUTERS = (router,)

from typing import Annotated
from uuid import UUID

from fastapi import Query

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires, upserted
from crm_api.interactions.schemas import (
    Identified,
    InteractionCorrection,
    InteractionCreate,
    InteractionFilter,
    InteractionIdentify,
    InteractionPage,
    InteractionPatch,
    InteractionQuery,
    InteractionRead,
    LastPromise,
    LastPromiseQuery,
    ObjectLink,
)
from crm_api.interactions.service import InteractionService
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json

router = Router("interactions")
Reader = Annotated[Context, requires("interactions:read")]
Writer = Annotated[Context, requires("interactions:write")]


@router.get("")
async def list_interactions(
    ctx: Reader, query: Annotated[InteractionQuery, Query()]
) -> Json[InteractionPage]:
    """List interactions, newest first.

    Yours, your agency's, and those about somebody you may see. Bodies are read one by one. What was
    corrected is shown by its correction, unless `corrected=with`.
    """
    return await InteractionService(ctx).page(query)


@router.post("", responses=upserted(InteractionRead))
async def record_interaction(ctx: Writer, body: InteractionCreate) -> Json[InteractionRead]:
    """Record an exchange with somebody.

    201 when it was recorded. With an `external_message_id` that this channel sent before, nothing is
    written and the answer is 200 with what stands. A person's main account is linked too when `links` names
    no account. An outbound exchange with a lead that reached it makes the lead contacted.
    """
    return await InteractionService(ctx).record(body)


@router.get("/count")
async def count_interactions(ctx: Reader, query: Annotated[InteractionFilter, Query()]) -> Count:
    """Count interactions."""
    return await InteractionService(ctx).count(query)


@router.get("/last-promise")
async def get_last_promise(ctx: Reader, query: Annotated[LastPromiseQuery, Query()]) -> Json[LastPromise]:
    """Read what was last promised to a client, by whom, and whether it was kept."""
    return await InteractionService(ctx).last_promise(query)


@router.get("/{interaction_id}")
async def get_interaction(ctx: Reader, interaction_id: UUID) -> Json[InteractionRead]:
    """Read an interaction, corrected or not."""
    return await InteractionService(ctx).get(interaction_id)


@router.patch("/{interaction_id}")
async def update_interaction(
    ctx: Writer, interaction_id: UUID, body: Annotated[InteractionPatch, MergePatch], version: IfMatch
) -> Json[InteractionRead]:
    """Change what you recorded less than 15 minutes ago.

    After that, and for whoever did not record it: correct it.
    """
    return await InteractionService(ctx).update(interaction_id, body, version)


@router.post("/{interaction_id}/correct")
async def correct_interaction(
    ctx: Writer, interaction_id: UUID, body: InteractionCorrection
) -> Json[InteractionRead]:
    """Record what should have been recorded.

    Fields left out are taken over. The interaction itself stays as it was written, and names the correction
    in `corrected_by_id`.
    """
    return await InteractionService(ctx).correct(interaction_id, body)


@router.post("/{interaction_id}/link")
async def link_interaction(ctx: Writer, interaction_id: UUID, body: ObjectLink) -> Json[InteractionRead]:
    """Say that an interaction is about this object too."""
    return await InteractionService(ctx).link(interaction_id, body)


@router.post("/{interaction_id}/identify")
async def identify_interaction_party(
    ctx: Writer, interaction_id: UUID, body: InteractionIdentify
) -> Identified:
    """Say who the unknown party was, of this interaction or of all from the same number."""
    return await InteractionService(ctx).identify(interaction_id, body)


@router.post("/{interaction_id}/keep-promise")
async def keep_promise(ctx: Writer, interaction_id: UUID, version: IfMatch) -> Json[InteractionRead]:
    """Say that the promise was kept."""
    return await InteractionService(ctx).keep_promise(interaction_id, version)


@router.post("/{interaction_id}/break-promise")
async def break_promise(ctx: Writer, interaction_id: UUID, version: IfMatch) -> Json[InteractionRead]:
    """Say that the promise was not kept in time; it may still be kept late."""
    return await InteractionService(ctx).break_promise(interaction_id, version)


ROUTERS = (router,)

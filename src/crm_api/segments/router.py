from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.core.openapi import refusals
from crm_api.jobs.schemas import JobRead
from crm_api.kit.schemas import Json
from crm_api.segments.errors import (
    SegmentInUse,
    SegmentMatchesEverybody,
    SegmentNameTaken,
    SegmentNeedsApproval,
    SegmentNotDynamic,
    SegmentNotReady,
    SegmentNotStatic,
    SegmentTooSlow,
    SegmentUsesItself,
)
from crm_api.segments.schemas.segments import (
    SegmentCreate,
    SegmentDraft,
    SegmentFieldList,
    SegmentFieldQuery,
    SegmentFreeze,
    SegmentMemberPage,
    SegmentMemberQuery,
    SegmentMembers,
    SegmentMoved,
    SegmentPage,
    SegmentPatch,
    SegmentPreview,
    SegmentQuery,
    SegmentRead,
)
from crm_api.segments.service import APPROVES, SegmentService

router = Router("segments")
Reader = Annotated[Context, requires("segments:read")]
Looker = Annotated[Context, requires("segments:read", "contacts:read")]
Writer = Annotated[Context, requires("segments:write")]
Keeper = Annotated[Context, requires("segments:write", "contacts:read")]
Officer = Annotated[Context, requires("segments:read", APPROVES)]
_RULED = (SegmentNameTaken, SegmentMatchesEverybody, SegmentNotReady)


@router.get("")
async def list_segments(ctx: Reader, query: Annotated[SegmentQuery, Query()]) -> Json[SegmentPage]:
    """List segments."""
    return await SegmentService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(*_RULED))
async def create_segment(ctx: Writer, body: SegmentCreate) -> Json[SegmentRead]:
    """Keep a segment; a job finds its members, and from then on they follow what happens.

    A rule that looks at official data (class P3) waits for the data protection officer first.
    """
    return await SegmentService(ctx).create(body)


@router.get("/fields")
async def list_segment_fields(ctx: Reader, query: Annotated[SegmentFieldQuery, Query()]) -> SegmentFieldList:
    """Read what rules may say: fields, operators, values and labels; enough to build an editor."""
    return SegmentService(ctx).fields(query.lang)


@router.post("/preview", openapi_extra=refusals(SegmentNeedsApproval, SegmentNotReady, SegmentTooSlow))
async def preview_segment(ctx: Looker, body: SegmentDraft) -> SegmentPreview:
    """Try a rule out: how many people it finds among those you may see, and ten of them.

    Nothing is written.
    """
    return await SegmentService(ctx).preview(body)


@router.get("/{segment_id}")
async def get_segment(ctx: Reader, segment_id: UUID) -> Json[SegmentRead]:
    """Read a segment."""
    return await SegmentService(ctx).get(segment_id)


@router.patch("/{segment_id}", openapi_extra=refusals(*_RULED, SegmentNotDynamic, SegmentUsesItself))
async def update_segment(
    ctx: Writer, segment_id: UUID, body: Annotated[SegmentPatch, MergePatch], version: IfMatch
) -> Json[SegmentRead]:
    """Change a segment; a changed rule has all its members found anew."""
    return await SegmentService(ctx).update(segment_id, body, version)


@router.post("/{segment_id}/approve")
async def approve_segment(ctx: Officer, segment_id: UUID, version: IfMatch) -> Json[SegmentRead]:
    """Approve that a rule looks at official data; its members are then found."""
    return await SegmentService(ctx).approve(segment_id, version)


@router.post("/{segment_id}/archive", openapi_extra=refusals(SegmentInUse))
async def archive_segment(ctx: Writer, segment_id: UUID, version: IfMatch) -> Json[SegmentRead]:
    """Put a segment away; nobody follows it any more, and its history stays."""
    return await SegmentService(ctx).archive(segment_id, version)


@router.post("/{segment_id}/reactivate", openapi_extra=refusals(SegmentNotReady, SegmentUsesItself))
async def reactivate_segment(ctx: Writer, segment_id: UUID, version: IfMatch) -> Json[SegmentRead]:
    """Take a segment up again; its members are found anew."""
    return await SegmentService(ctx).reactivate(segment_id, version)


@router.post(
    "/{segment_id}/rebuild",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=refusals(SegmentNotDynamic, SegmentNotReady),
)
async def rebuild_segment(ctx: Writer, segment_id: UUID) -> Json[JobRead]:
    """Find all members of a segment anew; the job tells how far it is."""
    return await SegmentService(ctx).rebuild(segment_id)


@router.post(
    "/{segment_id}/freeze",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(SegmentNameTaken, SegmentNotReady),
)
async def freeze_segment(ctx: Writer, segment_id: UUID, body: SegmentFreeze) -> Json[SegmentRead]:
    """Make a static segment of who is in it now."""
    return await SegmentService(ctx).freeze(segment_id, body)


@router.get("/{segment_id}/members")
async def list_segment_members(
    ctx: Looker, segment_id: UUID, query: Annotated[SegmentMemberQuery, Query()]
) -> Json[SegmentMemberPage]:
    """List the people in a segment whom you may see, now or at the end of another day (`on`)."""
    return await SegmentService(ctx).members(segment_id, query)


@router.post("/{segment_id}/members/add", openapi_extra=refusals(SegmentNotStatic))
async def add_segment_members(ctx: Keeper, segment_id: UUID, body: SegmentMembers) -> SegmentMoved:
    """Add up to a thousand people to a static segment; who is in it already stays."""
    return await SegmentService(ctx).put(segment_id, body.contact_ids)


@router.post("/{segment_id}/members/remove", openapi_extra=refusals(SegmentNotStatic))
async def remove_segment_members(ctx: Keeper, segment_id: UUID, body: SegmentMembers) -> SegmentMoved:
    """Take up to a thousand people out of a static segment; their time in it is kept."""
    return await SegmentService(ctx).drop(segment_id, body.contact_ids)


ROUTERS = (router,)

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json
from crm_api.templates.errors import (
    TemplateCodeTaken,
    TemplateDraftThere,
    TemplateNotEmail,
    TemplateNotLetter,
    TemplateNotSms,
    TemplateSealed,
    TemplateTooMuch,
)
from crm_api.templates.schemas import (
    MergeFieldList,
    SmsCostCreate,
    SmsCostQuery,
    SmsCostRead,
    SmsCosts,
    TemplateCreate,
    TemplateLetterQuery,
    TemplatePage,
    TemplatePatch,
    TemplatePreview,
    TemplatePreviewCreate,
    TemplateQuery,
    TemplateRead,
    TemplateTestCreate,
    TemplateTestRead,
)
from crm_api.templates.service import TemplateService
from crm_api.templates.trying import Trying, merge_fields

router = Router("templates")
fields = Router("template-fields", tag="templates")
costs = Router("sms-costs", tag="templates")
ROUTERS = (router, fields, costs)
Reader = Annotated[Context, requires("templates:read")]
Writer = Annotated[Context, requires("templates:write")]
_PAPER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The letter.",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("")
async def list_templates(ctx: Reader, query: Annotated[TemplateQuery, Query()]) -> Json[TemplatePage]:
    """List templates, revision by revision."""
    return await TemplateService(ctx).page(query)


@router.post(
    "", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(TemplateCodeTaken, TemplateDraftThere)
)
async def create_template(ctx: Writer, body: TemplateCreate) -> Json[TemplateRead]:
    """Write a template; it is a draft until it is approved.

    Refused with the line of each fault: an unknown field or filter, a syntax that is wrong, a loop that would
    never end, a layout that is no MJML, a marketing message without its footer.
    """
    return await TemplateService(ctx).create(body)


@router.get("/{template_id}")
async def get_template(ctx: Reader, template_id: UUID) -> Json[TemplateRead]:
    """Read a template."""
    return await TemplateService(ctx).get(template_id)


@router.patch("/{template_id}", openapi_extra=refusals(TemplateSealed))
async def update_template(
    ctx: Writer, template_id: UUID, body: Annotated[TemplatePatch, MergePatch], version: IfMatch
) -> Json[TemplateRead]:
    """Change a draft."""
    return await TemplateService(ctx).update(template_id, body, version)


@router.post("/{template_id}/approve")
async def approve_template(ctx: Writer, template_id: UUID, version: IfMatch) -> Json[TemplateRead]:
    """Approve a draft: from now on it does not change. The revision in use before is retired."""
    return await TemplateService(ctx).approve(template_id, version)


@router.post("/{template_id}/retire")
async def retire_template(ctx: Writer, template_id: UUID, version: IfMatch) -> Json[TemplateRead]:
    """Put a template away; what is under way with it goes on."""
    return await TemplateService(ctx).retire(template_id, version)


@router.post(
    "/{template_id}/revisions",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(TemplateDraftThere),
)
async def revise_template(ctx: Writer, template_id: UUID, body: TemplatePatch) -> Json[TemplateRead]:
    """Begin the next revision of a template, with these changes."""
    return await TemplateService(ctx).revise(template_id, body)


@router.post("/{template_id}/preview", openapi_extra=refusals(TemplateTooMuch))
async def preview_template(ctx: Reader, template_id: UUID, body: TemplatePreviewCreate) -> TemplatePreview:
    """Fill a template in, with the examples or with a customer whom you may see."""
    return await Trying(ctx).preview(template_id, body)


@router.post(
    "/{template_id}/test-sends",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=refusals(TemplateNotEmail),
)
async def send_template_test(ctx: Writer, template_id: UUID, body: TemplateTestCreate) -> TemplateTestRead:
    """Send an e-mail to yourself or a colleague, to try it."""
    return await Trying(ctx).try_out(template_id, body)


@router.get(
    "/{template_id}/letter",
    response_class=Response,
    responses=_PAPER,
    openapi_extra=refusals(TemplateNotLetter),
)
async def print_template_letter(
    ctx: Reader, template_id: UUID, query: Annotated[TemplateLetterQuery, Query()]
) -> Response:
    """Print a letter as PDF."""
    page = await Trying(ctx).letter(template_id, query.contact_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{page.name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    return Response(page.content, media_type="application/pdf", headers=headers)


@router.get("/{template_id}/sms-costs", openapi_extra=refusals(TemplateNotSms))
async def get_template_sms_costs(
    ctx: Reader, template_id: UUID, query: Annotated[SmsCostQuery, Query()]
) -> SmsCosts:
    """What an SMS costs in each language that it is written in, the examples filled in."""
    return await Trying(ctx).costs(template_id, query.recipients)


@fields.get("")
async def list_template_fields(ctx: Reader) -> MergeFieldList:
    """The merge fields: type, example, and how personal each is."""
    return merge_fields()


@costs.post("")
async def count_sms(ctx: Reader, body: SmsCostCreate) -> SmsCostRead:
    """Count the parts of an SMS, what they cost, and which letters make it dear."""
    return await Trying(ctx).cost(body)

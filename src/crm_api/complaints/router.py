from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response, status

from crm_api.complaints.answering import Answering
from crm_api.complaints.dossier import Dossier
from crm_api.complaints.errors import ComplaintAnswerMissing
from crm_api.complaints.paper import ComplaintPaper
from crm_api.complaints.register import Register
from crm_api.complaints.schemas.complaint import (
    ComplaintCreate,
    ComplaintPage,
    ComplaintPatch,
    ComplaintQuery,
    ComplaintRead,
)
from crm_api.complaints.schemas.steps import (
    ComplaintAnswerDraft,
    ComplaintClose,
    ComplaintEscalate,
    ComplaintFile,
    ComplaintHistory,
    ComplaintReason,
    RegisterQuery,
)
from crm_api.complaints.service import ComplaintService
from crm_api.complaints.steps import ComplaintSteps
from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json

router = Router("complaints")
register = Router("complaint-register", tag="complaints")
Reader = Annotated[Context, requires("complaints:read")]
Writer = Annotated[Context, requires("complaints:write")]
Answerer = Annotated[Context, requires("complaints:answer")]
Exporter = Annotated[Context, requires("complaints:read", "data:export")]
LETTER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The letter.",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}
TABLE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The register.", "content": {"text/csv": {"schema": {"type": "string"}}}}
}


@router.get("")
async def list_complaints(ctx: Reader, query: Annotated[ComplaintQuery, Query()]) -> Json[ComplaintPage]:
    """List the complaints that you may see."""
    return await ComplaintService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_complaint(ctx: Writer, body: ComplaintCreate) -> Json[ComplaintRead]:
    """Enter a complaint in the register.

    It has a number of its own series, its legal deadlines by the dated limits (`legal-deadlines`), and a
    ticket of type complaint and high priority by which one speaks with who complains. A ticket of that type
    that comes by another channel is entered by itself.
    """
    return await ComplaintService(ctx).open(body)


@router.get("/{complaint_id}")
async def get_complaint(ctx: Reader, complaint_id: UUID) -> Json[ComplaintRead]:
    """Read a complaint."""
    return await ComplaintService(ctx).get(complaint_id)


@router.patch("/{complaint_id}")
async def update_complaint(
    ctx: Writer, complaint_id: UUID, body: Annotated[ComplaintPatch, MergePatch], version: IfMatch
) -> Json[ComplaintRead]:
    """Change what a complaint is about; another recipient is another deadline."""
    return await ComplaintService(ctx).update(complaint_id, body, version)


@router.get("/{complaint_id}/history")
async def list_complaint_steps(ctx: Reader, complaint_id: UUID) -> ComplaintHistory:
    """List what was done about a complaint, by whom and when."""
    return await ComplaintService(ctx).history(complaint_id)


@router.post("/{complaint_id}/acknowledge")
async def acknowledge_complaint(ctx: Writer, complaint_id: UUID, version: IfMatch) -> Json[ComplaintRead]:
    """Tell who complains that you have it, and until when you answer.

    The house does so by itself six hours before it would be late; a first answer of a person stays owed then.
    """
    return await ComplaintSteps(ctx).acknowledge(complaint_id, version)


@router.post("/{complaint_id}/investigate")
async def investigate_complaint(ctx: Writer, complaint_id: UUID, version: IfMatch) -> Json[ComplaintRead]:
    """Look into a complaint; after an escalation, an answer is written anew."""
    return await ComplaintSteps(ctx).investigate(complaint_id, version)


@router.post("/{complaint_id}/escalate")
async def escalate_complaint(
    ctx: Writer, complaint_id: UUID, body: ComplaintEscalate, version: IfMatch
) -> Json[ComplaintRead]:
    """Pass a complaint up: region, quality at the head office, mediator or supervisor."""
    return await ComplaintSteps(ctx).escalate(complaint_id, body, version)


@router.post("/{complaint_id}/answer")
async def draft_complaint_answer(
    ctx: Writer, complaint_id: UUID, body: ComplaintAnswerDraft, version: IfMatch
) -> Json[ComplaintRead]:
    """Write the answer, for somebody else to approve."""
    return await Answering(ctx).draft(complaint_id, body, version)


@router.post("/{complaint_id}/answer/approve")
async def approve_complaint_answer(
    ctx: Answerer, complaint_id: UUID, version: IfMatch
) -> Json[ComplaintRead]:
    """Approve an answer that somebody else wrote: the letter is filed and sent, the ticket is solved."""
    return await Answering(ctx).approve(complaint_id, version)


@router.post("/{complaint_id}/answer/send-back")
async def send_complaint_answer_back(
    ctx: Answerer, complaint_id: UUID, body: ComplaintReason, version: IfMatch
) -> Json[ComplaintRead]:
    """Ask for a better answer."""
    return await Answering(ctx).send_back(complaint_id, body, version)


@router.get(
    "/{complaint_id}/letter",
    response_class=Response,
    responses=LETTER,
    openapi_extra=refusals(ComplaintAnswerMissing),
)
async def print_complaint_letter(ctx: Reader, complaint_id: UUID) -> Response:
    """Print the answer as it stands; a draft says so across the page."""
    page = await ComplaintPaper(ctx).print(complaint_id)
    return Response(page.content, media_type="application/pdf", headers=_named(page.name))


@router.post("/{complaint_id}/accept")
async def accept_complaint_answer(ctx: Writer, complaint_id: UUID, version: IfMatch) -> Json[ComplaintRead]:
    """Record that who complained agrees with the answer."""
    return await ComplaintSteps(ctx).accept(complaint_id, version)


@router.post("/{complaint_id}/contest")
async def contest_complaint_answer(
    ctx: Writer, complaint_id: UUID, body: ComplaintReason, version: IfMatch
) -> Json[ComplaintRead]:
    """Record that who complained does not agree; pass it up, or close it."""
    return await ComplaintSteps(ctx).contest(complaint_id, body, version)


@router.post("/{complaint_id}/close")
async def close_complaint(
    ctx: Writer, complaint_id: UUID, body: ComplaintClose, version: IfMatch
) -> Json[ComplaintRead]:
    """Close a complaint; its root cause must be known."""
    return await ComplaintSteps(ctx).close(complaint_id, body, version)


@router.post("/{complaint_id}/file", status_code=status.HTTP_201_CREATED)
async def make_complaint_file(ctx: Exporter, complaint_id: UUID) -> ComplaintFile:
    """Put the whole file of a complaint into one archive, for the mediator or the supervisor.

    Its sheet, what was done and by whom, its clock interval by interval, what was said in public, its
    documents. Internal notes and medical papers are left out; that it was made is in the audit log.
    """
    return await Dossier(ctx).make(complaint_id)


@register.get("", response_class=Response, responses=TABLE)
async def export_complaint_register(ctx: Exporter, query: Annotated[RegisterQuery, Query()]) -> Response:
    """Read the register of a quarter, as a table for the supervisor."""
    table = await Register(ctx).of(query)
    name = f"registre-reclamations-{query.year}-T{query.quarter}.csv"
    return Response(table, media_type="text/csv; charset=utf-8", headers=_named(name))


def _named(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }


ROUTERS = (router, register)

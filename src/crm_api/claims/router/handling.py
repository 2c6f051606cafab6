from typing import Annotated
from uuid import UUID

from fastapi import status

from crm_api.claims.appraising import Appraising
from crm_api.claims.errors import (
    ClaimFileClosed,
    UnknownClaimant,
    UnknownClaimDocument,
    UnknownClaimParticipant,
)
from crm_api.claims.gathering import ClaimDocuments, ClaimParticipants
from crm_api.claims.router.doors import Handler, Reader, router
from crm_api.claims.schemas.appraisal import (
    AppraisalContest,
    AppraisalList,
    AppraisalOrder,
    AppraisalRead,
    AppraisalReport,
    AppraisalSchedule,
)
from crm_api.claims.schemas.parts import (
    ClaimDocumentList,
    ClaimDocumentRead,
    ClaimDocumentReceive,
    ClaimDocumentRefuse,
    ClaimParticipantCreate,
    ClaimParticipantList,
    ClaimParticipantPatch,
    ClaimParticipantRead,
)
from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json


@router.get("/{claim_id}/participants")
async def list_claim_participants(ctx: Reader, claim_id: UUID) -> Json[ClaimParticipantList]:
    """List who has a part in a claim."""
    return await ClaimParticipants(ctx).all_of(claim_id)


@router.post(
    "/{claim_id}/participants",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(UnknownClaimant, ClaimFileClosed),
)
async def add_claim_participant(
    ctx: Handler, claim_id: UUID, body: ClaimParticipantCreate
) -> Json[ClaimParticipantRead]:
    """Add somebody who has a part in a claim.

    Third parties did not consent to anything: write no more than the claim needs; nothing of their health.
    """
    return await ClaimParticipants(ctx).add(claim_id, body)


@router.patch("/{claim_id}/participants/{claim_participant_id}", openapi_extra=refusals(ClaimFileClosed))
async def update_claim_participant(
    ctx: Handler,
    claim_id: UUID,
    claim_participant_id: UUID,
    body: Annotated[ClaimParticipantPatch, MergePatch],
    version: IfMatch,
) -> Json[ClaimParticipantRead]:
    """Change what is known of somebody who has a part in a claim."""
    return await ClaimParticipants(ctx).update(claim_id, claim_participant_id, body, version)


@router.get("/{claim_id}/documents")
async def list_claim_documents(ctx: Reader, claim_id: UUID) -> Json[ClaimDocumentList]:
    """List the documents that a claim needs, and whether each is there."""
    return await ClaimDocuments(ctx).all_of(claim_id)


@router.post(
    "/{claim_id}/documents/{claim_document_id}/receive",
    openapi_extra=refusals(UnknownClaimDocument, ClaimFileClosed),
)
async def receive_claim_document(
    ctx: Handler, claim_id: UUID, claim_document_id: UUID, body: ClaimDocumentReceive, version: IfMatch
) -> Json[ClaimDocumentRead]:
    """Say that a document has come; it hangs on the claim from then on."""
    return await ClaimDocuments(ctx).receive(claim_id, claim_document_id, body, version)


@router.post("/{claim_id}/documents/{claim_document_id}/accept", openapi_extra=refusals(ClaimFileClosed))
async def accept_claim_document(
    ctx: Handler, claim_id: UUID, claim_document_id: UUID, version: IfMatch
) -> Json[ClaimDocumentRead]:
    """Accept a document that came."""
    return await ClaimDocuments(ctx).accept(claim_id, claim_document_id, version)


@router.post("/{claim_id}/documents/{claim_document_id}/refuse", openapi_extra=refusals(ClaimFileClosed))
async def refuse_claim_document(
    ctx: Handler, claim_id: UUID, claim_document_id: UUID, body: ClaimDocumentRefuse, version: IfMatch
) -> Json[ClaimDocumentRead]:
    """Refuse a document that came, for a reason; another one may come."""
    return await ClaimDocuments(ctx).refuse(claim_id, claim_document_id, body, version)


@router.get("/{claim_id}/appraisals")
async def list_appraisals(ctx: Reader, claim_id: UUID) -> Json[AppraisalList]:
    """List the appraisals of a claim."""
    return await Appraising(ctx).all_of(claim_id)


@router.post(
    "/{claim_id}/appraisals",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(UnknownClaimParticipant),
)
async def order_appraisal(
    ctx: Handler, claim_id: UUID, body: AppraisalOrder, version: IfMatch
) -> Json[AppraisalRead]:
    """Send an adjuster, or ask for a second opinion. If-Match is the claim's."""
    return await Appraising(ctx).order(claim_id, body, version)


@router.post("/{claim_id}/appraisals/{appraisal_id}/schedule")
async def schedule_appraisal(
    ctx: Handler, claim_id: UUID, appraisal_id: UUID, body: AppraisalSchedule, version: IfMatch
) -> Json[AppraisalRead]:
    """Say when the adjuster comes."""
    return await Appraising(ctx).schedule(claim_id, appraisal_id, body, version)


@router.post("/{claim_id}/appraisals/{appraisal_id}/visit")
async def visit_appraisal(
    ctx: Handler, claim_id: UUID, appraisal_id: UUID, version: IfMatch
) -> Json[AppraisalRead]:
    """Say that the adjuster has seen the thing."""
    return await Appraising(ctx).visit(claim_id, appraisal_id, version)


@router.post("/{claim_id}/appraisals/{appraisal_id}/report", openapi_extra=refusals(UnknownClaimDocument))
async def report_appraisal(
    ctx: Handler, claim_id: UUID, appraisal_id: UUID, body: AppraisalReport, version: IfMatch
) -> Json[AppraisalRead]:
    """Write down what the adjuster found; the claim is then appraised."""
    return await Appraising(ctx).report(claim_id, appraisal_id, body, version)


@router.post("/{claim_id}/appraisals/{appraisal_id}/accept")
async def accept_appraisal(
    ctx: Handler, claim_id: UUID, appraisal_id: UUID, version: IfMatch
) -> Json[AppraisalRead]:
    """Accept a report."""
    return await Appraising(ctx).accept(claim_id, appraisal_id, version)


@router.post("/{claim_id}/appraisals/{appraisal_id}/contest")
async def contest_appraisal(
    ctx: Handler, claim_id: UUID, appraisal_id: UUID, body: AppraisalContest, version: IfMatch
) -> Json[AppraisalRead]:
    """Contest a report: a second appraisal (contre-expertise) may be ordered."""
    return await Appraising(ctx).contest(claim_id, appraisal_id, body, version)


@router.post("/{claim_id}/appraisals/{appraisal_id}/cancel")
async def cancel_appraisal(
    ctx: Handler, claim_id: UUID, appraisal_id: UUID, version: IfMatch
) -> Json[AppraisalRead]:
    """Cancel an appraisal that has not taken place."""
    return await Appraising(ctx).cancel(claim_id, appraisal_id, version)

from uuid import UUID

from fastapi import status

from crm_api.claims.deciding import Deciding
from crm_api.claims.errors import (
    ApprovedAmountBelowPayments,
    ClaimDecisionMade,
    ClaimDecisionWaiting,
    ClaimNothingPaid,
    ClaimOnHold,
    ClaimPaymentsUnderway,
    ClosingReasonUnfit,
    OwnClaimDecision,
    UnknownClaimHandler,
)
from crm_api.claims.gathering import ClaimDocuments
from crm_api.claims.paying import Paying
from crm_api.claims.router.doors import Decider, Handler, Reader, router
from crm_api.claims.schemas.claim import ClaimRead
from crm_api.claims.schemas.steps import (
    ClaimAssign,
    ClaimClose,
    ClaimDecide,
    ClaimDecisionList,
    ClaimDecisionRead,
    ClaimDocumentsRequest,
    ClaimLitigate,
    ClaimRegister,
    ClaimReopen,
    ClaimTurnDown,
)
from crm_api.claims.steps import ClaimSteps
from crm_api.core.http import IfMatch
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json


@router.post("/{claim_id}/register", openapi_extra=refusals(UnknownClaimHandler))
async def register_claim(
    ctx: Handler, claim_id: UUID, body: ClaimRegister, version: IfMatch
) -> Json[ClaimRead]:
    """Open the file of a claim that was declared: somebody handles it, you when nobody is named."""
    return await ClaimSteps(ctx).register(claim_id, body, version)


@router.post("/{claim_id}/assign", openapi_extra=refusals(UnknownClaimHandler))
async def assign_claim(ctx: Handler, claim_id: UUID, body: ClaimAssign, version: IfMatch) -> Json[ClaimRead]:
    """Give a claim to another handler, who sees it wherever it is."""
    return await ClaimSteps(ctx).assign(claim_id, body, version)


@router.post("/{claim_id}/request-documents")
async def request_claim_documents(
    ctx: Handler, claim_id: UUID, body: ClaimDocumentsRequest, version: IfMatch
) -> Json[ClaimRead]:
    """Ask the customer for documents: the file waits for them. More may be asked for while it does."""
    return await ClaimDocuments(ctx).request(claim_id, body, version)


@router.post("/{claim_id}/review")
async def review_claim(ctx: Handler, claim_id: UUID, version: IfMatch) -> Json[ClaimRead]:
    """Examine a claim: it is complete, or was opened again."""
    return await ClaimSteps(ctx).review(claim_id, version)


@router.post("/{claim_id}/prepare-decision")
async def prepare_claim_decision(ctx: Handler, claim_id: UUID, version: IfMatch) -> Json[ClaimRead]:
    """Hand a claim to who decides."""
    return await ClaimSteps(ctx).prepare_decision(claim_id, version)


@router.get("/{claim_id}/decisions")
async def list_claim_decisions(ctx: Reader, claim_id: UUID) -> Json[ClaimDecisionList]:
    """List the decisions of a claim, the newest first."""
    return await Deciding(ctx).all_of(claim_id)


@router.post(
    "/{claim_id}/decisions",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(ClaimOnHold, ClaimDecisionWaiting, ApprovedAmountBelowPayments),
)
async def decide_claim(
    ctx: Decider, claim_id: UUID, body: ClaimDecide, version: IfMatch
) -> Json[ClaimDecisionRead]:
    """Approve or refuse a claim.

    Up to your limit it holds at once; above it the decision waits (`proposed`) until somebody else confirms
    it. A refusal carries its motive and the way to contest it.
    """
    return await Deciding(ctx).decide(claim_id, body, version)


@router.post(
    "/{claim_id}/decisions/{claim_decision_id}/confirm",
    openapi_extra=refusals(OwnClaimDecision, ClaimDecisionMade, ClaimOnHold),
)
async def confirm_claim_decision(
    ctx: Decider, claim_id: UUID, claim_decision_id: UUID, version: IfMatch
) -> Json[ClaimDecisionRead]:
    """Confirm a decision above its author's limit; nobody confirms their own."""
    return await Deciding(ctx).confirm(claim_id, claim_decision_id, version)


@router.post(
    "/{claim_id}/decisions/{claim_decision_id}/turn-down",
    openapi_extra=refusals(OwnClaimDecision, ClaimDecisionMade),
)
async def turn_claim_decision_down(
    ctx: Decider, claim_id: UUID, claim_decision_id: UUID, body: ClaimTurnDown, version: IfMatch
) -> Json[ClaimDecisionRead]:
    """Turn a decision down that waits: another one may be made."""
    return await Deciding(ctx).turn_down(claim_id, claim_decision_id, body, version)


@router.post("/{claim_id}/settle", openapi_extra=refusals(ClaimPaymentsUnderway, ClaimNothingPaid))
async def settle_claim(ctx: Handler, claim_id: UUID, version: IfMatch) -> Json[ClaimRead]:
    """Say that everything owed is paid: the clock of the settlement stops."""
    return await Paying(ctx).settle(claim_id, version)


@router.post("/{claim_id}/litigate", openapi_extra=refusals(ClaimPaymentsUnderway))
async def litigate_claim(
    ctx: Handler, claim_id: UUID, body: ClaimLitigate, version: IfMatch
) -> Json[ClaimRead]:
    """Say that a claim goes to court; what the court says is decided as any claim is."""
    return await ClaimSteps(ctx).litigate(claim_id, body, version)


@router.post("/{claim_id}/close", openapi_extra=refusals(ClaimPaymentsUnderway, ClosingReasonUnfit))
async def close_claim(ctx: Handler, claim_id: UUID, body: ClaimClose, version: IfMatch) -> Json[ClaimRead]:
    """Close a file for a reason that fits; what is still set aside is released."""
    return await ClaimSteps(ctx).close(claim_id, body, version)


@router.post("/{claim_id}/reopen")
async def reopen_claim(ctx: Handler, claim_id: UUID, body: ClaimReopen, version: IfMatch) -> Json[ClaimRead]:
    """Open a file again: new damage, a second appraisal, a court."""
    return await ClaimSteps(ctx).reopen(claim_id, body, version)

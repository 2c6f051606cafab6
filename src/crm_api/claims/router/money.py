from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.claims.errors import (
    ApprovedAmountExceeded,
    ClaimFileClosed,
    ClaimNotPayable,
    ClaimOnHold,
    DischargeMissing,
    OwnClaimPayment,
    RecoveryAboveAgreement,
    ReserveTooSmall,
    UnknownClaimParticipant,
)
from crm_api.claims.paying import Paying
from crm_api.claims.recovering import Recovering
from crm_api.claims.reserving import ClaimReserves
from crm_api.claims.router.doors import Handler, Payer, Reader, recoveries, router
from crm_api.claims.schemas.money import (
    ClaimPaymentEnd,
    ClaimPaymentList,
    ClaimPaymentMade,
    ClaimPaymentOrder,
    ClaimPaymentPropose,
    ClaimPaymentRead,
    RecoveryAgree,
    RecoveryCompensate,
    RecoveryOpen,
    RecoveryPage,
    RecoveryQuery,
    RecoveryRead,
    ReserveMove,
    ReserveRead,
)
from crm_api.core.http import IfMatch
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json


@router.get("/{claim_id}/reserves")
async def list_claim_reserves(ctx: Reader, claim_id: UUID) -> ReserveRead:
    """Read what is set aside for a claim, and every movement, the newest first."""
    return await ClaimReserves(ctx).read(claim_id)


@router.post(
    "/{claim_id}/reserves",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(ReserveTooSmall, ClaimFileClosed),
)
async def move_claim_reserve(
    ctx: Handler, claim_id: UUID, body: ReserveMove, version: IfMatch
) -> ReserveRead:
    """Set money aside, or release it. What remains of a coverage and kind is never below zero."""
    return await ClaimReserves(ctx).move(claim_id, body, version)


@router.get("/{claim_id}/payments")
async def list_claim_payments(ctx: Reader, claim_id: UUID) -> Json[ClaimPaymentList]:
    """List the payments of a claim."""
    return await Paying(ctx).all_of(claim_id)


@router.post(
    "/{claim_id}/payments",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(ApprovedAmountExceeded, ClaimNotPayable, ReserveTooSmall, UnknownClaimParticipant),
)
async def propose_claim_payment(
    ctx: Payer, claim_id: UUID, body: ClaimPaymentPropose, version: IfMatch
) -> Json[ClaimPaymentRead]:
    """Propose a payment of a claim that was approved.

    All payments together never exceed what was approved; fees are paid from what is set aside for expenses.
    """
    return await Paying(ctx).propose(claim_id, body, version)


@router.post(
    "/{claim_id}/payments/{claim_payment_id}/approve",
    openapi_extra=refusals(OwnClaimPayment, ClaimOnHold),
)
async def approve_claim_payment(
    ctx: Payer, claim_id: UUID, claim_payment_id: UUID, version: IfMatch
) -> Json[ClaimPaymentRead]:
    """Approve a payment: never one's own, nor of a claim that one decided."""
    return await Paying(ctx).approve(claim_id, claim_payment_id, version)


@router.post("/{claim_id}/payments/{claim_payment_id}/reject")
async def reject_claim_payment(
    ctx: Payer, claim_id: UUID, claim_payment_id: UUID, body: ClaimPaymentEnd, version: IfMatch
) -> Json[ClaimPaymentRead]:
    """Reject a payment that was proposed."""
    return await Paying(ctx).reject(claim_id, claim_payment_id, body, version)


@router.post(
    "/{claim_id}/payments/{claim_payment_id}/order", openapi_extra=refusals(DischargeMissing, ClaimOnHold)
)
async def order_claim_payment(
    ctx: Payer, claim_id: UUID, claim_payment_id: UUID, body: ClaimPaymentOrder, version: IfMatch
) -> Json[ClaimPaymentRead]:
    """Send a payment to the bank; an indemnity needs the receipt that the payee signed."""
    return await Paying(ctx).order(claim_id, claim_payment_id, body, version)


@router.post("/{claim_id}/payments/{claim_payment_id}/pay")
async def pay_claim_payment(
    ctx: Payer, claim_id: UUID, claim_payment_id: UUID, body: ClaimPaymentMade, version: IfMatch
) -> Json[ClaimPaymentRead]:
    """Say that the bank has paid; it leaves the reserve."""
    return await Paying(ctx).pay(claim_id, claim_payment_id, body, version)


@router.post("/{claim_id}/payments/{claim_payment_id}/stop")
async def stop_claim_payment(
    ctx: Payer, claim_id: UUID, claim_payment_id: UUID, body: ClaimPaymentEnd, version: IfMatch
) -> Json[ClaimPaymentRead]:
    """Stop a payment that has not been made."""
    return await Paying(ctx).stop(claim_id, claim_payment_id, body, version)


@router.post("/{claim_id}/recoveries", status_code=status.HTTP_201_CREATED)
async def open_recovery(ctx: Handler, claim_id: UUID, body: RecoveryOpen) -> Json[RecoveryRead]:
    """Open a recourse against another insurer, or take one of theirs in; also of a closed claim."""
    return await Recovering(ctx).open(claim_id, body)


@recoveries.get("")
async def list_recoveries(ctx: Reader, query: Annotated[RecoveryQuery, Query()]) -> Json[RecoveryPage]:
    """List recourses of the claims you see, with how old they are."""
    return await Recovering(ctx).page(query)


@recoveries.get("/{recovery_id}")
async def get_recovery(ctx: Reader, recovery_id: UUID) -> Json[RecoveryRead]:
    """Read a recourse."""
    return await Recovering(ctx).get(recovery_id)


@recoveries.post("/{recovery_id}/agree")
async def agree_recovery(
    ctx: Handler, recovery_id: UUID, body: RecoveryAgree, version: IfMatch
) -> Json[RecoveryRead]:
    """Write down what the two insurers agreed on."""
    return await Recovering(ctx).agree(recovery_id, body, version)


@recoveries.post("/{recovery_id}/compensate", openapi_extra=refusals(RecoveryAboveAgreement))
async def compensate_recovery(
    ctx: Handler, recovery_id: UUID, body: RecoveryCompensate, version: IfMatch
) -> Json[RecoveryRead]:
    """Say what came in or was set off: it lowers what the claim cost us."""
    return await Recovering(ctx).compensate(recovery_id, body, version)


@recoveries.post("/{recovery_id}/abandon")
async def abandon_recovery(ctx: Handler, recovery_id: UUID, version: IfMatch) -> Json[RecoveryRead]:
    """Give a recourse up."""
    return await Recovering(ctx).abandon(recovery_id, version)


@recoveries.post("/{recovery_id}/close")
async def close_recovery(ctx: Handler, recovery_id: UUID, version: IfMatch) -> Json[RecoveryRead]:
    """Close a recourse that came in or was given up."""
    return await Recovering(ctx).close(recovery_id, version)

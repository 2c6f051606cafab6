from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, status

from crm_api.billing.errors import (
    AllocationExceedsDue,
    CashNotAllowed,
    PaymentAmountDiffers,
    PaymentIntentTaken,
    PaymentIntentUnknown,
    PaymentInTheFuture,
    PaymentNotIncoming,
    RefundAboveLimit,
    ReturnAlreadyRequested,
    ReturnDecidedByRequester,
    ReturnExceedsPayment,
    UnknownBillingAccount,
    UnknownBillingAgency,
    UnknownReceivable,
)
from crm_api.billing.paper import BillingPaper
from crm_api.billing.payments import PaymentService
from crm_api.billing.returns import ReturnService
from crm_api.billing.router.doors import (
    PAPER,
    Cashier,
    Intent,
    KeyedCashier,
    KeyedRefunder,
    PaymentReader,
    Provider,
    Refunder,
    credits,
    payments,
    returns,
    sheet,
)
from crm_api.billing.schemas.payment import (
    CustomerCreditPage,
    CustomerCreditQuery,
    PaymentCreate,
    PaymentEnd,
    PaymentPage,
    PaymentQuery,
    PaymentRead,
    PaymentReturnPage,
    PaymentReturnQuery,
    PaymentReturnRead,
    PaymentTold,
    PspNews,
    ReturnRequest,
)
from crm_api.billing.schemas.receivable import BillingDecision
from crm_api.core.http import IfMatch
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json


@payments.get("")
async def list_payments(ctx: PaymentReader, query: Annotated[PaymentQuery, Query()]) -> Json[PaymentPage]:
    """List payments; those you may not see are left out."""
    return await PaymentService(ctx).page(query)


@payments.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(
        CashNotAllowed,
        AllocationExceedsDue,
        UnknownReceivable,
        UnknownBillingAccount,
        UnknownBillingAgency,
        PaymentInTheFuture,
        PaymentIntentTaken,
    ),
)
async def record_payment(ctx: KeyedCashier, body: PaymentCreate) -> Json[PaymentTold]:
    """Record money that comes in.

    Counter payments are settled at once, cheques received (they count subject to being honoured), what a
    payment service carries out is initiated. Without `allocations` the oldest debts of the account are paid;
    what is left is held as a credit. The premium of a compulsory insurance is refused in cash while the ban
    holds (422 `cash_not_allowed`). `warnings` names payments that look the same.
    """
    return await PaymentService(ctx).record(body)


@payments.get("/{payment_id}")
async def get_payment(ctx: PaymentReader, payment_id: UUID) -> Json[PaymentRead]:
    """Read a payment, and what it pays."""
    return await PaymentService(ctx).get(payment_id)


@payments.get("/{payment_id}/receipt", response_class=Response, responses=PAPER)
async def print_payment_receipt(ctx: PaymentReader, payment_id: UUID, request: Request) -> Response:
    """Print the receipt of a payment, in French.

    What is no money (refused, bounced, undone) says so across the page.
    """
    return sheet(await BillingPaper(ctx).receipt(payment_id))


@payments.post("/{payment_id}/deposit")
async def deposit_cheque(ctx: Cashier, payment_id: UUID, version: IfMatch) -> Json[PaymentRead]:
    """Say that a cheque went to the bank."""
    return await PaymentService(ctx).deposit(payment_id, version)


@payments.post("/{payment_id}/clear")
async def clear_cheque(ctx: Cashier, payment_id: UUID, version: IfMatch) -> Json[PaymentRead]:
    """Say that the bank paid a cheque."""
    return await PaymentService(ctx).clear(payment_id, version)


@payments.post("/{payment_id}/bounce")
async def bounce_cheque(
    ctx: Cashier, payment_id: UUID, body: PaymentEnd, version: IfMatch
) -> Json[PaymentRead]:
    """Say that the bank refused a cheque: what it had paid is owed again, and the clock begins anew."""
    return await PaymentService(ctx).bounce(payment_id, body.reason, version)


@payments.post("/{payment_id}/cancel")
async def cancel_payment(
    ctx: Cashier, payment_id: UUID, body: PaymentEnd, version: IfMatch
) -> Json[PaymentRead]:
    """Give a payment up before its money came: a cheque handed back, an intent abandoned."""
    return await PaymentService(ctx).cancel(payment_id, body.reason, version)


@payments.post(
    "/intents/{psp_provider}/{psp_intent_id}",
    openapi_extra=refusals(PaymentIntentUnknown, PaymentAmountDiffers),
)
async def tell_payment_intent(
    ctx: Cashier, psp_provider: Provider, psp_intent_id: Intent, body: PspNews
) -> Json[PaymentRead]:
    """Tell what a payment service did with a payment.

    For the connector of the payment service, with a key of its own (scope payments:write). Said again, it
    changes nothing; the amount must be the one that was asked for.
    """
    return await PaymentService(ctx).hear(psp_provider, psp_intent_id, body)


@payments.post(
    "/{payment_id}/returns",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(PaymentNotIncoming, ReturnExceedsPayment, ReturnAlreadyRequested),
)
async def request_payment_return(
    ctx: KeyedRefunder, payment_id: UUID, body: ReturnRequest
) -> Json[PaymentReturnRead]:
    """Ask for a payment to be refunded, or reversed as a mistake; another person decides."""
    return await ReturnService(ctx).request(payment_id, body)


@returns.get("")
async def list_payment_returns(
    ctx: PaymentReader, query: Annotated[PaymentReturnQuery, Query()]
) -> Json[PaymentReturnPage]:
    """List proposals to give money back."""
    return await ReturnService(ctx).page(query)


@returns.get("/{payment_return_id}")
async def get_payment_return(ctx: PaymentReader, payment_return_id: UUID) -> Json[PaymentReturnRead]:
    """Read a proposal to give money back."""
    return await ReturnService(ctx).get(payment_return_id)


@returns.post(
    "/{payment_return_id}/approve",
    openapi_extra=refusals(ReturnDecidedByRequester, RefundAboveLimit, ReturnExceedsPayment),
)
async def approve_payment_return(
    ctx: Refunder, payment_return_id: UUID, body: BillingDecision, version: IfMatch
) -> Json[PaymentReturnRead]:
    """Give money back: what it had paid is owed again. Not by who asked for it, and within one's limit."""
    return await ReturnService(ctx).approve(payment_return_id, body, version)


@returns.post("/{payment_return_id}/refuse", openapi_extra=refusals(ReturnDecidedByRequester))
async def refuse_payment_return(
    ctx: Refunder, payment_return_id: UUID, body: BillingDecision, version: IfMatch
) -> Json[PaymentReturnRead]:
    """Keep a payment as it is."""
    return await ReturnService(ctx).refuse(payment_return_id, body, version)


@credits.get("")
async def list_customer_credits(
    ctx: PaymentReader, query: Annotated[CustomerCreditQuery, Query()]
) -> Json[CustomerCreditPage]:
    """List the money that is held for customers."""
    return await PaymentService(ctx).credit_page(query)

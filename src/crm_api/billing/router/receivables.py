from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.billing.coverage import CoverageService
from crm_api.billing.errors import (
    NothingOwed,
    UnknownCollector,
    WriteOffAlreadyRequested,
    WriteOffDecidedByRequester,
)
from crm_api.billing.figures import BillingFigures
from crm_api.billing.returns import WriteOffService
from crm_api.billing.router.doors import (
    Collector,
    DebtReader,
    GiverUp,
    PolicyReader,
    accounts,
    instalments,
    policies,
    receipts,
    receivables,
    write_offs,
)
from crm_api.billing.schemas.ageing import AgeingCube, AgeingQuery
from crm_api.billing.schemas.coverage import CoverageStateRead
from crm_api.billing.schemas.receivable import (
    BillingDecision,
    ReceivableFilter,
    ReceivablePage,
    ReceivablePatch,
    ReceivableQuery,
    ReceivableRead,
    WriteOffPage,
    WriteOffQuery,
    WriteOffRead,
    WriteOffRequest,
)
from crm_api.billing.schemas.schedule import (
    InstalmentPage,
    InstalmentQuery,
    InstalmentRead,
    PremiumReceiptPage,
    PremiumReceiptQuery,
    PremiumReceiptRead,
)
from crm_api.billing.schemas.statement import AccountStatement, StatementQuery
from crm_api.billing.service import BillingService, ReceivableService
from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search


@instalments.get("")
async def list_instalments(
    ctx: DebtReader, query: Annotated[InstalmentQuery, Query()]
) -> Json[InstalmentPage]:
    """List instalments: the parts of premiums, billed or still to come."""
    return await BillingService(ctx).instalment_page(query)


@instalments.get("/{instalment_id}")
async def get_instalment(ctx: DebtReader, instalment_id: UUID) -> Json[InstalmentRead]:
    """Read an instalment."""
    return await BillingService(ctx).instalment(instalment_id)


@receipts.get("")
async def list_premium_receipts(
    ctx: DebtReader, query: Annotated[PremiumReceiptQuery, Query()]
) -> Json[PremiumReceiptPage]:
    """List premium receipts (quittances)."""
    return await BillingService(ctx).receipt_page(query)


@receipts.get("/{premium_receipt_id}")
async def get_premium_receipt(ctx: DebtReader, premium_receipt_id: UUID) -> Json[PremiumReceiptRead]:
    """Read a premium receipt."""
    return await BillingService(ctx).receipt(premium_receipt_id)


@receivables.get("")
async def list_receivables(
    ctx: DebtReader, query: Annotated[ReceivableQuery, Query()]
) -> Json[ReceivablePage]:
    """List receivables; those you may not see are left out.

    `bad_payer=true` is the bad-payer file: premiums whose formal notice was posted, and that are still owed
    and not contested.
    """
    return await ReceivableService(ctx).page(query)


@receivables.get("/count")
async def count_receivables(ctx: DebtReader, query: Annotated[ReceivableFilter, Query()]) -> Count:
    """Count receivables."""
    return await ReceivableService(ctx).count(query)


@receivables.post("/search")
async def search_receivables(ctx: DebtReader, body: Search) -> Json[ReceivablePage]:
    """Search receivables by a filter in the body: all of, any of."""
    return await ReceivableService(ctx).search(body)


@receivables.get("/ageing")
async def age_receivables(ctx: DebtReader, query: Annotated[AgeingQuery, Query()]) -> AgeingCube:
    """The ageing of receivables (balance âgée), cut by age, client type, branch, agency, intermediary.

    Days past due: 30 are `d1_30`, 31 are `d31_60`; what is due today or later is `not_due`. Contested debts
    are in, and shown apart. Of the debts you see.
    """
    return await BillingFigures(ctx).ageing(query)


@receivables.get("/{receivable_id}")
async def get_receivable(ctx: DebtReader, receivable_id: UUID) -> Json[ReceivableRead]:
    """Read a receivable."""
    return await ReceivableService(ctx).get(receivable_id)


@receivables.patch("/{receivable_id}", openapi_extra=refusals(UnknownCollector))
async def update_receivable(
    ctx: Collector, receivable_id: UUID, body: Annotated[ReceivablePatch, MergePatch], version: IfMatch
) -> Json[ReceivableRead]:
    """Say who collects a debt."""
    return await ReceivableService(ctx).update(receivable_id, body, version)


@receivables.post(
    "/{receivable_id}/write-offs",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(WriteOffAlreadyRequested),
)
async def request_write_off(ctx: GiverUp, receivable_id: UUID, body: WriteOffRequest) -> Json[WriteOffRead]:
    """Ask to give a debt up; another person decides."""
    return await WriteOffService(ctx).request(receivable_id, body)


@write_offs.get("")
async def list_write_offs(ctx: DebtReader, query: Annotated[WriteOffQuery, Query()]) -> Json[WriteOffPage]:
    """List proposals to give debts up."""
    return await WriteOffService(ctx).page(query)


@write_offs.get("/{write_off_id}")
async def get_write_off(ctx: DebtReader, write_off_id: UUID) -> Json[WriteOffRead]:
    """Read a proposal to give a debt up."""
    return await WriteOffService(ctx).get(write_off_id)


@write_offs.post("/{write_off_id}/approve", openapi_extra=refusals(WriteOffDecidedByRequester, NothingOwed))
async def approve_write_off(
    ctx: GiverUp, write_off_id: UUID, body: BillingDecision, version: IfMatch
) -> Json[WriteOffRead]:
    """Give a debt up: what is left of it today. Who asked for it does not decide it."""
    return await WriteOffService(ctx).approve(write_off_id, body, version)


@write_offs.post("/{write_off_id}/refuse", openapi_extra=refusals(WriteOffDecidedByRequester))
async def refuse_write_off(
    ctx: GiverUp, write_off_id: UUID, body: BillingDecision, version: IfMatch
) -> Json[WriteOffRead]:
    """Keep on asking for a debt."""
    return await WriteOffService(ctx).refuse(write_off_id, body, version)


@accounts.get("/{account_id}/statement")
async def read_account_statement(
    ctx: DebtReader, account_id: UUID, query: Annotated[StatementQuery, Query()]
) -> AccountStatement:
    """The statement of an account: what was billed, what was paid, and the balance after each line."""
    return await BillingFigures(ctx).statement(account_id, query)


@policies.get("/{policy_id}/coverage-state")
async def read_coverage_state(ctx: PolicyReader, policy_id: UUID) -> CoverageStateRead:
    """Whether a contract covers at this moment, and why: no cover without payment.

    Computed from the state of the contract and from its money. A premium that is late suspends nothing by
    itself: people decide (`covered_unpaid` until then).
    """
    return await CoverageService(ctx).state_of(policy_id)

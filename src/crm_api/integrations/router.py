"""Doors for the systems that keep contracts and accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.external_ids import ExternalSystem
from crm_api.core.http import Audience, Lines, Router, requires
from crm_api.core.openapi import refusals
from crm_api.integrations.errors import BatchRefused, BatchTooLong, EmptyBatch
from crm_api.integrations.models import IntegratedEntity
from crm_api.integrations.schemas import (
    DifferencePage,
    DifferenceQuery,
    ReconciliationCreate,
    ReconciliationPage,
    ReconciliationQuery,
    ReconciliationRead,
)
from crm_api.integrations.service import BatchService, ReconciliationService
from crm_api.jobs.schemas import JobRead
from crm_api.kit.schemas import Json

router = Router("integrations")
Syncer = Annotated[Context, requires("policies:sync")]
PARTNERS = {"x-audience": [Audience.STAFF, Audience.PARTNER]}


@router.post(
    "/{system}/policies/batches",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=PARTNERS | refusals(BatchRefused, EmptyBatch, BatchTooLong),
)
async def sync_policies(ctx: Syncer, system: ExternalSystem, body: Lines) -> Json[JobRead]:
    """Tell many contracts as their policy system knows them.

    One JSON object a line (or a JSON array), 10,000 at most: each as `POST
    /v1/external-ids/{system}/policies/{value}` takes it, with its `external_id`. Messages may come twice and
    in any order: of one contract the newest `as_of` stands. Follow the job at `Location`; its results say of
    each message whether it made a contract, changed one, changed nothing (`unchanged`: the same, or older
    than what stands here), or why it is refused. The others are taken all the same.
    """
    return await BatchService(ctx).start(IntegratedEntity.POLICIES, system, body)


@router.post("/{system}/reconciliations", status_code=status.HTTP_201_CREATED, openapi_extra=PARTNERS)
async def reconcile(
    ctx: Syncer, system: ExternalSystem, body: ReconciliationCreate
) -> Json[ReconciliationRead]:
    """Compare what a system has with what it told us.

    Counts and sums by agency and branch, for the moment of its totals; and where it names each of its own,
    which are missing here, missing there, or come to another amount.
    """
    return await ReconciliationService(ctx).compare(system, body)


@router.get("/{system}/reconciliations", openapi_extra=PARTNERS)
async def list_reconciliations(
    ctx: Syncer, system: ExternalSystem, query: Annotated[ReconciliationQuery, Query()]
) -> Json[ReconciliationPage]:
    """List the reconciliations with a system."""
    return await ReconciliationService(ctx).page(system, query)


@router.get("/{system}/reconciliations/{reconciliation_id}", openapi_extra=PARTNERS)
async def get_reconciliation(
    ctx: Syncer, system: ExternalSystem, reconciliation_id: UUID
) -> Json[ReconciliationRead]:
    """Read a reconciliation."""
    return await ReconciliationService(ctx).get(system, reconciliation_id)


@router.get("/{system}/reconciliations/{reconciliation_id}/differences", openapi_extra=PARTNERS)
async def list_differences(
    ctx: Syncer, system: ExternalSystem, reconciliation_id: UUID, query: Annotated[DifferenceQuery, Query()]
) -> Json[DifferencePage]:
    """List what differs: the totals first, then the single ones."""
    return await ReconciliationService(ctx).differences_of(system, reconciliation_id, query)


ROUTERS = (router,)

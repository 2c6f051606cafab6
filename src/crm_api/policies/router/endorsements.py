from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, Router, requires
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.policies.endorsing import EndorsementService
from crm_api.policies.schemas.endorsements import (
    EndorsementCreate,
    EndorsementFilter,
    EndorsementPage,
    EndorsementQuery,
    EndorsementRead,
    EndorsementRefusal,
    PolicyVersions,
    VersionsQuery,
)

router = Router("endorsements")
of_policies = Router("policies", tag="endorsements")
Reader = Annotated[Context, requires("policies:read")]
Writer = Annotated[Context, requires("endorsements:write")]


@router.get("")
async def list_endorsements(
    ctx: Reader, query: Annotated[EndorsementQuery, Query()]
) -> Json[EndorsementPage]:
    """List endorsements (avenants)."""
    return await EndorsementService(ctx).page(query)


@router.get("/count")
async def count_endorsements(ctx: Reader, query: Annotated[EndorsementFilter, Query()]) -> Count:
    """Count endorsements."""
    return await EndorsementService(ctx).count(query)


@router.get("/{endorsement_id}")
async def get_endorsement(ctx: Reader, endorsement_id: UUID) -> Json[EndorsementRead]:
    """Read an endorsement."""
    return await EndorsementService(ctx).get(endorsement_id)


@of_policies.get("/{policy_id}/versions")
async def list_policy_versions(
    ctx: Reader, policy_id: UUID, query: Annotated[VersionsQuery, Query()]
) -> Json[PolicyVersions]:
    """List the versions of a contract; with `at`, only the one that held then.

    A proposal has none. Each was written once and never changes.
    """
    return await EndorsementService(ctx).versions(policy_id, query)


@of_policies.post("/{policy_id}/endorsements", status_code=status.HTTP_201_CREATED)
async def create_endorsement(ctx: Writer, policy_id: UUID, body: EndorsementCreate) -> Json[EndorsementRead]:
    """Ask for a change of a contract.

    `premium_delta` is what it costs from its effect on, pro rata by day. Refused on a contract that has
    ended (409 `policy_has_ended`), before its effect, and more than 90 days ahead.
    """
    return await EndorsementService(ctx).ask(policy_id, body)


@router.post("/{endorsement_id}/review")
async def review_endorsement(ctx: Writer, endorsement_id: UUID, version: IfMatch) -> Json[EndorsementRead]:
    """Take an endorsement in hand."""
    return await EndorsementService(ctx).review(endorsement_id, version)


@router.post("/{endorsement_id}/approve")
async def approve_endorsement(ctx: Writer, endorsement_id: UUID, version: IfMatch) -> Json[EndorsementRead]:
    """Approve an endorsement; nobody approves what they asked for. It is applied by itself at its effect."""
    return await EndorsementService(ctx).approve(endorsement_id, version)


@router.post("/{endorsement_id}/refuse")
async def refuse_endorsement(
    ctx: Writer, endorsement_id: UUID, body: EndorsementRefusal, version: IfMatch
) -> Json[EndorsementRead]:
    """Refuse an endorsement, and say why."""
    return await EndorsementService(ctx).refuse(endorsement_id, body, version)


@router.post("/{endorsement_id}/cancel")
async def cancel_endorsement(ctx: Writer, endorsement_id: UUID, version: IfMatch) -> Json[EndorsementRead]:
    """Withdraw an endorsement that was not applied."""
    return await EndorsementService(ctx).cancel(endorsement_id, version)


@router.post("/{endorsement_id}/apply")
async def apply_endorsement(ctx: Writer, endorsement_id: UUID, version: IfMatch) -> Json[EndorsementRead]:
    """Apply an approved endorsement: the contract has a new version.

    A suspension, a reinstatement and a termination are applied at their effect, not ahead of it.
    """
    return await EndorsementService(ctx).apply(endorsement_id, version)

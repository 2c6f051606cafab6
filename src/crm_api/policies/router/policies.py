from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, status

from crm_api.core.batch import BatchGet, Found
from crm_api.core.context import Context
from crm_api.core.external_ids import ExternalSystem
from crm_api.core.http import Audience, IfMatch, MergePatch, Router, requires, upserted
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.policies.converting import QuoteConversion
from crm_api.policies.covering import CoverService
from crm_api.policies.renewing import RenewalService
from crm_api.policies.schemas.actions import (
    PolicyCancel,
    PolicyEnded,
    PolicyPaid,
    PolicySuspend,
    PolicyTerminate,
    QuoteConvert,
)
from crm_api.policies.schemas.content import PolicyCreate, PolicyPatch, PolicySync
from crm_api.policies.schemas.cover import CoverQuery, PolicyCover
from crm_api.policies.schemas.policy import (
    PolicyFilter,
    PolicyInclude,
    PolicyPage,
    PolicyQuery,
    PolicyRead,
    PolicyTold,
    PolicyWhole,
)
from crm_api.policies.schemas.renewals import PolicyRenew, RenewalFilter, RenewalPage, RenewalQuery
from crm_api.policies.service import PolicyService
from crm_api.policies.syncing import PolicySyncing

router = Router("policies")
named_outside = Router("external-ids", tag="policies")
of_quotes = Router("quotes", tag="quotes")
PARTNERS = {"x-audience": [Audience.STAFF, Audience.PARTNER]}
Reader = Annotated[Context, requires("policies:read")]
Writer = Annotated[Context, requires("policies:write")]
Seller = Annotated[Context, requires("quotes:write", "policies:read")]
Syncer = Annotated[Context, requires("policies:sync")]
ExternalPolicy = Annotated[
    str,
    Path(
        min_length=3,
        max_length=80,
        pattern=r"^[\x21-\x7e]{3,80}$",
        description="What that system calls the contract; normally its number.",
        examples=["16012.2026.11.1110.00042"],
    ),
]


@router.get("")
async def list_policies(ctx: Reader, query: Annotated[PolicyQuery, Query()]) -> Json[PolicyPage]:
    """List contracts."""
    return await PolicyService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_policy(ctx: Writer, body: PolicyCreate) -> Json[PolicyTold]:
    """Record a contract.

    A proposal with its number, or issued at once (`issue`). Where a policy system is the master
    (CRM_POLICY_MODE=projection), staff record none: 403 `policy_system_is_master`. `warnings` names other
    living contracts on the same vehicles at the same time (ord. 95-07 art. 33): that is not refused.
    """
    return await PolicyService(ctx).create(body)


@router.get("/count")
async def count_policies(ctx: Reader, query: Annotated[PolicyFilter, Query()]) -> Count:
    """Count contracts."""
    return await PolicyService(ctx).count(query)


@router.post("/search")
async def search_policies(ctx: Reader, body: Search) -> Json[PolicyPage]:
    """Search contracts by conditions on their fields."""
    return await PolicyService(ctx).search(body)


@router.post("/batch-get")
async def batch_get_policies(ctx: Reader, body: BatchGet) -> Json[Found[PolicyRead]]:
    """Read up to 100 contracts by their identifiers."""
    return await PolicyService(ctx).get_many(body.ids)


@named_outside.get("/{system}/policies/{value}", openapi_extra=PARTNERS)
async def get_policy_by_external_id(
    ctx: Reader, system: ExternalSystem, value: ExternalPolicy
) -> Json[PolicyRead]:
    """Read the contract that another system calls so."""
    return await PolicyService(ctx).get_by_external_id(system, value)


@named_outside.post("/{system}/policies/{value}", responses=upserted(PolicyRead), openapi_extra=PARTNERS)
async def sync_policy(
    ctx: Syncer, system: ExternalSystem, value: ExternalPolicy, body: PolicySync
) -> Json[PolicyRead]:
    """Tell a contract as its policy system knows it.

    The whole of it, at the moment `as_of`. Messages may come twice and in any order: one with the same
    `as_of` as what stands here changes nothing (200), an older one is refused with what stands here untouched
    (409 `policy_message_outdated`, with the `as_of` that stands). Two at once make one contract.
    """
    return await PolicySyncing(ctx).upsert(system, value, body)


@router.get("/renewals")
async def list_renewals(ctx: Reader, query: Annotated[RenewalQuery, Query()]) -> Json[RenewalPage]:
    """List contracts that end soon, each beside the one that is prepared for after it.

    What changes in the price, and why, is told against the contract that ends.
    """
    return await RenewalService(ctx).page(query)


@router.get("/renewals/count")
async def count_renewals(ctx: Reader, query: Annotated[RenewalFilter, Query()]) -> Count:
    """Count contracts that end soon."""
    return await RenewalService(ctx).count(query)


@router.get("/{policy_id}")
async def get_policy(
    ctx: Reader, policy_id: UUID, query: Annotated[PolicyInclude, Query()]
) -> Json[PolicyWhole]:
    """Read a contract, and with it the parts asked for."""
    return await PolicyService(ctx).whole(policy_id, query.include)


@router.get("/{policy_id}/cover")
async def get_policy_cover(
    ctx: Reader, policy_id: UUID, query: Annotated[CoverQuery, Query()]
) -> PolicyCover:
    """Tell whether a contract covered at a moment, and why not."""
    return await CoverService(ctx).at(policy_id, query.at)


@router.patch("/{policy_id}")
async def update_policy(
    ctx: Writer, policy_id: UUID, body: Annotated[PolicyPatch, MergePatch], version: IfMatch
) -> Json[PolicyTold]:
    """Change a proposal; of a contract that was issued, what is no part of it (producer, tags, renewal)."""
    return await PolicyService(ctx).update(policy_id, body, version)


@router.post("/{policy_id}/issue")
async def issue_policy(ctx: Writer, policy_id: UUID, version: IfMatch) -> Json[PolicyTold]:
    """Issue a contract: it is signed, its premium is due, its cover waits for the first payment."""
    return await PolicyService(ctx).issue(policy_id, version)


@router.post("/{policy_id}/begin")
async def begin_policy(ctx: Writer, policy_id: UUID, body: PolicyPaid, version: IfMatch) -> Json[PolicyRead]:
    """Say that the first premium is paid: cover begins.

    Where the effect is still to come the contract stays `issued` until then, and begins by itself.
    """
    return await PolicyService(ctx).begin_now(policy_id, body.paid_at, version)


@router.post("/{policy_id}/suspend")
async def suspend_policy(
    ctx: Writer, policy_id: UUID, body: PolicySuspend, version: IfMatch
) -> Json[PolicyRead]:
    """Suspend the cover of a contract; the contract goes on."""
    return await PolicyService(ctx).suspend_now(policy_id, body.reason, version)


@router.post("/{policy_id}/reinstate")
async def reinstate_policy(
    ctx: Writer, policy_id: UUID, body: PolicyPaid, version: IfMatch
) -> Json[PolicyRead]:
    """Say that the arrears of a suspended contract are paid.

    Cover resumes the next local day at noon (`reinstates_at`, ord. 95-07 art. 16), by itself.
    """
    return await PolicyService(ctx).reinstate(policy_id, body.paid_at, version)


@router.post("/{policy_id}/terminate")
async def terminate_policy(
    ctx: Writer, policy_id: UUID, body: PolicyTerminate, version: IfMatch
) -> Json[PolicyEnded]:
    """End a contract before its expiry; `refund` is what is given back, pro rata by day."""
    return await PolicyService(ctx).end(policy_id, body, version)


@router.post("/{policy_id}/cancel")
async def cancel_policy(
    ctx: Writer, policy_id: UUID, body: PolicyCancel, version: IfMatch
) -> Json[PolicyRead]:
    """Cancel a contract: it never was, and nothing of its premium is owed. It is kept."""
    return await PolicyService(ctx).void(policy_id, body.reason, version)


@router.post("/{policy_id}/renew", status_code=status.HTTP_201_CREATED)
async def renew_policy(ctx: Writer, policy_id: UUID, body: PolicyRenew, version: IfMatch) -> Json[PolicyTold]:
    """Make the next contract.

    The same customer, objects, parties and coverages at the same premium, unless the body says otherwise. The
    contract before is `renewed` once the next one is in force and its own term is over.
    """
    return await RenewalService(ctx).renew(policy_id, body, version)


@of_quotes.post("/{quote_id}/convert", status_code=status.HTTP_201_CREATED)
async def convert_quote(ctx: Seller, quote_id: UUID, body: QuoteConvert) -> Json[PolicyTold]:
    """Make the contract of an accepted quote: issued, with what the quote promised, to the centime.

    Where a policy system is the master (CRM_POLICY_MODE=projection) that system issues it and names the quote
    (`quote_id`) when it tells of it: 403 `policy_system_is_master`.
    """
    return await QuoteConversion(ctx).convert(quote_id, body)

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.jobs.schemas import JobRead
from crm_api.kit.schemas import Json
from crm_api.sla.figures import SlaFigures
from crm_api.sla.ruling import SlaPolicyService
from crm_api.sla.schemas.clocks import SlaExplanation
from crm_api.sla.schemas.figures import SlaKpis, SlaPeriod
from crm_api.sla.schemas.policies import (
    SlaCase,
    SlaDryRun,
    SlaPolicyCreate,
    SlaPolicyMove,
    SlaPolicyPage,
    SlaPolicyPatch,
    SlaPolicyQuery,
    SlaPolicyRead,
)
from crm_api.sla.service import SlaService

router = Router("sla-policies", tag="sla")
clocks = Router("sla-clocks", tag="sla")
kpis = Router("sla-kpis", tag="sla")
Reader = Annotated[Context, requires("tickets:read")]
Analyst = Annotated[Context, requires("analytics:read")]
Manager = Annotated[Context, requires("sla:manage")]


@router.get("")
async def list_sla_policies(ctx: Reader, query: Annotated[SlaPolicyQuery, Query()]) -> Json[SlaPolicyPage]:
    """List the policies in the order in which they are tried."""
    return await SlaPolicyService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_sla_policy(ctx: Manager, body: SlaPolicyCreate) -> Json[SlaPolicyRead]:
    """Make a policy.

    It is tried after those that are there; the first one whose conditions all hold rules. Open clocks are
    counted again within a minute.
    """
    return await SlaPolicyService(ctx).create(body)


@router.post("/dry-run")
async def try_sla_policies(ctx: Reader, body: SlaCase) -> SlaDryRun:
    """Tell which policy would rule such work, why not the others, and what would be owed until when.

    Nothing is written.
    """
    return await SlaPolicyService(ctx).dry_run(body)


@router.post("/recount", status_code=status.HTTP_202_ACCEPTED)
async def recount_sla_clocks(ctx: Manager) -> Json[JobRead]:
    """Count every open clock again, by the policies and calendars as they are now.

    This happens by itself within a minute of a change; here is a job whose progress can be watched.
    """
    return await SlaPolicyService(ctx).recount()


@router.get("/{sla_policy_id}")
async def get_sla_policy(ctx: Reader, sla_policy_id: UUID) -> Json[SlaPolicyRead]:
    """Read a policy."""
    return await SlaPolicyService(ctx).get(sla_policy_id)


@router.patch("/{sla_policy_id}")
async def update_sla_policy(
    ctx: Manager, sla_policy_id: UUID, body: Annotated[SlaPolicyPatch, MergePatch], version: IfMatch
) -> Json[SlaPolicyRead]:
    """Change a policy.

    Promises that are still owed are counted again within a minute, the time that has passed is kept; what
    was kept or broken before stays as it was judged.
    """
    return await SlaPolicyService(ctx).update(sla_policy_id, body, version)


@router.post("/{sla_policy_id}/move")
async def move_sla_policy(
    ctx: Manager, sla_policy_id: UUID, body: SlaPolicyMove, version: IfMatch
) -> Json[SlaPolicyRead]:
    """Put a policy at another place in the order in which they are tried."""
    return await SlaPolicyService(ctx).move(sla_policy_id, body, version)


@router.post("/{sla_policy_id}/retire")
async def retire_sla_policy(ctx: Manager, sla_policy_id: UUID, version: IfMatch) -> Json[SlaPolicyRead]:
    """Retire a policy: what it ruled falls to the next one that fits."""
    return await SlaPolicyService(ctx).retire(sla_policy_id, version)


@router.post("/{sla_policy_id}/reactivate")
async def reactivate_sla_policy(ctx: Manager, sla_policy_id: UUID, version: IfMatch) -> Json[SlaPolicyRead]:
    """Put a retired policy back to use, at its old place."""
    return await SlaPolicyService(ctx).reactivate(sla_policy_id, version)


@clocks.get("/{sla_clock_id}/explanation")
async def explain_sla_clock(ctx: Manager, sla_clock_id: UUID) -> SlaExplanation:
    """Tell why each promise of a clock is due when it is, interval by interval.

    Which policy rules and why not those before it, what happened and by whom, which time counted and which
    did not (hours, holidays, waiting for the customer), and when each warning comes. Agents read it with
    their ticket.
    """
    return await SlaService(ctx).explain(sla_clock_id)


@kpis.get("")
async def get_sla_kpis(ctx: Analyst, query: Annotated[SlaPeriod, Query()]) -> SlaKpis:
    """Read how soon people were answered and helped in a period, and how often in time.

    Minutes are those of the hours that each promise counts in. First answers of work that an agent wrote
    down while talking to the customer do not count; promises that still run do not either.
    """
    return await SlaFigures(ctx).of(query)


ROUTERS = (router, clocks, kpis)

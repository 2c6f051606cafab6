from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request, Response, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, Visitor, public, requires
from crm_api.core.openapi import refusals
from crm_api.core.principal import system
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.missions.errors import MissionProofUnknown
from crm_api.missions.paper import MissionPaper
from crm_api.missions.proof import ProofService, organization_of
from crm_api.missions.schemas import (
    MissionOrderCreate,
    MissionOrderFilter,
    MissionOrderPage,
    MissionOrderPatch,
    MissionOrderQuery,
    MissionOrderRead,
    MissionOrderTold,
    MissionProof,
    MissionReport,
    Refusal,
)
from crm_api.missions.service import MissionService
from crm_api.missions.steps import MissionSteps

router = Router("mission-orders")
public_orders = Router("public/mission-orders", tag="mission-orders")
Reader = Annotated[Context, requires("mission_orders:read")]
Writer = Annotated[Context, requires("mission_orders:write")]
Issuer = Annotated[Context, requires("mission_orders:issue")]
Reporter = Annotated[Context, requires("mission_orders:report")]
Bearer = Annotated[Visitor, public("the code on the paper is the proof")]
PAPER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The order on paper.",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}
Code = Annotated[
    str,
    Path(
        description="What the QR code of the paper says, after the last slash.",
        pattern=r"^[A-Za-z0-9_=-]{20,80}$",
        max_length=80,
        examples=["AZOg3p18fMOdPh8aK3xZ9wGToN6dfHzDnT4fGit8WfdKx1mP0bYt4sQZ"],
    ),
]


@router.get("")
async def list_mission_orders(
    ctx: Reader, query: Annotated[MissionOrderQuery, Query()]
) -> Json[MissionOrderPage]:
    """List mission orders: yours; and those of your agencies, if you issue any."""
    return await MissionService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_mission_order(ctx: Writer, body: MissionOrderCreate) -> Json[MissionOrderTold]:
    """Write a mission order.

    A draft with its number. `warnings` names other orders that send the same person away at the same time:
    that is allowed.
    """
    return await MissionService(ctx).create(body)


@router.get("/count")
async def count_mission_orders(ctx: Reader, query: Annotated[MissionOrderFilter, Query()]) -> Count:
    """Count mission orders."""
    return await MissionService(ctx).count(query)


@router.get("/{mission_order_id}")
async def get_mission_order(ctx: Reader, mission_order_id: UUID) -> Json[MissionOrderRead]:
    """Read a mission order."""
    return await MissionService(ctx).get(mission_order_id)


@router.patch("/{mission_order_id}")
async def update_mission_order(
    ctx: Writer, mission_order_id: UUID, body: Annotated[MissionOrderPatch, MergePatch], version: IfMatch
) -> Json[MissionOrderTold]:
    """Change a draft; an order that was issued no longer changes."""
    return await MissionService(ctx).update(mission_order_id, body, version)


@router.get("/{mission_order_id}/pdf", response_class=Response, responses=PAPER)
async def print_mission_order(ctx: Reader, mission_order_id: UUID, request: Request) -> Response:
    """Print a mission order.

    French, with the logo, room to sign, and a QR code that proves it. A draft and a cancelled order say so
    across the page.
    """
    page = await MissionPaper(ctx).print(mission_order_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{page.name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    return Response(page.content, media_type="application/pdf", headers=headers)


@router.post("/{mission_order_id}/issue")
async def issue_mission_order(
    ctx: Issuer, mission_order_id: UUID, version: IfMatch
) -> Json[MissionOrderTold]:
    """Issue a mission order: who is sent is told, and it stands in their calendar."""
    return await MissionSteps(ctx).issue(mission_order_id, version)


@router.post("/{mission_order_id}/acknowledge")
async def acknowledge_mission_order(
    ctx: Reporter, mission_order_id: UUID, version: IfMatch
) -> Json[MissionOrderRead]:
    """Say that you know of your mission."""
    return await MissionSteps(ctx).acknowledge(mission_order_id, version)


@router.post("/{mission_order_id}/start")
async def start_mission_order(
    ctx: Reporter, mission_order_id: UUID, version: IfMatch
) -> Json[MissionOrderRead]:
    """Begin your mission."""
    return await MissionSteps(ctx).start(mission_order_id, version)


@router.post("/{mission_order_id}/report")
async def report_on_mission_order(
    ctx: Reporter, mission_order_id: UUID, body: MissionReport, version: IfMatch
) -> Json[MissionOrderRead]:
    """Write your report and your expenses, as the mission goes; what is left out stays."""
    return await MissionSteps(ctx).report(mission_order_id, body, version)


@router.post("/{mission_order_id}/complete")
async def complete_mission_order(
    ctx: Reporter, mission_order_id: UUID, body: MissionReport, version: IfMatch
) -> Json[MissionOrderRead]:
    """Hand in your report. It must be written, here or before (422 `mission_report_missing`)."""
    return await MissionSteps(ctx).complete(mission_order_id, body, version)


@router.post("/{mission_order_id}/approve")
async def approve_mission_order(
    ctx: Issuer, mission_order_id: UUID, version: IfMatch
) -> Json[MissionOrderRead]:
    """Approve a report; nobody approves their own."""
    return await MissionSteps(ctx).approve(mission_order_id, version)


@router.post("/{mission_order_id}/send-back")
async def send_mission_order_back(
    ctx: Issuer, mission_order_id: UUID, body: Refusal, version: IfMatch
) -> Json[MissionOrderRead]:
    """Ask for a better report: the mission is in progress again."""
    return await MissionSteps(ctx).send_back(mission_order_id, body, version)


@router.post("/{mission_order_id}/cancel")
async def cancel_mission_order(
    ctx: Issuer, mission_order_id: UUID, body: Refusal, version: IfMatch
) -> Json[MissionOrderRead]:
    """Cancel an order that has not begun; it is kept, and the calendar is free again."""
    return await MissionSteps(ctx).cancel(mission_order_id, body, version)


@public_orders.get("/{code}", openapi_extra=refusals(MissionProofUnknown))
async def verify_mission_order(visitor: Bearer, code: Code) -> MissionProof:
    """Verify a mission order on paper, by the code that is printed on it."""
    ctx = visitor.enter(system(organization_of(code)))
    return await ProofService(ctx).verified(code)


ROUTERS = (router, public_orders)

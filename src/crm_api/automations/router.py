from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.automations.errors import (
    AutomationNameTaken,
    AutomationNotActive,
    AutomationTemplateMissing,
    EnrolmentUnderway,
)
from crm_api.automations.looking import Looking
from crm_api.automations.models import AutomationStatus
from crm_api.automations.schemas import (
    AutomationBoard,
    AutomationCreate,
    AutomationFigures,
    AutomationFromRecipe,
    AutomationPage,
    AutomationPatch,
    AutomationQuery,
    AutomationRead,
    AutomationSimulation,
    EnrolmentCreate,
    EnrolmentPage,
    EnrolmentQuery,
    EnrolmentRead,
)
from crm_api.automations.service import AutomationService
from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json

router = Router("automations")
recipes = Router("automation-recipes", tag="automations")
enrolments = Router("enrolments", tag="automations")
ROUTERS = (router, recipes, enrolments)
Reader = Annotated[Context, requires("automations:read")]
Writer = Annotated[Context, requires("automations:write")]
Beholder = Annotated[Context, requires("automations:read", "contacts:read")]


@router.get("")
async def list_automations(ctx: Reader, query: Annotated[AutomationQuery, Query()]) -> Json[AutomationPage]:
    """List automations."""
    return await AutomationService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(AutomationNameTaken))
async def create_automation(ctx: Writer, body: AutomationCreate) -> Json[AutomationRead]:
    """Draw an automation; a circle among its steps is refused, and named."""
    return await AutomationService(ctx).create(body)


@recipes.post("", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(AutomationNameTaken))
async def create_automation_from_recipe(ctx: Writer, body: AutomationFromRecipe) -> Json[AutomationRead]:
    """Draw one of the automations that are ready; change it as you like before you activate it."""
    return await AutomationService(ctx).from_recipe(body)


@router.get("/{automation_id}")
async def get_automation(ctx: Reader, automation_id: UUID) -> Json[AutomationRead]:
    """Read an automation."""
    return await AutomationService(ctx).get(automation_id)


@router.patch("/{automation_id}", openapi_extra=refusals(AutomationNameTaken, AutomationTemplateMissing))
async def update_automation(
    ctx: Writer, automation_id: UUID, body: Annotated[AutomationPatch, MergePatch], version: IfMatch
) -> Json[AutomationRead]:
    """Change an automation. Whoever is on their way finishes on the version that they entered."""
    return await AutomationService(ctx).update(automation_id, body, version)


@router.post("/{automation_id}/activate", openapi_extra=refusals(AutomationTemplateMissing))
async def activate_automation(ctx: Writer, automation_id: UUID, version: IfMatch) -> Json[AutomationRead]:
    """Take people in from now on."""
    return await AutomationService(ctx).step(automation_id, AutomationStatus.ACTIVE, version)


@router.post("/{automation_id}/pause")
async def pause_automation(ctx: Writer, automation_id: UUID, version: IfMatch) -> Json[AutomationRead]:
    """Hold everybody where they are."""
    return await AutomationService(ctx).step(automation_id, AutomationStatus.PAUSED, version)


@router.post("/{automation_id}/archive")
async def archive_automation(ctx: Writer, automation_id: UUID, version: IfMatch) -> Json[AutomationRead]:
    """Put an automation away for good; nobody moves any more."""
    return await AutomationService(ctx).step(automation_id, AutomationStatus.ARCHIVED, version)


@router.get("/{automation_id}/statistics")
async def get_automation_statistics(ctx: Reader, automation_id: UUID) -> AutomationFigures:
    """What an automation has come to, step by step."""
    return await Looking(ctx).figures(automation_id)


@router.get("/{automation_id}/simulation")
async def simulate_automation(ctx: Reader, automation_id: UUID) -> AutomationSimulation:
    """Who would have entered in the last thirty days, and where they would be; nothing is written."""
    return await Looking(ctx).simulate(automation_id)


@router.get("/{automation_id}/board")
async def get_automation_board(ctx: Beholder, automation_id: UUID) -> AutomationBoard:
    """The outreach board: who stands at which step, of those whom you may see."""
    return await Looking(ctx).board(automation_id)


@router.post(
    "/{automation_id}/enrolments",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(AutomationNotActive, EnrolmentUnderway),
)
async def enrol_contact(ctx: Writer, automation_id: UUID, body: EnrolmentCreate) -> Json[EnrolmentRead]:
    """Put somebody into an automation."""
    return await AutomationService(ctx).enrol(automation_id, body)


@enrolments.get("")
async def list_enrolments(ctx: Reader, query: Annotated[EnrolmentQuery, Query()]) -> Json[EnrolmentPage]:
    """List who is on their way, and who was."""
    return await AutomationService(ctx).people(query)


@enrolments.post("/{enrolment_id}/exit")
async def end_enrolment(ctx: Writer, enrolment_id: UUID, version: IfMatch) -> Json[EnrolmentRead]:
    """Take somebody out."""
    return await AutomationService(ctx).take_out(enrolment_id, version)

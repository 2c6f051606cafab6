"""Visits as the staff reads them, and the goals they are measured by."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json
from crm_api.tracking.errors import WebGoalCodeTaken
from crm_api.tracking.router.doors import (
    Identifier,
    Reader,
    Writer,
    events,
    figures,
    goals,
    sessions,
    visitors,
)
from crm_api.tracking.schemas.collecting import WebIdentify, WebVisitorRead
from crm_api.tracking.schemas.visits import (
    WebEventPage,
    WebEventQuery,
    WebFigures,
    WebGoalCreate,
    WebGoalPage,
    WebGoalPatch,
    WebGoalQuery,
    WebGoalRead,
    WebPeriod,
    WebSessionPage,
    WebSessionQuery,
    WebSessionRead,
)
from crm_api.tracking.service import TrackingService


@sessions.get("")
async def list_web_sessions(ctx: Reader, query: Annotated[WebSessionQuery, Query()]) -> Json[WebSessionPage]:
    """List visits of the site, of the last 13 months."""
    return await TrackingService(ctx).sessions(query)


@sessions.get("/{web_session_id}")
async def get_web_session(ctx: Reader, web_session_id: UUID) -> Json[WebSessionRead]:
    """Read a visit."""
    return await TrackingService(ctx).session(web_session_id)


@events.get("")
async def list_web_events(ctx: Reader, query: Annotated[WebEventQuery, Query()]) -> Json[WebEventPage]:
    """List what visitors did."""
    return await TrackingService(ctx).events(query)


@figures.get("")
async def get_web_figures(ctx: Reader, query: Annotated[WebPeriod, Query()]) -> WebFigures:
    """Count visits (D-31) and those that met a goal (D-44), also by day, source, campaign or device."""
    return await TrackingService(ctx).figures(query)


@goals.get("")
async def list_web_goals(ctx: Reader, query: Annotated[WebGoalQuery, Query()]) -> Json[WebGoalPage]:
    """List goals."""
    return await TrackingService(ctx).goal_page(query)


@goals.post("", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(WebGoalCodeTaken))
async def create_web_goal(ctx: Writer, body: WebGoalCreate) -> Json[WebGoalRead]:
    """Set a goal: an event of a kind, of a name, on a page, or all of these; and what it is worth."""
    return await TrackingService(ctx).set_goal(body)


@goals.get("/{web_goal_id}")
async def get_web_goal(ctx: Reader, web_goal_id: UUID) -> Json[WebGoalRead]:
    """Read a goal."""
    return await TrackingService(ctx).goal(web_goal_id)


@goals.patch("/{web_goal_id}")
async def update_web_goal(
    ctx: Writer, web_goal_id: UUID, body: Annotated[WebGoalPatch, MergePatch], version: IfMatch
) -> Json[WebGoalRead]:
    """Change a goal; what was met before keeps its value."""
    return await TrackingService(ctx).change_goal(web_goal_id, body, version)


@visitors.post("/{visitor_id}/identify")
async def identify_web_visitor(ctx: Identifier, visitor_id: UUID, body: WebIdentify) -> WebVisitorRead:
    """Say who a visitor is: the server of the site, after a login or a quote, or a colleague.

    Later visits are this person's, and so are earlier ones that are nobody's.
    """
    return await TrackingService(ctx).identify(visitor_id, body)

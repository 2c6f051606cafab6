"""What the house knows of visits of its site."""

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.clock import ALGIERS
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.tracking.clicks import opener
from crm_api.tracking.collecting import arrivals_of
from crm_api.tracking.events import WebVisitorIdentified
from crm_api.tracking.repository.collecting import CollectingRepository
from crm_api.tracking.repository.visits import (
    FiguresRepository,
    WebEventRepository,
    WebGoalRepository,
    WebSessionRepository,
)
from crm_api.tracking.schemas.collecting import (
    WebEventBatch,
    WebEventReceipt,
    WebIdentify,
    WebVisitorRead,
)
from crm_api.tracking.schemas.visits import (
    WebEventPage,
    WebEventQuery,
    WebFigure,
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

AT_ONCE = 20_000
"""Events that one go puts into sessions."""


class CollectorService:
    """For whoever has the write key of the site."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def receive(self, batch: WebEventBatch) -> WebEventReceipt:
        """Durable when it is answered; put into sessions within a minute."""
        origin = self.ctx.origin
        taken = arrivals_of(batch, now(), origin.ip, origin.user_agent, opener(self.ctx))
        await CollectingRepository(self.ctx).take_in(taken)
        return WebEventReceipt(received=len(batch.events))


class TrackingService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.goals = WebGoalRepository(ctx)

    async def sessions(self, query: WebSessionQuery) -> Json[WebSessionPage]:
        return await WebSessionRepository(self.ctx).page(query, WebSessionPage)

    async def session(self, session_id: UUID) -> Json[WebSessionRead]:
        return await WebSessionRepository(self.ctx).get(session_id)

    async def events(self, query: WebEventQuery) -> Json[WebEventPage]:
        return await WebEventRepository(self.ctx).page(query, WebEventPage)

    async def figures(self, period: WebPeriod) -> WebFigures:
        """D-31 and D-44 of the whole site."""
        counted = await FiguresRepository(self.ctx).visits(
            _midnight(period.start), _midnight(period.end), (period.start, period.end), period.group_by
        )
        parts = [_figure(row[0], row[1:]) for row in counted]
        whole = [sum(column) for column in zip(*(row[1:] for row in counted), strict=True)] or [0] * 5
        return WebFigures(
            start=period.start,
            end=period.end,
            timezone=str(ALGIERS),
            computed_at=now(),
            whole=_figure(None, whole),
            groups=parts if period.group_by else [],
        )

    # --- goals

    async def goal_page(self, query: WebGoalQuery) -> Json[WebGoalPage]:
        return await self.goals.page(query, WebGoalPage)

    async def goal(self, goal_id: UUID) -> Json[WebGoalRead]:
        return await self.goals.get(goal_id)

    async def set_goal(self, data: WebGoalCreate) -> Json[WebGoalRead]:
        """Raises WebGoalCodeTaken."""
        return await self.goals.add(data)

    async def change_goal(self, goal_id: UUID, data: WebGoalPatch, version: int) -> Json[WebGoalRead]:
        return await self.goals.edit(goal_id, data, version)

    # --- whose visits they are

    async def identify(self, visitor_id: UUID, data: WebIdentify) -> WebVisitorRead:
        """Later visits are this person's, and so are earlier ones that are nobody's. Raises NotFound."""
        self.ctx.begin()
        await ContactService(self.ctx).get(data.contact_id)
        moment = now()
        sessions = await CollectingRepository(self.ctx).identify(
            visitor_id, data.contact_id, data.identified_by, moment
        )
        await publish(self.ctx, WebVisitorIdentified(visitor_id, data.contact_id, sessions))
        return WebVisitorRead(
            visitor_id=visitor_id,
            contact_id=data.contact_id,
            lead_id=None,
            identified_by=data.identified_by,
            identified_at=moment,
            sessions=sessions,
        )


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time(), ALGIERS).astimezone(UTC)


def _figure(group: str | None, row: Any) -> WebFigure:
    sessions, unknown, page_views, converted, value = row
    return WebFigure(
        group=group,
        sessions=sessions,
        unknown_sessions=unknown,
        page_views=page_views,
        converted_sessions=converted,
        goal_value=Money.of(value),
        conversion_rate=f"{converted / sessions:.4f}" if sessions else None,
        status="ok" if sessions else "no_data",
    )

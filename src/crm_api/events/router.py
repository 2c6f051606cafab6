from typing import Annotated

from fastapi import Query

from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.events.schemas import EventLog, EventLogQuery
from crm_api.events.service import EventLogService

router = Router("events")
Reader = Annotated[Context, requires("events:read")]


@router.get("/log")
async def read_event_log(ctx: Reader, query: Annotated[EventLogQuery, Query()]) -> EventLog:
    """Follow everything that happens in the organization.

    Facts come once each and none is skipped, however long its transaction took; they hold ids and public
    values only. Keep `next_cursor` and come back with it.
    """
    return await EventLogService(ctx).read(query)


ROUTERS = (router,)

from crm_api.core.context import Context
from crm_api.core.feed import read
from crm_api.events.schemas import EventLog, EventLogQuery, EventRead


class EventLogService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def read(self, query: EventLogQuery) -> EventLog:
        found = await read(self.ctx, query.cursor, query.kind or (), query.limit)
        return EventLog(
            data=[EventRead.model_validate(fact) for fact in found.facts],
            next_cursor=found.cursor,
            has_more=found.has_more,
        )

"""What earlier campaigns came to, and when their messages were opened."""

from sqlalchemy import and_, extract, func, select

from crm_api.campaigns.models import Campaign
from crm_api.core.context import Context
from crm_api.mailings.models import Message, Send, SendCount, SendSource


class HistoryRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def answers(self, objective: str | None) -> tuple[int, int]:
        """(delivered, clicked) of all messages of campaigns with this purpose; None: of any."""
        found = (
            select(
                func.coalesce(func.sum(SendCount.delivered), 0), func.coalesce(func.sum(SendCount.clicked), 0)
            )
            .join(Send, and_(Send.organization_id == SendCount.organization_id, Send.id == SendCount.send_id))
            .where(Send.source_type == SendSource.CAMPAIGN)
        )
        if objective is not None:
            found = found.join(
                Campaign,
                and_(Campaign.organization_id == Send.organization_id, Campaign.id == Send.source_id),
            ).where(Campaign.objective == objective)
        row = (await self.ctx.session.execute(found)).one()
        return int(row[0]), int(row[1])

    async def best_hour(self) -> tuple[int, int] | None:
        """(hour of Algiers, opens in it): when most messages are opened by day; None without any."""
        hour = extract("hour", func.timezone("Africa/Algiers", Message.opened_at))
        opened = select(hour.label("hour"), func.count().label("opens")).where(Message.opened_at.is_not(None))
        ranked = opened.where(hour.between(8, 19)).group_by(hour).order_by(func.count().desc(), hour).limit(1)
        row = (await self.ctx.session.execute(ranked)).first()
        return (int(row[0]), int(row[1])) if row else None

    async def cost_of_one(self) -> int | None:
        """Centimes that earlier campaigns spent for each person whom they targeted; None without any."""
        spent = select(func.sum(Campaign.spent_amount), func.sum(Campaign.targeted)).where(
            Campaign.targeted > 0
        )
        row = (await self.ctx.session.execute(spent)).one()
        return int(row[0].centimes) // int(row[1]) if row[0] and row[1] else None

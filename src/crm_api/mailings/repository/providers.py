"""Providers, and the days on which marketing rests."""

from collections.abc import Set as AbstractSet
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from crm_api.calendars.models import CalendarException
from crm_api.core.context import Context
from crm_api.core.repository import Repository
from crm_api.mailings.errors import ProviderNameTaken
from crm_api.mailings.models import MailingChannel, MessageProvider
from crm_api.mailings.schemas.providers import MessageProviderRead


class ProviderRepository(Repository[MessageProvider, MessageProviderRead]):
    model, read = MessageProvider, MessageProviderRead
    refusals = {"uq_message_providers_name": ProviderNameTaken}

    async def chosen(self, channel: MailingChannel, moment: datetime) -> MessageProvider | None:
        """The first that does not rest; if all do, the one that rests the shortest."""
        m = MessageProvider
        rests = or_(m.resting_until.is_(None), m.resting_until <= moment)
        found = (
            select(m)
            .where(m.channel == channel, m.is_active)
            .order_by(rests.desc(), m.priority, m.resting_until.asc().nulls_first(), m.id)
            .limit(1)
        )
        return await self.ctx.session.scalar(found)

    async def another(self, provider: MessageProvider, moment: datetime) -> bool:
        """Whether somebody stands in while it rests."""
        m = MessageProvider
        found = select(m.id).where(
            m.channel == provider.channel,
            m.is_active,
            m.id != provider.id,
            or_(m.resting_until.is_(None), m.resting_until <= moment),
        )
        return await self.ctx.session.scalar(found.limit(1)) is not None

    async def row(self, provider_id: UUID) -> MessageProvider | None:
        """Whoever asks, without a lock."""
        found = select(MessageProvider).where(MessageProvider.id == provider_id)
        return await self.ctx.session.scalar(found)


class HolidayRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def days(self, day: date) -> AbstractSet[date]:
        """The day itself, if it is a closed one in all calendars; else nothing."""
        e = CalendarException
        closed = select(e.day).where(
            e.day == day, e.calendar_id.is_(None), func.jsonb_array_length(e.hours) == 0
        )
        return set(await self.ctx.session.scalars(closed.limit(1)))

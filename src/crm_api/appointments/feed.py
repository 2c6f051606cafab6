"""One's own appointments, as a telephone or a calendar program reads them."""

from datetime import timedelta
from uuid import UUID

from crm_api.appointments.errors import NoSuchFeed
from crm_api.appointments.ics import Entry, Sheet, written
from crm_api.appointments.models import CalendarFeed
from crm_api.appointments.repository import AppointmentRepository, FeedRepository
from crm_api.appointments.schemas.settings import FeedRead, FeedSecret
from crm_api.core import opaque
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.errors import NotFound, Unauthenticated
from crm_api.users.access import UserAccess
from crm_api.users.models import UserStatus

PREFIX = "cal"
BEHIND, AHEAD = timedelta(days=30), timedelta(days=400)


def organization_of(secret: str) -> UUID:
    """Whose calendar it says it is. Raises NoSuchFeed."""
    try:
        return opaque.parse(secret, PREFIX)[0]
    except Unauthenticated as malformed:
        raise NoSuchFeed from malformed


class FeedService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.feeds, self.appointments = FeedRepository(ctx), AppointmentRepository(ctx)

    async def state(self) -> FeedRead:
        rotated_at = await self.feeds.rotated_at(self.ctx.principal.id)
        return FeedRead(is_open=rotated_at is not None, rotated_at=rotated_at)

    async def open(self) -> FeedSecret:
        """A new address; the one before it no longer works. We keep its hash only."""
        secret, digest = opaque.make(PREFIX, self.ctx.organization_id)
        feed = await self.feeds.of(self.ctx.principal.id) or CalendarFeed(user_id=self.ctx.principal.id)
        feed.secret_digest, feed.rotated_at = digest, now()
        await self.feeds.save(feed)
        url = f"{self.ctx.tools.settings.base_url}/v1/public/calendars/{secret}/appointments.ics"
        return FeedSecret(url=url, rotated_at=feed.rotated_at)

    async def close(self) -> None:
        """Raises NoSuchFeed."""
        feed = await self.feeds.of(self.ctx.principal.id)
        if feed is None:
            raise NoSuchFeed
        await self.feeds.remove(feed)

    async def read(self, secret: str) -> Sheet:
        """For whoever has the address. Raises NoSuchFeed, also when its user has left or is suspended."""
        user_id = await self.feeds.reader(opaque.parse(secret, PREFIX)[1])
        if user_id is None:
            raise NoSuchFeed
        user = await UserAccess(self.ctx).credentials(user_id)
        if user.status is not UserStatus.ACTIVE:
            raise NoSuchFeed
        rows = await self.appointments.of_user(user_id, now() - BEHIND, now() + AHEAD)
        return written((Entry(*row) for row in rows), f"{user.first_name} {user.last_name}")

    async def one(self, appointment_id: UUID) -> Sheet:
        """A single appointment, to be put into a calendar by hand."""
        row = await self.appointments.entry(appointment_id)
        if row is None:
            raise NotFound(id=str(appointment_id))
        return written([Entry(*row)])

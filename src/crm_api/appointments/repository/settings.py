from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Text,
    Uuid,
    bindparam,
    select,
)

from crm_api.appointments.errors import (
    CapacityKnown,
    ResourceCodeTaken,
    UnknownAgency,
)
from crm_api.appointments.models import (
    AppointmentCapacity,
    AppointmentResource,
    CalendarFeed,
)
from crm_api.appointments.schemas.settings import CapacityRead, FeedRead, ResourceRead
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository


class ResourceRepository(Repository[AppointmentResource, ResourceRead]):
    model, read = AppointmentResource, ResourceRead
    refusals = {
        "uq_appointment_resources_code": ResourceCodeTaken,
        "fk_appointment_resources_agency": UnknownAgency,
    }


class CapacityRepository(Repository[AppointmentCapacity, CapacityRead]):
    model, read = AppointmentCapacity, CapacityRead
    refusals = {
        "uq_appointment_capacities_type": CapacityKnown,
        "fk_appointment_capacities_agency": UnknownAgency,
    }


class FeedRepository(Repository[CalendarFeed, FeedRead]):
    model, read = CalendarFeed, FeedRead

    async def of(self, user_id: UUID) -> CalendarFeed | None:
        """Locked."""
        mine = CalendarFeed.organization_id == self.ctx.organization_id, CalendarFeed.user_id == user_id
        return await self.ctx.session.scalar(select(CalendarFeed).where(*mine).with_for_update())

    async def rotated_at(self, user_id: UUID) -> datetime | None:
        feeds = table_of(CalendarFeed)
        rows = await self.rows(
            "rotated at",
            lambda: self.select(feeds.c.rotated_at).where(feeds.c.user_id == bindparam("user", type_=Uuid())),
            {"user": user_id},
        )
        return rows[0][0] if rows else None

    async def reader(self, digest: str) -> UUID | None:
        """Whose calendar has that secret."""
        feeds = table_of(CalendarFeed)
        rows = await self.rows(
            "reader",
            lambda: self.select(feeds.c.user_id).where(
                feeds.c.secret_digest == bindparam("digest", type_=Text())
            ),
            {"digest": digest},
        )
        return rows[0][0] if rows else None

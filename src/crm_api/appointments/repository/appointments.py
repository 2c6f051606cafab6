from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from crm_api.appointments.errors import (
    CalendarImported,
    UnknownAgency,
    UnknownOrganizer,
    UnknownResource,
)
from crm_api.appointments.models import (
    LIVE,
    LONGEST,
    Appointment,
    AppointmentStatus,
    AppointmentType,
    Engagement,
    Hold,
)
from crm_api.appointments.repository import shapes
from crm_api.appointments.repository.shapes import in_sight, variant
from crm_api.appointments.schemas.appointment import AppointmentRead
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository


class Taken(NamedTuple):
    """Time that somebody or something has given away; `title` only where it may be seen."""

    party_id: UUID
    starts_at: datetime
    ends_at: datetime
    hold: str
    appointment_id: UUID | None
    title: str | None


class AppointmentRepository(Repository[Appointment, AppointmentRead]):
    model, read = Appointment, AppointmentRead
    refusals = {
        "fk_appointments_organizer": UnknownOrganizer,
        "fk_appointments_agency": UnknownAgency,
        "fk_appointments_resource": UnknownResource,
        "uq_appointments_ics_uid": CalendarImported,
    }

    def __init__(self, ctx: Any) -> None:
        self.visibility = variant(ctx.principal)
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        own = table_of(Appointment).c.organization_id == bindparam("organization_id")
        return [own, *in_sight(self.visibility)]

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        table = table_of(Appointment)
        missed = table.c.status == AppointmentStatus.NO_SHOW
        return {**super().columns(), "organizer_id": table.c.owner_user_id, "no_show": missed}

    # --- whose time it takes

    async def one_at_a_time(self, names: Collection[str]) -> None:
        """Whoever books the same people, things or agency on the same day waits for the end of this use case.

        An exclusion constraint would need btree_gist, which the owner of a database may not be allowed to
        have. In one order, the day first, so that two who want the same ones never wait for each other; who
        books several times in one use case books them in the order of time.
        """
        keys = [f"{self.ctx.organization_id}|appointment|{name}" for name in sorted(set(names))]
        key = func.unnest(bindparam("keys", keys, ARRAY(Text()))).column_valued("key")
        await self.ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))

    async def taken(
        self,
        party_ids: Collection[UUID],
        starts_at: datetime,
        ends_at: datetime,
        but: UUID | None = None,
        *,
        firmly: bool = False,
    ) -> list[Taken]:
        """What these have given away between two moments, in its order."""
        rows = await self.rows(
            ("taken", firmly),
            lambda: shapes.taken(self.visibility, firmly),
            {
                "parties": list(party_ids),
                "earliest": starts_at - LONGEST,
                "starts": starts_at,
                "ends": ends_at,
                "but": but,
            },
        )
        return [Taken(*row) for row in rows]

    async def take(self, appointment: Appointment, party_ids: Collection[UUID], hold: Hold) -> None:
        """The time of these, and of nobody else."""
        session, own = self.ctx.session, Engagement.organization_id == self.ctx.organization_id
        mine = own, Engagement.appointment_id == appointment.id
        await session.execute(delete(Engagement).where(*mine, Engagement.party_id.not_in(list(party_ids))))
        times = {"starts_at": appointment.starts_at, "ends_at": appointment.ends_at, "hold": hold}
        rows = [
            {"organization_id": self.ctx.organization_id, "appointment_id": appointment.id, "party_id": party}
            | times
            for party in party_ids
        ]
        statement = upsert(Engagement)
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["organization_id", "appointment_id", "party_id"],
                set_={name: statement.excluded[name] for name in times},
            ),
            rows,
        )

    async def agency_times(
        self,
        agency_id: UUID,
        kind: AppointmentType,
        starts_at: datetime,
        ends_at: datetime,
        but: UUID | None = None,
    ) -> tuple[int | None, list[tuple[datetime, datetime]]]:
        """How many such appointments the agency takes at once (None: any number), and when it has some."""
        rows = await self.rows(
            "agency times",
            shapes.agency_times,
            {
                "agency": agency_id,
                "kind": kind,
                "earliest": starts_at - LONGEST,
                "starts": starts_at,
                "ends": ends_at,
                "but": but,
            },
        )
        return rows[0][0] if rows else None, [(row[1], row[2]) for row in rows if row[1] is not None]

    # --- calendars

    async def of_user(self, user_id: UUID, earliest: datetime, latest: datetime) -> Sequence[Sequence[Any]]:
        """What somebody holds or attends and is not called off; the columns of `ics.Entry`, in order."""
        return await self.rows(
            "of user", shapes.of_user, {"user": user_id, "earliest": earliest, "latest": latest}
        )

    async def entry(self, appointment_id: UUID) -> Sequence[Any] | None:
        """One appointment that this principal sees; the columns of `ics.Entry`, in their order."""
        table = table_of(Appointment)
        rows = await self.rows(
            "entry",
            lambda: self.select(*shapes.entry()).where(
                table.c.id == bindparam("id", type_=Uuid()), table.c.deleted_at.is_(None)
            ),
            {"id": appointment_id},
        )
        return rows[0] if rows else None

    async def by_uid(self, uids: Collection[str]) -> dict[str, Appointment]:
        """Those that calendars call so, whoever holds them, locked."""
        mine = Appointment.organization_id == self.ctx.organization_id, Appointment.ics_uid.in_(list(uids))
        statement = select(Appointment).where(*mine).order_by(Appointment.ics_uid).with_for_update()
        found = await self.ctx.session.scalars(statement)
        return {row.ics_uid: row for row in found}

    async def hand_over(self, user_id: UUID, to_user_id: UUID) -> list[UUID]:
        """What a colleague who left held and is still to come about, with its lines in the journal."""
        table = table_of(Appointment)
        return await self.edit_all(
            "live of organizer",
            lambda: [
                table.c.owner_user_id == bindparam("leaving"),
                shapes.in_one_of(*sorted(LIVE)),
                table.c.starts_at > func.clock_timestamp(),
            ],
            {"leaving": user_id},
            {"owner_user_id": to_user_id},
        )

    async def move_coming(self, from_agency_id: UUID, to_agency_id: UUID) -> None:
        """What an agency has still to come, with its lines in the journal."""
        table = table_of(Appointment)
        await self.edit_all(
            "live of agency",
            lambda: [
                table.c.agency_id == bindparam("closing"),
                shapes.in_one_of(*sorted(LIVE)),
                table.c.starts_at > func.clock_timestamp(),
            ],
            {"closing": from_agency_id},
            {"agency_id": to_agency_id},
        )

    async def about(self, object_type: str, object_id: UUID) -> list[Appointment]:
        """Those about an object that are still to come about, whoever sees them, locked."""
        mine = (
            Appointment.organization_id == self.ctx.organization_id,
            Appointment.object_type == object_type,
            Appointment.object_id == object_id,
            Appointment.status.in_(sorted(LIVE)),
            Appointment.deleted_at.is_(None),
        )
        statement = select(Appointment).where(*mine).order_by(Appointment.starts_at).with_for_update()
        return list(await self.ctx.session.scalars(statement))

    async def re_engage(self, from_user_id: UUID, to_user_id: UUID, ids: Collection[UUID]) -> None:
        """The time that one gave is given by the other; who gave it already gives it once."""
        session, own = self.ctx.session, Engagement.organization_id == self.ctx.organization_id
        mine = own, Engagement.appointment_id.in_(list(ids))
        given = select(
            Engagement.organization_id,
            Engagement.appointment_id,
            bindparam("to_user", to_user_id, Uuid()),
            Engagement.starts_at,
            Engagement.ends_at,
            Engagement.hold,
        ).where(*mine, Engagement.party_id == from_user_id)
        names = ["organization_id", "appointment_id", "party_id", "starts_at", "ends_at", "hold"]
        await session.execute(upsert(Engagement).from_select(names, given).on_conflict_do_nothing())
        await session.execute(delete(Engagement).where(*mine, Engagement.party_id == from_user_id))

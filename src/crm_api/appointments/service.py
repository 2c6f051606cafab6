from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from pydantic import MISSING

from crm_api.appointments.booking import Booking
from crm_api.appointments.errors import (
    AppointmentSettled,
    NotYourAppointment,
    UnknownOrganizer,
    UnknownResource,
)
from crm_api.appointments.events import AppointmentConfirmed, AppointmentProposed
from crm_api.appointments.models import (
    APPOINTMENT,
    LIVE,
    Appointment,
    AppointmentStatus,
    AppointmentType,
    AttendeeResponse,
    PartyKind,
)
from crm_api.appointments.reminding import remind_later
from crm_api.appointments.repository import AppointmentRepository, ResourceRepository
from crm_api.appointments.schemas.appointment import (
    AppointmentCreate,
    AppointmentFilter,
    AppointmentPage,
    AppointmentPatch,
    AppointmentQuery,
    AppointmentRead,
)
from crm_api.appointments.schemas.words import Invitee
from crm_api.appointments.telling import Telling
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.objects import require_object
from crm_api.core.principal import DataScope
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import Deleted, NotFound, ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.users.models import UserStatus
from crm_api.users.service import UserService

OF_OTHERS = "interactions:write"
"""Who works with customers changes the appointments of colleagues too; the others only their own (C-3)."""
NEEDS_PLACE = frozenset({AppointmentType.HOME_VISIT, AppointmentType.EXPERT_VISIT})


class AppointmentService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.appointments = AppointmentRepository(ctx)
        self.booking = Booking(ctx)

    # --- reads

    async def page(self, query: AppointmentQuery) -> Json[AppointmentPage]:
        return await self.appointments.page(query, AppointmentPage)

    async def count(self, query: AppointmentFilter) -> Count:
        return await self.appointments.count(query)

    async def get(self, appointment_id: UUID) -> Json[AppointmentRead]:
        return await self.appointments.get(appointment_id)

    # --- writes

    async def create(self, data: AppointmentCreate) -> Json[AppointmentRead]:
        """Proposed, and confirmed at once unless told otherwise."""
        organizer_id = data.organizer_id or self.ctx.principal.id
        home = await self._agency_of(organizer_id)
        if organizer_id != self.ctx.principal.id:
            self._refuse_for_others(home)
        appointment = await self.enter(data, organizer_id, data.agency_id or home)
        return await self.appointments.get(appointment.id)

    async def enter(
        self,
        data: AppointmentCreate,
        organizer_id: UUID,
        agency_id: UUID | None,
        *,
        ics_uid: str | None = None,
        quietly: bool = False,
    ) -> Appointment:
        """For whoever decided already that it may be: upper floors, imports. `quietly`: nobody is told."""
        await self._refuse_unknown(data, data.attendees)
        if data.type is AppointmentType.AGENCY and agency_id is None:
            raise ValidationFailed.at("/agency_id", "agency_required", "An agency visit needs its agency.")
        id = new_id()
        appointment = Appointment(
            id=id,
            **{name: getattr(data, name) for name in _AS_GIVEN},
            status=AppointmentStatus.PROPOSED,
            owner_user_id=organizer_id,
            agency_id=agency_id,
            attendees=_invited(data.attendees),
            attendee_user_ids=_colleagues(data.attendees),
            ics_uid=ics_uid or f"{id}@crm",
        )
        await self.book(appointment, confirm=data.confirm, force=data.force, quietly=quietly)
        return appointment

    async def book(
        self, appointment: Appointment, *, confirm: bool, force: bool, quietly: bool = False
    ) -> None:
        """A new appointment takes its place, in the state asked for."""
        if confirm:
            APPOINTMENT.check(appointment.status, AppointmentStatus.CONFIRMED)
            appointment.status, appointment.confirmed_at = AppointmentStatus.CONFIRMED, now()
        await self.appointments.save(appointment)
        await self.booking.hold(appointment, force=force)
        organizer_id = appointment.owner_user_id
        assert organizer_id is not None  # noqa: S101 - a CHECK says so
        fact = AppointmentConfirmed if confirm else AppointmentProposed
        await publish(self.ctx, fact(appointment.id, organizer_id, appointment.starts_at))
        if not quietly:
            await Telling(self.ctx).invited(appointment)
        if confirm:
            await remind_later(self.ctx, appointment)

    async def update(
        self, appointment_id: UUID, data: AppointmentPatch, version: int
    ) -> Json[AppointmentRead]:
        appointment = await self.changeable(appointment_id, version)
        if appointment.status not in LIVE:
            raise AppointmentSettled(allowed=[])
        given = {name: value for name, value in data if value is not MISSING and name != "force"}
        _refuse_nowhere(appointment, given)
        await self._refuse_unknown(data, given.get("attendees") or ())
        if "attendees" in given:
            invited = given.pop("attendees")
            appointment.attendees = _invited(invited, appointment.attendees)
            appointment.attendee_user_ids = _colleagues(invited)
        engages = data.attendees is not MISSING or "resource_id" in given
        for name, value in given.items():
            setattr(appointment, name, value)
        await self.appointments.save(appointment)
        if engages:
            await self.booking.hold(appointment, force=data.force)
        if "reminder_offsets" in given and appointment.status is AppointmentStatus.CONFIRMED:
            await remind_later(self.ctx, appointment)
        return await self.appointments.get(appointment_id)

    async def delete(self, appointment_id: UUID, version: int) -> None:
        """To the bin; it takes nobody's time there."""
        appointment = await self.changeable(appointment_id, version)
        await self.booking.release(appointment)
        appointment.deleted_at, appointment.deleted_by_id = now(), self.ctx.principal.id
        await self.appointments.save(appointment)

    async def restore(self, appointment_id: UUID) -> Json[AppointmentRead]:
        """Out of the bin, if its time is still free."""
        self.ctx.begin()
        await self.appointments.restore(appointment_id)
        appointment = await self.appointments.load(appointment_id)
        if appointment.status in LIVE:
            await self.booking.hold(appointment, force=False)
        return await self.appointments.get(appointment_id)

    # --- what the steps share

    async def changeable(self, appointment_id: UUID, version: int) -> Appointment:
        """Locked. Raises NotFound, Deleted, NotYourAppointment, VersionConflict."""
        appointment = await self.appointments.load(appointment_id)
        if appointment.deleted_at is not None:
            raise Deleted(id=str(appointment_id))
        if self.ctx.principal.id not in (appointment.owner_user_id, appointment.created_by_id):
            self._refuse_for_others(appointment.agency_id)
        if version not in (appointment.version, ANY_VERSION):
            raise VersionConflict(current_version=appointment.version)
        return appointment

    def _refuse_for_others(self, agency_id: UUID | None) -> None:
        principal = self.ctx.principal
        if principal.kind == "system":
            return
        near = principal.data_scope is DataScope.ALL or agency_id in principal.agency_ids
        if OF_OTHERS not in principal.scopes or not near or principal.data_scope is DataScope.OWN:
            raise NotYourAppointment

    async def _agency_of(self, organizer_id: UUID) -> UUID | None:
        try:
            organizer = (await UserService(self.ctx).get(organizer_id)).value
        except NotFound as unknown:
            raise UnknownOrganizer from unknown
        if organizer.status is not UserStatus.ACTIVE:
            raise UnknownOrganizer
        return organizer.agency_id

    async def _refuse_unknown(
        self, data: AppointmentCreate | AppointmentPatch, invitees: Collection[Invitee]
    ) -> None:
        named = {"contact": data.contact_id, "account": data.account_id}
        if isinstance(data, AppointmentCreate) and data.object_type and data.object_id:
            named[data.object_type] = data.object_id
        for kind, id in named.items():
            if isinstance(id, UUID):
                await require_object(self.ctx, kind, id)
        if isinstance(data.resource_id, UUID):
            resource = await ResourceRepository(self.ctx).find(id=data.resource_id)
            if resource is None or not resource.value.is_active:
                raise UnknownResource
        if colleagues := _colleagues(invitees):
            await UserService(self.ctx).refuse_unknown(colleagues, "/attendees")
        for one in invitees:
            if one.kind is PartyKind.CONTACT:
                await require_object(self.ctx, "contact", one.id)


_AS_GIVEN = (
    "title",
    "type",
    "starts_at",
    "ends_at",
    "location",
    "video_url",
    "resource_id",
    "contact_id",
    "account_id",
    "object_type",
    "object_id",
    "reminder_offsets",
)


def _invited(
    invitees: Collection[Invitee], before: Collection[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """As they are kept; who was invited before keeps their answer."""
    answers = {(one["kind"], str(one["id"])): one["response"] for one in before}
    return [
        {
            "kind": str(one.kind),
            "id": str(one.id),
            "response": answers.get((one.kind, str(one.id)), AttendeeResponse.PENDING.value),
        }
        for one in invitees
    ]


def _colleagues(invitees: Collection[Invitee]) -> list[UUID]:
    return [one.id for one in invitees if one.kind is PartyKind.USER]


def _refuse_nowhere(appointment: Appointment, given: Mapping[str, Any]) -> None:
    """A visit keeps a place, a video meeting its address."""
    if appointment.type in NEEDS_PLACE and not given.get("location", appointment.location):
        raise ValidationFailed.at("/location", "location_required", "A visit needs a location.")
    if appointment.type is AppointmentType.VIDEO and not given.get("video_url", appointment.video_url):
        raise ValidationFailed.at("/video_url", "video_url_required", "A video meeting needs its video_url.")

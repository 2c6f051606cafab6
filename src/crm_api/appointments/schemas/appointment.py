"""An appointment as it is asked for and shown, and the lists of them."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.appointments.models import (
    LONGEST,
    SHORTEST,
    Appointment,
    AppointmentStatus,
    AppointmentType,
    AttendeeResponse,
)
from crm_api.appointments.schemas.filters import engaging
from crm_api.appointments.schemas.words import (
    Attendee,
    CancelReason,
    IcsUid,
    Invitees,
    Location,
    Offsets,
    Title,
    VideoUrl,
    When,
)
from crm_api.core.objects import ObjectType
from crm_api.kit.listing import Bin, ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.schemas import Input, Moment, Output, Timestamp

Force = Annotated[bool, Field(examples=[False])]


def _of_bearable_length(starts_at: datetime, ends_at: datetime) -> None:
    if not SHORTEST <= ends_at - starts_at <= LONGEST:
        raise PydanticCustomError("duration", "It lasts between 15 minutes and 8 hours")


class Timed(Input):
    """When."""

    starts_at: When
    """When it begins."""
    ends_at: When
    """When it ends: 15 minutes to 8 hours later."""

    @model_validator(mode="after")
    def _bearable(self) -> "Timed":
        _of_bearable_length(self.starts_at, self.ends_at)
        return self


class AppointmentCreate(Timed):
    """An appointment to make."""

    title: Title
    """What it is about."""
    type: AppointmentType
    """Where it happens: in the agency, at the customer's, with an expert, by telephone or by video."""
    organizer_id: UUID | None = None
    """Who holds it; yourself when left out."""
    agency_id: UUID | None = None
    """The agency whose appointment it is; the organizer's when left out."""
    location: Location | None = None
    """Where; a visit needs one."""
    video_url: VideoUrl | None = None
    """Where to meet on line; a video meeting needs one."""
    resource_id: UUID | None = None
    """A room or a car that it takes."""
    contact_id: UUID | None = None
    """The customer it is with."""
    account_id: UUID | None = None
    """The account it is for."""
    attendees: Invitees = []
    """Who else is to be there."""
    object_type: ObjectType | None = None
    """What it is about: the kind of object."""
    object_id: UUID | None = None
    """What it is about: the object."""
    reminder_offsets: Offsets = [1440, 60]
    """Minutes before it begins when those attending are reminded."""
    confirm: Annotated[bool, Field(examples=[True])] = True
    """false: only proposed; it takes nobody's time until it is confirmed."""
    force: Force = False
    """true: book though somebody or something is taken, or the agency is full."""

    @model_validator(mode="after")
    def _whole(self) -> "AppointmentCreate":
        if (self.object_type is None) != (self.object_id is None):
            raise PydanticCustomError("half_an_object", "Give object_type and object_id together")
        if self.type in (AppointmentType.HOME_VISIT, AppointmentType.EXPERT_VISIT) and not self.location:
            raise PydanticCustomError("location_required", "A visit needs a location")
        if self.type is AppointmentType.VIDEO and not self.video_url:
            raise PydanticCustomError("video_url_required", "A video meeting needs its video_url")
        return self


class AppointmentPatch(Input):
    """What to change; the time changes by `reschedule`, the state by the actions."""

    title: Title | MISSING = MISSING
    """What it is about."""
    location: Location | None | MISSING = MISSING
    """Where."""
    video_url: VideoUrl | None | MISSING = MISSING
    """Where to meet on line."""
    resource_id: UUID | None | MISSING = MISSING
    """A room or a car that it takes."""
    contact_id: UUID | None | MISSING = MISSING
    """The customer it is with."""
    account_id: UUID | None | MISSING = MISSING
    """The account it is for."""
    attendees: Invitees | MISSING = MISSING
    """Who else is to be there; who stays keeps their answer."""
    reminder_offsets: Offsets | MISSING = MISSING
    """Minutes before it begins when those attending are reminded."""
    force: Force = False
    """true: book though somebody or something new is taken."""


class AppointmentRead(Output):
    """An appointment."""

    id: UUID
    """Identifier."""
    title: Title
    """What it is about."""
    type: AppointmentType
    """Where it happens."""
    status: AppointmentStatus
    """How far it has come."""
    starts_at: Timestamp
    """When it begins."""
    ends_at: Timestamp
    """When it ends."""
    organizer_id: UUID
    """Who holds it."""
    agency_id: UUID | None
    """The agency whose appointment it is."""
    location: Location | None
    """Where."""
    video_url: VideoUrl | None
    """Where to meet on line."""
    resource_id: UUID | None
    """The room or the car that it takes."""
    contact_id: UUID | None
    """The customer it is with."""
    account_id: UUID | None
    """The account it is for."""
    attendees: list[Attendee] = Field(max_length=50)
    """Who else is to be there, and what they answered."""
    object_type: str | None = Field(max_length=40, examples=["lead"])
    """What it is about: the kind of object."""
    object_id: UUID | None
    """What it is about: the object."""
    reminder_offsets: Offsets
    """Minutes before it begins when those attending are reminded."""
    no_show: bool = Field(examples=[False])
    """Whether the customer did not come."""
    cancel_reason: CancelReason | None
    """Why it was cancelled."""
    previous_id: UUID | None
    """The appointment that this one replaces."""
    ics_uid: IcsUid
    """What it is called in calendars (iCalendar UID)."""
    confirmed_at: Timestamp | None
    """When it was confirmed."""
    ended_at: Timestamp | None
    """When it was marked as done, missed, cancelled or put off."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""
    updated_at: Timestamp
    """When it last changed."""
    created_by_id: UUID | None
    """Who made it."""
    deleted_at: Timestamp | None
    """When it went to the bin."""


class AppointmentPage(Page[AppointmentRead]):
    """One page of appointments."""


class AppointmentFilter(ListQuery):
    """What lists and counts of appointments are filtered by."""

    sortable: ClassVar = {"starts_at": Appointment.starts_at}

    sort: Literal["starts_at", "-starts_at"] = "starts_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[AppointmentStatus] | None, one_of(Appointment.status)] = Field(
        default=None, max_length=6
    )
    """One or several states (repeat the parameter)."""
    type: Annotated[list[AppointmentType] | None, one_of(Appointment.type)] = Field(
        default=None, max_length=5
    )
    """One or several types."""
    user_id: Annotated[UUID | None, engaging] = None
    """Those that somebody holds or attends."""
    organizer_id: Annotated[list[UUID] | None, one_of(Appointment.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Those that one or several colleagues hold."""
    agency_id: Annotated[list[UUID] | None, one_of(Appointment.agency_id)] = Field(
        default=None, max_length=50
    )
    """Those of one or several agencies."""
    resource_id: Annotated[UUID | None, equals(Appointment.resource_id)] = None
    """Those that take a room or a thing."""
    contact_id: Annotated[UUID | None, equals(Appointment.contact_id)] = None
    """Those with a customer."""
    account_id: Annotated[UUID | None, equals(Appointment.account_id)] = None
    """Those for an account."""
    object_type: Annotated[ObjectType | None, equals(Appointment.object_type)] = None
    """Those about this kind of object."""
    object_id: Annotated[UUID | None, equals(Appointment.object_id)] = None
    """Those about this object."""
    previous_id: Annotated[UUID | None, equals(Appointment.previous_id)] = None
    """The one that replaced this appointment."""
    starts_at_gte: Annotated[Moment | None, at_least(Appointment.starts_at)] = None
    """Beginning at this moment or later."""
    starts_at_lt: Annotated[Moment | None, below(Appointment.starts_at)] = None
    """Beginning before this moment."""


class AppointmentQuery(AppointmentFilter):
    """Which appointments."""

    deleted: Bin = "without"
    """`only` shows the bin, `with` both."""


class Confirmation(Input):
    """How firmly."""

    force: Force = False
    """true: confirm though somebody or something is taken, or the agency is full."""


class Cancellation(Input):
    """Why."""

    reason: CancelReason
    """Said to those attending."""


class Rescheduling(Timed):
    """The new time."""

    location: Location | None = None
    """Where, when that changes too."""
    force: Force = False
    """true: book though somebody or something is taken, or the agency is full."""


class Answer(Input):
    """Whether you come."""

    response: AttendeeResponse
    """yes, no or maybe; `no` leaves you free."""
    force: Force = False
    """true: though you are taken at that time."""

    @model_validator(mode="after")
    def _said(self) -> "Answer":
        if self.response is AttendeeResponse.PENDING:
            raise PydanticCustomError("no_answer", "Answer yes, no or maybe")
        return self

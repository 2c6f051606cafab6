"""Rooms and things, the capacity of agencies, and the address of one's calendar."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.appointments.models import AppointmentCapacity, AppointmentResource, AppointmentType
from crm_api.appointments.schemas.words import ResourceCode, ResourceName, Seats
from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.schemas import Input, Output, Secret, Timestamp


class ResourceCreate(Input):
    """A room or a thing that can be booked."""

    code: ResourceCode
    """Short code; unique."""
    name: ResourceName
    """What it is."""
    agency_id: UUID | None = None
    """Where it is."""
    is_active: bool = True
    """false: it cannot be booked."""


class ResourcePatch(Input):
    """What to change; what is left out stays."""

    name: ResourceName | MISSING = MISSING
    """What it is."""
    agency_id: UUID | None | MISSING = MISSING
    """Where it is."""
    is_active: bool | MISSING = MISSING
    """false: it cannot be booked any more; what is booked stays."""


class ResourceRead(Output):
    """A room or a thing that can be booked."""

    id: UUID
    """Identifier."""
    code: ResourceCode
    """Short code."""
    name: ResourceName
    """What it is."""
    agency_id: UUID | None
    """Where it is."""
    is_active: bool
    """Whether it can be booked."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was recorded."""
    updated_at: Timestamp
    """When it last changed."""


class ResourcePage(Page[ResourceRead]):
    """One page of rooms and things."""


class ResourceQuery(ListQuery):
    """Which rooms and things."""

    sortable: ClassVar = {"code": AppointmentResource.code}

    sort: Literal["code", "-code"] = "code"
    """Sort key; a leading `-` means descending."""
    agency_id: Annotated[UUID | None, equals(AppointmentResource.agency_id)] = None
    """Those of an agency."""
    is_active: Annotated[bool | None, equals(AppointmentResource.is_active)] = None
    """Whether they can be booked."""


class CapacityCreate(Input):
    """How many appointments an agency takes at once."""

    agency_id: UUID
    """The agency."""
    type: AppointmentType
    """The type of appointment."""
    seats: Seats
    """How many at once; 0 closes the agency to this type."""


class CapacityPatch(Input):
    """What to change."""

    seats: Seats | MISSING = MISSING
    """How many at once; 0 closes the agency to this type. What is booked stays."""


class CapacityRead(Output):
    """How many appointments of a type an agency takes at once."""

    id: UUID
    """Identifier."""
    agency_id: UUID
    """The agency."""
    type: AppointmentType
    """The type of appointment."""
    seats: Seats
    """How many at once."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was recorded."""
    updated_at: Timestamp
    """When it last changed."""


class CapacityPage(Page[CapacityRead]):
    """One page of capacities."""


class CapacityQuery(ListQuery):
    """Which capacities."""

    sortable: ClassVar = {"created_at": AppointmentCapacity.created_at}

    sort: Literal["created_at", "-created_at"] = "created_at"
    """Sort key; a leading `-` means descending."""
    agency_id: Annotated[list[UUID] | None, one_of(AppointmentCapacity.agency_id)] = Field(
        default=None, max_length=50
    )
    """Those of one or several agencies."""
    type: Annotated[list[AppointmentType] | None, one_of(AppointmentCapacity.type)] = Field(
        default=None, max_length=5
    )
    """Those for one or several types."""


class FeedRead(Output):
    """Whether your calendar can be read from outside."""

    is_open: bool = Field(examples=[True])
    """Whether there is an address."""
    rotated_at: Timestamp | None
    """When the present address was given out."""


class FeedSecret(Secret):
    """The address of your calendar, shown this once."""

    url: str = Field(max_length=500, examples=["https://crm.example.com/v1/public/calendars/feed_x/a.ics"])
    """Give it to your telephone or calendar program; whoever has it reads your appointments."""
    rotated_at: Timestamp
    """From when on; an earlier address no longer works."""

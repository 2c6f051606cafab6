"""What upper floors hear of appointments; ids and public facts only."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class AppointmentProposed(Event):
    kind: ClassVar = "appointment.proposed"

    appointment_id: UUID
    organizer_id: UUID
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class AppointmentConfirmed(Event):
    kind: ClassVar = "appointment.confirmed"

    appointment_id: UUID
    organizer_id: UUID
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class AppointmentCompleted(Event):
    kind: ClassVar = "appointment.completed"

    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class AppointmentMissed(Event):
    kind: ClassVar = "appointment.no_show"

    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class AppointmentCancelled(Event):
    kind: ClassVar = "appointment.cancelled"

    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class AppointmentRescheduled(Event):
    kind: ClassVar = "appointment.rescheduled"

    appointment_id: UUID
    next_id: UUID


@dataclass(frozen=True, slots=True)
class AppointmentAnswered(Event):
    kind: ClassVar = "appointment.answered"

    appointment_id: UUID
    user_id: UUID
    response: str

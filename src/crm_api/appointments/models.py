"""Appointments, and the time of people and things that they take (domain.md B-13)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKeyConstraint, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, Owned, SoftDeleted, at_most
from crm_api.kit.states import machine


class AppointmentStatus(StrEnum):
    """Where an appointment stands: from proposed to done, missed, cancelled or moved to another time."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DONE = "done"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"


APPOINTMENT = machine(
    "appointment",
    "proposed: confirmed cancelled rescheduled \n confirmed: done no_show cancelled rescheduled",
)
LIVE = frozenset({AppointmentStatus.PROPOSED, AppointmentStatus.CONFIRMED})
"""Those that are still to come about."""


class AppointmentType(StrEnum):
    """Where and how an appointment is held."""

    AGENCY = "agency"
    HOME_VISIT = "home_visit"
    EXPERT_VISIT = "expert_visit"
    PHONE = "phone"
    VIDEO = "video"


class PartyKind(StrEnum):
    """Who takes part in an appointment: a colleague (user) or a customer (contact)."""

    USER = "user"
    CONTACT = "contact"


class AttendeeResponse(StrEnum):
    """What an attendee answered to the invitation."""

    PENDING = "pending"
    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class Hold(StrEnum):
    """How firmly an appointment takes somebody's time."""

    FIRM = "firm"
    TENTATIVE = "tentative"
    NONE = "none"
    """It is over, or called off."""


SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=8)
DEFAULT_REMINDERS = (1440, 60)
"""Minutes before it begins: the day before, the hour before."""


class Appointment(Owned, SoftDeleted, Entity):
    """`owner_user_id` is the organizer. A new time is a new appointment, which names the `previous` one."""

    __tablename__ = "appointments"
    label = "appointment"
    personal: ClassVar = frozenset({"title", "location", "video_url", "cancel_reason", "attendees"})
    __table_args__ = (
        Index("uq_appointments_ics_uid", "organization_id", "ics_uid", unique=True),
        Index("ix_appointments_begin", "organization_id", "starts_at", "id"),
        Index("ix_appointments_organizer", "organization_id", "owner_user_id", "starts_at", "id"),
        Index("ix_appointments_agency", "organization_id", "agency_id", "starts_at", "id"),
        Index("ix_appointments_object", "organization_id", "object_type", "object_id", "starts_at", "id"),
        *(
            Index(
                f"ix_appointments_{key}",
                "organization_id",
                f"{key}_id",
                "starts_at",
                "id",
                postgresql_where=text(f"{key}_id IS NOT NULL"),
            )
            for key in ("contact", "account", "resource", "previous")
        ),
        *(
            ForeignKeyConstraint(
                ["organization_id", column],
                [f"{table}.organization_id", f"{table}.id"],
                name=f"fk_appointments_{name}",
            )
            for name, column, table in (
                ("organizer", "owner_user_id", "users"),
                ("agency", "agency_id", "agencies"),
                ("contact", "contact_id", "contacts"),
                ("account", "account_id", "accounts"),
                ("resource", "resource_id", "appointment_resources"),
                ("previous", "previous_id", "appointments"),
            )
        ),
        CheckConstraint(
            "ends_at - starts_at BETWEEN interval '15 minutes' AND interval '8 hours'", name="duration"
        ),
        CheckConstraint("owner_user_id IS NOT NULL", name="organized"),
        CheckConstraint("(object_type IS NULL) = (object_id IS NULL)", name="whole_object"),
        CheckConstraint(
            "(status = 'cancelled') = (cancel_reason IS NOT NULL)", name="cancelled_for_a_reason"
        ),
        CheckConstraint("type <> 'agency' OR agency_id IS NOT NULL", name="agency_named"),
        CheckConstraint("cardinality(reminder_offsets) <= 5", name="few_reminders"),
        at_most("title", 160),
        at_most("location", 200),
        at_most("cancel_reason", 200),
        at_most("ics_uid", 80),
    )

    title: Mapped[str]
    type: Mapped[AppointmentType]
    status: Mapped[AppointmentStatus] = mapped_column(default=AppointmentStatus.PROPOSED)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    location: Mapped[str | None]
    video_url: Mapped[str | None]
    resource_id: Mapped[UUID | None]
    contact_id: Mapped[UUID | None]
    account_id: Mapped[UUID | None]
    attendees: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """[{kind, id, response}]."""
    attendee_user_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"), default=list)
    """The colleagues among them: whoever attends sees the appointment."""
    object_type: Mapped[str | None]
    object_id: Mapped[UUID | None]
    reminder_offsets: Mapped[list[int]] = mapped_column(ARRAY(Integer()), server_default=text("'{1440,60}'"))
    cancel_reason: Mapped[str | None]
    previous_id: Mapped[UUID | None]
    ics_uid: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was marked as done, missed, cancelled or put off."""


class Engagement(Ledger):
    """The time of one colleague, or of one thing, that an appointment takes: kept beside it, for searching.

    Who has declined has none.
    """

    __tablename__ = "appointment_engagements"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "appointment_id"],
            ["appointments.organization_id", "appointments.id"],
            ondelete="CASCADE",
        ),
        # Everything that a question about somebody's time needs, so that the index alone answers it.
        Index(
            "ix_appointment_engagements_party",
            "organization_id",
            "party_id",
            "starts_at",
            postgresql_include=["ends_at", "hold", "appointment_id"],
        ),
    )

    appointment_id: Mapped[UUID] = mapped_column(primary_key=True)
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    hold: Mapped[Hold]


class AppointmentResource(Entity):
    """A thing that only one appointment at a time can have: a meeting room, a car."""

    __tablename__ = "appointment_resources"
    label = "appointment_resource"
    __table_args__ = (
        Index("uq_appointment_resources_code", "organization_id", "code", unique=True),
        ForeignKeyConstraint(
            ["organization_id", "agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_appointment_resources_agency",
        ),
        at_most("code", 40),
        at_most("name", 80),
    )

    code: Mapped[str]
    name: Mapped[str]
    agency_id: Mapped[UUID | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class AppointmentCapacity(Entity):
    """How many appointments of a type an agency takes at once; without a row, any number."""

    __tablename__ = "appointment_capacities"
    label = "appointment_capacity"
    __table_args__ = (
        Index("uq_appointment_capacities_type", "organization_id", "agency_id", "type", unique=True),
        ForeignKeyConstraint(
            ["organization_id", "agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_appointment_capacities_agency",
        ),
        CheckConstraint("seats BETWEEN 0 AND 500", name="seats_range"),
    )

    agency_id: Mapped[UUID]
    type: Mapped[AppointmentType]
    seats: Mapped[int]


class CalendarFeed(Entity):
    """The address under which a user's telephone reads their appointments; one a user, and only its hash."""

    __tablename__ = "calendar_feeds"
    label = "calendar_feed"
    private: ClassVar = frozenset({"secret_digest"})
    __table_args__ = (
        Index("uq_calendar_feeds_user", "organization_id", "user_id", unique=True),
        Index("uq_calendar_feeds_secret", "organization_id", "secret_digest", unique=True),
        ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["users.organization_id", "users.id"],
            name="fk_calendar_feeds_user",
        ),
    )

    user_id: Mapped[UUID]
    secret_digest: Mapped[str]
    rotated_at: Mapped[datetime]

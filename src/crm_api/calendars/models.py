"""When an organization works: calendars of opening hours, and the days with others (domain.md B-32)."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most
from crm_api.kit.states import machine


class CalendarStatus(StrEnum):
    """Whether a calendar is in use, or retired."""

    ACTIVE = "active"
    RETIRED = "retired"


class ExceptionSource(StrEnum):
    """Who put an exception into a calendar: the public holidays of the year, or a person."""

    HOLIDAYS = "holidays"
    MANUAL = "manual"


CALENDAR = machine("calendar", "active: retired \n retired: active")


class BusinessCalendar(Entity):
    """Weekly hours, and seasons with other ones. Never deleted: retired."""

    __tablename__ = "business_calendars"
    label = "calendar"
    __table_args__ = (
        Index("uq_business_calendars_code", "organization_id", "code", unique=True),
        Index(
            "uq_business_calendars_default",
            "organization_id",
            unique=True,
            postgresql_where=text("is_default"),
        ),
        at_most("code", 40),
        at_most("name", 80),
    )

    code: Mapped[str]
    name: Mapped[str]
    timezone: Mapped[str]
    weekly_hours: Mapped[list[dict[str, Any]]]
    seasons: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    observes_holidays: Mapped[bool] = mapped_column(default=True)
    """Whether the exceptions of every calendar are its own too."""
    is_default: Mapped[bool] = mapped_column(default=False)
    """Rules every agency that has none."""
    status: Mapped[CalendarStatus] = mapped_column(default=CalendarStatus.ACTIVE)


class CalendarException(Entity):
    """A day with other hours, or none: in one calendar, or (none named) in all that observe holidays."""

    __tablename__ = "calendar_exceptions"
    label = "calendar_exception"
    __table_args__ = (
        Index(
            "uq_calendar_exceptions_day",
            "organization_id",
            "calendar_id",
            "day",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_calendar_exceptions_day", "organization_id", "day", "id"),
        ForeignKeyConstraint(
            ["organization_id", "calendar_id"],
            ["business_calendars.organization_id", "business_calendars.id"],
        ),
        at_most("name", 80),
    )

    calendar_id: Mapped[UUID | None]
    day: Mapped[date]
    hours: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """[{"opens": "09:00", "closes": "12:00"}]; none: closed."""
    name: Mapped[str]
    tentative: Mapped[bool] = mapped_column(default=False)
    source: Mapped[ExceptionSource] = mapped_column(default=ExceptionSource.MANUAL)

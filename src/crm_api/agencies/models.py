"""The distribution network: regions, and the agencies that sell and serve in them (domain.md B-2)."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most, folded
from crm_api.kit.states import machine


class AgencyType(StrEnum):
    """What kind of point of sale an agency is, and so how it stands to the insurer."""

    DIRECT_AGENCY = "direct_agency"
    MAIN_AGENCY = "main_agency"
    GENERAL_AGENT = "general_agent"
    BROKER = "broker"
    BANCASSURANCE = "bancassurance"
    ONLINE = "online"
    CALL_CENTRE = "call_centre"
    HEAD_OFFICE = "head_office"


class AgencyStatus(StrEnum):
    """Whether an agency works, is suspended, or is closed."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


AGENCY = machine("agency", "active: suspended closed \n suspended: active closed")
INTERMEDIARIES = frozenset({AgencyType.GENERAL_AGENT, AgencyType.BROKER})
"""They sell under a mandate: a licence number is required."""
DEEPEST = 3
"""Levels of the tree of agencies."""


def _led_by(column: str, name: str) -> ForeignKeyConstraint:
    """Users work in agencies, and lead them: one of the two tables must be there first."""
    return ForeignKeyConstraint(
        ["organization_id", column], ["users.organization_id", "users.id"], name=name, use_alter=True
    )


class Region(Entity):
    """A regional directorate (direction régionale)."""

    __tablename__ = "regions"
    label = "region"
    __table_args__ = (
        Index("uq_regions_code", "organization_id", "code", unique=True),
        _led_by("director_user_id", "fk_regions_director"),
        at_most("code", 8),
        at_most("name", 80),
    )

    code: Mapped[str]
    name: Mapped[str]
    director_user_id: Mapped[UUID | None]
    office_address: Mapped[str | None]


class Agency(Entity):
    """A point of sale. Never deleted: closed, its work handed to another agency."""

    __tablename__ = "agencies"
    label = "agency"
    __table_args__ = (
        Index("uq_agencies_code", "organization_id", "code", unique=True),
        Index("ix_agencies_name", "organization_id", "name_folded", "id"),
        Index("ix_agencies_region", "organization_id", "region_id"),
        Index("ix_agencies_parent", "organization_id", "parent_agency_id"),
        ForeignKeyConstraint(["organization_id", "region_id"], ["regions.organization_id", "regions.id"]),
        ForeignKeyConstraint(
            ["organization_id", "parent_agency_id"], ["agencies.organization_id", "agencies.id"]
        ),
        ForeignKeyConstraint(
            ["organization_id", "transferred_to_id"], ["agencies.organization_id", "agencies.id"]
        ),
        ForeignKeyConstraint(
            ["organization_id", "opening_calendar_id"],
            ["business_calendars.organization_id", "business_calendars.id"],
            name="fk_agencies_calendar",
        ),
        _led_by("manager_user_id", "fk_agencies_manager"),
        CheckConstraint("code ~ '^[A-Z0-9]{3,8}$'", name="code_form"),
        CheckConstraint("parent_agency_id <> id", name="not_its_own_parent"),
        CheckConstraint("mandate_end >= mandate_start", name="mandate_order"),
        at_most("name", 120),
    )

    code: Mapped[str]
    name: Mapped[str]
    name_folded: Mapped[str] = folded("name")
    type: Mapped[AgencyType]
    status: Mapped[AgencyStatus] = mapped_column(default=AgencyStatus.ACTIVE)
    region_id: Mapped[UUID]
    parent_agency_id: Mapped[UUID | None]
    intermediary_license_number: Mapped[str | None]
    mandate_start: Mapped[date | None]
    mandate_end: Mapped[date | None]
    address: Mapped[str | None]
    wilaya_code: Mapped[str]
    commune_code: Mapped[str | None]
    geo_point: Mapped[dict[str, Any] | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    opening_calendar_id: Mapped[UUID | None]
    manager_user_id: Mapped[UUID | None]
    commission_scheme_code: Mapped[str | None]
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    transferred_to_id: Mapped[UUID | None]

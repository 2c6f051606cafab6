"""What the repository asks the database, once per shape: parameters, never values."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)

from crm_api.appointments.models import (
    LIVE,
    Appointment,
    AppointmentCapacity,
    AppointmentStatus,
    Engagement,
    Hold,
)
from crm_api.core.plain import table_of
from crm_api.core.principal import Principal
from crm_api.core.visibility import variant_of, visible_rows

SEEING_OTHERS = frozenset({"interactions:write", "leads:assign"})
"""Who works with customers or leads those who do sees the appointments of colleagues, as far as their data
scope goes. The others see their own (domain.md C-3)."""
MOST_IN_A_CALENDAR = 2000


def variant(principal: Principal) -> str:
    sees = principal.kind == "system" or SEEING_OTHERS & principal.scopes
    return variant_of(principal) if sees else "own"


def in_sight(kind: Any) -> list[ColumnElement[bool]]:
    """Owned rows, and those that this principal attends."""
    table = table_of(Appointment)
    if kind == "all":
        return []
    me = bindparam("actor_id", type_=Uuid())
    return [or_(*visible_rows(table, kind), me == any_(table.c.attendee_user_ids))]


def in_one_of(*states: AppointmentStatus) -> ColumnElement[bool]:
    return or_(*(table_of(Appointment).c.status == state for state in states))


def entry() -> tuple[ColumnElement[Any], ...]:
    columns = table_of(Appointment).c
    names = "ics_uid", "title", "starts_at", "ends_at", "status", "location", "video_url", "version"
    return (*(columns[name] for name in names), columns.updated_at)


def of_user() -> Select[Any]:
    """Each branch starts from an index of its own; an OR of the two would start from none."""
    table, engaged = table_of(Appointment), Engagement.__table__
    own = table.c.organization_id == bindparam("organization_id")
    times = (
        table.c.starts_at >= bindparam("earliest", type_=table.c.starts_at.type),
        table.c.starts_at < bindparam("latest", type_=table.c.starts_at.type),
    )
    user = bindparam("user", type_=Uuid())
    live = table.c.deleted_at.is_(None), in_one_of(*sorted(LIVE), AppointmentStatus.DONE)
    held = select(table.c.id).where(own, table.c.owner_user_id == user, *times, *live)
    attended = select(engaged.c.appointment_id).where(
        engaged.c.organization_id == bindparam("organization_id"),
        engaged.c.party_id == user,
        engaged.c.starts_at >= bindparam("earliest", type_=table.c.starts_at.type),
        engaged.c.starts_at < bindparam("latest", type_=table.c.starts_at.type),
    )
    ids = union_all(held, attended).subquery()
    return (
        select(*entry())
        .where(own, table.c.id.in_(select(ids.c[0])), *live)
        .order_by(table.c.starts_at, table.c.id)
        .limit(literal_column(str(MOST_IN_A_CALENDAR), Integer()))
    )


def taken(kind: Any, firmly: bool) -> Select[Any]:
    engaged, table = Engagement.__table__, table_of(Appointment)
    seen = and_(true(), *in_sight(kind))
    moment = engaged.c.starts_at.type
    conditions = [
        engaged.c.organization_id == bindparam("organization_id"),
        engaged.c.party_id == any_(bindparam("parties", type_=ARRAY(Uuid()))),
        engaged.c.starts_at > bindparam("earliest", type_=moment),
        engaged.c.starts_at < bindparam("ends", type_=moment),
        engaged.c.ends_at > bindparam("starts", type_=moment),
        engaged.c.appointment_id.is_distinct_from(bindparam("but", type_=Uuid())),
    ]
    conditions.append(engaged.c.hold == Hold.FIRM if firmly else engaged.c.hold != Hold.NONE)
    same = (
        table.c.organization_id == engaged.c.organization_id,
        table.c.id == engaged.c.appointment_id,
    )
    return (
        select(
            engaged.c.party_id,
            engaged.c.starts_at,
            engaged.c.ends_at,
            engaged.c.hold,
            case((seen, table.c.id), else_=null()),
            case((seen, table.c.title), else_=null()),
        )
        .join_from(engaged, table, and_(*same))
        .where(*conditions)
        .order_by(engaged.c.party_id, engaged.c.starts_at, engaged.c.appointment_id)
    )


def agency_times() -> Select[Any]:
    """One row at least where a capacity is recorded."""
    table, capacity = table_of(Appointment), table_of(AppointmentCapacity)
    moment = table.c.starts_at.type
    agency, kind = bindparam("agency", type_=Uuid()), bindparam("kind", type_=table.c.type.type)
    overlapping = and_(
        table.c.organization_id == capacity.c.organization_id,
        table.c.agency_id == agency,
        table.c.type == kind,
        table.c.status == AppointmentStatus.CONFIRMED,
        table.c.deleted_at.is_(None),
        table.c.starts_at > bindparam("earliest", type_=moment),
        table.c.starts_at < bindparam("ends", type_=moment),
        table.c.ends_at > bindparam("starts", type_=moment),
        table.c.id.is_distinct_from(bindparam("but", type_=Uuid())),
    )
    return (
        select(capacity.c.seats, table.c.starts_at, table.c.ends_at)
        .outerjoin_from(capacity, table, overlapping)
        .where(
            capacity.c.organization_id == bindparam("organization_id"),
            capacity.c.agency_id == agency,
            capacity.c.type == kind,
        )
    )

"""What stands on the page that a user opens in the morning: one section, one question of an index.

To add one: a function here that selects (id, title, at, is_late, reason, detail) in its order, a line in
`SECTIONS` and a field of `HomeRead`. Each shows what is the user's own: the indexes begin with them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.appointments.models import LONGEST, Appointment, Engagement
from crm_api.kit.clock import ALGIERS
from crm_api.leads.models import Lead
from crm_api.notifications.models import Notification
from crm_api.opportunities.models.opportunity import Opportunity
from crm_api.reminders.models import Reminder
from crm_api.tasks.models import IS_UNFINISHED, Task

MOST = 10
"""Things of one section."""
_ME, _ORGANIZATION = bindparam("actor_id", type_=Uuid()), bindparam("organization_id", type_=Uuid())
_TODAY = bindparam("today", type_=Date())


@dataclass(frozen=True, slots=True)
class Section:
    type: str
    """What its things are."""
    scope: str
    """Who does not hold it has no such section."""
    things: Callable[[], Select[Any]]
    """At most `MOST + 1` of them, the most pressing first."""


def leads_to_call() -> Select[Any]:
    """Who waits for the first call, by when it is due; and who is to be called again by now."""
    mine = Lead.organization_id == _ORGANIZATION, Lead.owner_user_id == _ME, Lead.deleted_at.is_(None)
    due, again = Lead.first_contact_due_at, Lead.nurture_until
    who = {"id": Lead.id, "title": Lead.full_name, "detail": Lead.phone}
    waiting = _things(reason="first_contact", at=due, is_late=due < func.now(), **who)
    waiting = waiting.where(*mine, literal_column("leads.status IN ('new', 'assigned')"))
    resumed = _things(reason="call_again", at=_morning(again), is_late=again < _TODAY, **who)
    resumed = resumed.where(*mine, literal_column("leads.status = 'nurturing'"), again <= _TODAY)
    parts = _first(waiting, due, Lead.id), _first(resumed, again, Lead.id)
    both = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return _first(select(both), both.c.at, both.c.id)


def appointments() -> Select[Any]:
    """Those of today and later in which the user takes part; what has begun stays until it ends."""
    time, begun = Engagement, Engagement.starts_at < func.now()
    kept = Appointment.organization_id == _ORGANIZATION, Appointment.deleted_at.is_(None)
    things = _things(
        reason="appointment",
        id=Appointment.id,
        title=Appointment.title,
        at=time.starts_at,
        is_late=begun,
        detail=Appointment.location,
    ).where(
        time.organization_id == _ORGANIZATION,
        time.party_id == _ME,
        time.starts_at > func.now() - literal_column(f"interval '{LONGEST.total_seconds():.0f} seconds'"),
        time.ends_at > func.now(),
        *kept,
        literal_column("appointments.status IN ('proposed', 'confirmed')"),
        Appointment.id == time.appointment_id,
    )
    return _first(things, time.starts_at, Appointment.id)


def opportunities_to_move() -> Select[Any]:
    """Mine and open: the next step is due by tonight; or nothing has happened for too long."""
    sale = Opportunity
    mine = sale.organization_id == _ORGANIZATION, sale.owner_user_id == _ME, sale.deleted_at.is_(None)
    due, tonight = sale.next_step_at, _tonight()
    what = {"id": sale.id, "title": sale.name, "detail": func.left(sale.next_step, literal_column("200"))}
    step = _things(reason="next_step", at=due, is_late=due < func.now(), **what)
    step = step.where(*mine, literal_column("opportunities.status = 'open'"), due < tonight)
    idle = _things(reason="stagnant", at=sale.stagnant_at, is_late=true(), **what)
    idle = idle.where(*mine, sale.stagnant_at < func.now(), or_(due.is_(None), due >= tonight))
    parts = _first(step, due, sale.id), _first(idle, sale.stagnant_at, sale.id)
    both = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return _first(select(both), both.c.at, both.c.id)


def tasks_today() -> Select[Any]:
    """Assigned to the user, unfinished, due by tonight."""
    things = _things(
        reason="task",
        id=Task.id,
        title=Task.title,
        at=Task.due_at,
        is_late=Task.due_at < func.now(),
        detail=Task.priority,
    ).where(
        Task.organization_id == _ORGANIZATION,
        Task.assignee_user_id == _ME,
        Task.deleted_at.is_(None),
        literal_column(IS_UNFINISHED),
        Task.due_at < _tonight(),
    )
    return _first(things, Task.due_at, Task.id)


def reminders() -> Select[Any]:
    """For the user: fired and not acknowledged, or to come by tonight."""
    things = _things(
        reason="reminder",
        id=Reminder.id,
        title=func.left(Reminder.text, literal_column("200")),
        at=Reminder.remind_at,
        is_late=Reminder.remind_at < func.now(),
        detail=Reminder.kind,
    ).where(
        Reminder.organization_id == _ORGANIZATION,
        Reminder.for_user_id == _ME,
        Reminder.deleted_at.is_(None),
        literal_column("reminders.status IN ('scheduled', 'fired')"),
        Reminder.remind_at < _tonight(),
    )
    return _first(things, Reminder.remind_at, Reminder.id)


def unread() -> Select[Any]:
    """How many notifications, up to a thousand."""
    mine = select(Notification.id).where(
        Notification.organization_id == _ORGANIZATION,
        Notification.recipient_id == _ME,
        Notification.read_at.is_(None),
        Notification.in_app,
    )
    return select(func.count()).select_from(mine.limit(literal_column("1000")).subquery())


def _things(*, id: Any, title: Any, at: Any, is_late: Any, reason: str, detail: Any) -> Select[Any]:
    return select(
        id.label("id"),
        title.label("title"),
        at.label("at"),
        is_late.label("is_late"),
        literal_column(f"'{reason}'", Text()).label("reason"),
        cast(detail, Text).label("detail"),
    )


def _first(things: Select[Any], *order: Any) -> Select[Any]:
    return things.order_by(*order).limit(literal_column(str(MOST + 1)))


def _tonight() -> ColumnElement[Any]:
    return _morning(bindparam("tomorrow", type_=Date()))


def _morning(day: Any) -> ColumnElement[Any]:
    """Midnight where the insurer works."""
    zone = literal_column(f"'{ALGIERS.key}'", Text())
    return func.timezone(zone, cast(day, TIMESTAMP()), type_=TIMESTAMP(timezone=True))


SECTIONS: Mapping[str, Section] = {
    "leads_to_call": Section("lead", "leads:read", leads_to_call),
    "appointments": Section("appointment", "appointments:read", appointments),
    "opportunities_to_move": Section("opportunity", "opportunities:read", opportunities_to_move),
    "tasks_today": Section("task", "tasks:read", tasks_today),
    "reminders": Section("reminder", "reminders:read", reminders),
}
"""Field of `HomeRead` -> what it shows."""

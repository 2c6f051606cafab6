"""Appointments as iCalendar (RFC 5545). Moments go out in UTC: no table of time zones has to travel."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from crm_api.appointments.models import AppointmentStatus
from crm_api.kit.later import later

if TYPE_CHECKING:
    import icalendar
else:
    icalendar = later("icalendar")

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//ASSURA-CRM//appointments//FR"
_STATUS = {
    AppointmentStatus.PROPOSED: "TENTATIVE",
    AppointmentStatus.CANCELLED: "CANCELLED",
    AppointmentStatus.RESCHEDULED: "CANCELLED",
}


class Entry(NamedTuple):
    """What a calendar shows of an appointment."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    status: str
    location: str | None
    video_url: str | None
    version: int
    updated_at: datetime


class Sheet(NamedTuple):
    """A calendar that is written, and what it is told apart by."""

    body: bytes
    etag: str


def written(entries: Iterable[Entry], name: str | None = None) -> Sheet:
    """The same bytes for the same appointments."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval;value=duration", "PT15M")
    for entry in entries:
        calendar.add_component(_event(entry))
    body = calendar.to_ical()
    return Sheet(body, f'"{sha256(body).hexdigest()[:32]}"')


def _event(entry: Entry) -> "icalendar.Event":
    event = icalendar.Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", _in_utc(entry.updated_at))
    event.add("dtstart", _in_utc(entry.starts_at))
    event.add("dtend", _in_utc(entry.ends_at))
    event.add("summary", entry.title)
    event.add("sequence", entry.version - 1)
    event.add("status", _STATUS.get(AppointmentStatus(entry.status), "CONFIRMED"))
    if entry.location:
        event.add("location", entry.location)
    if entry.video_url:
        event.add("url", entry.video_url)
    return event


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)

"""Which way a notification takes: what a user chose, and what nobody can choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_api.notifications.models import MailMode, MailStatus, NotificationKind
from crm_api.users.schemas import NotificationPreferences

K = NotificationKind
LOCKED = frozenset({K.SECURITY})
"""Told in the application and by mail at once, whatever was chosen, at any hour."""
OF_OTHERS = frozenset({K.MENTION, K.ASSIGNMENT, K.APPROVAL_REQUEST, K.DECISION})
"""What somebody did to the recipient: nobody is told what they did themselves."""
Switch = Literal["assignments", "mentions", "deadlines"]
SWITCHES: Mapping[NotificationKind, Switch] = {
    K.MENTION: "mentions",
    **dict.fromkeys((K.ASSIGNMENT, K.APPROVAL_REQUEST, K.DECISION, K.CLAIM_STATUS), "assignments"),
    **dict.fromkeys((K.REMINDER, K.DEADLINE, K.APPOINTMENT, K.SLA_WARNING, K.SLA_BREACH), "deadlines"),
    **dict.fromkeys((K.DUE_PAYMENT, K.RENEWAL, K.DOCUMENT_MISSING), "deadlines"),
}
"""The switch of the user's own sheet that a kind follows until it is chosen by itself."""
QUIET = time(20), time(7)
"""Until the user says otherwise, no mail of ours comes between these, by the clock of the organization."""


@dataclass(frozen=True, slots=True)
class Choice:
    in_app: bool
    email: MailMode


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be told: in which language, which way, and when they sleep."""

    user_id: UUID
    email: str
    language: str
    zone: ZoneInfo
    sheet: NotificationPreferences
    chosen: Mapping[str, Mapping[str, Any]]
    quiet: tuple[time, time] | None

    def choice(self, kind: NotificationKind) -> Choice:
        if kind in LOCKED:
            return Choice(True, MailMode.NOW)
        if (own := self.chosen.get(kind)) is not None:
            return Choice(own["in_app"], MailMode(own["email"]))
        switch = SWITCHES.get(kind)
        if switch is None:  # news of the system: a look at the screen is enough
            return Choice(True, MailMode.DAILY if self.sheet.digests.email else MailMode.NEVER)
        channels = getattr(self.sheet, switch)
        if channels.email:
            return Choice(channels.in_app, MailMode.NOW)
        return Choice(channels.in_app, MailMode.DAILY if self.sheet.digests.email else MailMode.NEVER)

    def mail_of(self, kind: NotificationKind) -> MailStatus:
        """How its mail begins."""
        modes = {MailMode.NOW: MailStatus.WAITING, MailMode.DAILY: MailStatus.DAILY}
        return modes.get(self.choice(kind).email, MailStatus.NONE)

    def wait(self, kind: NotificationKind, moment: datetime) -> timedelta | None:
        """How long a mail of this kind is kept back; None: not at all."""
        if kind in LOCKED or self.quiet is None:
            return None
        return until_noise(moment, self.zone, *self.quiet)


def until_noise(moment: datetime, zone: ZoneInfo, start: time, end: time) -> timedelta | None:
    """From `moment` to the end of the quiet hours around it, which may run over midnight; None outside."""
    here = moment.astimezone(zone)
    clock = here.time()
    quiet = start <= clock < end if start <= end else clock >= start or clock < end
    if not quiet:
        return None
    ends = datetime.combine(here.date(), end, zone)
    if clock >= end:
        ends = datetime.combine(here.date() + timedelta(days=1), end, zone)
    return ends - moment

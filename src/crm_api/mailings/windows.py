"""When messages may go: not at night, not during the Friday prayer, text messages from 8 to 21 only.

Hours are those of Algiers (UTC+1 all year).
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from crm_api.kit.clock import ALGIERS
from crm_api.mailings.models import MailingChannel

QUIET_FROM, QUIET_UNTIL = time(20), time(8)
FRIDAY_FROM, FRIDAY_UNTIL = time(11), time(15)
TEXT_FROM, TEXT_UNTIL = time(8), time(21)
_FRIDAY = 4
_MOST_DAYS = 60


def may_go(
    channel: MailingChannel, moment: datetime, *, respects_hours: bool, closed: Collection[date] = ()
) -> bool:
    """`closed`: days (holidays) on which marketing rests."""
    here = moment.astimezone(ALGIERS)
    if channel is MailingChannel.SMS and not TEXT_FROM <= here.time() < TEXT_UNTIL:
        return False
    if not respects_hours:
        return True
    if here.date() in closed or not QUIET_UNTIL <= here.time() < QUIET_FROM:
        return False
    return not (here.weekday() == _FRIDAY and FRIDAY_FROM <= here.time() < FRIDAY_UNTIL)


def next_moment(
    channel: MailingChannel, moment: datetime, *, respects_hours: bool, closed: Collection[date] = ()
) -> datetime:
    """The moment itself, or the first one after it at which messages may go."""
    here = moment.astimezone(ALGIERS)
    opening = (QUIET_UNTIL, FRIDAY_UNTIL)
    candidates = [moment] + [
        datetime.combine(here.date() + timedelta(days=days), hour, ALGIERS).astimezone(UTC)
        for days in range(_MOST_DAYS)
        for hour in opening
    ]
    for candidate in candidates:
        if candidate >= moment and may_go(channel, candidate, respects_hours=respects_hours, closed=closed):
            return candidate
    return candidates[-1]

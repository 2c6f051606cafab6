"""What day it is where the insurer works. Algeria keeps UTC+1 all year, without summer time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ALGIERS = ZoneInfo("Africa/Algiers")


def today(zone: ZoneInfo = ALGIERS) -> date:
    """The local calendar day: legal delays count in these."""
    return datetime.now(UTC).astimezone(zone).date()

"""D-38 to D-43: shares of messages, as exact fractions; nothing to divide by is no figure, never zero."""

from fractions import Fraction
from typing import NamedTuple

from crm_api.mailings.ordering import Counts

COMPLAINT_ALERT = Fraction(1, 1000)


class Figures(NamedTuple):
    """None: no data."""

    delivery_rate: Fraction | None
    open_rate: Fraction | None
    open_rate_inflated: Fraction | None
    ctr: Fraction | None
    ctor: Fraction | None
    bounce_rate: Fraction | None
    unsubscribe_rate: Fraction | None
    complaint_rate: Fraction | None

    @property
    def complaint_alert(self) -> bool:
        """More than one in a thousand calls it spam: providers begin to refuse the sender."""
        return self.complaint_rate is not None and self.complaint_rate > COMPLAINT_ALERT


def figures(counts: Counts, *, has_opens: bool = True) -> Figures:
    """`has_opens`: false for text messages, which nobody can be seen to open (D-39)."""
    opened = _share(counts.opened, counts.delivered) if has_opens else None
    inflated = _share(counts.opened_inflated, counts.delivered) if has_opens else None
    return Figures(
        delivery_rate=_share(counts.delivered, counts.sent),
        open_rate=opened,
        open_rate_inflated=inflated,
        ctr=_share(counts.clicked, counts.delivered),
        ctor=_share(counts.clicked, counts.opened) if has_opens else None,
        bounce_rate=_share(counts.hard_bounced + counts.soft_bounced, counts.sent),
        unsubscribe_rate=_share(counts.unsubscribed, counts.delivered),
        complaint_rate=_share(counts.complained, counts.delivered),
    )


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None

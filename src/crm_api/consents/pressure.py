"""How many marketing messages somebody may get: the organization's cap, and what they wish themselves.

Counting what was sent is the business of who sends; contractual messages are neither counted nor held back.
"""

from datetime import timedelta
from typing import NamedTuple

from crm_api.consents.models import MessageFrequency
from crm_api.core.context import Context
from crm_api.organizations.service import OrganizationService


class Pressure(NamedTuple):
    """At most so many messages within so long, across all campaigns."""

    messages: int
    within: timedelta

    def allows(self, sent: int) -> bool:
        """Whether one more may go to who got `sent` marketing messages within that time."""
        return sent < self.messages


_WISHED = {
    MessageFrequency.WEEKLY: Pressure(1, timedelta(days=7)),
    MessageFrequency.MONTHLY: Pressure(1, timedelta(days=30)),
    MessageFrequency.NEVER: Pressure(0, timedelta(days=7)),
}


async def pressure_of(ctx: Context) -> Pressure:
    """The organization's own: two in seven days (domain.md B-37) unless it decided otherwise."""
    settings = await OrganizationService(ctx).settings()
    return Pressure(settings.pressure_cap.messages, timedelta(days=settings.pressure_cap.days))


def wished(house: Pressure, frequency: MessageFrequency) -> Pressure:
    """The cap for somebody: a wish never allows more than the organization does."""
    wish = _WISHED.get(frequency, house)
    return wish if wish.messages * house.within <= house.messages * wish.within else house

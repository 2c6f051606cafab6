"""How an organization handles tickets: delays and rules that it may change."""

from typing import Annotated

from pydantic import Field

from crm_api.accounts.models import AccountTier
from crm_api.kit.schemas import Input
from crm_api.tickets.models.words import OPEN_LEVELS, PRIORITIES, TicketLevel, TicketPriority

Days = Annotated[int, Field(ge=1, le=90, examples=[7])]
_STEPS = {level: step for step, level in enumerate(OPEN_LEVELS)}
_BY_SUM = (
    TicketPriority.LOW,
    TicketPriority.LOW,
    TicketPriority.NORMAL,
    TicketPriority.HIGH,
    TicketPriority.URGENT,
)


def _matrix() -> dict[TicketLevel, dict[TicketLevel, TicketPriority]]:
    return {
        impact: {urgency: _BY_SUM[_STEPS[impact] + _STEPS[urgency]] for urgency in OPEN_LEVELS}
        for impact in OPEN_LEVELS
    }


class TicketSettingsPut(Input):
    """How tickets are handled."""

    reopen_days: Days = 7
    """So long after it was solved, the customer's answer opens it again; later, a new one linked to it."""
    close_days: Days = 7
    """So long after it was solved, it closes by itself."""
    pending_days: Days = 10
    """So long without an answer of the customer, it is solved by itself."""
    pending_reminder_days: Annotated[list[Days], Field(min_length=2, max_length=2, examples=[[3, 7]])] = [
        3,
        7,
    ]
    """When the customer is reminded, before that: twice."""
    vip_tiers: Annotated[list[AccountTier], Field(max_length=4)] = [AccountTier.PLATINUM]
    """Customers of these tiers get one priority more."""
    vip_tag: Annotated[str, Field(min_length=1, max_length=30, examples=["vip"])] = "vip"
    """And those whose account has this tag."""
    priorities: Annotated[
        dict[TicketLevel, Annotated[dict[TicketLevel, TicketPriority], Field(min_length=3, max_length=3)]],
        Field(
            min_length=3,
            max_length=3,
            examples=[
                {
                    "low": {"low": "low", "medium": "low", "high": "normal"},
                    "medium": {"low": "low", "medium": "normal", "high": "high"},
                    "high": {"low": "normal", "medium": "high", "high": "urgent"},
                }
            ],
        ),
    ] = Field(default_factory=_matrix)
    """The priority for each impact, and within it for each urgency."""


class TicketSettingsRead(TicketSettingsPut):
    """How tickets are handled, and which version of it that is."""

    version: int = Field(ge=0, examples=[1])
    """For If-Match; 0: nobody chose anything yet."""


def priority_of(
    settings: TicketSettingsPut, impact: TicketLevel, urgency: TicketLevel, *, vip: bool
) -> TicketPriority:
    """What the matrix says; one step more for a customer of the first rank, never above urgent."""
    found = settings.priorities[impact][urgency]
    step = PRIORITIES.index(found) + (1 if vip else 0)
    return PRIORITIES[min(step, len(PRIORITIES) - 1)]

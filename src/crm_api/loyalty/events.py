"""What upper floors hear of loyalty; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class LoyaltyPointsMoved(Event):
    """Points came or went."""

    kind: ClassVar = "loyalty_account.points_moved"

    loyalty_account_id: UUID
    type: str
    points: int
    balance: int


@dataclass(frozen=True, slots=True)
class LoyaltyTierChanged(Event):
    """Somebody rose, or fell."""

    kind: ClassVar = "loyalty_account.tier_changed"

    loyalty_account_id: UUID
    tier: str


@dataclass(frozen=True, slots=True)
class RewardRedeemed(Event):
    """Somebody ordered a reward."""

    kind: ClassVar = "loyalty_redemption.requested"

    redemption_id: UUID
    loyalty_account_id: UUID
    reward_id: UUID

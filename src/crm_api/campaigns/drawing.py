"""Who falls into which part of a campaign: a digest of the campaign and the person, and nothing else.

The same person of the same campaign always falls into the same part, whoever asks, in whatever order, in
Python or in PostgreSQL (`core.campaigns.repository.audience` says the same in SQL; a test compares them).
The digest gives three independent draws: who is held out, who is in the sample, who gets which variant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

SPAN = 1 << 48
"""A draw is a whole number from 0 to this, not including it."""
DRAW_BYTES = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """Percentages, and the variants with their weights; `sample` is None where nothing is tested."""

    holdout: int
    sample: int | None
    weights: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Place:
    """`part` is holdout, sample or rest; the variant of the rest of a test is not known before its end."""

    part: str
    variant: str | None


def draws(campaign_id: UUID, contact_id: UUID) -> tuple[int, int, int]:
    """Three numbers below `SPAN`."""
    digest = sha256(campaign_id.bytes + contact_id.bytes).digest()
    cut = (digest[at : at + DRAW_BYTES] for at in range(0, 3 * DRAW_BYTES, DRAW_BYTES))
    first, second, third = (int.from_bytes(part, "big") for part in cut)
    return first, second, third


def below(percent: int) -> int:
    """The first draw that no longer falls into the first `percent` percent."""
    return SPAN * percent // 100


def variant_of(draw: int, weights: Sequence[tuple[str, int]]) -> str:
    """Weights are percentages that sum to 100, in the order of the codes."""
    reached = 0
    for code, weight in weights:
        reached += weight
        if draw < below(reached):
            return code
    return weights[-1][0]


def place(campaign_id: UUID, contact_id: UUID, plan: Plan) -> Place:
    """Where this person stands in this campaign."""
    held, sampled, chosen = draws(campaign_id, contact_id)
    if held < below(plan.holdout):
        return Place("holdout", None)
    if plan.sample is None:
        return Place("rest", variant_of(chosen, plan.weights))
    if sampled < below(plan.sample):
        return Place("sample", variant_of(chosen, plan.weights))
    return Place("rest", None)

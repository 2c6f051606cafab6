"""When the assistant is sure enough to answer, and which articles it names."""

from collections.abc import Sequence

from crm_api.knowledge.schemas.reading import KbHit

CONFIDENT = 0.6
"""Measured on the half of the labelled questions that tuning looked at: see docs/service-knowledge.md."""
ALIKE = 0.8
"""An article that fits nearly as well as the best is named beside it: the asker chooses."""
MOST_SOURCES = 3


def sources(hits: Sequence[KbHit]) -> list[KbHit]:
    """What an answer quotes, the best first; empty where it is not sure enough."""
    if not hits or hits[0].confidence < CONFIDENT:
        return []
    return [hit for hit in hits[:MOST_SOURCES] if hit.score >= ALIKE * hits[0].score]

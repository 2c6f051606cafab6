"""How well an object fits what was asked, and where that stands in it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm_api.core.words import BETWEEN_WORDS
from crm_api.kit.text import fold
from crm_api.search.asked import Asked, Word
from crm_api.search.kinds import NAME, NUMBER

LONGEST_SNIPPET = 160
_EXACT, _BEGINS, _ENDS = 1.0, 0.8, 0.7
_OWN = frozenset({NAME, NUMBER, "phone", "email", "tax_id", "trade_register_number"})
"""What is an object's own; a word elsewhere says half as much."""
_ELSEWHERE = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    score: float
    matched: str
    snippet: str


def judged(asked: Asked, shown: Mapping[str, Any]) -> Verdict:
    places = [(place, text) for place, value in shown.items() for text in _texts(value)]
    best = [max(_worth_of(word, places), key=lambda found: found[0], default=None) for word in asked.words]
    found = [one for one in best if one is not None and one[0] > 0]
    if not found:  # its words were folded by PostgreSQL as no place shown here has them
        return Verdict(0.0, NAME, _cut(str(shown[NAME]), 0))
    elsewhere = [one for one in found if one[1] != NAME] or found
    _, matched, text, at = elsewhere[0]
    return Verdict(round(sum(one[0] for one in found) / len(best), 3), matched, _cut(text, at))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield from (str(entry["value"]) for entry in value)
    elif value is not None:
        yield str(value)


def _worth_of(word: Word, places: list[tuple[str, str]]) -> Iterator[tuple[float, str, str, int]]:
    """(worth, place, text, where in the text)."""
    for place, text in places:
        worth, at = _fit(word, place, text)
        yield worth * (1 if place in _OWN else _ELSEWHERE), place, text, at


def _fit(word: Word, place: str, text: str) -> tuple[float, int]:
    folded = fold(text)
    best = 0.0, 0
    for start in word.starts:
        sign, wanted = start[0], start[1:]
        if sign == "<":
            fits = re.sub("[^0-9]", "", folded)[::-1].startswith(wanted)
            best = max(best, (_ENDS if fits else 0.0, 0))
            continue
        for written, at in _written(place, folded):
            if written.startswith(wanted):
                best = max(best, (_EXACT if written == wanted else _BEGINS, at), key=lambda fit: fit[0])
    return best


def _written(place: str, folded: str) -> Iterator[tuple[str, int]]:
    """The words of a place as the index has them (`crm_words`), with where they begin."""
    if place == "phone":
        digits = re.sub("[^0-9]", "", folded)
        yield digits, 0
        yield re.sub("^213", "0", digits), 0
        return
    yield folded, 0
    if place == NUMBER:
        yield re.sub("^.*?0*([0-9]*)$", r"\1", folded), 0
        return
    at = 0
    for word in BETWEEN_WORDS.split(folded.partition("@")[0] if place == "email" else folded):
        at = folded.find(word, at)
        yield word, at
        at += len(word)


def _cut(text: str, at: int) -> str:
    """`text`, or what stands around the word that begins about there."""
    if len(text) <= LONGEST_SNIPPET:
        return text
    start = max(0, min(at - LONGEST_SNIPPET // 3, len(text) - LONGEST_SNIPPET))
    if start:
        start = text.find(" ", start, at) + 1 or start
    part = text[start : start + LONGEST_SNIPPET].rstrip()
    return ("… " if start else "") + part + (" …" if start + LONGEST_SNIPPET < len(text) else "")

"""What somebody asks, as words to look up: without those that say nothing, with what others say for them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from crm_api.core.words import BETWEEN_WORDS, LONGEST_WORD
from crm_api.kit.text import fold
from crm_api.knowledge.models.article import KbLanguage

MOST_WORDS = 24
LONGEST_TEXT = 2000
"""Of a request, what stands at its beginning says what it is about."""
_ARABIC = re.compile(r"[\u0621-\u064A]")
_SHORTEST = 2
_BENT = 5
"""Shorter words are left as they are."""
_ENDING = re.compile(r"(ees?|er|es?|s|x)$")


@dataclass(frozen=True, slots=True)
class Asked:
    """`words[n]` is what was typed, then what others say for it."""

    language: KbLanguage
    words: tuple[tuple[str, ...], ...]

    @property
    def key(self) -> str:
        """The same however the words are ordered."""
        return " ".join(sorted(word[0] for word in self.words))


def asked(text: str, language: KbLanguage | None = None) -> Asked:
    """The first `MOST_WORDS` that say something."""
    text = text[:LONGEST_TEXT]
    language = language or (KbLanguage.AR if _ARABIC.search(text) else KbLanguage.FR)
    typed = [word[:LONGEST_WORD] for word in BETWEEN_WORDS.split(fold(text))]
    telling = [word for word in typed if len(word) >= _SHORTEST and word not in _common()]
    chosen = list(dict.fromkeys(telling))[:MOST_WORDS]
    return Asked(language, tuple((word, *_instead(word)) for word in chosen))


def neighbour(word: str, known: Mapping[str, int]) -> str | None:
    """Of the stems that begin alike, the one that was probably meant: one slip away, the most frequent."""
    near = [(count, stem) for stem, count in known.items() if one_slip(word, stem)]
    return max(near)[1] if near else None


def one_slip(one: str, other: str) -> bool:
    """Whether a letter too many, too few, wrong, or two that changed places make one of the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    at = next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    rest, others = one[at:], other[at:]
    if len(rest) == len(others):
        return rest[1:] == others[1:] or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
    return rest[1:] == others or rest == others[1:]


def best_paragraph(body: str, words: Sequence[Sequence[str]], most: int) -> str:
    """The paragraph that has most of the words, cut at `most` characters."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", body) if part.strip()]
    starts = [tuple(_root(variant) for variant in word) for word in words]

    def worth(paragraph: str) -> int:
        there = {_root(word) for word in BETWEEN_WORDS.split(fold(paragraph))}
        return sum(any(start in there for start in word) for word in starts)

    if not paragraphs:
        return ""
    best = max(paragraphs, key=worth)
    return best if len(best) <= most else best[: most - 1].rstrip() + "…"


def _root(word: str) -> str:
    """Near enough to a stem for choosing a paragraph."""
    return word[:6] if len(word) > 6 else word.rstrip("sx")


def _instead(word: str) -> tuple[str, ...]:
    return tuple(other for other in _synonyms().get(_light(word), ()) if other != word)


def _light(word: str) -> str:
    """Without the ending of a plural, a feminine or an infinitive: derobees, derober and derobe are derob."""
    return word if len(word) < _BENT else _ENDING.sub("", word)


@cache
def _common() -> frozenset[str]:
    return frozenset(word for line in _lines("common.txt") for word in line.split())


@cache
def _synonyms() -> Mapping[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {}
    for line in _lines("synonyms.txt"):
        group = tuple(line.split())
        for word in group:
            root = _light(word)
            known[root] = tuple(dict.fromkeys((*known.get(root, ()), *group)))
    return known


def _lines(name: str) -> list[str]:
    text = resources.files(__package__).joinpath("data", name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]

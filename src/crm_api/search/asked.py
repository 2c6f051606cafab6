"""What somebody typed, as the beginnings of words to look up (the signs are those of `SearchToken`)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from crm_api.core.words import BETWEEN_WORDS, LONGEST_WORD, MOST_WORDS
from crm_api.kit.errors import ValidationFailed
from crm_api.kit.names import spellings
from crm_api.kit.text import fold

_OF_AN_AGENCY = r"[0-9]{3,8}\.(?:19|20)[0-9]{2}\."
"""How the number of a contract begins: agency and year."""
_CALLED = re.compile(rf"(?<!\S)(?!{_OF_AN_AGENCY})\+?\(?[0-9][0-9 ./()-]*[0-9](?!\S)")
_NUMBER = re.compile(rf"[a-z]{{1,2}}-(?:19|20)[0-9]{{2}}(?:-[0-9]{{0,12}})?|{_OF_AN_AGENCY}\S*")
_FEWEST_OF_A_PHONE = 6
_FEWEST_OF_AN_ENDING = 3
_MOST_DRIVES = 24


@dataclass(frozen=True, slots=True)
class Word:
    """One word: any of `starts` will do."""

    text: str
    starts: tuple[str, ...]
    worth: int
    """How few objects are likely to have it: where several words are asked for, the dearest is looked up."""

    @property
    def is_text(self) -> bool:
        return self.worth < _DIGITS


@dataclass(frozen=True, slots=True)
class Drive:
    """A beginning to look up; `whole`: it covers all that was asked, so nothing is left to be checked."""

    start: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Asked:
    words: tuple[Word, ...]

    @property
    def names(self) -> list[Drive]:
        """Where what was typed is the name of something, in any order and spelling."""
        texts = sorted((word for word in self.words if word.is_text), key=lambda word: -word.worth)
        if len(self.words) == 1:
            return [Drive(f"={text}", True) for text in _spelled(self.words[0].text)]
        if len(texts) < 2:
            return []
        return [Drive(pair, len(self.words) == 2) for pair in islice(_pairs(*texts[:2]), _MOST_DRIVES)]

    @property
    def others(self) -> list[Drive]:
        """Wherever it stands."""
        dearest = max(self.words, key=lambda word: word.worth)
        return [Drive(start, len(self.words) == 1) for start in dearest.starts]


def asked(q: str) -> Asked:
    """Signs alone ask for nothing. Raises ValidationFailed when there are too many words."""
    words = list({word.text: word for word in _words(fold(q))}.values())
    if len(words) > MOST_WORDS:
        raise ValidationFailed.at("q", "too_many_words", "Eight words at most.", "query")
    return Asked(tuple(words))


_DIGITS, _WHOLE = 100, 200
"""Above the length of any text: digits are rarer than letters, an address or a number is somebody's own."""


def _words(folded: str) -> Iterator[Word]:
    for called in _CALLED.finditer(folded):
        if len(digits := re.sub("[^0-9]", "", called.group())) >= _FEWEST_OF_A_PHONE:
            folded = folded.replace(called.group(), " ", 1)
            yield _digits(digits)
    for chunk in folded.split():
        if "@" in chunk.strip("@") or _NUMBER.fullmatch(chunk):
            yield Word(chunk, (f"/{chunk[:LONGEST_WORD]}",), _WHOLE)
            continue
        for text in filter(None, BETWEEN_WORDS.split(chunk)):
            yield _digits(text) if text.isascii() and text.isdigit() else _text(text)


def _text(text: str) -> Word:
    text = text[:LONGEST_WORD]
    return Word(text, tuple(f"/{spelled}" for spelled in _spelled(text)), len(text))


def _digits(digits: str) -> Word:
    """Of a telephone, however it was written, or of a number: its beginning or its end."""
    digits = digits[:LONGEST_WORD]
    called = re.sub("^(?:00)?2130?", "213", digits)
    starts = dict.fromkeys((digits, called, digits.lstrip("0")))
    found = [f"/{start}" for start in starts if start]
    if len(digits) >= _FEWEST_OF_AN_ENDING:
        found.append(f"<{called[::-1]}")
    return Word(digits, tuple(found), _DIGITS + len(digits) if len(digits) > 1 else 1)


def _spelled(text: str) -> list[str]:
    """What was typed first."""
    return [text, *(other for other in spellings(text) if other != text)]


def _pairs(one: Word, other: Word) -> Iterator[str]:
    for left in _spelled(one.text):
        for right in _spelled(other.text):
            yield f"={left} {right}"
            yield f"={right} {left}"

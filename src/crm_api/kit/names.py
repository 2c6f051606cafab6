"""One key for the spellings of one name, in Latin and in Arabic letters, to find duplicates by.

Frequent names are listed (`frequent_names.txt`); every other Latin name is its own key, and another Arabic
name is written in Latin letters by a fixed table. Arabic leaves out short vowels, so an unlisted name
seldom gets one key in both scripts: `same_name` then compares what both scripts do write.
"""

import re
from functools import lru_cache
from importlib.resources import files

from crm_api.kit.text import fold

_ARABIC = re.compile(r"[\u0621-\u064A]")
_PARTICLES = frozenset({"ben", "bent", "bou", "bel", "ould", "el", "ait", "abd", "oum", "d", "l", "m", "n"})
_LONGEST_LISTED = 3
"""Words that one listed name may have: عبد القادر, Abd El Kader."""

_LETTERS = str.maketrans(
    {"ث": "t", "ج": "dj", "خ": "kh", "ذ": "d", "ش": "ch", "غ": "gh", "و": "ou", "ڨ": "g", "گ": "g"}
    | dict(zip("ابتحدرزسصضطظعفقكلمنهيپڤ", "abthdrzssdtdafkklmnhipv", strict=True))
    | {"ء": None}
)
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"(.)\1", r"\1"),
        (r"t?ch|sh", "C"),
        (r"dj|j", "J"),
        (r"kh", "X"),
        (r"gh", "G"),
        (r"th", "t"),
        (r"dh", "d"),
        (r"ph|v", "f"),
        (r"c(?=[eiy])", "s"),
        (r"[ckqg]", "K"),
        (r"p", "b"),
        (r"^(?:ou|w)", "W"),
        (r"^y", "Y"),
        (r"^[aeiou]+", "A"),
        (r"(?:a|[aeiou]h)$", "A"),
        (r"[aeiouwy]", ""),
    )
)
"""What a Latin spelling says that an Arabic one says too: the consonants, a first and a last vowel."""

_ARABIC_SOUNDS = str.maketrans("بتثجحخدذرزسشصضطظغفقكلمنهپڤڨگ", "bttJhXddrzsCsdtdGfKKlmnhbfKK", "اويءع")
_ARABIC_ENDS = (
    (re.compile("(?<=.)ء$"), ""),
    (re.compile("(?<=.)[احه]$"), "A"),
    (re.compile("^[اع]+"), "A"),
    (re.compile("^و"), "W"),
    (re.compile("^ي"), "Y"),
)


_remembered = lru_cache(maxsize=4096)
"""People share first names and surnames: taken apart once, they are not taken apart for each comparison."""


@lru_cache
def _listed() -> dict[str, str]:
    """Every listed spelling, folded and without spaces, with its key."""
    known: dict[str, str] = {}
    for line in files(__package__).joinpath("frequent_names.txt").read_text("utf-8").splitlines():
        latin, _, arabic = line.partition("=")
        if not line.startswith("#"):
            key, *others = latin.split()
            known |= {"".join(_words(spelling)): key for spelling in (key, *others, *arabic.split(","))}
    return known


@lru_cache
def _spelled() -> dict[str, tuple[str, ...]]:
    """Every listed spelling of one word -> all those of the same name, in both scripts."""
    known: dict[str, tuple[str, ...]] = {}
    for line in files(__package__).joinpath("frequent_names.txt").read_text("utf-8").splitlines():
        latin, _, arabic = line.partition("=")
        if not line.startswith("#"):
            words = [_words(spelling) for spelling in (*latin.split(), *arabic.split(","))]
            alike = tuple(dict.fromkeys(word for one in words if len(one) == 1 for word in one))
            known |= {word: alike for word in alike if word not in known}
    return known


def spellings(name: str) -> tuple[str, ...]:
    """How else people write this name, itself included; folded, of one word, of either script.

    Nothing for a name that is not listed.
    """
    return _spelled().get(fold(name), ())


def _words(name: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in fold(name)).split()


@_remembered
def _runs(name: str) -> tuple[str, ...]:
    """The words of `name`; those that are listed as one name, the longest run first, come together.

    Remembered: whoever looks for duplicates compares one name with many.
    """
    words, runs = _words(name), list[str]()
    while words:
        counts = range(min(_LONGEST_LISTED, len(words)), 1, -1)
        taken = next((count for count in counts if "".join(words[:count]) in _listed()), 1)
        runs.append("".join(words[:taken]))
        words = words[taken:]
    return tuple(runs)


def _key(run: str) -> str:
    return _listed().get(run) or run.translate(_LETTERS)


@_remembered
def name_key(name: str) -> str:
    """The key of one name or surname: "BEN-ALI", "Ben Ali" and "بن علي" all give "benali"."""
    return "".join(map(_key, _runs(name)))


def names_of(full_name: str) -> list[str]:
    """The single names in a full one, folded; "BEN KADDOUR Ali" is ["ben kaddour", "ali"]."""
    return [*_names_of(full_name)]


@_remembered
def _names_of(full_name: str) -> tuple[str, ...]:
    names, particles = list[str](), list[str]()
    for run in _runs(full_name):
        particles.append(run)
        if _key(run) not in _PARTICLES:
            names.append(" ".join(particles))
            particles = []
    return (*names, " ".join(particles)) if particles else tuple(names)


def full_name_keys(full_name: str) -> frozenset[str]:
    """The keys of the names of one person, whatever their order: "BEN ALI Mohamed" is {benali, mohamed}."""
    return frozenset(map(name_key, names_of(full_name)))


@_remembered
def skeleton(name: str) -> str:
    """The sounds that the Latin and the Arabic spelling of one name share: "Bouchareb" and "بوشارب"."""
    sounds = "".join(_words(name))
    if not _ARABIC.search(sounds):
        for pattern, sound in _SOUNDS:
            sounds = pattern.sub(sound, sounds)
        return sounds
    for pattern, sound in _ARABIC_ENDS:
        sounds = pattern.sub(sound, sounds)
    return sounds.translate(_ARABIC_SOUNDS)


def same_name(one: str, other: str) -> bool:
    """Whether both spell one name; skeletons count from one script to the other, for unlisted names only.

    Elsewhere they would take Karima for Karam, or Imane for أمين.
    """
    key, other_key = name_key(one), name_key(other)
    if key == other_key:
        return key != ""
    in_two_scripts = bool(_ARABIC.search(one)) != bool(_ARABIC.search(other))
    listed = key in _listed() or other_key in _listed()
    return in_two_scripts and not listed and skeleton(one) == skeleton(other)


def same_full_name(one: str, other: str) -> bool:
    """The same names in any order, each in either script; a single name is nobody's full name."""
    mine, theirs = names_of(one), names_of(other)
    if len(mine) != len(theirs) or len(full_name_keys(one)) < 2:
        return False
    pairs = [[same_name(name, candidate) for candidate in theirs] for name in mine]
    return all(map(any, pairs)) and all(map(any, zip(*pairs, strict=True)))

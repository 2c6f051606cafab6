"""Folding: the one form in which texts are compared, the same in Python and in PostgreSQL.

Both sides decompose (NFKD), then look each character up in the tables below. Neither asks a locale what a
small letter is, so they agree on every machine and version. Letters of other alphabets than the Latin
and Arabic ones keep their case.
"""

import unicodedata
from collections.abc import Iterable
from string import ascii_lowercase, ascii_uppercase

_DROPPED = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x0300, 0x036F),  # accents, once letters are decomposed
    (0x0610, 0x061A),  # signs of the Koran
    (0x0640, 0x0640),  # tatweel
    (0x064B, 0x065F),  # harakat, and the hamza and madda taken off their letters
    (0x0670, 0x0670),  # superscript alef
    (0x06D6, 0x06DC),  # signs of the Koran
    (0x06DF, 0x06E4),
    (0x06E7, 0x06E8),
    (0x06EA, 0x06ED),
    (0x200B, 0x200F),  # invisible joiners and direction marks that come along with copied Arabic
    (0x202A, 0x202E),
    (0x2060, 0x2069),
    (0xFEFF, 0xFEFF),
)
_ALIKE = {
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
    "ة": "ه",
    "Œ": "œ",
    "Æ": "æ",
    "Ø": "o",
    "ø": "o",
    "Đ": "d",
    "đ": "d",
    "Ł": "l",
    "ł": "l",
    "ı": "i",
    "ẞ": "ß",
    "‘": "'",
    "’": "'",
    "ʼ": "'",
}
"""One character for one; what NFKD already takes apart (é, أ, ﻣ, ﬁ) is not listed."""
_LONGER = {"œ": "oe", "æ": "ae", "ß": "ss"}


def _digits(zero: int) -> dict[str, str]:
    return {chr(zero + value): str(value) for value in range(10)}


_DIGITS = _digits(ord("٠")) | _digits(ord("۰"))


def _table() -> dict[int, str | None]:
    alike = _ALIKE | _DIGITS | dict(zip(ascii_uppercase, ascii_lowercase, strict=True))
    table: dict[int, str | None] = {ord(old): _LONGER.get(new, new) for old, new in (alike | _LONGER).items()}
    return table | {code: None for first, last in _DROPPED for code in range(first, last + 1)}


_TABLE = _table()


def fold(text: str) -> str:
    """`text` in small letters without accents: "Aïssani" and "AISSANI" both give "aissani".

    Arabic letters that people write for one another are one letter, harakat and tatweel go, and Arabic
    digits become 0-9. `crm_fold` gives the same in SQL.
    """
    return unicodedata.normalize("NFKD", text).translate(_TABLE)


def without_invisible(text: str) -> str:
    """`text` with western digits, and without the direction marks that come along with copied Arabic."""
    if text.isascii():  # neither stands among those
        return text
    return "".join(_DIGITS.get(char, char) for char in text if unicodedata.category(char) != "Cf")


def _escaped(characters: Iterable[str]) -> str:
    return "".join(f"\\{ord(char):04X}" for char in characters)


def _fold_sql() -> str:
    dropped = "".join(
        f"\\{first:04X}" + (f"-\\{last:04X}" if last > first else "") for first, last in _DROPPED
    )
    alike = _ALIKE | _DIGITS
    value = f"regexp_replace(normalize(value, NFKD) COLLATE \"C\", U&'[{dropped}]', '', 'g')"
    value = f"translate({value}, U&'{_escaped(alike)}', U&'{_escaped(alike.values())}')"
    for old, new in _LONGER.items():
        value = f"replace({value}, U&'{_escaped(old)}', '{new}')"
    return f"lower({value})"  # of collation "C": A to Z only, as in the table above


FOLD_SQL = f"""CREATE OR REPLACE FUNCTION crm_fold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN {_fold_sql()}"""
"""Needs a UTF8 database and PostgreSQL 13 or later; no ICU, no extension."""

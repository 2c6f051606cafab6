"""How many parts an SMS is sent in (domain.md B-36): GSM-7 160/153 septets, UCS-2 70/67 units.

One letter outside GSM 03.38 (ê, ç, any Arabic letter) sends the whole message as UCS-2. A letter of two
units (the euro sign in GSM-7, an emoji in UCS-2) is never cut in two: it goes to the next part whole.
"""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
"""Two septets each: an escape, and the letter."""
_ASTRAL = 0xFFFF
_SPELLED = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "…": "...",
        "–": "-",
        "—": "-",
        "œ": "oe",
        "Œ": "OE",
        "°": "o",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u2011": "-",
        "ç": "c",
        "•": "-",
        "\t": " ",
        "\u200b": "",
        "\ufeff": "",
    }
)


class SmsEncoding(StrEnum):
    """In which alphabet an SMS travels: seven bits a letter, or sixteen."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


SIZES = {SmsEncoding.GSM7: (160, 153), SmsEncoding.UCS2: (70, 67)}
"""Units of a message that is alone, and of each part of one that is not."""


@dataclass(frozen=True, slots=True)
class SmsCost:
    """What a text comes to."""

    encoding: SmsEncoding
    units: int
    """Septets (gsm7) or 16-bit units (ucs2)."""
    parts: int
    """Messages that are paid for; 0 for no text."""
    outside: tuple[str, ...] = ()
    """The letters because of which it travels as UCS-2, each once."""


def sms_parts(text: str) -> SmsCost:
    """The cost of a text as it is sent."""
    outside = tuple(dict.fromkeys(sign for sign in text if sign not in BASIC and sign not in EXTENDED))
    encoding = SmsEncoding.UCS2 if outside else SmsEncoding.GSM7
    if outside:
        widths = [2 if ord(sign) > _ASTRAL else 1 for sign in text]
    else:
        widths = [2 if sign in EXTENDED else 1 for sign in text]
    alone, each = SIZES[encoding]
    units = sum(widths)
    if units <= alone:
        parts = 1 if units else 0
    elif units == len(widths):
        parts = -(-units // each)
    else:
        parts = _filled(widths, each)
    return SmsCost(encoding, units, parts, outside)


def _filled(widths: list[int], each: int) -> int:
    """Parts that letters of these widths fill; jumps from the end of one part to the end of the next."""
    ends = [0, *accumulate(widths)]
    parts = at = 0
    while at < len(widths):
        at = bisect_right(ends, ends[at] + each) - 1
        parts += 1
    return parts


def transliterated(text: str) -> str | None:
    """The nearest text that GSM-7 can say; None where there is none (Arabic)."""
    spelled = "".join(_plain(sign) for sign in text.translate(_SPELLED))
    return spelled if all(sign in BASIC or sign in EXTENDED for sign in spelled) else None


def _plain(sign: str) -> str:
    if sign in BASIC or sign in EXTENDED:
        return sign
    parts = unicodedata.normalize("NFKD", sign)
    return "".join(part for part in parts if not unicodedata.combining(part))

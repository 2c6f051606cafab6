"""Headers of a mail that anybody may have written: decoded as well as can be, and never a reason to fail."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import NamedTuple

from crm_api.channels.mail.limits import LONGEST_ADDRESS, LONGEST_MESSAGE_ID, LONGEST_NAME, MOST_REFERENCES

_ID = re.compile(r"<[^<>\s]{1,998}>")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\x00-\x1f]{1,64}@[^\s@<>\"(),:;\\\x00-\x1f]{1,190}")
_LONGEST_HEADER = 20_000
_DATES = range(1990, 2100)
BROKEN = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, OverflowError)
"""What the standard library raises for mails that are none (HeaderParseError and IndexError are of these)."""


class Party(NamedTuple):
    """Whose address it is, and what they call themselves."""

    address: str
    name: str | None


def clean(text: str, longest: int) -> str:
    """One line of characters that can be stored and shown."""
    shown = "".join(sign if sign.isprintable() else " " for sign in storable(text[: longest * 4]))
    return " ".join(shown.split())[:longest]


def storable(text: str) -> str:
    """Without what UTF-8 or PostgreSQL cannot hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def decoded(content: bytes, charset: str | None) -> str:
    """Text of bytes that may lie about their charset: as they say, else as they look."""
    for name in (charset, "utf-8", "windows-1252"):
        try:
            return storable(content.decode(name or "utf-8"))
        except (LookupError, ValueError):  # unknown name, a name with a NUL, or other bytes
            continue
    return storable(content.decode("latin-1"))


def raw(message: Message, name: str) -> str:
    """The first header of that name as it stands, unfolded; "" when there is none."""
    try:
        value = str(message.get(name, "") or "")
    except BROKEN:
        return ""
    return " ".join(value[:_LONGEST_HEADER].split())


def worded(message: Message, name: str, longest: int) -> str:
    """A header with its encoded words read."""
    return clean(words(raw(message, name)), longest)


def words(value: str) -> str:
    try:
        parts = decode_header(value)
    except BROKEN:
        return value
    found = [part if isinstance(part, str) else decoded(part, charset) for part, charset in parts]
    return "".join(found)


def parties(message: Message, name: str) -> list[Party]:
    """Whoever stands in `From`, `To`, ...; what is no address is left out."""
    values = []
    for value in message.get_all(name, [])[:20]:
        values.append(" ".join(str(value)[:_LONGEST_HEADER].split()))
    try:
        pairs = getaddresses(values)
    except BROKEN:
        pairs = [("", found) for value in values for found in _ADDRESS.findall(value)]
    found = [
        Party(address, clean(words(said), LONGEST_NAME) or None)
        for said, typed in pairs[:100]
        if (address := address_of(typed))
    ]
    if not found:  # `From: =?x?q?Karim?= karim@exemple.dz` and the like
        found = [
            Party(one, None)
            for value in values
            for typed in _ADDRESS.findall(value)
            if (one := address_of(typed))
        ]
    return found


def address_of(typed: str | None) -> str | None:
    """In lower case; None for what is none."""
    text = storable(typed or "").strip().strip("<>").lower()
    return text if len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) else None


def ids_in(value: str) -> list[str]:
    """`<...@...>` in their order; a long list keeps its first and its last ones (RFC 5322, 3.6.4)."""
    found = [one for one in dict.fromkeys(_ID.findall(storable(value))) if len(one) <= LONGEST_MESSAGE_ID]
    return found if len(found) <= MOST_REFERENCES else [found[0], *found[-MOST_REFERENCES + 1 :]]


def answered_ids(message: Message) -> list[str]:
    """The messages that this one answers or follows, the nearest first."""
    references: Sequence[str] = ids_in(raw(message, "References"))
    nearest = [*ids_in(raw(message, "In-Reply-To"))[:5], *reversed(references)]
    return list(dict.fromkeys(nearest))


def sent_at(message: Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(raw(message, "Date"))
    except BROKEN:
        return None
    try:
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except BROKEN:
        return None
    return moment if moment.year in _DATES else None

"""A mail as it came, read: who, what, in answer to what, with which files. Pure, bounded, and never fails."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.policy import compat32

from crm_api.channels.mail import html
from crm_api.channels.mail.bounces import Bounce, bounce_of
from crm_api.channels.mail.cutting import cut
from crm_api.channels.mail.headers import (
    BROKEN,
    Party,
    answered_ids,
    clean,
    decoded,
    ids_in,
    parties,
    raw,
    sent_at,
    storable,
    worded,
    words,
)
from crm_api.channels.mail.limits import (
    LONGEST_ADDRESS,
    LONGEST_HTML,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MOST_FILES,
    MOST_NESTED,
    MOST_PARTS,
)
from crm_api.channels.mail.robots import Robot, robot_of
from crm_api.interactions.html import cleaned

NO_SUBJECT = "(sans objet)"
_MULTIPART = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.I | re.M)
_HEAD = re.compile(rb"\r?\n\r?\n")
_LONGEST_HEAD = 512 * 1024
_ENDING = re.compile(r"[a-z0-9]{1,8}")
_OFFERED = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "message/rfc822": "eml",
    "text/csv": "csv",
}


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, read. Texts are bounded; `whole` has what `text` was cut from."""

    message_id: str | None
    answers: list[str]
    """Message-IDs, the nearest first."""
    sender: Party | None
    recipients: list[str]
    subject: str
    text: str
    whole: str
    safe_html: str | None
    sent_at: datetime | None
    robot: Robot | None
    bounce: Bounce | None
    files: list[Attached] = field(default_factory=list)
    unread_parts: int = 0
    """Parts beyond the limits; the mail as it came still has them."""


def read(content: bytes, *, envelope_from: str | None = None) -> Letter:
    """See `Letter`. A mail nested too deeply is read by its headers and its first text."""
    message, deep = _parsed(content)
    sender = next(iter(parties(message, "From") or parties(message, "Sender")), None)
    text, source, files, unread = _bodies(message)
    whole = text if text.strip() else html.text_of(source or "")
    kept = whole if text.strip() else html.text_of(html.without_quotes(source or ""))
    subject = worded(message, "Subject", LONGEST_SUBJECT)
    return Letter(
        message_id=next(iter(ids_in(raw(message, "Message-ID"))), None),
        answers=answered_ids(message),
        sender=sender,
        recipients=[one.address for name in ("To", "Cc", "Delivered-To") for one in parties(message, name)][
            :100
        ],
        subject=subject or NO_SUBJECT,
        text=cut(kept[: LONGEST_TEXT * 2]).text[:LONGEST_TEXT],
        whole=whole[:LONGEST_TEXT],
        safe_html=_safe(source),
        sent_at=sent_at(message),
        robot=robot_of(message, subject, envelope_from),
        bounce=bounce_of(message, whole),
        files=files,
        unread_parts=unread + deep,
    )


def _safe(source: str | None) -> str | None:
    """None for HTML that says nothing, or too much to be shown."""
    if source is None:
        return None
    shown = cleaned(html.without_quotes(storable(source)))
    return shown if 0 < len(shown) <= LONGEST_HTML and shown.strip() else None


def message_id_of(content: bytes) -> str | None:
    """Of the headers alone: for who has to know it before the mail is read."""
    return next(iter(ids_in(raw(_head(content), "Message-ID"))), None)


def body_of(content: bytes) -> bytes:
    """What follows the headers: the same, however often a mail is delivered."""
    found = _HEAD.search(content, 0, _LONGEST_HEAD)
    return content[found.end() :] if found else content


def sender_of(content: bytes) -> str | None:
    """The address in `From`, of the headers alone."""
    head = _head(content)
    found = next(iter(parties(head, "From") or parties(head, "Sender")), None)
    return found.address[:LONGEST_ADDRESS] if found else None


def subject_of(content: bytes) -> str:
    return worded(_head(content), "Subject", LONGEST_SUBJECT) or NO_SUBJECT


def _head(content: bytes) -> Message:
    found = _HEAD.search(content, 0, _LONGEST_HEAD)
    return HeaderParser(policy=compat32).parsestr(
        _text_of_headers(content[: found.start() if found else _LONGEST_HEAD])
    )


def _text_of_headers(head: bytes) -> str:
    """Raw UTF-8 in headers is frequent; what is none is read as Windows would."""
    return decoded(head, "utf-8")


def _parsed(content: bytes) -> tuple[Message, int]:
    """And how many parts were left unread because they are nested too deeply."""
    nested = sum(1 for _ in zip(_MULTIPART.finditer(content), range(MOST_NESTED + 1), strict=False))
    if nested <= MOST_NESTED:
        try:
            message = BytesParser(policy=compat32).parsebytes(content)
        except BROKEN:
            pass
        else:
            _reread(message, content)
            return message, 0
    message = _head(content)
    for name in ("Content-Type", "Content-Transfer-Encoding"):
        del message[name]
    message.set_payload(body_of(content)[: LONGEST_TEXT * 4].decode("ascii", "replace"))
    return message, 1


def _reread(message: Message, content: bytes) -> None:
    """Headers that hold bytes beyond ASCII, read as text: the parser leaves them as unknown."""
    head = _head(content)
    for name in ("Subject", "From", "To", "Cc", "Sender"):
        if (value := head.get(name)) is not None and not str(value).isascii():
            del message[name]
            message[name] = str(value)


def _bodies(message: Message) -> tuple[str, str | None, list[Attached], int]:
    """Text, HTML, files, and how many parts were not looked at."""
    texts: list[str] = []
    sources: list[str] = []
    files: list[Attached] = []
    seen = unread = 0
    for part in _parts(message):
        seen += 1
        if seen > MOST_PARTS:
            unread += 1
            continue
        kind = part.get_content_type()
        name = _name(part)
        attached = "attachment" in raw(part, "Content-Disposition").lower()[:20]
        if kind in ("text/plain", "text/html") and not attached and name is None:
            into = texts if kind == "text/plain" else sources
            if sum(map(len, into)) < LONGEST_TEXT * 20:
                into.append(decoded(_content(part), _charset(part)))
        elif kind not in ("message/delivery-status", "text/rfc822-headers") and (content := _content(part)):
            if len(files) < MOST_FILES:
                files.append(Attached(name or _invented(kind, len(files) + 1), content))
            else:
                unread += 1
    return "\n\n".join(texts), "\n".join(sources) or None, files, unread


def _parts(message: Message) -> Iterator[Message]:
    """Those that hold content, in their order; a forwarded mail is one file."""
    waiting: list[Message] = [message]
    while waiting:
        part = waiting.pop()
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting.extend(one for one in reversed(payload) if isinstance(one, Message))
        else:
            yield part


def _content(part: Message) -> bytes:
    payload = part.get_payload()
    if isinstance(payload, list):  # a mail in the mail
        return b"".join(_flat(one) for one in payload[:1] if isinstance(one, Message))
    try:
        found = part.get_payload(decode=True)
    except BROKEN:
        return str(payload).encode("utf-8", "replace")
    return found if isinstance(found, bytes) else b""


def _flat(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except BROKEN:
        return b""


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except BROKEN:
        return None


def _name(part: Message) -> str | None:
    """What the sender calls the file: its last part only, in characters that a file may have."""
    try:
        given = part.get_filename()
    except BROKEN:
        given = None
    if not given:
        return None
    last = re.split(r"[\\/]", words(str(given)[:2000]))[-1]
    shown = clean(last, 400).strip(" .")
    stem, dot, ending = shown.rpartition(".")
    if dot and _ENDING.fullmatch(ending.lower()):
        return f"{stem[:180] or 'document'}.{ending.lower()}"
    return shown[:190] or None


def _invented(kind: str, number: int) -> str:
    return f"piece-{number}.{_OFFERED.get(kind, 'bin')}"

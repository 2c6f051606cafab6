"""Mails that say that a mail of ours did not arrive (RFC 3464), and those that say so in words only."""

import re
from email.message import Message
from enum import StrEnum
from typing import NamedTuple

from crm_api.channels.mail.headers import address_of, clean, ids_in, parties, raw


class Delivery(StrEnum):
    """What became of a mail of ours, as the other server tells."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"


class Bounce(NamedTuple):
    delivery: Delivery
    recipient: str | None
    status: str | None
    """`5.1.1`: RFC 3463."""
    diagnostic: str
    original_id: str | None
    """The Message-ID of ours that it is about."""


_ACTIONS = {
    "failed": Delivery.FAILED,
    "delayed": Delivery.DELAYED,
    "delivered": Delivery.DELIVERED,
    "relayed": Delivery.DELIVERED,
    "expanded": Delivery.DELIVERED,
}
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_CODE = re.compile(r"(?<![\d.])(5\d\d)(?![\d.])")
_DAEMON = re.compile(r"(?:mailer-daemon|postmaster)@", re.I)
_SUBJECT = re.compile(
    r"(?:undeliver|mail delivery|delivery (?:status|failure)|returned mail|failure notice|échec de|echec de"
    r"|non remis|message non distribué|rapport de non[- ]remise)",
    re.I,
)
_ORIGINAL = re.compile(r"^message-id:\s*(<[^<>\s]{1,300}>)", re.I | re.M)
_MOST_PARTS = 30


def bounce_of(message: Message, text: str) -> Bounce | None:
    """None when it is about no mail of ours. `text`: the whole body, for servers that send no report."""
    report = message.get_content_type() == "multipart/report" and "delivery-status" in (
        raw(message, "Content-Type").lower()
    )
    parts = [part for part, _ in zip(message.walk(), range(_MOST_PARTS), strict=False)]
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if report or status is not None:
        return _reported(status, parts, text)
    daemon = any(_DAEMON.match(one.address) for one in parties(message, "From"))
    if not (daemon and _SUBJECT.search(raw(message, "Subject"))):
        return None
    code = _STATUS.search(text) or _CODE.search(text)
    failed = code is None or code[1].startswith("5")
    return Bounce(
        Delivery.FAILED if failed else Delivery.DELAYED,
        next(
            (
                found
                for one in re.findall(r"[^\s<>,;:]+@[^\s<>,;:]+", text[:5000])
                if (found := address_of(one))
            ),
            None,
        ),
        code[0] if code and "." in code[0] else None,
        clean(text, 300),
        _original(parts, text),
    )


def _reported(status: Message | None, parts: list[Message], text: str) -> Bounce:
    fields: dict[str, str] = {}
    payload = status.get_payload() if status is not None else []
    for block in payload if isinstance(payload, list) else []:
        if not isinstance(block, Message):
            continue
        for name in ("Final-Recipient", "Original-Recipient", "Action", "Status", "Diagnostic-Code"):
            if name not in fields and (value := raw(block, name)):
                fields[name] = value
    told = _STATUS.search(fields.get("Status", ""))
    delivery = _ACTIONS.get(fields.get("Action", "").strip().lower())
    if delivery is None:
        delivery = Delivery.DELAYED if told and told[1] == "4" else Delivery.FAILED
    named = fields.get("Final-Recipient") or fields.get("Original-Recipient") or ""
    return Bounce(
        delivery,
        address_of(named.rpartition(";")[2].strip()),
        told[0] if told else None,
        clean(fields.get("Diagnostic-Code") or text, 300),
        _original(parts, text),
    )


def _original(parts: list[Message], text: str) -> str | None:
    for part in parts:
        kind, payload = part.get_content_type(), part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        if kind == "message/rfc822" and isinstance(inner, Message):
            if ids := ids_in(raw(inner, "Message-ID")):
                return ids[0]
        elif (
            kind == "text/rfc822-headers"
            and isinstance(payload, str)
            and (found := _ORIGINAL.search(payload[:50_000]))
        ):
            return found[1]
    found = _ORIGINAL.search(text[:50_000])
    return found[1] if found else None

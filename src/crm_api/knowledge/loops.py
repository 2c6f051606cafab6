"""Whether a message was written by a machine: what answers machines starts a storm (RFC 3834)."""

import re
from collections.abc import Mapping

_NOBODY = re.compile(
    r"^(no-?reply|ne-?pas-?repondre|do-?not-?reply|mailer-daemon|postmaster|bounces?|notifications?|daemon)"
    r"([+._-].*)?$",
    re.IGNORECASE,
)
_BULK = frozenset({"bulk", "list", "junk", "auto_reply"})
_LISTS = ("list-id", "list-unsubscribe", "list-post")
_MACHINES = ("x-auto-response-suppress", "x-autoreply", "x-autorespond", "x-loop", "feedback-id")


def is_automatic(sender: str, headers: Mapping[str, str]) -> bool:
    """`sender` is an address, or a number of a telephone; names of headers in any case."""
    said = {name.lower(): value.strip().lower() for name, value in headers.items()}
    if said.get("auto-submitted", "no").partition(";")[0].strip() != "no":
        return True
    if said.get("precedence") in _BULK or any(name in said for name in (*_LISTS, *_MACHINES)):
        return True
    if said.get("return-path") == "<>" or said.get("content-type", "").startswith("multipart/report"):
        return True
    local, at, _ = sender.strip().strip("<>").rpartition("@")
    return not sender.strip("<> ") or bool(at and _NOBODY.match(local))

"""Mails that leave: RFC 5322, signed (DKIM, RFC 6376) where the company has a key for its domain."""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crm_api.channels.mail.headers import clean
from crm_api.channels.mail.limits import LONGEST_NAME, LONGEST_SUBJECT
from crm_api.channels.mail.robots import OURS

SIGNED = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
)
_WHITE = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n(?=[ \t])")
KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to one person, as the house writes it. Addresses are bare and checked already."""

    message_id: str
    sender: str
    sender_name: str
    to: str
    subject: str
    text: str
    at: datetime
    reply_to: str | None = None
    answers: Sequence[str] = ()
    """Message-IDs of the thread, the oldest first."""
    automatic: bool = False
    files: Sequence[tuple[str, str, bytes]] = field(default=())
    """Name, media type, content."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    domain: str
    selector: str
    private: str = field(repr=False)
    """PEM."""


def composed(mail: Outgoing) -> EmailMessage:
    """Raises ValueError for what no header may hold."""
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr((clean(mail.sender_name, LONGEST_NAME), mail.sender))
    message["To"] = mail.to
    message["Subject"] = clean(mail.subject, LONGEST_SUBJECT)
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = mail.message_id
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    if mail.answers:
        message["In-Reply-To"] = mail.answers[-1]
        message["References"] = " ".join(mail.answers)
    if mail.automatic:
        message["Auto-Submitted"] = "auto-replied"
    message[OURS] = "1"
    message.set_content(mail.text, cte="quoted-printable")
    for name, media_type, content in mail.files:
        kind, _, subtype = media_type.partition("/")
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=name)
    return message


def new_private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def published(private: str) -> str:
    """The TXT record that says to the world which key is ours."""
    public = (
        _loaded(private)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return f"v=DKIM1; k=rsa; p={b64encode(public).decode()}"


def signed(content: bytes, key: SigningKey, at: datetime) -> bytes:
    """The mail with its DKIM-Signature before it: rsa-sha256, relaxed/relaxed. `content` has CRLF lines."""
    head, _, body = content.partition(b"\r\n\r\n")
    fields = _fields(head)
    names = [name for name in SIGNED if name.lower() in fields]
    digest = b64encode(sha256(relaxed_body(body)).digest()).decode()
    value = (
        f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={key.domain}; s={key.selector}; t={int(at.timestamp())};"
        f"\r\n h={':'.join(names)};\r\n bh={digest};\r\n b="
    )
    said = b"".join(relaxed_header(name.encode(), fields[name.lower()]) + b"\r\n" for name in names)
    said += relaxed_header(b"DKIM-Signature", f" {value}".encode())
    signature = b64encode(_loaded(key.private).sign(said, padding.PKCS1v15(), hashes.SHA256())).decode()
    folded = "\r\n  ".join(signature[at : at + 70] for at in range(0, len(signature), 70))
    return f"DKIM-Signature: {value}{folded}\r\n".encode() + content


def relaxed_header(name: bytes, value: bytes) -> bytes:
    """RFC 6376, 3.4.2."""
    unfolded = _FOLD.sub(b"", value).replace(b"\r\n", b"")
    return name.lower().strip() + b":" + _WHITE.sub(b" ", unfolded).strip()


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.4."""
    lines = [_WHITE.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def message_id_for(id: UUID, domain: str) -> str:
    return f"<{id.hex}@{domain}>"


def _fields(head: bytes) -> dict[str, bytes]:
    """By name; of several equal ones the last, as verifiers take it."""
    found: dict[str, bytes] = {}
    for line in _FOLD.sub(b"\0", head).split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if colon:
            found[name.decode("ascii", "replace").strip().lower()] = value.replace(b"\0", b"\r\n")
    return found


@lru_cache(maxsize=64)
def _loaded(private: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(private.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("an RSA key signs our mails")
    return key

"""Mails that leave are whole, and signed so that others can verify them (RFC 6376)."""

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import default
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crm_api.channels.mail.composing import (
    Outgoing,
    SigningKey,
    composed,
    new_private_key,
    published,
    relaxed_body,
    relaxed_header,
    signed,
)

AT = datetime(2026, 11, 23, 13, 32, tzinfo=UTC)
MAIL = Outgoing(
    message_id="<0199@elamana.dz>",
    sender="support@elamana.dz",
    sender_name="El Amana, Service clients",
    to="karim@exemple.dz",
    subject="Re: Véhicule immobilisé",
    text="Bonjour,\n\nVotre expert passera demain. \n\n\n",
    at=AT,
    answers=("<1@exemple.dz>", "<2@exemple.dz>"),
    files=(("constat.pdf", "application/pdf", b"%PDF-1.4"),),
)


def test_canonical_forms_are_those_of_the_standard() -> None:
    """The example of RFC 6376, 3.4.5."""
    assert relaxed_header(b"A", b" X ") == b"a:X"
    assert relaxed_header(b"B ", b" Y\t\r\n\tZ  ") == b"b:Y Z"
    assert relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"
    assert relaxed_body(b"") == b""


def test_an_answer_stands_in_its_thread() -> None:
    message = BytesParser(policy=default).parsebytes(composed(MAIL).as_bytes())
    assert message["In-Reply-To"] == "<2@exemple.dz>"
    assert message["References"] == "<1@exemple.dz> <2@exemple.dz>"
    assert message["From"].addresses[0].display_name == "El Amana, Service clients"
    assert message["Subject"] == "Re: Véhicule immobilisé"
    assert message["Auto-Submitted"] is None
    assert [part.get_filename() for part in message.iter_attachments()] == ["constat.pdf"]


def test_a_line_break_cannot_become_a_header() -> None:
    bad = replace(MAIL, subject="a\r\nBcc: x@y.dz", sender_name="b\r\nBcc: z@y.dz")
    assert composed(bad)["Bcc"] is None
    with pytest.raises(ValueError, match=r"linefeed|newline|header"):
        composed(replace(MAIL, to="x@y.dz\r\nBcc: z@y.dz"))


def test_the_signature_can_be_verified_with_what_is_published() -> None:
    private = new_private_key()
    content = signed(composed(MAIL).as_bytes(), SigningKey("elamana.dz", "crm1", private), AT)
    first, _, rest = content.partition(b"\r\nFrom:")
    value = first.removeprefix(b"DKIM-Signature:")
    tags = dict(tag.strip().split("=", 1) for tag in value.replace(b"\r\n", b"").decode().split(";"))
    assert (tags["d"], tags["s"], tags["c"]) == ("elamana.dz", "crm1", "relaxed/relaxed")
    head, _, body = (b"From:" + rest).partition(b"\r\n\r\n")
    assert b64decode(tags["bh"]) == sha256(relaxed_body(body)).digest()
    said = b""
    unfolded = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n")
    for name in tags["h"].split(":"):
        line = next(line for line in unfolded if line.lower().startswith(name.lower().encode() + b":"))
        said += relaxed_header(*line.split(b":", 1)) + b"\r\n"
    said += relaxed_header(b"DKIM-Signature", value[: value.rindex(b" b=") + 3])
    record = dict(part.strip().split("=", 1) for part in published(private).split(";"))
    key = serialization.load_der_public_key(b64decode(record["p"]))
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(b64decode(tags["b"].replace(" ", "")), said, padding.PKCS1v15(), hashes.SHA256())
    assert {"From", "To", "Subject", "Message-ID", "References"} <= set(tags["h"].split(":"))

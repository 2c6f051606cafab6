"""Against a real mail server on loopback, plain, with STARTTLS and with TLS."""

import logging
import os
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crm_api.core.mail import BadMail, FolderMailer, Mail, MailNotSent, MailServer, SmtpMailer, to_message

pytestmark = pytest.mark.anyio

SENDER = "ASSURA-CRM <crm@alliance.dz>"
MAIL = Mail(
    to="amine@example.dz",
    subject="Confirmez votre adresse é",
    text="Bonjour,\n\nhttps://crm.example/verify?token=a_b-c&x=1\n",
    html="<p>Bonjour</p>",
    headers={"Content-Language": "fr"},
)


class Inbox:
    """What the server does with each mail: keeps it, or answers `reply`."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.recipient_reply = self.reply = "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.recipient_reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return self.reply

    def message(self) -> EmailMessage:
        (envelope,) = self.envelopes
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        return message


Serve = Callable[..., MailServer]


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def serve(inbox: Inbox) -> Iterator[Serve]:
    running: list[Controller] = []

    def start(**options: Any) -> MailServer:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
        controller.start()
        running.append(controller)
        return MailServer("127.0.0.1", port, security="none", timeout=5)

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "t")]),
    )
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, private)
    return certificate, context


async def test_a_mail_arrives_as_it_was_written(serve: Serve, inbox: Inbox) -> None:
    await SmtpMailer(serve(), sender=SENDER).send(replace(MAIL, message_id="<1@alliance.dz>"))
    message = inbox.message()
    assert inbox.envelopes[0].mail_from == "crm@alliance.dz"
    assert inbox.envelopes[0].rcpt_tos == ["amine@example.dz"]
    assert (message["From"], message["To"], message["Subject"]) == (SENDER, MAIL.to, MAIL.subject)
    assert (message["Message-ID"], message["Content-Language"]) == ("<1@alliance.dz>", "fr")
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content().strip() == MAIL.html


async def test_a_message_id_is_made_when_none_is_given() -> None:
    made = {str(to_message(MAIL, SENDER)["Message-ID"]) for _ in range(3)}
    assert len(made) == 3
    assert all(one.startswith("<") and one.endswith("@alliance.dz>") for one in made)


async def test_starttls_is_obligatory_when_asked_for(
    serve: Serve, inbox: Inbox, certificate: tuple[Path, ssl.SSLContext]
) -> None:
    ca_file, context = certificate
    server = replace(serve(tls_context=context), security="starttls", ca_file=ca_file)
    await SmtpMailer(server, sender=SENDER).send(MAIL)
    assert inbox.message()["Subject"] == MAIL.subject
    plain = replace(serve(), security="starttls")
    with pytest.raises(MailNotSent):
        await SmtpMailer(plain, sender=SENDER).send(MAIL)
    assert len(inbox.envelopes) == 1


async def test_tls_works_with_a_known_authority_only(
    serve: Serve, inbox: Inbox, certificate: tuple[Path, ssl.SSLContext]
) -> None:
    ca_file, context = certificate
    server = replace(serve(ssl_context=context), security="tls", ca_file=ca_file)
    await SmtpMailer(server, sender=SENDER).send(MAIL)
    assert inbox.message()["Subject"] == MAIL.subject
    with pytest.raises(MailNotSent) as error:
        await SmtpMailer(replace(server, ca_file=None), sender=SENDER).send(MAIL)
    assert not error.value.permanent
    assert len(inbox.envelopes) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_the_server_is_told_who_we_are(serve: Serve, inbox: Inbox) -> None:
    def authenticator(*arguments: Any) -> AuthResult:
        given = arguments[-1]
        assert isinstance(given, LoginPassword)
        return AuthResult(success=(given.login, given.password) == (b"crm", b"s3cret"), handled=False)

    options = {"authenticator": authenticator, "auth_required": True, "auth_require_tls": False}
    server = replace(serve(**options), username="crm", password="s3cret")
    await SmtpMailer(server, sender=SENDER).send(MAIL)
    assert len(inbox.envelopes) == 1
    with pytest.raises(MailNotSent) as error:
        await SmtpMailer(replace(server, password="wrong"), sender=SENDER).send(MAIL)
    assert error.value.permanent
    assert "s3cret" not in repr(server)


async def test_a_password_never_travels_in_clear() -> None:
    with pytest.raises(ValueError, match="in clear"):
        MailServer("mail.example.dz", 25, security="none", username="crm", password="s3cret")


@pytest.mark.parametrize(("reply", "permanent"), [("451 later", False), ("550 no such user", True)])
async def test_a_refusal_says_whether_to_try_again(
    serve: Serve, inbox: Inbox, reply: str, permanent: bool
) -> None:
    mailer = SmtpMailer(serve(), sender=SENDER)
    inbox.recipient_reply = reply
    with pytest.raises(MailNotSent) as refused:
        await mailer.send(MAIL)
    assert refused.value.permanent is permanent
    inbox.recipient_reply, inbox.reply = "250 OK", reply
    with pytest.raises(MailNotSent) as refused:
        await mailer.send(MAIL)
    assert refused.value.permanent is permanent
    assert MAIL.to not in str(refused.value)


async def test_a_server_that_is_away_or_silent_is_tried_again_later() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        server = MailServer("127.0.0.1", port, security="none", timeout=0.2)
        for listen in (False, True):
            if listen:
                silent.listen()
            with pytest.raises(MailNotSent) as error:
                await SmtpMailer(server, sender=SENDER).send(MAIL)
            assert not error.value.permanent


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "Hello\r\nBcc: victim@example.dz"},
        {"subject": "Hello\nBcc: victim@example.dz"},
        {"subject": "Hello\rBcc: victim@example.dz"},
        {"to": "a@example.dz\r\nBcc: victim@example.dz"},
        {"to": "a@example.dz, victim@example.dz"},
        {"to": "a@example.dz;victim@example.dz"},
        {"to": "Amine <a@example.dz>"},
        {"to": "a@example.dz\x00"},
        {"to": "nobody"},
        {"to": "a@["},
        {"to": "é@example.dz"},
        {"to": "@"},
        {"to": ""},
        {"headers": {"X-Note": "a\r\nBcc: victim@example.dz"}},
        {"headers": {"X-Note\r\nBcc": "victim@example.dz"}},
        {"headers": {"X-Note: a\nBcc": "victim@example.dz"}},
        {"headers": {"Bcc": "victim@example.dz"}},
        {"headers": {"to": "victim@example.dz"}},
        {"headers": {"Content-Type": "text/html"}},
        {"headers": {"MIME-Version": "2.0"}},
        {"text": "\ud800"},
        {"message_id": "<a@b>\r\nBcc: victim@example.dz"},
    ],
    ids=str,
)
async def test_nobody_can_add_a_header_or_a_recipient(
    serve: Serve, inbox: Inbox, tmp_path: Path, changed: dict[str, Any]
) -> None:
    for mailer in (SmtpMailer(serve(), sender=SENDER), FolderMailer(tmp_path, sender=SENDER)):
        with pytest.raises(BadMail):
            await mailer.send(replace(MAIL, **changed))
    assert not inbox.envelopes
    assert os.listdir(tmp_path) == []


async def test_a_domain_in_arabic_letters_is_written_to() -> None:
    assert str(to_message(replace(MAIL, to="amine@شركة.com"), SENDER)["To"]) == "amine@xn--ogbpi5d.com"


async def test_line_breaks_in_the_body_stay_in_the_body(serve: Serve, inbox: Inbox) -> None:
    text = "a\n.\nMAIL FROM:<x@y>\n\n.\nBcc: victim@example.dz\n"
    await SmtpMailer(serve(), sender=SENDER).send(replace(MAIL, text=text, html=None))
    assert inbox.message().get_content().replace("\r\n", "\n") == text
    assert inbox.message()["Bcc"] is None


async def test_in_development_a_mail_is_a_file_and_its_link_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    folder = tmp_path / "mails"
    await FolderMailer(folder, sender=SENDER, log_links=True).send(MAIL)
    (path,) = list(folder.iterdir())
    content = path.read_bytes()
    message = message_from_bytes(content, policy=default)
    assert (message["To"], message["Subject"]) == (MAIL.to, MAIL.subject)
    assert b"https://crm.example/verify?token=a_b-c&x=1\r\n" in content, "readable as it lies there"
    assert str(path) in caplog.text
    assert "https://crm.example/verify?token=a_b-c&x=1" in caplog.text


async def test_elsewhere_the_link_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await FolderMailer(tmp_path, sender=SENDER).send(MAIL)
    assert "token" not in caplog.text


@pytest.mark.parametrize(
    "address", ['"../../x"@example.dz', "a/b@example.dz", "." * 3 + "@x.dz", "x" * 64 + "@y.dz"]
)
async def test_an_address_makes_a_safe_file_name(tmp_path: Path, address: str) -> None:
    folder = tmp_path / "mails"
    try:
        await FolderMailer(folder, sender=SENDER).send(replace(MAIL, to=address))
    except BadMail:
        return
    assert os.listdir(tmp_path) == ["mails"]
    (name,) = os.listdir(folder)
    assert re.fullmatch(r"[a-zT0-9_-]{1,110}\.eml", name)

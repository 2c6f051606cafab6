"""The mail port: one message to one person, through a mail server or, in development, into a folder."""

import asyncio
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal, Protocol

import aiosmtplib
from anyio import to_thread
from email_validator import validate_email

logger = logging.getLogger(__name__)

LINK = re.compile(r"https?://\S+")
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
OURS = {"from", "to", "cc", "bcc", "subject", "date", "message-id", "sender", "auto-submitted"}
"""Headers that `Mail.headers` may not set."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PERMANENT = range(500, 600)
Security = Literal["none", "starttls", "tls"]


class BadMail(ValueError):
    """The message cannot be sent to anybody: an address or header is malformed. Trying again is useless."""


class MailNotSent(Exception):
    """The mail server did not take the message. Unless `permanent`, try again later."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    """One bare address."""
    subject: str
    text: str
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    message_id: str | None = None
    """`<...@...>`; set it to let a mail that is sent twice be recognised as one."""


class Mailer(Protocol):
    async def send(self, message: Mail) -> None:
        """Raises MailNotSent, or BadMail."""

    async def relay(self, content: bytes, *, envelope_from: str, to: str) -> None:
        """A mail that is whole and signed already. Raises MailNotSent, or BadMail."""

    def line(self) -> "Line":
        """For many mails one after the other."""


class Line(Protocol):
    """A connection that is kept. One mail at a time; whoever is done closes it."""

    async def relay(self, content: bytes, *, envelope_from: str, to: str) -> None:
        """A mail that is whole and signed already. Raises MailNotSent, or BadMail."""

    async def close(self) -> None: ...


def to_message(mail: Mail, sender: str, *, encoding: str | None = None) -> EmailMessage:
    """RFC 5322. Raises BadMail for a line break in a header, a list of addresses, a header that is ours.

    `encoding`: how the bodies travel; by default what suits every server.
    """
    if forbidden := OURS & {name.lower() for name in mail.headers}:
        raise BadMail(f"headers set by the mailer: {sorted(forbidden)}")
    if not all(
        HEADER_NAME.fullmatch(name) for name in mail.headers
    ):  # the standard library checks values only
        raise BadMail("a malformed header name")
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = sender
        message["To"] = _one_address(mail.to)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = mail.message_id or make_msgid(domain=sender.rpartition("@")[2].rstrip("> "))
        message["Auto-Submitted"] = "auto-generated"  # no out-of-office answers, please
        message.set_content(mail.text, cte=encoding)
        if mail.html is not None:
            message.add_alternative(mail.html, subtype="html", cte=encoding)
        for name, value in mail.headers.items():  # last: add_alternative moves Content-Language into a part
            message[name] = value
    except ValueError as error:
        raise BadMail("a malformed address, header or text") from error
    return message


def _one_address(typed: str) -> str:
    """Not a list, not `Name <address>`. The standard library's parser would crash on some (`a@[`)."""
    try:
        checked = validate_email(
            typed, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except ValueError as error:
        raise BadMail("a malformed address") from error
    return str(checked.ascii_email)


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    security: Security = "starttls"
    """`starttls` sends nothing before the connection is encrypted; `tls` encrypts from the first byte."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 10.0
    """Seconds, for each step of the conversation."""
    ca_file: Path | None = None
    """PEM; the system's authorities by default."""

    def __post_init__(self) -> None:
        if self.password and self.security == "none" and self.host not in LOOPBACK:
            raise ValueError("a password for the mail server must not travel in clear")


class SmtpMailer:
    """Hands mails to a mail server, one connection each."""

    def __init__(self, server: MailServer, *, sender: str) -> None:
        """`sender`: `Name <address>`."""
        self._server, self._sender = server, sender

    async def send(self, message: Mail) -> None:
        await self._hand_over(to_message(message, self._sender))

    async def relay(self, content: bytes, *, envelope_from: str, to: str) -> None:
        await self._hand_over(content, sender=_one_address(envelope_from), recipients=[_one_address(to)])

    def line(self) -> "SmtpLine":
        return SmtpLine(self._server)

    async def _hand_over(self, message: EmailMessage | bytes, **envelope: Any) -> None:
        server = self._server
        with _told():
            await aiosmtplib.send(
                message,
                **envelope,
                hostname=server.host,
                port=server.port,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                username=server.username,
                password=server.password,
                timeout=server.timeout,
                cert_bundle=str(server.ca_file) if server.ca_file else None,
            )


class SmtpLine:
    """One connection to a mail server for many mails; opened for the first, and anew after it broke."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._client: aiosmtplib.SMTP | None = None

    async def relay(self, content: bytes, *, envelope_from: str, to: str) -> None:
        sender, recipient = _one_address(envelope_from), _one_address(to)
        with _told():
            try:
                client = await self._connected()
                await client.sendmail(sender, [recipient], content)
            except aiosmtplib.SMTPResponseException as error:
                if error.code == 421:  # it hangs up
                    await self.close()
                raise
            except aiosmtplib.SMTPRecipientsRefused:
                raise
            except (aiosmtplib.SMTPException, OSError, asyncio.CancelledError):
                await self.close()  # who knows what the other side still says
                raise

    async def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is None or not self._client.is_connected:
            server = self._server
            self._client = aiosmtplib.SMTP(
                hostname=server.host,
                port=server.port,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                username=server.username,
                password=server.password,
                timeout=server.timeout,
                cert_bundle=str(server.ca_file) if server.ca_file else None,
            )
            await self._client.connect()
        return self._client


@contextmanager
def _told() -> Iterator[None]:
    """What the mail server said, as ours."""
    try:
        yield
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [refused.code for refused in error.recipients]
        permanent = all(code in PERMANENT for code in codes)
        raise MailNotSent(f"recipient refused: {codes}", permanent=permanent) from error
    except aiosmtplib.SMTPResponseException as error:
        raise MailNotSent(f"refused: {error.code}", permanent=error.code in PERMANENT) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise MailNotSent(type(error).__name__, permanent=False) from error


class FolderMailer:
    """For development: one .eml file per mail, and the first link in the log so that it can be followed."""

    def __init__(self, folder: Path, *, sender: str, log_links: bool = False) -> None:
        self._folder, self._sender, self._log_links = folder, sender, log_links

    async def send(self, message: Mail) -> None:
        content = to_message(message, self._sender, encoding="8bit").as_bytes()  # readable as it lies
        path = await self._written(message.to, content)
        link = LINK.search(message.text)
        if link and self._log_links:
            logger.info("mail written to %s, link %s", path, link.group())
        else:
            logger.info("mail written to %s", path)

    async def relay(self, content: bytes, *, envelope_from: str, to: str) -> None:
        _one_address(envelope_from)
        path = await self._written(_one_address(to), content)
        logger.info("mail written to %s", path)

    def line(self) -> "FolderMailer":
        return self

    async def close(self) -> None:
        """A folder is not held open."""

    async def _written(self, to: str, content: bytes) -> Path:
        name = re.sub(r"[^a-z0-9]+", "_", to.lower()).strip("_")[:60]
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        path = self._folder / f"{moment}-{name}-{token_hex(4)}.eml"
        await to_thread.run_sync(_write, path, content)
        return path


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(content)
    draft.replace(path)

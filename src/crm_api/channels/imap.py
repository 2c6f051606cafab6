"""A folder on a mail server, read and never changed: RFC 3501, with the standard library in a thread.

Numbers (UIDs) only grow while UIDVALIDITY stays, so "everything after the last one" is all that is new,
however often the connection is lost.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from crm_api.channels.mail.limits import LARGEST_MAIL, MIB

TIMEOUT = 20.0
MOST_MAILS, MOST_BYTES = 50, 40 * MIB
"""Fetched in one go; the next go follows at once."""
BROKEN = (imaplib.IMAP4.error, OSError, ssl.SSLError, ValueError, EOFError)
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,12})\b")


@dataclass(frozen=True, slots=True)
class Account:
    """`address` is what is connected to; `host` is whose certificate is asked for."""

    address: str
    host: str
    port: int
    security: str
    username: str
    password: str = field(repr=False)
    folder: str
    authorities: str | None = None
    """A file of certificates; the system's by default."""


@dataclass(frozen=True, slots=True)
class Fetched:
    uid: int
    content: bytes
    """Whole, or only the headers when `size` is beyond what we take."""
    size: int

    @property
    def is_whole(self) -> bool:
        return self.size <= LARGEST_MAIL


@dataclass(slots=True)
class Batch:
    """What a go brought, as far as it came."""

    uid_validity: int | None = None
    mails: list[Fetched] = field(default_factory=list)
    more: bool = False
    error: str | None = None
    """What stopped it; the mails before it are good."""


def fetch(account: Account, uid_validity: int | None, last_uid: int) -> Batch:
    """New mails after `last_uid`; from the first one when the folder was made anew. Never raises."""
    batch = Batch()
    try:
        with _opened(account) as server:
            batch.uid_validity = _validity(server)
            start = last_uid if batch.uid_validity == uid_validity else 0
            _into(batch, server, start)
    except BROKEN as error:
        batch.error = type(error).__name__
    return batch


@contextmanager
def _opened(account: Account) -> Iterator[imaplib.IMAP4]:
    server = _Server(account)
    try:
        if account.security == "starttls":
            server.starttls(_tls(account))
        if (account.username + account.password).isascii():
            server.login(account.username, account.password)
        else:  # LOGIN is for ASCII; SASL is not
            words = f"\0{account.username}\0{account.password}".encode()
            server.authenticate("PLAIN", lambda _: words)
        status, _ = server.select(f'"{account.folder}"', readonly=True)
        if status != "OK":
            raise imaplib.IMAP4.error("no such folder")
        yield server
    finally:
        with suppress(*BROKEN):
            server.logout()
        with suppress(*BROKEN):  # a connection that was lost is closed here
            server.shutdown()


class _Server(imaplib.IMAP4):
    """Connects to the address that was looked at, and asks for the certificate of the host."""

    def __init__(self, account: Account) -> None:
        self._account = account
        super().__init__(account.host, account.port, timeout=TIMEOUT)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self._account.address, self._account.port), TIMEOUT)
        if self._account.security != "tls":
            return plain
        try:
            return _tls(self._account).wrap_socket(plain, server_hostname=self._account.host)
        except BaseException:
            plain.close()
            raise


def _tls(account: Account) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=account.authorities)


def _validity(server: imaplib.IMAP4) -> int:
    _, found = server.response("UIDVALIDITY")
    return int(found[0]) if found and found[0] else 0


def _into(batch: Batch, server: imaplib.IMAP4, last_uid: int) -> None:
    status, found = server.uid("SEARCH", f"UID {last_uid + 1}:*")
    if status != "OK":
        raise imaplib.IMAP4.error("search refused")
    listed = b" ".join(part for part in found if isinstance(part, bytes)).split()
    uids = sorted({int(uid) for uid in listed if uid.isdigit() and int(uid) > last_uid})
    total = 0
    for number, uid in enumerate(uids):
        if number >= MOST_MAILS or total >= MOST_BYTES:
            batch.more = True
            return
        mail = _fetched(server, uid)
        if mail is not None:  # gone since it was listed
            batch.mails.append(mail)
            total += len(mail.content)


def _fetched(server: imaplib.IMAP4, uid: int) -> Fetched | None:
    _, told = server.uid("FETCH", str(uid), "(UID RFC822.SIZE)")
    size = next(
        (int(found[1]) for line in told if isinstance(line, bytes) and (found := _SIZE.search(line))), None
    )
    if size is None:
        return None
    what = "(UID BODY.PEEK[])" if size <= LARGEST_MAIL else "(UID BODY.PEEK[HEADER])"
    status, parts = server.uid("FETCH", str(uid), what)
    if status != "OK":
        raise imaplib.IMAP4.error("fetch refused")
    for part in parts:
        if isinstance(part, tuple) and (found := _UID.search(part[0])) and int(found[1]) == uid:
            return Fetched(uid, bytes(part[1]), size)
    return None

"""One message, ready to leave: filled in, links led through us, composed, signed.

Nothing here asks the database: a batch is written in a thread while others are handed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Any
from uuid import UUID

from crm_api.channels.mail.composing import SigningKey, signed
from crm_api.mailings.links import Addresses, Found, in_html, in_text, link_of, with_utm
from crm_api.mailings.models import MailingChannel
from crm_api.templates.merging import BadTemplate, Text, TooMuch
from crm_api.templates.rendering import Compiled, Rendered, render

_TRAP = (
    '<a href="{url}" style="display:none;max-height:0;overflow:hidden" aria-hidden="true" tabindex="-1"></a>'
)
_PIXEL = '<img src="{url}" width="1" height="1" alt="" style="display:block;border:0">'
ONE_CLICK = "List-Unsubscribe=One-Click"


_AGREED: Mapping[str, str] = {
    "fr": "Vous recevez ce message parce que vous avez accepté de recevoir nos offres.",
    "en": "You get this message because you agreed to receive our offers.",
    "ar": "تصلكم هذه الرسالة لأنكم وافقتم على استلام عروضنا.",
}
_CUSTOMER: Mapping[str, str] = {
    "fr": "Vous recevez ce message parce que vous êtes client de notre compagnie.",
    "en": "You get this message because you are a customer of our company.",
    "ar": "تصلكم هذه الرسالة لأنكم من عملاء شركتنا.",
}


def why(*, agreed: bool, language: str) -> str:
    """The reason for receipt, which the foot of a message must name (domain.md J)."""
    said = _AGREED if agreed else _CUSTOMER
    return said.get(language, said["fr"])


class Unrenderable(Exception):
    """The words cannot be filled in for this person."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a message goes to, and the values of the fields of the catalogue."""

    message_id: UUID
    contact_id: UUID
    address: str
    language: str
    fields: Mapping[str, Any]
    unsubscribe_url: str | None
    """The one-click address; None for contractual messages."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is handed over."""

    message_id: UUID
    to: str
    content: bytes
    """A whole mail; the text of anything else."""
    envelope_from: str
    links: Sequence[Found] = field(default=())


@dataclass(frozen=True, slots=True)
class House:
    """Who writes."""

    sender: str
    """A bare address."""
    sender_name: str
    reply_to: str | None
    home: str
    """Our own address: links that begin with it (to leave, to choose) are left alone."""
    key: SigningKey | None


class Writer:
    """Writes the messages of one send."""

    def __init__(
        self,
        send_id: UUID,
        channel: MailingChannel,
        contents: Mapping[str, Mapping[str, Any]],
        utm: Mapping[str, str],
        addresses: Addresses,
        house: House,
    ) -> None:
        self._send_id, self._channel, self._utm = send_id, channel, utm
        self._addresses, self._home, self._key = addresses, house.home.rstrip("/"), house.key
        self._sender, self._reply_to = house.sender, house.reply_to
        self._from = formataddr((house.sender_name, house.sender))
        self._compiled = {
            language: _compiled(send_id, channel, language, content) for language, content in contents.items()
        }

    def write(self, person: Person, moment: datetime) -> Letter:
        """Raises Unrenderable."""
        compiled = self._compiled.get(person.language) or next(iter(self._compiled.values()))
        try:
            said = render(compiled, person.fields)
        except TooMuch as error:
            raise Unrenderable from error
        if self._channel is not MailingChannel.EMAIL:
            return Letter(person.message_id, person.address, said.text.encode(), "")
        found: dict[UUID, Found] = {}

        def lead(url: str) -> str:
            if url.startswith(self._home):
                return url
            link = link_of(self._send_id, with_utm(url, self._utm)[:2000])
            found[link.id] = link
            return self._addresses.click(person.message_id, link.id)

        text = in_text(said.text, lead)
        html = in_html(said.html, lead) if said.html is not None else None
        if html is not None:
            trap = link_of(self._send_id, self._home, hidden=True)
            found[trap.id] = trap
            ending = _TRAP.format(url=self._addresses.click(person.message_id, trap.id))
            ending += _PIXEL.format(url=self._addresses.open(person.message_id))
            head, mark, tail = html.rpartition("</body>")
            html = f"{head}{ending}{mark}{tail}" if mark else html + ending
        content = self._composed(person, said, text, html, moment)
        if self._key is not None:
            content = signed(content, self._key, moment)
        return Letter(
            person.message_id,
            person.address,
            content,
            self._return_path(person.message_id),
            [*found.values()],
        )

    def _composed(
        self, person: Person, said: Rendered, text: str, html: str | None, moment: datetime
    ) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._from
        message["To"] = person.address
        message["Subject"] = said.subject
        message["Date"] = format_datetime(moment)
        message["Message-ID"] = message_id_of(person.message_id, self._sender)
        if self._reply_to:
            message["Reply-To"] = self._reply_to
        message["Precedence"] = "bulk"
        message["X-Assura-Message"] = str(person.message_id)
        if person.unsubscribe_url is not None:
            message["List-Unsubscribe"] = f"<{person.unsubscribe_url}>"
            message["List-Unsubscribe-Post"] = ONE_CLICK
        message.set_content(text, cte="base64" if _is_wide(text) else "quoted-printable")
        if html is not None:
            cte = "base64" if _is_wide(html) else "quoted-printable"
            message.add_alternative(html, subtype="html", cte=cte)
        return message.as_bytes()

    def _return_path(self, message_id: UUID) -> str:
        """Whatever comes back says itself which message it is (VERP)."""
        local, _, domain = self._sender.rpartition("@")
        return f"{local}+b-{message_id.hex}@{domain}"


def message_id_of(message_id: UUID, sender: str) -> str:
    """Stable: a message that is handed over twice is recognised as one."""
    return f"<{message_id.hex}.m@{sender.rpartition('@')[2]}>"


def _compiled(send_id: UUID, channel: MailingChannel, language: str, content: Mapping[str, Any]) -> Compiled:
    """Raises Unrenderable: words that were never checked."""
    try:
        return Compiled(
            send_id,
            channel.value,
            language,
            Text(content["subject"]) if content.get("subject") else None,
            Text(content["html"], escapes=True) if content.get("html") else None,
            Text(content["text"]),
        )
    except BadTemplate as error:
        raise Unrenderable from error


def _is_wide(text: str) -> bool:
    """Whether quoted-printable would make it three times as long: Arabic."""
    return sum(sign > "\u024f" for sign in text[:400]) > len(text[:400]) // 4

"""Links in messages: led through us, so that a click is seen; and only to where a send really leads.

A token names a message and a row of `message_links`, never an address: whoever forges one gets nowhere, and
whoever has one gets to what stood in the message.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID, uuid5

from crm_api.core.signed_links import LinkExpired, LinkSigner, SignedLink
from crm_api.kit.errors import NotFound
from crm_api.mailings.errors import MessageLinkUnknown

LONGEST = 2000
CLICK, OPEN, VISIT = "message click", "message open", "message visit"
FOR_EVER = datetime(2200, 1, 1, tzinfo=UTC)
"""A message lies in a mailbox as long as it likes."""
_HREF = re.compile(r"""(<a\b[^>]*?\bhref\s*=\s*)(["'])(https?://[^"']+)\2""", re.I)
_BARE = re.compile(r"https?://[^\s<>\"']+")
_TAIL = ".,;:!?)]»"


class Found(NamedTuple):
    """A link of a send; the same address is the same link."""

    id: UUID
    url: str
    url_hash: str
    hidden: bool = False


class Clicked(NamedTuple):
    """What a token says."""

    organization_id: UUID
    message_id: UUID
    link_id: UUID


def link_of(send_id: UUID, url: str, *, hidden: bool = False) -> Found:
    """Its key comes of the send and the address: nobody needs to ask which one it is."""
    digest = sha256(f"{'hidden ' if hidden else ''}{url}".encode()).hexdigest()
    return Found(uuid5(send_id, digest), url, digest, hidden)


def with_utm(url: str, utm: Mapping[str, str]) -> str:
    """What the address names itself stays."""
    if not utm:
        return url
    parts = urlsplit(url)
    named = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    more = {f"utm_{name}": value for name, value in utm.items() if f"utm_{name}" not in named}
    query = "&".join(part for part in (parts.query, urlencode(more)) if part)
    return parts._replace(query=query).geturl()


def in_html(html: str, lead: Callable[[str], str]) -> str:
    """Every link of an `a`, as `lead` says."""

    def led(found: "re.Match[str]") -> str:
        before, quote, url = found.groups()
        return f"{before}{quote}{escape(lead(unescape(url)), quote=True)}{quote}"

    return _HREF.sub(led, html)


def in_text(text: str, lead: Callable[[str], str]) -> str:
    def led(found: "re.Match[str]") -> str:
        url = found[0].rstrip(_TAIL)
        return lead(url) + found[0][len(url) :]

    return _BARE.sub(led, text)


class Addresses:
    """Makes the addresses that stand in messages."""

    def __init__(self, links: LinkSigner, base_url: str, organization_id: UUID) -> None:
        self._links, self._base, self._organization_id = links, base_url.rstrip("/"), organization_id

    def click(self, message_id: UUID, link_id: UUID) -> str:
        return f"{self._base}/r/{self._signed(message_id, link_id, CLICK)}"

    def open(self, message_id: UUID) -> str:
        return f"{self._base}/o/{self._signed(message_id, message_id, OPEN)}"

    def _signed(self, message_id: UUID, about: UUID, purpose: str) -> str:
        link = SignedLink(self._organization_id, message_id, about, "system", FOR_EVER)
        return self._links.sign(link, purpose)


def clicked(links: LinkSigner, token: str) -> Clicked:
    """Raises MessageLinkUnknown for what we did not sign."""
    link = _verified(links, token, CLICK)
    return Clicked(link.organization_id, link.object_id, link.actor_id)


def opened(links: LinkSigner, token: str) -> tuple[UUID, UUID]:
    """Organization and message. Raises MessageLinkUnknown."""
    link = _verified(links, token, OPEN)
    return link.organization_id, link.object_id


def click_token(links: LinkSigner, organization_id: UUID, message_id: UUID, contact_id: UUID) -> str:
    """The parameter `ct` of where a click leads: tells the collector whose visit it is."""
    return links.sign(SignedLink(organization_id, message_id, contact_id, "system", FOR_EVER), VISIT)


def visited(links: LinkSigner, token: str) -> tuple[UUID, UUID, UUID]:
    """For tracking: organization, message and contact of a `ct`. Raises MessageLinkUnknown."""
    link = _verified(links, token, VISIT)
    return link.organization_id, link.object_id, link.actor_id


def _verified(links: LinkSigner, token: str, purpose: str) -> SignedLink:
    try:
        return links.verify(token, purpose)
    except (NotFound, LinkExpired) as error:
        raise MessageLinkUnknown from error

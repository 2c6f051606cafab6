"""What a batch of the collector becomes: pure functions from what was sent to what is stored."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from pydantic_core import to_json

from crm_api.kit.bounded import Bounded
from crm_api.kit.ids import new_id
from crm_api.tracking.models import WebDevice, WebEventType
from crm_api.tracking.schemas.collecting import WebEventBatch, WebEventInput

SKEWED = timedelta(minutes=5)
OLDEST, NEWEST = timedelta(days=3), timedelta(minutes=5)
"""An event that claims to be older, or in the future, happened when it came."""
LONGEST = 500
UTM = ("source", "medium", "campaign", "term", "content")
CLICK = "ct"
_EMPTY = "{}"
_TABLETS, _MOBILES = ("ipad", "tablet", "kindle", "silk/"), ("mobi", "iphone", "android", "okhttp", "dart")
_DESKTOPS = ("windows", "macintosh", "x11", "cros")


class Place(NamedTuple):
    """What an address says."""

    path: str | None
    host: str
    utm: Mapping[str, str]
    click: str | None


class Agent(NamedTuple):
    """What a user agent says."""

    device: WebDevice
    is_bot: bool


NOWHERE = Place(None, "", {}, None)
_agents: Bounded[str, Agent] = Bounded(5000)


@cache
def bots() -> tuple[str, ...]:
    """Parts of the user agents of programs."""
    text = resources.files("crm_api.tracking").joinpath("data/bots.txt").read_text("utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def agent_of(user_agent: str | None) -> Agent:
    """A browser without a name is a program."""
    if not user_agent:
        return Agent(WebDevice.OTHER, True)
    known = _agents.get(user_agent)
    if known is None:
        known = _agents[user_agent] = _told(user_agent.lower())
    return known


def _told(user_agent: str) -> Agent:
    is_bot = any(part in user_agent for part in bots())
    android_tablet = "android" in user_agent and "mobi" not in user_agent
    if any(part in user_agent for part in _TABLETS) or (android_tablet and "okhttp" not in user_agent):
        return Agent(WebDevice.TABLET, is_bot)
    if any(part in user_agent for part in _MOBILES):
        return Agent(WebDevice.MOBILE, is_bot)
    desktop = any(part in user_agent for part in _DESKTOPS)
    return Agent(WebDevice.DESKTOP if desktop else WebDevice.OTHER, is_bot)


def network_of(ip: str | None) -> str | None:
    """The /24 of an address, the /48 of one of the sixth version."""
    try:
        address: IPv4Address | IPv6Address = ip_address(ip or "")
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))


def place_of(url: str | None) -> Place:
    """The query of an address is read for utm_* and `ct`, and dropped: anything may stand in it."""
    if url is None:
        return NOWHERE
    bare, _, query = url.partition("#")[0].partition("?")
    host, path = "", bare
    if "://" in bare:
        host, _, path = bare.partition("://")[2].partition("/")
        path = f"/{path}"
    if not query:
        return Place(path[:LONGEST], host.lower(), {}, None)
    try:
        given = dict(reversed(parse_qsl(query, max_num_fields=100)))
    except ValueError:
        given = {}
    utm = {name: given[f"utm_{name}"][:120].replace("\0", "") for name in UTM if given.get(f"utm_{name}")}
    return Place(path[:LONGEST], host.lower(), utm, given.get(CLICK))


def origin_of(referrer: str | None) -> tuple[str | None, str]:
    """Where somebody came from, without its query; and its host."""
    if not referrer:
        return None, ""
    try:
        parts = urlsplit(referrer)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None, ""
    if parts.scheme not in ("http", "https") or not host:
        return None, ""
    return f"{parts.scheme}://{host}{parts.path}"[:LONGEST], host


class Click(NamedTuple):
    """Whom a click token names."""

    contact_id: UUID
    message_id: UUID


Opener = Callable[[str], Click | None]
"""Of click tokens: see `clicks.opener`."""


def arrivals_of(
    batch: WebEventBatch, received_at: datetime, ip: str | None, user_agent: str | None, opened: Opener
) -> dict[str, Any]:
    """The parameters of `ArrivalRepository.take_in`: what all have in common, and a list for each column."""
    agent, consent = agent_of(user_agent), batch.consent
    skew = received_at - batch.sent_at if batch.sent_at is not None else timedelta()
    if abs(skew) <= SKEWED:
        skew = timedelta()
    rows = [_row(event, received_at, skew, consent, opened) for event in batch.events]
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True))
    return {
        "consent": consent,
        "visitor_id": batch.visitor_id if consent else None,
        "batch_id": columns[1][0],
        "received_at": received_at,
        "device": agent.device,
        "is_bot": agent.is_bot,
        "wilaya_code": batch.wilaya_code,
        "ip_prefix": network_of(ip) if consent else None,
        **{name: list(values) for name, values in zip(LISTED, columns, strict=True)},
    }


LISTED = (
    *("ids", "keys", "types", "names", "ats", "paths", "referrers", "utms", "campaign_keys"),
    *("entries", "props", "contact_ids", "message_ids", "submission_ids"),
)


def _row(
    event: WebEventInput, received_at: datetime, skew: timedelta, consent: bool, opened: Opener
) -> tuple[Any, ...]:
    place, (referrer, from_host) = place_of(event.url), origin_of(event.referrer)
    at = event.at + skew
    if not received_at - OLDEST <= at <= received_at + NEWEST:
        at = received_at
    click = opened(place.click) if consent and place.click else None
    utm = place.utm
    key = "|".join(utm.get(name, "") for name in UTM[:3]) if utm else None
    return (
        event.event_id,
        new_id(),
        event.type,
        event.name,
        at,
        place.path,
        referrer,
        to_json(utm).decode() if utm else _EMPTY,
        key or (click and str(click.message_id)),
        event.type is WebEventType.PAGE_VIEW and (bool(utm) or from_host != place.host),
        to_json(event.props).decode() if event.props else _EMPTY,
        click and click.contact_id,
        click and click.message_id,
        event.submission_id if consent else None,
    )

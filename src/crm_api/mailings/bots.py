"""Machines that open and click for people: privacy proxies, mail servers' scanners (domain.md B-36)."""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

SCANNERS_WITHIN = timedelta(seconds=2)
"""Nobody clicks so soon after a message arrived."""
_PROXIES = (
    "googleimageproxy",
    "yahoomailproxy",
    "ymailproxy",
    "mpp",
)
_MACHINES = (
    *("bot", "crawler", "spider", "scanner", "preview", "curl", "wget", "python-requests", "go-http-client"),
    *("barracuda", "mimecast", "proofpoint", "safelinks", "urlscan", "headlesschrome", "microsoft office"),
    *("facebookexternalhit", "slackbot", "whatsapp", "skypeuripreview", "okhttp", "java/"),
)
_APPLE = (ip_network("17.0.0.0/8"),)


def opens_for_somebody(user_agent: str | None, ip: str | None) -> bool:
    """An open by Apple's Mail Privacy Protection, Gmail's image proxy, a scanner: tells nothing of a person.

    Apple's proxy says just `Mozilla/5.0`.
    """
    said = (user_agent or "").strip().lower()
    if said in ("", "mozilla/5.0") or any(mark in said for mark in (*_PROXIES, *_MACHINES)):
        return True
    return _within(ip)


def clicks_for_somebody(
    user_agent: str | None, ip: str | None, *, at: datetime, arrived_at: datetime | None, hidden: bool
) -> bool:
    """On the link that no person sees, within two seconds of arrival, or by what says it is a machine."""
    said = (user_agent or "").strip().lower()
    if hidden or not said or any(mark in said for mark in _MACHINES):
        return True
    return arrived_at is not None and at - arrived_at < SCANNERS_WITHIN


def truncated(ip: str | None) -> str | None:
    """/24, or /48: enough to tell scanners apart, too little to tell a person."""
    try:
        address = ip_address(ip or "")
    except ValueError:
        return None
    return str(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))


def _within(ip: str | None) -> bool:
    try:
        address = ip_address(ip or "")
    except ValueError:
        return False
    return any(address.version == network.version and address in network for network in _APPLE)

"""Servers that somebody of an organization names: reached only where they are outside our own network.

A name may lead anywhere, and elsewhere a moment later: what was checked is what is connected to.
"""

import asyncio
import socket
from ipaddress import ip_address

from crm_api.core.settings import Settings


class HostInside(Exception):
    """The host is in our own network, and not among those that may be reached."""


class HostUnknown(Exception):
    """No address has this name."""


async def address_of(settings: Settings, host: str, port: int) -> str:
    """An address to connect to. Raises HostInside, HostUnknown."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnknown(host) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise HostUnknown(host)
    if host.lower() not in {name.lower() for name in settings.inside_hosts}:
        for address in addresses:
            if not _is_public(address):
                raise HostInside(host)
    return addresses[0]


def _is_public(address: str) -> bool:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return found.is_global and not found.is_multicast

"""The doors of the domain."""

from crm_api.channels.router import (  # noqa: F401 - they hang their routes on the routers
    inbox,
    messages,
    outside,
    setup,
)
from crm_api.channels.router.doors import (
    channels,
    counters,
    domains,
    gateways,
    inboxes,
    inward,
    items,
    mailboxes,
    outward,
)

ROUTERS = (inboxes, channels, mailboxes, domains, items, inward, outward, gateways, counters)

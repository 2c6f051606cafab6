"""The doors of consent. Importing the rooms behind them hangs their routes on the routers."""

from crm_api.consents.router import desk, links
from crm_api.consents.router.doors import (
    leaving,
    preference_links,
    public_consents,
    public_preferences,
    requests,
    router,
    states,
    suppressions,
    texts,
)

__all__ = ["ROUTERS", "desk", "links"]
ROUTERS = (
    *(router, states, requests, texts, suppressions, preference_links),
    *(public_consents, public_preferences, leaving),
)

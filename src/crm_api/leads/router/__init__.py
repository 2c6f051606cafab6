"""The doors of the domain."""

from crm_api.leads.router import (  # noqa: F401 - they hang their routes on the routers
    figures,
    leads,
    outside,
    routing,
    steps,
)
from crm_api.leads.router.doors import kpis, named_outside, partner, public, router, rules

ROUTERS = (router, named_outside, kpis, rules, public, partner)

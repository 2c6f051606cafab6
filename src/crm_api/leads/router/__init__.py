"""The doors of the domain."""

from crm_api.leads.router import leads, outside, routing, steps  # noqa: F401 - they hang their routes on the routers
from crm_api.leads.router.doors import partner, public, router, rules

ROUTERS = (router, rules, public, partner)

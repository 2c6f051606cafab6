"""The doors of the domain."""

from crm_api.leads.router import leads, outside, routing, steps  # noqa: F401 - they hang their routes on the routers
from crm_api.leads.router.doors import named_outside, partner, public, router, rules

ROUTERS = (router, named_outside, rules, public, partner)

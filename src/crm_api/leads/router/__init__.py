"""The doors of the domain."""

from crm_api.leads.router import leads, routing, steps  # noqa: F401 - they hang their routes on the routers
from crm_api.leads.router.doors import router, rules

ROUTERS = (router, rules)

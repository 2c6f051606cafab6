"""The doors of campaigns. Importing the rooms behind them hangs their routes on the routers."""

from crm_api.campaigns.router import desk, steps
from crm_api.campaigns.router.doors import lines, router

__all__ = ["ROUTERS", "desk", "steps"]
ROUTERS = (router, lines)

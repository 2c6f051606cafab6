"""The doors of tracking. Importing the rooms behind them hangs their routes on the routers."""

from crm_api.tracking.router import desk, site
from crm_api.tracking.router.doors import collector, events, figures, goals, sessions, visitors

__all__ = ["ROUTERS", "desk", "site"]
ROUTERS = (collector, sessions, events, goals, visitors, figures)

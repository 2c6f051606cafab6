"""The doors of quotes. Importing the rooms behind them hangs their routes on the routers."""

from crm_api.quotes.router import customer, desk, steps
from crm_api.quotes.router.doors import public_quotes, router

__all__ = ["ROUTERS", "customer", "desk", "steps"]
ROUTERS = (router, public_quotes)

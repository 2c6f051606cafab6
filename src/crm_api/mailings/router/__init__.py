"""The doors of mailings. Importing the rooms behind them hangs their routes on the routers."""

from crm_api.mailings.router import desk, outside
from crm_api.mailings.router.doors import contacts, links, messages, pixels, providers, sends, told

__all__ = ["ROUTERS", "desk", "outside"]
ROUTERS = (sends, messages, contacts, providers, told, links, pixels)

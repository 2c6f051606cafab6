"""The doors of discussions. Importing the rooms behind them hangs their routes on the routers."""

from crm_api.discussions.router import messages, rooms
from crm_api.discussions.router.doors import exports, router, said

__all__ = ["ROUTERS", "messages", "rooms"]
ROUTERS = (router, said, exports)

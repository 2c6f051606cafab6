"""The doors of surveys. Importing the rooms behind them hangs their routes on the routers."""

from crm_api.surveys.router import customer, desk
from crm_api.surveys.router.doors import invitations, public_surveys, responses, router, waves

__all__ = ["ROUTERS", "customer", "desk"]
ROUTERS = (router, waves, invitations, responses, public_surveys)

"""Seeds the demonstration in a process of its own, so that the server keeps none of its memory."""

import sys

import uvloop
from rich.console import Console
from sqlalchemy import make_url

from crm_api.core.entities import entities_of, routes_of
from crm_api.core.identity import Identity
from crm_api.core.settings import Settings
from crm_api.core.tools import make_tools
from crm_api.demo.companies import DemoSize
from crm_api.demo.company import seed_demo
from crm_api.registry import AUDIENCE, LISTENERS, OBJECTS, ROUTERS

if __name__ == "__main__":
    settings = Settings()
    tools = make_tools(settings, Identity(), LISTENERS, OBJECTS)
    tools.audience.update(AUDIENCE)
    tools.entities.update(entities_of(routes_of(ROUTERS), OBJECTS))
    owner = make_url(settings.owner_url or "")
    uvloop.run(seed_demo(settings, owner, tools, Console(soft_wrap=True), DemoSize(sys.argv[1])))

"""The doors of the domain: who may, and under which address."""

from typing import Annotated

from crm_api.core.context import Context
from crm_api.core.http import Router, requires

router = Router("tickets")
statuses = Router("ticket-statuses", tag="tickets")
categories = Router("ticket-categories", tag="tickets")
rules = Router("ticket-rules", tag="tickets")
agents = Router("ticket-agents", tag="tickets")
macros = Router("ticket-macros", tag="tickets")
incidents = Router("ticket-incidents", tag="tickets")
settings_router = Router("ticket-settings", tag="tickets")
Reader = Annotated[Context, requires("tickets:read")]
Writer = Annotated[Context, requires("tickets:write")]
KeyedAnswerer = Annotated[Context, requires("tickets:write", "jobs:write", keyed=True)]
Assigner = Annotated[Context, requires("tickets:assign")]
Merger = Annotated[Context, requires("tickets:merge")]
Deleter = Annotated[Context, requires("tickets:delete")]
Manager = Annotated[Context, requires("settings:manage")]

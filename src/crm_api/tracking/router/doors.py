"""Who may come in, and for what."""

from typing import Annotated

from crm_api.core.context import Context
from crm_api.core.http import Router, requires

collector = Router("public/web-events", tag="tracking")
sessions = Router("web-sessions", tag="tracking")
events = Router("web-events", tag="tracking")
goals = Router("web-goals", tag="tracking")
visitors = Router("web-visitors", tag="tracking")
figures = Router("web-figures", tag="tracking")
Site = Annotated[Context, requires("web_events:ingest")]
Reader = Annotated[Context, requires("web_events:read")]
Writer = Annotated[Context, requires("campaigns:write")]
Identifier = Annotated[Context, requires("web_events:read", "contacts:write")]

from typing import Annotated

from crm_api.core.context import Context
from crm_api.core.http import Router, Visitor, public, requires

router = Router("appointments")
resources = Router("appointment-resources", tag="appointments")
capacities = Router("appointment-capacities", tag="appointments")
public_calendars = Router("public/calendars", tag="appointments")

Reader = Annotated[Context, requires("appointments:read")]
Writer = Annotated[Context, requires("appointments:write")]
Restorer = Annotated[Context, requires("admin:restore")]
Planner = Annotated[Context, requires("calendars:manage")]
Subscriber = Annotated[Visitor, public("the secret in the address is the proof")]

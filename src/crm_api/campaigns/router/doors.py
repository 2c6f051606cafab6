"""Who may come in, and for what."""

from typing import Annotated

from crm_api.core.context import Context
from crm_api.core.http import Router, requires

router = Router("campaigns")
lines = Router("campaign-lines", tag="campaigns")
Reader = Annotated[Context, requires("campaigns:read")]
Writer = Annotated[Context, requires("campaigns:write")]
Approver = Annotated[Context, requires("campaigns:approve")]
Launcher = Annotated[Context, requires("campaigns:launch")]

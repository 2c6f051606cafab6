"""Who may come in: the staff. None of these is in the documents of the portal or of partners."""

from typing import Annotated

from crm_api.core.context import Context
from crm_api.core.http import Router, requires

router = Router("discussions")
said = Router("discussion-messages", tag="discussions")
exports = Router("discussion-exports", tag="discussions")
Reader = Annotated[Context, requires("discussions:read")]
Writer = Annotated[Context, requires("discussions:write")]
Auditor = Annotated[Context, requires("discussions:audit", step_up=True)]

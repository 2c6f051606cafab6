from typing import Annotated

from crm_api.core.context import Context
from crm_api.core.http import Router, requires

router = Router("leads")
named_outside = Router("external-ids", tag="leads")
public = Router("public/leads", tag="leads")
partner = Router("partner/leads", tag="leads")
kpis = Router("lead-kpis", tag="leads")
rules = Router("lead-routing-rules", tag="leads")

Reader = Annotated[Context, requires("leads:read")]
Writer = Annotated[Context, requires("leads:write")]
Form = Annotated[Context, requires("leads:capture")]
Assigner = Annotated[Context, requires("leads:assign")]
Converter = Annotated[Context, requires("leads:convert")]
Deleter = Annotated[Context, requires("leads:delete")]
Restorer = Annotated[Context, requires("admin:restore")]
Unmasker = Annotated[Context, requires("leads:read", "pii:read")]
RuleWriter = Annotated[Context, requires("settings:manage")]

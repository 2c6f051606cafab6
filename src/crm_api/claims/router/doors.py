"""The doors of the domain: who may, and under which address."""

from typing import Annotated

from crm_api.core.context import Context
from crm_api.core.http import Router, requires

router = Router("claims")
recoveries = Router("recoveries", tag="claims")
settings_router = Router("claim-settings", tag="claims")
Reader = Annotated[Context, requires("claims:read")]
Declarer = Annotated[Context, requires("claims:declare")]
KeyedDeclarer = Annotated[Context, requires("claims:declare", keyed=True)]
Handler = Annotated[Context, requires("claims:write")]
Decider = Annotated[Context, requires("claims:decide")]
Payer = Annotated[Context, requires("claims:pay")]
Investigator = Annotated[Context, requires("claims:read", "claims:fraud")]
Unmasker = Annotated[Context, requires("claims:read", "pii:read")]
HealthReader = Annotated[Context, requires("claims:read", "health:read")]
HealthWriter = Annotated[Context, requires("claims:write", "health:read")]
Manager = Annotated[Context, requires("settings:manage")]

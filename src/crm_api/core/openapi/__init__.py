"""The contract: three OpenAPI documents made from the routes, the same bytes every time.

A router says only what nobody can guess; everything that follows from the conventions (docs/api-guide.md)
is added here, once. The keys a route may set in `openapi_extra` are listed in `extras`.
"""

from crm_api.core.openapi.document import FILES, documents, write
from crm_api.core.openapi.extras import Extras, refusals

__all__ = ["FILES", "Extras", "documents", "refusals", "write"]

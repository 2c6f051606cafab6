from typing import Annotated, Any

from fastapi import Path, Response

from crm_api.billing.paper import PaperPage
from crm_api.core.context import Context
from crm_api.core.http import Router, requires

receivables = Router("receivables")
instalments = Router("instalments", tag="receivables")
receipts = Router("premium-receipts", tag="receivables")
proposals = Router("dunning-proposals", tag="receivables")
write_offs = Router("write-offs", tag="receivables")
payments = Router("payments")
returns = Router("payment-returns", tag="payments")
credits = Router("customer-credits", tag="payments")
accounts = Router("accounts", tag="payments")
policies = Router("policies", tag="receivables")

DebtReader = Annotated[Context, requires("receivables:read")]
Collector = Annotated[Context, requires("collections:manage")]
GiverUp = Annotated[Context, requires("receivables:write_off")]
PaymentReader = Annotated[Context, requires("payments:read")]
Cashier = Annotated[Context, requires("payments:write")]
KeyedCashier = Annotated[Context, requires("payments:write", keyed=True)]
Refunder = Annotated[Context, requires("payments:refund")]
KeyedRefunder = Annotated[Context, requires("payments:refund", keyed=True)]
PolicyReader = Annotated[Context, requires("policies:read")]
PAPER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The page.",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}
Provider = Annotated[
    str,
    Path(
        description="The payment service.", pattern=r"^[a-z0-9_-]{2,40}$", max_length=40, examples=["satim"]
    ),
]
Intent = Annotated[
    str,
    Path(
        description="What it calls the payment.",
        pattern=r"^[!-~]{4,120}$",
        max_length=120,
        examples=["ord_9f2c41"],
    ),
]


def sheet(page: PaperPage) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{page.name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    return Response(page.content, media_type="application/pdf", headers=headers)

"""Clocks and complaints: how they are made, and what must be asked for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from survey.estate import Estate, Values

ANY = "00000000-0000-0000-0000-000000000000"
BODIES: Mapping[str, Mapping[str, Any]] = {"/v1/complaints": {"account_id": ANY}}
QUERIES: Mapping[str, Mapping[str, str]] = {
    "/v1/sla-kpis": {"start": "2026-11-01", "end": "2026-12-01"},
    "/v1/complaint-register": {"year": "2026", "quarter": "4"},
}


async def clock(estate: "Estate") -> "Values":
    """That of a ticket."""
    ticket = await estate.one("/v1/tickets/{ticket_id}")
    shown = await estate.send(estate.called("getTicket"), ticket)
    return {"sla_clock_id": str(shown.json()["sla_clock_id"])}

"""Tickets brought to where their parts can be made, and what their bodies must hold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from survey.estate import Estate, Values

ANY = "00000000-0000-0000-0000-000000000000"
BODIES: Mapping[str, Mapping[str, Any]] = {
    "/v1/tickets": {"account_id": ANY},
    "/v1/tickets/{ticket_id}/move": {"status": "solved"},
    "/v1/tickets/{ticket_id}/assign": {"owner_user_id": ANY},
    "/v1/ticket-rules": {"strategy": "account_manager"},
    "/v1/ticket-macros": {"actions": {"take": True}},
}


async def agent(estate: "Estate") -> "Values":
    """What a colleague can do is said, again and again: no creation."""
    operation = estate.called("describeTicketAgent")
    answer = await estate.send(operation, {}, await estate.body(operation))
    assert answer.status_code == 200, answer.text
    return {"ticket_agent_id": str(answer.json()["id"])}


async def message(estate: "Estate") -> "Values":
    """The one that a ticket began with."""
    ticket = await estate.another("/v1/tickets/{ticket_id}")
    rows = await estate.send(estate.called("listTicketMessages"), ticket)
    return ticket | {"ticket_message_id": str(rows.json()["data"][0]["id"])}


async def status(estate: "Estate") -> "Values":
    """One of those that every organization begins with."""
    rows = await estate.send(estate.called("listTicketStatuses"), {})
    return {"ticket_status_id": str(rows.json()["data"][0]["id"])}

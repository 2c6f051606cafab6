"""Every pair of states of a ticket: a step that the table lists is made, any other is refused."""

import pytest

from crm_api.tickets.models.words import TICKET, TicketStatus
from tickets.counter import Counter

pytestmark = pytest.mark.anyio


async def test_every_pair_of_states(counter: Counter) -> None:
    ticket = await counter.opened()
    wrong = []
    for current in TicketStatus:
        for wanted in TicketStatus:
            await counter.bring(ticket, status=str(current))
            answer = await counter.act(ticket, "move", {"status": wanted})
            now = (await counter.now(ticket))["status"]
            pair = f"{current} -> {wanted}: {answer.status_code} {answer.text}"
            if wanted in TICKET.allowed(current):
                wrong += [] if (answer.status_code, now) == (200, wanted) else [pair]
            else:
                told = answer.json()
                refused = (answer.status_code, told["code"], now) == (409, "invalid_transition", current)
                wrong += [] if refused and set(told["allowed"]) == set(TICKET.allowed(current)) else [pair]
    assert not wrong, "\n".join(wrong)


async def test_the_table_is_that_of_the_book() -> None:
    assert {state: set(TICKET.allowed(state)) for state in TICKET.states} == {
        "new": {"open", "solved", "closed"},
        "open": {"pending", "on_hold", "solved"},
        "pending": {"open", "on_hold", "solved"},
        "on_hold": {"open", "pending", "solved"},
        "solved": {"open", "closed"},
        "closed": set(),
    }

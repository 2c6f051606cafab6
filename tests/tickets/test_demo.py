"""The demonstration has tickets at every stage, each brought there by the steps of the product."""

import pytest

from crm_api.demo.acting import act, everybody
from crm_api.demo.requests import RequestDesk
from crm_api.tickets.models.words import TicketStatus
from tickets.counter import Counter

pytestmark = pytest.mark.anyio


async def test_there_are_tickets_in_every_state(counter: Counter) -> None:
    company, desk = counter.company, RequestDesk(7)
    state = company.app.state
    principal = everybody(company.admin.id, company.organization_id)
    for step in (desk.arrange, desk.receive, desk.share):
        await act(step, principal, state.database, state.tools)
    rows = await counter.owner.fetch("SELECT DISTINCT status FROM tickets")
    assert {row[0] for row in rows} == {status.value for status in TicketStatus} - {"new"} | {"open"}
    assert {*desk.objects} == {"ticket", "ticket_macro", "ticket_category", "ticket_incident"}

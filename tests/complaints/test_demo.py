"""The demonstration has complaints at every stage, each brought there by the steps of the product."""

import pytest

from complaints.conftest import Office
from crm_api.demo.acting import act, everybody
from crm_api.demo.grievances import SAID, GrievanceDesk

pytestmark = pytest.mark.anyio


async def test_there_are_complaints_at_every_stage(office: Office) -> None:
    company, desk = office.counter.company, GrievanceDesk()
    for number, name in zip(range(len(SAID) - 1), ("Kaci", "Meziane", "Haddad"), strict=True):
        person = {"last_name": name, "first_name": "Amine", "phones": [{"value": f"055012340{number}"}]}
        person |= {"create_household": True, "agency_id": str(office.counter.agency_id)}
        assert (await company.send("POST", "/v1/contacts", person)).status_code == 201
    state = company.app.state
    for step, who in ((desk.receive, company.admin.id), (desk.settle, office.supervisor.id)):
        principal = everybody(who, company.organization_id)
        await act(step, principal, state.database, state.tools)
    rows = await office.owner.fetch("SELECT status FROM complaints ORDER BY number")
    assert [row[0] for row in rows] == ["received", "acknowledged", "investigating", "closed"]
    assert {*desk.objects} == {"complaint"}

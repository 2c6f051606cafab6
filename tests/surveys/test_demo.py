"""The demonstration has rooms in which people talk, and surveys with answers."""

import pytest

from crm_api.demo.acting import act, everybody
from crm_api.demo.voices import voices
from surveys.desk import Desk

pytestmark = pytest.mark.anyio


async def test_people_talk_and_customers_answer(desk: Desk) -> None:
    company = desk.company
    agencies = [await company.agency()]
    lila = await company.hire()
    objects: dict[str, str] = {}
    state = desk.app.state
    for step, who in voices(company.admin.id, [company.admin.id, lila.id], agencies, objects):
        principal = everybody(who, company.organization_id)
        await act(step, principal, state.database, state.tools)
    assert {"discussion", "survey"} <= set(objects)
    said = await desk.got("/v1/discussion-messages", lila.headers, discussion_id=objects["discussion"])
    assert [one["mark"] for one in said["data"]] == ["decision", None, None, None]
    rows = await desk.owner.fetch("SELECT count(*) FROM survey_responses GROUP BY survey_id")
    assert [row[0] for row in rows] == [60, 60]

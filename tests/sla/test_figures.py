"""D-46 to D-50, from the counts and over HTTP."""

import pytest

from actors import actor
from crm_api.sla.clock import SlaCategory, SlaMetric
from crm_api.sla.figures import Tally, figures_of
from sla.conftest import Desk

pytestmark = pytest.mark.anyio
PERIOD = {"start": "2026-11-01", "end": "2026-12-01"}


def test_d48_188_of_200_were_answered_in_time() -> None:
    figures = {each.code: each for each in figures_of({SlaMetric.FIRST_REPLY: Tally(kept=188, broken=12)}, 7)}
    told = figures["first_response_sla"]  # type: ignore[index]
    assert (told.value, told.numerator, told.denominator) == ("0.9400", "188", "200")
    nothing = figures["resolution_sla"]  # type: ignore[index]
    assert (nothing.value, nothing.status) == (None, "no_data")
    assert figures["first_response_unanswered"].value == "7"  # type: ignore[index]


async def test_the_worked_numbers_come_out_of_what_happened(desk: Desk) -> None:
    desk.time.go("2026-11-19 16:00")
    clock = await desk.start()
    desk.time.go("2026-11-22 09:30")
    await desk.then("agent_answered", clock)  # D-46: 120 minutes
    for asked, told in (("10:00", "11:00"), ("12:30", "14:30"), ("15:00", "15:30")):  # D-47: 60, 120, 30
        desk.time.go(f"2026-11-22 {asked}")
        await desk.then("customer_wrote", clock)
        desk.time.go(f"2026-11-22 {told}")
        await desk.then("agent_answered", clock)
    desk.time.go("2026-11-22 16:30")
    await desk.then("moved", clock, SlaCategory.SOLVED)
    desk.time.go("2026-11-19 15:00")
    unanswered = await desk.start()
    analyst = actor(desk.organization_id, "analytics:read")
    answer = await desk.client.get("/v1/sla-kpis", params=PERIOD, headers=analyst)
    assert answer.status_code == 200, answer.text
    told_of = {each["code"]: each["value"] for each in answer.json()["data"]}
    assert told_of == {
        "first_response_time_mean": "120.0",
        "first_response_time_median": "120.0",
        "first_response_time_p90": "120.0",
        "first_response_unanswered": "1",
        "avg_response_time": "82.5",  # with the first one: 330 minutes in four answers
        "first_response_sla": "1.0000",
        "resolution_sla": "1.0000",
        "resolution_time": "510.0",
        "resolution_time_calendar": "4350.0",
    }
    assert unanswered.next_due_at is not None
    nobody = actor(desk.organization_id, "analytics:read", data_scope="agency")
    answer = await desk.client.get("/v1/sla-kpis", params=PERIOD, headers=nobody)
    assert {each["status"] for each in answer.json()["data"] if each["unit"] != "count"} == {"no_data"}

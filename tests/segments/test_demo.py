"""The demonstration begins with the segments of domain.md M, and a worker finds who is in them."""

import pytest

from crm_api.core.context import Context
from crm_api.demo.acting import act, everybody
from crm_api.demo.marketing.segments import SEGMENTS, segment_customers
from crm_api.kit.clock import today
from segments.desk import Desk

pytestmark = pytest.mark.anyio


async def test_ten_segments_are_built_and_their_people_are_the_right_ones(desk: Desk) -> None:
    karim = await desk.customer(birth_date=f"1985-{today().month:02}-17")
    for expires in (20, 200):
        await desk.contract(karim, expires)
    former = await desk.customer("Ancien")
    past = await desk.contract(former, -100)
    await desk.owner.execute("UPDATE policies SET status = 'expired' WHERE number = $1", past["number"])
    company, state = desk.company, desk.app.state

    async def step(ctx: Context) -> None:
        await segment_customers(ctx)

    principal = everybody(company.admin.id, company.organization_id)
    await act(step, principal, state.database, state.tools)
    await desk.work()
    listed = (await desk.got("/v1/segments", limit=50))["data"]
    found = {one["name"]: one for one in listed}
    assert set(found) == set(SEGMENTS)
    assert {one["status"] for one in listed} == {"active"}
    expected = {
        "Échéance auto 30 j": {karim},
        "Clients multi-contrats": {karim},
        "Anciens clients 12 mois": {former},
        "Anniversaires du mois": {karim},
        "Entreprises flotte ≥ 5": set(),
    }
    assert {name: await desk.members(found[name]) for name in expected} == expected

"""The sales of the demonstration are made by the use cases of the product."""

import pytest

from crm_api.demo.acting import act, everybody
from crm_api.demo.sales import SalesDesk
from opportunities.sales import Sales

pytestmark = pytest.mark.anyio


async def test_the_demonstration_shows_sales_of_every_kind(sales: Sales) -> None:
    company = sales.company
    region = (await sales.get(f"/v1/agencies/{sales.agency_id}"))["region_id"]
    desk = SalesDesk([(str(company.admin.id), str(sales.agency_id))], [region], 60)
    who = everybody(company.admin.id, company.organization_id)
    await act(desk.work, who, company.app.state.database, company.app.state.tools)
    counts = {
        status: (await sales.get("/v1/opportunities/count", status=status))["count"]
        for status in ("open", "won", "lost")
    }
    assert sum(counts.values()) == 60
    assert all(counts.values())
    shown = await sales.get(f"/v1/opportunities/{desk.objects['opportunity']}")
    assert (shown["status"], shown["stage"]) == ("open", "qualification")
    assert (await sales.get(f"/v1/sales-targets/{desk.objects['sales_target']}"))["level"] == "company"
    assert len((await sales.get("/v1/forecasts/snapshots"))["data"]) == 1

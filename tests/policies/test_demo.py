"""The contracts of the demonstration are made by the use cases of the product."""

import pytest

from crm_api.demo.acting import act, everybody
from crm_api.demo.portfolio import PortfolioDesk
from crm_api.policies.models.policy import POLICY
from policies.portfolio import Portfolio

pytestmark = pytest.mark.anyio


async def test_the_demonstration_shows_contracts_in_every_state(portfolio: Portfolio) -> None:
    company = portfolio.company
    desk = PortfolioDesk([(company.admin.id, portfolio.agency_id)], 80)
    who = everybody(company.admin.id, company.organization_id)
    await act(desk.work, who, company.app.state.database, company.app.state.tools)
    counts = {
        status: (await portfolio.get("/v1/policies/count", status=status))["count"]
        for status in POLICY.states
    }
    assert all(counts.values()), counts
    assert counts["in_force"] > sum(counts.values()) / 2
    cars = (await portfolio.get("/v1/policies/count", product_code="AUTO_P"))["count"]
    assert 0.65 < cars / sum(counts.values()) < 0.9
    assert {"policy", "insured_object", "endorsement"} <= desk.objects.keys()
    shown = await portfolio.get(f"/v1/policies/{desk.objects['policy']}")
    assert shown["status"] == "in_force"

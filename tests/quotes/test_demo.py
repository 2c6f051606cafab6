"""The quotes of the demonstration are made by the use cases of the product."""

from collections import Counter

import pytest

from crm_api.core.context import Context
from crm_api.demo.acting import act, everybody
from crm_api.demo.offers import quote
from quotes.desk import Desk

pytestmark = pytest.mark.anyio


async def test_the_demonstration_shows_quotes_of_every_kind(desk: Desk) -> None:
    company, made = desk.company, {}

    async def offer(ctx: Context) -> None:
        made.update(await quote(ctx, [(desk.seller.id, desk.agency_id)]))

    who = everybody(company.admin.id, company.organization_id)
    await act(offer, who, company.app.state.database, company.app.state.tools)
    page = await desk.client.get("/v1/quotes", params={"limit": 200}, headers=company.admin.headers)
    found = Counter(row["status"] for row in page.json()["data"])
    states = {"draft", "rated", "needs_referral", "sent", "viewed", "declined", "expired", "superseded"}
    assert set(found) == states
    shown = await desk.client.get(f"/v1/quotes/{made['quote']}", headers=company.admin.headers)
    assert shown.json()["status"] == "sent"

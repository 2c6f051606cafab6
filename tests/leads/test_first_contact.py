"""Until when a new lead should be reached: in the working time of its agency (domain.md B-7)."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from company import open_company
from crm_api.calendars.service import CalendarService
from crm_api.kit.business_time import Calendar
from crm_api.kit.clock import ALGIERS
from crm_api.leads.columns import due

pytestmark = pytest.mark.anyio
LEAD = {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56", "source": "phone"}


async def test_the_deadline_is_within_working_hours(app: FastAPI, client: httpx.AsyncClient) -> None:
    company = await open_company(app, client)
    made = (await company.send("POST", "/v1/leads", LEAD)).json()
    ctx = company.context()
    hours = await CalendarService(ctx).for_agency(None)
    await ctx.close()
    recorded, until = (datetime.fromisoformat(made[name]) for name in ("created_at", "first_contact_due_at"))
    worked = hours.time_between(recorded, until)
    assert abs(worked - timedelta(hours=4)) < timedelta(seconds=5)


def test_a_house_that_never_opens_still_has_people_waiting() -> None:
    since = datetime(2026, 11, 26, 15, tzinfo=UTC)
    closed = Calendar(ALGIERS, {})
    assert due({"score_band": "hot"}, since, closed) == since + timedelta(minutes=30)

"""D-1 to D-3 of the KPI book, with its worked numbers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from actors import Headers, actor
from company import Company, open_company
from crm_api.core.principal import DataScope
from crm_api.leads.figures import figures_of, median, percentile
from leads.people import KARIM

pytestmark = pytest.mark.anyio
PERIOD = {"start": "2026-11-01", "end": "2026-12-01"}
SUNDAY = datetime(2026, 11, 15, 8, 0, tzinfo=UTC)
"""09:00 in Algiers, on a working day."""


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


async def the_book(company: Company, owner: asyncpg.Connection) -> str:
    """160 leads of November: 8 duplicates, 38 converted, five reached; one of them a day later."""
    made = await company.send("POST", "/v1/leads", KARIM)
    assert made.status_code == 201, made.text
    template = made.json()["id"]
    columns = await owner.fetchval(
        """SELECT string_agg(quote_ident(column_name), ',') FROM information_schema.columns
        WHERE table_name = 'leads' AND is_generated = 'NEVER' AND column_name NOT IN
        ('id', 'number', 'created_at', 'status', 'disqualify_reason', 'converted_at', 'first_contacted_at')"""
    )
    await owner.execute(
        f"""INSERT INTO leads (id, number, created_at, status, disqualify_reason, converted_at,
            first_contacted_at, {columns})
        SELECT gen_random_uuid(), 'P-' || n, $2::timestamptz,
            CASE WHEN n <= 8 THEN 'disqualified' WHEN n <= 46 THEN 'converted' ELSE 'new' END,
            CASE WHEN n <= 8 THEN 'duplicate' END,
            CASE WHEN n BETWEEN 9 AND 46 THEN $2::timestamptz + n * interval '6 hours' END,
            $2::timestamptz + ($3::interval[])[n - 100], {columns}
        FROM leads, generate_series(1, 160) AS n WHERE id = $1""",
        template,
        SUNDAY,
        [timedelta(minutes=each) for each in (12, 25, 47, 160)] + [timedelta(days=1)],
    )
    await owner.execute("DELETE FROM leads WHERE id = $1", template)
    return str(template)


async def figures(company: Company, by: Headers | None = None, **query: Any) -> dict[str, dict[str, Any]]:
    answer = await company.client.get(
        "/v1/lead-kpis", params=PERIOD | query, headers=by or company.admin.headers
    )
    assert answer.status_code == 200, answer.text
    return {one["code"]: one for one in answer.json()["data"]}


async def test_one_lead_in_four_became_a_customer(company: Company, owner: asyncpg.Connection) -> None:
    """D-1, D-2: 38 of 152, for 8 of the 160 are duplicates."""
    await the_book(company, owner)
    found = await figures(company)
    rate = found["lead_conversion_rate"]
    assert (rate["value"], rate["numerator"], rate["denominator"]) == ("0.2500", "38", "152")
    assert found["leads_created"]["value"] == "152"
    within = await figures(company, horizon_days=7)
    assert within["lead_conversion_rate"]["numerator"] == "20"  # the 9th to the 28th quarter of a day
    event = (await figures(company, basis="event", end="2026-11-20"))["lead_conversion_rate"]
    assert (event["numerator"], event["denominator"]) == ("10", "152")  # before midnight of the 19th
    later = (await figures(company, basis="event", start="2026-11-20"))["lead_conversion_rate"]
    assert (later["value"], later["numerator"]) == (None, "28")  # none came in: no rate, not zero


async def test_half_of_those_reached_were_called_within_47_working_minutes(
    company: Company, owner: asyncpg.Connection
) -> None:
    """D-3: 12, 25, 47, 160 and 480 minutes of an agency that is open eight hours a day."""
    await the_book(company, owner)
    found = await figures(company)
    assert found["lead_response_time_median"]["value"] == "47.0"
    assert found["lead_response_time_p90"]["value"] == "480"
    mean = found["lead_response_time_mean"]
    assert (mean["value"], mean["numerator"], mean["denominator"]) == ("144.8", "724", "5")
    assert found["leads_uncontacted"]["value"] == "147"


async def test_only_leads_in_sight_count_and_a_period_has_an_order(
    company: Company, owner: asyncpg.Connection
) -> None:
    await the_book(company, owner)
    stranger = actor(company.organization_id, "leads:read", data_scope=DataScope.OWN)
    nothing = await figures(company, stranger)
    assert nothing["leads_created"]["value"] == "0"
    assert nothing["lead_response_time_median"]["status"] == "no_data"
    assert (await figures(company, source="comparator"))["leads_created"]["value"] == "0"
    backwards = await company.client.get(
        "/v1/lead-kpis", params={"start": "2026-12-01", "end": "2026-11-01"}, headers=company.admin.headers
    )
    assert backwards.status_code == 422
    nobody = actor(company.organization_id, "accounts:read")
    assert (await company.client.get("/v1/lead-kpis", params=PERIOD, headers=nobody)).status_code == 403


def test_more_conversions_than_leads_are_flagged() -> None:
    assert figures_of(2, 3, 0, [])[0].status == "above_one"


@given(st.lists(st.integers(0, 10_000), min_size=1))
def test_a_median_has_half_on_each_side_and_a_percentile_its_share(minutes: list[int]) -> None:
    ordered = sorted(minutes)
    middle, high = median(ordered), percentile(ordered, 90)
    assert middle is not None
    assert high is not None
    assert 2 * sum(each < middle for each in ordered) <= len(ordered)
    assert 2 * sum(each > middle for each in ordered) <= len(ordered)
    assert 100 * sum(each <= high for each in ordered) >= 90 * len(ordered)
    assert high in ordered

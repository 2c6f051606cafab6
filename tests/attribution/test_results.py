"""The thesis screen (domain.md F-8): what a campaign came to, from the rows that others wrote."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from crm_api.attribution.service import credited
from policies.portfolio import Portfolio, dinars, products_of
from tracking.site import Site, open_site

pytestmark = pytest.mark.anyio
SOLD = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
async def site(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Site:
    return await open_site(app, client, owner)


async def launched(site: Site) -> dict[str, Any]:
    dinars = {"amount": "24000.00", "currency": "DZD"}
    body = {
        "name": "Écran du mémoire",
        "objective": "acquisition",
        "channels": ["social_ads"],
        "budget_amount": dinars,
    }
    made = await site.call("POST", "/v1/campaigns", body)
    await site.owner.execute(
        """UPDATE campaigns SET status = 'running', launched_at = now() - interval '20 days',
        spent_amount = 2400000 WHERE id = $1""",
        UUID(made["id"]),
    )
    return made


async def reckoned(
    site: Site, campaign: dict[str, Any], **query: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    await site.gather("reckon_campaigns")
    found = await site.got(f"/v1/campaigns/{campaign['id']}/results", **query)
    return found, {one["code"]: one["value"] for one in found["figures"]}


async def test_the_thesis_screen(site: Site) -> None:
    campaign = await launched(site)
    ours, id, owner = site.company.organization_id, UUID(campaign["id"]), site.owner
    utm = campaign["utm"].get("campaign") or campaign["number"].lower()
    karim = await site.customer()
    moment = datetime.now(UTC) - timedelta(days=3)
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(
            """INSERT INTO web_sessions
                (organization_id, id, consent, started_at, ended_at, device, utm, is_bot,
                events, page_views, conversions, goal_value, updated_at)
            SELECT $1, gen_random_uuid(), false, $2, $2, 'mobile',
                jsonb_build_object('campaign', $3::text), false,
                1, 1, (n <= 188)::int, 0, $2 FROM generate_series(1, 12569) n""",
            *(ours, moment, utm),
        )
        send = uuid4()
        await owner.execute(
            """INSERT INTO sends
                (organization_id, id, version, source_type, source_id, key, name, channel,
                contents, scheduled_at, status)
            VALUES ($1, $2, 1, 'campaign', $3, 'A', 'A', 'email', '{}', $4,
                'done')""",
            *(ours, send, id, moment),
        )
        await owner.execute(
            """INSERT INTO messages
                (organization_id, id, version, send_id, contact_id, channel, status, next_at,
                delivered_at, language)
            SELECT $1, gen_random_uuid(), 1, $2, gen_random_uuid(), 'email', 'delivered', $3, $3,
                'fr'
            FROM generate_series(1, 1500)""",
            *(ours, send, moment),
        )
        await owner.execute(
            """INSERT INTO send_counts
                (organization_id, send_id, shard, targeted, sent, delivered, opened, clicked,
                hard_bounced, soft_bounced, unsubscribed)
            VALUES ($1, $2, 0, 10000, 10000, 9700, 2425, 388, 180, 120, 29)""",
            *(ours, send),
        )
        await owner.execute(
            """INSERT INTO touches
                (organization_id, source_id, contact_id, campaign_id, kind, at)
            SELECT $1, gen_random_uuid(), CASE WHEN n = 1 THEN $3::uuid ELSE gen_random_uuid() END,
                $2, 'click', $4
            FROM generate_series(1, 2488) n""",
            *(ours, id, UUID(karim["id"]), moment),
        )
    page = {"full_name": "Nadia HAMIDI", "source": "campaign", "campaign_id": campaign["id"]}
    for n in range(12):
        await site.call("POST", "/v1/leads", page | {"phone": f"06610011{n:02d}"})
    _, before = await reckoned(site, campaign)
    assert (before["attributed_revenue"], before["campaign_roi"]) == ("0.00", "-1.0000")
    policy, book = await sold(site, karim, "59388.70")
    found, screen = await reckoned(site, campaign, margin_rate="0.5")
    assert {name: screen[name] for name in EXPECTED} == EXPECTED
    compared = await site.got("/v1/campaign-comparisons", campaign_id=[campaign["id"]], margin_rate="0.5")
    assert compared["data"] == [found]
    await book.done(policy, "cancel")
    _, reversed_sale = await reckoned(site, campaign)
    assert (reversed_sale["attributed_revenue"], reversed_sale["policies"]) == ("0.00", "0")


async def sold(site: Site, person: dict[str, Any], net: str) -> tuple[dict[str, Any], Portfolio]:
    """A contract of that person, issued today."""
    await products_of(site.owner, site.company.organization_id)
    row = await site.owner.fetchrow(
        "SELECT account_id FROM contact_account_links WHERE contact_id = $1", UUID(person["id"])
    )
    listed = await site.got("/v1/agencies", limit=1)
    book = Portfolio(site.company, site.owner, UUID(listed["data"][0]["id"]), str(row["account_id"]))
    policy = await book.policy(
        *("issued",),
        net_premium=dinars(net),
        policyholder_contact_id=person["id"],
        agency_id=str(book.agency_id),
    )
    return policy, book


EXPECTED = {
    "sessions": "12569",
    "contacts_reached": "1500",
    "new_contacts": "12",
    "contacts_influenced": "2500",
    "attributed_revenue": "59388.70",
    "cost": "24000.00",
    "campaign_roi": "1.4745",
    "roas": "2.4745",
    "margin_roi": "0.2373",
    "cost_per_lead": "2000.00",
    "cpa": "24000.00",
    "delivery_rate": "0.9700",
    "open_rate": "0.2500",
    "ctr": "0.0400",
    "ctor": "0.1600",
    "bounce_rate": "0.0300",
    "unsubscribe_rate": "0.0030",
    "complaint_rate": "0.0000",
    "conversion_rate_web": "0.0150",
}


async def test_a_campaign_of_which_nothing_is_known_says_no_data(site: Site) -> None:
    body: dict[str, Any] = {"name": "Vide", "objective": "renewal", "channels": ["letter"]}
    body |= {"budget_amount": {"amount": "0.00", "currency": "DZD"}}
    made = await site.call("POST", "/v1/campaigns", body)
    found = await site.got(f"/v1/campaigns/{made['id']}/results")
    nothing = {one["code"]: (one["value"], one["status"]) for one in found["figures"]}
    assert nothing.pop("cost") == ("0.00", "ok")
    assert set(nothing.values()) == {(None, "no_data")}
    assert found["lift"]["value"] is None
    missing = await site.company.client.get(
        f"/v1/campaigns/{uuid4()}/results", headers=site.company.admin.headers
    )
    assert missing.status_code == 404


def test_a_sale_is_credited_once_by_each_model_and_a_first_one_brings_a_customer() -> None:
    ours, other, sale, buyer = (UUID(int=n) for n in (1, 2, 3, 4))
    line = (sale, 6_000_000, SOLD, buyer, True)
    rows = [
        (*line, SOLD - timedelta(days=20), ours, "email"),
        (*line, SOLD - timedelta(days=10), other, "email"),
        (*line, SOLD - timedelta(days=3), None, None),
    ]
    revenue, sold, customers = credited(ours, rows, 7)
    assert (sold, customers) == (1, 1)
    assert revenue == {
        "first": 6_000_000,
        "last": 0,
        "linear": 2_000_000,
        "time_decay": 661_128,
        "position": 2_400_000,
    }
    assert credited(UUID(int=9), rows, 7)[1:] == (0, 0)

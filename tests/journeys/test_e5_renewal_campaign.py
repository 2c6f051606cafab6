"""Journey E-5: a renewal campaign with an A/B test, over a real mail server, from the segment to the rest.

Attribution and the return on it are `attribution`'s part of this journey.
"""

from collections import Counter

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from campaigns.desk import TEST, Desk, open_desk, variants
from mailings.post import catching

pytestmark = pytest.mark.anyio


async def _clicks(desk: Desk, campaign: str, clicks: dict[str, int]) -> None:
    """All messages of the sample were delivered, and so many people of each variant followed the link."""
    await desk.owner.execute("UPDATE send_counts SET delivered = sent")
    for variant, count in clicks.items():
        await desk.owner.execute(
            """UPDATE send_counts c SET clicked = $3 FROM sends s WHERE s.id = c.send_id AND s.source_id = $1
            AND s.variant = $2 AND c.shard = (SELECT min(shard) FROM send_counts WHERE send_id = s.id)""",
            campaign,
            variant,
            count,
        )


async def test_a_renewal_campaign_from_the_segment_to_the_rest_of_its_audience(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    desk = await open_desk(app, client, owner)
    with catching() as catcher:
        await owner.execute(
            """INSERT INTO message_providers (organization_id, id, name, channel, host, port, security,
            priority, is_active, version) VALUES ($1, gen_random_uuid(), 'Relais', 'email', '127.0.0.1', $2,
            'none', 10, true, 1)""",
            desk.company.organization_id,
            catcher.port,
        )
        people = await desk.people(120)
        silent = await desk.people(5, consent=False, prefix="muet")
        segment = await desk.segment([*people, *silent])
        campaign = await desk.approved(
            segment_ids=[segment],
            holdout_percent=5,
            respects_hours=False,
            variants=variants(await desk.content(), 50, 50),
            test=TEST | {"sample_percent": 75},
        )
        ready = await desk.got(f"/v1/campaigns/{campaign['id']}/readiness")
        assert ready["ready"] is True, ready
        await desk.step(campaign, "launch")
        await desk.work()

        parts = Counter(row[0] for row in await owner.fetch("SELECT part FROM campaign_recipients"))
        assert parts["left_out"] == 5
        assert len(catcher.mails) == parts["sample"]

        await _clicks(desk, campaign["id"], {"A": 2, "B": 25})
        early = await desk.got(f"/v1/campaigns/{campaign['id']}/test")
        assert (early["outcome"], early["comparisons"]) == (None, [])
        await desk.after_test(campaign)
        await desk.work()
        verdict = await desk.got(f"/v1/campaigns/{campaign['id']}/test")
        assert (verdict["outcome"], verdict["winner"]) == ("winner", "B")

        written = Counter(str(mail["To"]) for mail in catcher.mails)
        assert len(written) == parts["sample"] + parts["rest"]
        assert set(written.values()) == set(catcher.ledger.values()) == {1}
        held = await owner.fetch(
            """SELECT c.primary_email FROM contacts c JOIN campaign_recipients r ON r.contact_id = c.id
            WHERE r.part IN ('holdout', 'left_out')"""
        )
        assert not {row[0] for row in held} & written.keys()
        assert (await desk.step(campaign, "complete"))["status"] == "completed"

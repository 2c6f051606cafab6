"""From the dry run to the frozen audience, and what may happen on the way."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.desk import TEST, Desk, variants
from crm_api.core.db import now
from crm_api.kit.schemas import in_utc

pytestmark = pytest.mark.anyio


async def _checks(desk: Desk, campaign: dict[str, Any]) -> dict[str, str]:
    seen = await desk.got(f"/v1/campaigns/{campaign['id']}/readiness")
    return {one["code"]: one["state"] for one in seen["checks"]}


async def test_a_dry_run_tells_who_would_be_written_to_and_why_others_would_not(desk: Desk) -> None:
    agreed = await desk.people(20)
    silent = await desk.people(5, consent=False, prefix="muet")
    await desk.agree(withdrawn := await desk.people(2, prefix="parti"), "withdrawn")
    arabic = await desk.people(4, language="ar", prefix="ar")
    segment = await desk.segment([*agreed, *silent, *withdrawn, *arabic])
    excluded = await desk.segment(agreed[:3], "Exclus")
    said = [await desk.content(), await desk.content("ar")]
    campaign = await desk.draft(
        segment_ids=[segment],
        exclusion_segment_ids=[excluded],
        variants=[{"code": "A", "weight": 100, "contents": said}],
    )
    seen = await desk.got(f"/v1/campaigns/{campaign['id']}/audience")
    assert (seen["targeted"], seen["reachable"]) == (28, 21)
    assert seen["left_out"] == {"not_granted": 7}
    assert (seen["by_channel"], seen["by_language"]) == ({"email": 21}, {"fr": 17, "ar": 4})
    assert seen["by_variant"] == {"A": 21}
    assert await desk.owner.fetchval("SELECT count(*) FROM campaign_recipients") == 0


async def test_the_checklist_names_what_is_missing(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(3))
    content = await desk.content(approved=False)
    campaign = await desk.draft(
        segment_ids=[segment],
        variants=[
            {"code": "A", "weight": 50, "contents": [content]},
            {"code": "B", "weight": 50, "contents": []},
        ],
        budget_amount={"amount": "0.00", "currency": "DZD"},
    )
    checks = await _checks(desk, campaign)
    assert {code for code, state in checks.items() if state == "failed"} == {
        *("variants", "templates", "approval"),
    }
    seen = await desk.got(f"/v1/campaigns/{campaign['id']}/readiness")
    assert seen["ready"] is False
    assert "B email fr" in next(one["detail"] for one in seen["checks"] if one["code"] == "variants")


async def test_who_is_not_ready_is_not_launched(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(3))
    content = await desk.content(approved=False)
    campaign = await desk.approved(segment_ids=[segment], variants=variants(content, 100))
    assert await desk.refused(campaign, "launch") == (409, "campaign_not_ready")


async def test_the_page_of_a_campaign_is_a_link_of_its_messages(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(3))
    content = await desk.content()
    await desk.owner.execute(
        """UPDATE templates SET text = text || ' {{ landing_url }}', variables = variables || '{landing_url}'
        WHERE id = $1""",
        content["template_version_id"],
    )
    about: dict[str, Any] = {"segment_ids": [segment], "variants": variants(content, 100)}
    nowhere = await desk.approved(**about)
    assert (await _checks(desk, nowhere))["variables"] == "failed"
    page = "https://www.elamana.example/auto?offre=3&x=1"
    campaign = await desk.approved(**about, landing_url=page, respects_hours=False)
    assert (await _checks(desk, campaign))["variables"] == "passed"
    await desk.step(campaign, "launch")
    await desk.work()
    contents = await desk.owner.fetchval("SELECT contents::text FROM sends")
    assert page in contents
    assert "landing_url" not in contents


async def test_a_launch_freezes_the_audience_and_queues_its_messages(desk: Desk) -> None:
    people = await desk.people(40)
    silent = await desk.people(6, consent=False, prefix="muet")
    segment = await desk.segment([*people, *silent])
    campaign = await desk.launched(
        segment_ids=[segment], holdout_percent=20, variants=variants(await desk.content(), 50, 50)
    )
    assert campaign["status"] == "running"
    assert (campaign["targeted"], campaign["left_out"]) == (46, {"not_granted": 6})
    parts = await desk.owner.fetch("SELECT part, count(*) FROM campaign_recipients GROUP BY part")
    counted = {row[0]: row[1] for row in parts}
    assert counted["left_out"] == 6
    assert counted["holdout"] == campaign["held_out"]
    assert counted["rest"] + counted["holdout"] == 40
    written = await desk.owner.fetch(
        """SELECT m.contact_id, m.variant FROM messages m JOIN sends s ON s.id = m.send_id
        WHERE s.source_id = $1""",
        campaign["id"],
    )
    frozen = await desk.owner.fetch("SELECT contact_id, variant FROM campaign_recipients WHERE part = 'rest'")
    assert sorted(map(tuple, written)) == sorted(map(tuple, frozen))


async def test_who_joins_the_segment_later_is_not_written_to(desk: Desk) -> None:
    people = await desk.people(5)
    segment = await desk.segment(people)
    await desk.launched(segment_ids=[segment], variants=variants(await desk.content(), 100))
    await desk.owner.execute("UPDATE segment_members SET left_at = now()")
    assert await desk.owner.fetchval("SELECT count(*) FROM campaign_recipients") == 5


async def test_a_campaign_is_launched_once(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(3))
    campaign = await desk.approved(segment_ids=[segment], variants=variants(await desk.content(), 100))
    await desk.step(campaign, "launch")
    assert await desk.refused(campaign, "launch") == (409, "campaign_launching")
    await desk.work()
    assert await desk.refused(campaign, "launch") == (409, "invalid_transition")


async def test_an_audience_that_grew_past_a_thousand_needs_a_second_person_at_the_launch(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(3))
    body = {"segment_ids": [segment], "variants": variants(await desk.content(), 100)}
    campaign = await desk.call("POST", "/v1/campaigns", desk.base | body, desk.manager)
    await desk.step(campaign, "submit")
    await desk.step(campaign, "approve", {})
    await desk.join(segment, await desk.people(1000, prefix="neuf"))
    assert (await _checks(desk, campaign))["approval"] == "failed"
    assert await desk.refused(campaign, "launch") == (409, "campaign_not_ready")


async def test_a_running_campaign_is_paused_resumed_and_ended(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(3))
    campaign = await desk.launched(segment_ids=[segment], variants=variants(await desk.content(), 100))
    statuses = "SELECT DISTINCT status FROM sends"
    assert (await desk.step(campaign, "pause"))["status"] == "paused"
    assert await desk.owner.fetchval(statuses) == "paused"
    assert await desk.refused(campaign, "launch") == (409, "invalid_transition")
    assert (await desk.step(campaign, "resume"))["status"] == "running"
    assert await desk.owner.fetchval(statuses) == "sending"
    await desk.step(campaign, "pause")
    ended = await desk.step(campaign, "complete")
    assert (ended["status"], ended["completed_at"] is not None) == ("completed", True)
    assert await desk.owner.fetchval(statuses) == "cancelled"


async def test_a_scheduled_campaign_can_be_taken_back(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(3))
    campaign = await desk.approved(segment_ids=[segment], variants=variants(await desk.content(), 100))
    tomorrow = {"starts_at": in_utc(now() + timedelta(days=1))}
    assert (await desk.step(campaign, "schedule", tomorrow))["status"] == "scheduled"
    assert (await desk.step(campaign, "unschedule"))["status"] == "approved"
    yesterday = {"starts_at": in_utc(now() - timedelta(days=1))}
    assert await desk.refused(campaign, "schedule", yesterday) == (422, "campaign_start_past")


async def test_a_scheduled_campaign_starts_by_itself(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(3))
    campaign = await desk.approved(segment_ids=[segment], variants=variants(await desk.content(), 100))
    await desk.step(campaign, "schedule", {"starts_at": in_utc(now() + timedelta(hours=1))})
    await desk.owner.execute("UPDATE pgqueuer SET execute_after = now() WHERE entrypoint = 'start_campaign'")
    await desk.work()
    assert (await desk.got(f"/v1/campaigns/{campaign['id']}"))["status"] == "running"


async def test_a_campaign_of_advertisements_runs_without_an_audience(desk: Desk) -> None:
    campaign = await desk.launched(channels=["social_ads", "event"])
    assert (campaign["status"], campaign["targeted"]) == ("running", 0)
    assert await desk.owner.fetchval("SELECT count(*) FROM sends") == 0


async def test_results_of_a_test_carry_no_verdict_before_its_end(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(200))
    campaign = await desk.launched(
        segment_ids=[segment],
        variants=variants(await desk.content(), 50, 50),
        test=TEST | {"sample_percent": 60, "duration_hours": 24},
    )
    await desk.outcome(campaign, {"A": 2, "B": 40})
    await desk.work()
    seen = await desk.got(f"/v1/campaigns/{campaign['id']}/test")
    assert [arm["successes"] for arm in seen["arms"]] == [2, 40]
    assert (seen["outcome"], seen["winner"], seen["comparisons"]) == (None, None, [])
    assert await desk.refused(campaign, "winner", {"variant": "B"}) == (409, "campaign_test_running")


async def test_at_its_planned_end_the_winner_goes_to_the_rest(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(300))
    campaign = await desk.launched(
        segment_ids=[segment],
        variants=variants(await desk.content(), 50, 50),
        holdout_percent=10,
        test=TEST | {"sample_percent": 50},
    )
    await desk.outcome(campaign, {"A": 3, "B": 30})
    await desk.after_test(campaign)
    seen = await desk.got(f"/v1/campaigns/{campaign['id']}/test")
    assert (seen["outcome"], seen["winner"], seen["why"]) == ("winner", "B", "proven")
    assert float(seen["comparisons"][0]["p"]) < 0.05
    rest = await desk.owner.fetch("SELECT DISTINCT variant FROM campaign_recipients WHERE part = 'rest'")
    assert [row[0] for row in rest] == ["B"]
    twice = await desk.owner.fetchval(
        "SELECT count(*) FROM (SELECT contact_id FROM messages GROUP BY contact_id HAVING count(*) > 1) t"
    )
    held = await desk.owner.fetchval(
        """SELECT count(*) FROM messages m JOIN campaign_recipients r
        ON r.contact_id = m.contact_id AND r.part = 'holdout'"""
    )
    assert (twice, held) == (0, 0)
    told = await desk.owner.fetchval("SELECT count(*) FROM event_log WHERE kind = 'campaign.winner_chosen'")
    assert told == 1


async def test_a_test_that_proves_nothing_is_not_conclusive_and_waits_for_somebody(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(200))
    campaign = await desk.launched(
        segment_ids=[segment],
        variants=variants(await desk.content(), 50, 50),
        test=TEST | {"sample_percent": 60},
    )
    await desk.outcome(campaign, {"A": 10, "B": 11})
    await desk.after_test(campaign)
    seen = await desk.got(f"/v1/campaigns/{campaign['id']}/test")
    assert (seen["outcome"], seen["winner"], seen["label"]) == ("inconclusive", None, "Non concluant")
    assert seen["rest_sent_at"] is None
    chosen = await desk.step(campaign, "winner", {"variant": "A"})
    assert (chosen["test_outcome"], chosen["winner"]) == ("chosen", "A")
    assert await desk.refused(campaign, "winner", {"variant": "B"}) == (409, "campaign_test_decided")


async def test_an_inconclusive_test_may_split_the_rest(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(200))
    campaign = await desk.launched(
        segment_ids=[segment],
        variants=variants(await desk.content(), 50, 50),
        test=TEST | {"sample_percent": 50, "when_inconclusive": "split"},
    )
    await desk.outcome(campaign, {"A": 10, "B": 10})
    await desk.after_test(campaign)
    rest = await desk.owner.fetch(
        "SELECT variant, count(*) FROM campaign_recipients WHERE part = 'rest' GROUP BY variant ORDER BY 1"
    )
    assert [row[0] for row in rest] == ["A", "B"]


async def test_too_few_people_prove_nothing(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(80))
    campaign = await desk.launched(
        segment_ids=[segment],
        variants=variants(await desk.content(), 50, 50),
        test=TEST | {"sample_percent": 50, "min_sample": 500},
    )
    await desk.outcome(campaign, {"A": 0, "B": 15})
    await desk.after_test(campaign)
    seen = await desk.got(f"/v1/campaigns/{campaign['id']}/test")
    assert (seen["outcome"], seen["why"]) == ("inconclusive", "too_few")


async def test_a_pause_moves_the_end_of_the_test(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(80))
    campaign = await desk.launched(
        segment_ids=[segment], variants=variants(await desk.content(), 50, 50), test=TEST
    )
    before = campaign["test_ends_at"]
    await desk.step(campaign, "pause")
    await desk.owner.execute("UPDATE campaigns SET paused_at = paused_at - interval '2 hours'")
    after = (await desk.step(campaign, "resume"))["test_ends_at"]
    assert after > before


async def test_a_campaign_past_its_end_is_over(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(3))
    ends = in_utc(now() + timedelta(days=3))
    campaign = await desk.launched(
        segment_ids=[segment], variants=variants(await desk.content(), 100), ends_at=ends
    )
    await desk.owner.execute(
        "UPDATE campaigns SET starts_at = now() - interval '2 days', ends_at = now() - interval '1 day'"
    )
    await desk.tend()
    assert (await desk.got(f"/v1/campaigns/{campaign['id']}"))["status"] == "completed"

"""Campaigns as they are prepared, approved and paid for."""

from uuid import uuid4

import asyncpg
import pytest

from actors import actor
from campaigns.desk import BASE, TEST, Desk, variants

pytestmark = pytest.mark.anyio


async def test_a_campaign_is_a_draft_with_a_number(desk: Desk) -> None:
    made = await desk.draft()
    assert made["status"] == "draft"
    assert made["number"].startswith("CMP-")
    assert (made["respects_hours"], made["is_generated"]) == (True, False)
    assert made["attribution"] == {"model": "last", "window_days": 30, "half_life_days": 7}
    assert (made["test"], made["variants"], made["targeted"]) == (None, [], None)
    assert await desk.got(f"/v1/campaigns/{made['id']}") == made


async def test_a_draft_changes_and_its_parts_are_given_whole(desk: Desk) -> None:
    first, second = await desk.segment([]), await desk.segment([], "Litiges")
    made = await desk.draft(segment_ids=[first], variants=variants(None, 50, 50), test=TEST)
    changed = await desk.call(
        "PATCH",
        f"/v1/campaigns/{made['id']}",
        {"exclusion_segment_ids": [second], "variants": variants(None, 60, 30, 10), "holdout_percent": 5},
        version=made["version"],
    )
    assert (changed["segment_ids"], changed["exclusion_segment_ids"]) == ([first], [second])
    assert [(one["code"], one["weight"]) for one in changed["variants"]] == [("A", 60), ("B", 30), ("C", 10)]
    assert changed["test"] == TEST | {"winner": "auto", "when_inconclusive": "manual"}
    assert changed["version"] == made["version"] + 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"variants": variants(None, 50, 40)}, "campaign_weights"),
        ({"variants": variants(None, 100), "test": TEST}, "campaign_test_alone"),
        ({"channels": ["email", "email"]}, "campaign_channel_twice"),
        (
            {"starts_at": "2026-12-02T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z"},
            "campaign_order",
        ),
        ({"landing_url": "https://<script>"}, "campaign_link"),
    ],
)
async def test_an_unsound_campaign_is_refused(desk: Desk, wrong: dict[str, object], code: str) -> None:
    answer = await desk.send("POST", "/v1/campaigns", BASE | wrong)
    assert answer.status_code == 422
    assert code in answer.text


async def test_the_database_is_the_referee_of_the_weights(desk: Desk, owner: asyncpg.Connection) -> None:
    made = await desk.draft(variants=variants(None, 50, 50))
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute("UPDATE campaign_variants SET weight = 40 WHERE campaign_id = $1", made["id"])


async def test_a_segment_that_does_not_exist_is_refused(desk: Desk) -> None:
    answer = await desk.send("POST", "/v1/campaigns", BASE | {"segment_ids": [str(uuid4())]})
    assert (answer.status_code, answer.json()["code"]) == (422, "campaign_unknown_segment")


async def test_only_a_draft_is_changed_or_deleted(desk: Desk) -> None:
    campaign = await desk.draft(channels=["social_ads"])
    submitted = await desk.step(campaign, "submit", by=desk.author)
    path, version = f"/v1/campaigns/{campaign['id']}", submitted["version"]
    for method, body in (("PATCH", {"name": "Autre nom"}), ("DELETE", None)):
        answer = await desk.send(method, path, body, version=version)
        assert (answer.status_code, answer.json()["code"]) == (409, "campaign_not_draft")
    back = await desk.step(campaign, "send-back", {"comment": "Objet trop long."}, by=desk.author)
    assert (back["status"], back["decision_comment"]) == ("draft", "Objet trop long.")
    gone = await desk.send("DELETE", path, version=back["version"])
    assert gone.status_code == 204
    assert (await desk.send("GET", path)).status_code == 404


async def test_a_clone_says_the_same_to_the_same_people_and_nothing_of_what_came_of_it(desk: Desk) -> None:
    segment = await desk.segment([])
    campaign = await desk.draft(segment_ids=[segment], variants=variants(None, 50, 50), test=TEST)
    copy = await desk.call("POST", f"/v1/campaigns/{campaign['id']}/clone")
    same = ("segment_ids", "variants", "test", "channels", "budget_amount", "utm", "attribution")
    assert {name: copy[name] for name in same} == {name: campaign[name] for name in same}
    assert copy["number"] != campaign["number"]
    assert (copy["status"], copy["name"]) == ("draft", "Renouvellement auto (copie)")


async def test_money_is_written_line_by_line_and_added_up(desk: Desk) -> None:
    campaign = await desk.draft()
    line = {"campaign_id": campaign["id"], "kind": "media", "spent_on": "2026-12-02"}

    async def add(type: str, amount: str) -> dict[str, object]:
        money = {"amount": amount, "currency": "DZD"}
        return await desk.call("POST", "/v1/campaign-lines", line | {"type": type, "amount": money})

    await add("budget", "20000.00")
    await add("spend", "12000.50")
    last = await add("spend", "11999.50")
    seen = await desk.got(f"/v1/campaigns/{campaign['id']}")
    assert (seen["planned_amount"]["amount"], seen["spent_amount"]["amount"]) == ("20000.00", "24000.00")
    await desk.send("DELETE", f"/v1/campaign-lines/{last['id']}", version=1)
    seen = await desk.got(f"/v1/campaigns/{campaign['id']}")
    assert seen["spent_amount"]["amount"] == "12000.50"
    listed = await desk.got("/v1/campaign-lines", campaign_id=campaign["id"], type="spend")
    assert [one["amount"]["amount"] for one in listed["data"]] == ["12000.50"]


async def test_a_line_of_nothing_is_refused(desk: Desk) -> None:
    campaign = await desk.draft()
    line = {"campaign_id": campaign["id"], "type": "spend", "kind": "sms", "spent_on": "2026-12-02"}
    line["amount"] = {"amount": "0.00", "currency": "DZD"}
    answer = await desk.send("POST", "/v1/campaign-lines", line)
    assert (answer.status_code, answer.json()["code"]) == (422, "campaign_line_empty")


async def test_up_to_a_thousand_people_an_author_with_the_right_may_approve(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(3))
    both = desk.manager
    campaign = await desk.call(
        "POST", "/v1/campaigns", BASE | {"segment_ids": [segment], "variants": variants(None, 100)}, both
    )
    submitted = await desk.step(campaign, "submit", by=both)
    assert submitted["audience_estimate"] == 3
    approved = await desk.step(campaign, "approve", {"comment": "Bon pour envoi."}, by=both)
    assert approved["status"] == "approved"


async def test_above_a_thousand_people_neither_author_nor_who_submitted_approves(desk: Desk) -> None:
    segment = await desk.segment(await desk.people(1001))
    campaign = await desk.draft(segment_ids=[segment], variants=variants(None, 100))
    boss = actor(
        desk.company.organization_id,
        *("campaigns:read", "campaigns:write", "campaigns:approve"),
        id=(await desk.company.hire()).id,
    )
    submitted = await desk.step(campaign, "submit", by=boss)
    assert submitted["audience_estimate"] == 1001
    assert await desk.refused(campaign, "approve", {}, boss) == (403, "campaign_own_approval")
    assert (await desk.step(campaign, "approve", {}))["status"] == "approved"


async def test_the_database_too_refuses_that_an_author_approves_alone(
    desk: Desk, owner: asyncpg.Connection
) -> None:
    campaign = await desk.draft(channels=["event"])
    await desk.step(campaign, "submit", by=desk.author)
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(
            "UPDATE campaigns SET audience_estimate = 1001, approved_by_id = created_by_id WHERE id = $1",
            campaign["id"],
        )


async def test_a_campaign_without_audience_or_words_is_not_submitted(desk: Desk) -> None:
    campaign = await desk.draft()
    assert await desk.refused(campaign, "submit", by=desk.author) == (422, "campaign_incomplete")


async def test_who_may_not_approve_or_launch_is_told_so(desk: Desk) -> None:
    campaign = await desk.draft(channels=["event"])
    await desk.step(campaign, "submit", by=desk.author)
    assert (await desk.refused(campaign, "approve", {}, desk.author))[0] == 403
    await desk.step(campaign, "approve", {})
    assert (await desk.refused(campaign, "launch", None, desk.author))[0] == 403


async def test_a_campaign_is_cancelled_before_its_launch_and_then_archived(desk: Desk) -> None:
    campaign = await desk.draft()
    cancelled = await desk.step(campaign, "cancel", {"comment": "Budget retiré."}, by=desk.author)
    assert cancelled["status"] == "cancelled"
    assert (await desk.step(campaign, "archive", by=desk.author))["status"] == "archived"
    line = {"campaign_id": campaign["id"], "type": "spend", "kind": "sms", "spent_on": "2026-12-02"}
    line["amount"] = {"amount": "10.00", "currency": "DZD"}
    answer = await desk.send("POST", "/v1/campaign-lines", line)
    assert (answer.status_code, answer.json()["code"]) == (409, "campaign_closed")


async def test_campaigns_are_listed_by_state_purpose_and_beginning_of_the_name(desk: Desk) -> None:
    first = await desk.draft(name="Été : prévention", objective="prevention")
    second = await desk.draft(name="Hiver")
    listed = await desk.got("/v1/campaigns", name_prefix="ete")
    assert [one["id"] for one in listed["data"]] == [first["id"]]
    listed = await desk.got("/v1/campaigns", objective="renewal", status="draft")
    assert [one["id"] for one in listed["data"]] == [second["id"]]

"""A campaign from a goal: always a draft, each figure with its reason, no outside model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import actor
from campaigns.desk import Desk
from crm_api.campaigns.forecast import forecast
from crm_api.campaigns.proposing import understood
from crm_api.campaigns.schemas.proposal import CampaignGoal


@pytest.mark.parametrize(
    ("goal", "objective"),
    [
        ("Renouveler les contrats auto de décembre", "renewal"),
        ("تجديد عقود السيارات", "renewal"),
        ("Win back former customers", "win_back"),
        ("Vendre la multirisque habitation", "cross_sell"),
        ("Conseils de prévention avant l'hiver", "prevention"),
        ("Quelque chose", "cross_sell"),
    ],
)
def test_a_goal_is_heard_in_three_languages(goal: str, objective: str) -> None:
    assert understood(CampaignGoal(goal=goal))[0] == objective


@given(st.integers(0, 8000), st.integers(0, 100_000), st.floats(0, 1))
def test_a_forecast_lies_within_its_interval_and_among_the_people(
    people: int, delivered: int, share: float
) -> None:
    seen = forecast(people, delivered, round(delivered * share))
    assert 0 <= seen.low <= seen.high <= people
    assert seen.low <= seen.expected + 1
    assert seen.expected - 1 <= seen.high


def test_more_history_makes_the_interval_narrower() -> None:
    little, much = forecast(1000, 100, 4), forecast(1000, 100_000, 4000)
    assert much.high - much.low < little.high - little.low
    assert much.expected == 40


@pytest.mark.anyio
async def test_a_proposal_is_a_draft_with_reasons_and_two_variants_in_two_languages(desk: Desk) -> None:
    scopes = "campaigns:read", "campaigns:write", "segments:write", "templates:write"
    by = actor(desk.company.organization_id, *scopes, id=(await desk.company.hire()).id)
    answer = await desk.call("POST", "/v1/campaigns/generate", {"goal": "Renouvellement auto"}, by)
    campaign = answer["campaign"]
    assert (campaign["status"], campaign["objective"], campaign["is_generated"]) == ("draft", "renewal", True)
    said = [(one["code"], content["language"]) for one in campaign["variants"] for content in one["contents"]]
    assert said == [("A", "fr"), ("A", "ar"), ("B", "fr"), ("B", "ar")]
    figures = {one["figure"]: one for one in answer["reasons"]}
    assert {"objective", "audience", "expected_clicks", "hour", "budget"} <= figures.keys()
    assert figures["expected_clicks"]["low"] is not None
    assert all(one["reason"] for one in answer["reasons"])


@pytest.mark.anyio
async def test_who_may_not_write_segments_and_templates_gets_no_proposal(desk: Desk) -> None:
    answer = await desk.send("POST", "/v1/campaigns/generate", {"objective": "renewal"})
    assert answer.status_code == 403

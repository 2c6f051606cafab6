"""Pipelines are data: how they are made and changed, and what a change of rules would find."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from actors import actor
from crm_api.opportunities.models.pipeline import PIPELINE
from opportunities.sales import ENDS, Answer, Sales, stage

pytestmark = pytest.mark.anyio
WON, LOST = ENDS


async def change(sales: Sales, pipeline: Answer, **rules: Any) -> Any:
    version = (await sales.get(f"/v1/pipelines/{pipeline['id']}"))["version"]
    return await sales.ask("PATCH", f"/v1/pipelines/{pipeline['id']}", rules, version=version)


async def tried(sales: Sales, pipeline: Answer, **rules: Any) -> Answer:
    answer = await sales.ask("POST", f"/v1/pipelines/{pipeline['id']}/dry-run", rules)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(
    ("stages", "code"),
    [
        ([stage("one"), stage("one"), WON, LOST], "repeated_stage"),
        ([stage("one"), stage("two"), WON], "two_ends"),
        ([stage("one"), WON, WON | {"code": "again"}, LOST], "two_ends"),
        ([WON, stage("one"), LOST], "ends_last"),
        ([stage("one"), WON | {"probability": "0.9"}, LOST], "end_is_certain"),
        ([stage("one"), WON, LOST | {"forecast_category": "pipeline"}], "end_is_certain"),
        ([stage("one"), WON | {"needs_approval": True}, LOST], "rules_are_for_open_stages"),
        ([stage("one", forecast_category="closed"), WON, LOST], "open_is_not_closed"),
        ([stage("one", is_entry=False), WON, LOST], "no_entry"),
        ([stage("one", needs_approval=True), WON, LOST], "no_entry"),
        ([stage("one", probability="1.5"), WON, LOST], "not_a_share"),
        ([stage("one", required_fields=["salary"]), WON, LOST], "string_pattern_mismatch"),
    ],
)
async def test_a_pipeline_that_makes_no_sense_is_refused(
    sales: Sales, stages: list[Answer], code: str
) -> None:
    answer = await sales.ask("POST", "/v1/pipelines", {"code": "own", "name": "Processus", "stages": stages})
    assert answer.status_code == 422, answer.text
    assert code in {error["code"] for error in answer.json()["errors"]}


async def test_codes_are_unique_and_one_pipeline_is_the_default(sales: Sales) -> None:
    own = await sales.add_pipeline(stage("one"))
    body = {"code": "own", "name": "Encore", "stages": [stage("one"), *ENDS]}
    again = await sales.ask("POST", "/v1/pipelines", body)
    assert (again.status_code, again.json()["code"]) == (409, "pipeline_code_taken")
    assert (await change(sales, own, is_default=True)).json()["is_default"] is True
    assert (await sales.pipeline())["is_default"] is False
    assert (await sales.sale(type="new_business"))["stage"] == "qualification", (
        "its type has a way of its own"
    )
    await change(sales, await sales.pipeline(), opportunity_types=[])
    assert (await sales.sale(type="new_business"))["stage"] == "one", "what has none goes the default way"


async def test_managing_needs_its_scope(sales: Sales) -> None:
    seller = actor(sales.company.organization_id, "opportunities:read", "opportunities:write")
    own = await sales.pipeline()
    path = f"/v1/pipelines/{own['id']}"
    for method, at, body in (
        ("POST", "/v1/pipelines", {"code": "own", "name": "Processus", "stages": [stage("one"), *ENDS]}),
        ("PATCH", path, {"no_skipping": True}),
        ("POST", f"{path}/dry-run", {}),
        ("POST", f"{path}/close", None),
    ):
        assert (await sales.ask(method, at, body, by=seller, version=1)).status_code == 403


@pytest.mark.parametrize("wanted", PIPELINE.states)
@pytest.mark.parametrize("current", PIPELINE.states)
async def test_every_pair_of_states_of_a_pipeline(sales: Sales, current: str, wanted: str) -> None:
    own = await sales.pipeline("win_back")
    path = f"/v1/pipelines/{own['id']}"
    if current == "closed":
        own = (await sales.ask("POST", f"{path}/close", version=own["version"])).json()
    verb = {"closed": "close", "active": "reopen"}[wanted]
    answer = await sales.ask("POST", f"{path}/{verb}", version=own["version"])
    if wanted in PIPELINE.allowed(current):
        assert (answer.status_code, answer.json()["status"]) == (200, wanted)
    else:
        assert (answer.status_code, answer.json()["allowed"]) == (409, [*PIPELINE.allowed(current)])


async def test_a_closed_pipeline_takes_nothing_and_open_sales_hold_it(sales: Sales) -> None:
    own = await sales.add_pipeline(stage("one"))
    made = await sales.sale(pipeline_id=own["id"])
    path = f"/v1/pipelines/{own['id']}/close"
    held = await sales.ask("POST", path, version=1)
    assert (held.status_code, held.json()["code"]) == (409, "pipeline_in_use")
    await sales.done(made, "lose", reason="price")
    assert (await sales.ask("POST", path, version=1)).status_code == 200
    refused = await sales.ask("POST", "/v1/opportunities", sales.body(pipeline_id=own["id"]))
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_pipeline")
    default = await sales.pipeline()
    kept = await sales.ask("POST", f"/v1/pipelines/{default['id']}/close", version=default["version"])
    assert (kept.status_code, kept.json()["code"]) == (409, "pipeline_is_default")


async def test_a_stage_where_sales_stand_stays(sales: Sales) -> None:
    own = await sales.add_pipeline(stage("one"), stage("two"))
    made = await sales.sale(pipeline_id=own["id"], stage="two")
    gone = await change(sales, own, stages=[stage("one"), *ENDS])
    assert (gone.status_code, gone.json()["code"]) == (409, "stage_in_use")
    assert len((await sales.get(f"/v1/pipelines/{own['id']}"))["stages"]) == 4
    await sales.done(made, "move", stage="one")
    assert (await change(sales, own, stages=[stage("one"), *ENDS])).status_code == 200
    assert [
        stay["stage"] for stay in (await sales.get(f"/v1/opportunities/{made['id']}/stages"))["data"]
    ] == [
        "two",
        "one",
    ], "the history keeps the stage that went"


async def test_a_pending_stage_stays_too(sales: Sales) -> None:
    own = await sales.add_pipeline(stage("one"), stage("two", needs_approval=True))
    made = await sales.sale(pipeline_id=own["id"])
    await sales.done(made, "move", stage="two")
    gone = await change(sales, own, stages=[stage("one"), *ENDS])
    assert (gone.status_code, gone.json()["code"]) == (409, "stage_in_use")


async def test_new_rules_are_tried_on_what_is_open_and_nothing_is_written(
    sales: Sales, owner: asyncpg.Connection
) -> None:
    own = await sales.add_pipeline(stage("one"), stage("two"), stage("three"), stage("four"))
    jumper = await sales.sale(pipeline_id=own["id"], next_step="Signer")
    await sales.done(jumper, "move", stage="three")
    returner = await sales.sale(pipeline_id=own["id"], stage="two")
    await sales.done(returner, "move", stage="one")
    quiet = await sales.sale(pipeline_id=own["id"])
    closed = await sales.sale(pipeline_id=own["id"])
    await sales.done(closed, "lose", reason="price")
    nothing = await tried(sales, own)
    assert (nothing["examined"], nothing["concerned"], nothing["data"]) == (3, 0, [])
    before = await owner.fetchval("SELECT count(*) FROM audit_log")
    found = await tried(
        sales,
        own,
        no_skipping=True,
        no_backwards=True,
        stages=[
            stage("one", required_fields=["next_step"]),
            stage("two", is_entry=False),
            stage("three", needs_approval=True),
            *ENDS,
        ],
    )
    told = {(row["opportunity_id"], row["breach"], row["about"]) for row in found["data"]}
    assert told == {
        (jumper["id"], "skipped", "three"),
        (jumper["id"], "not_approved", "three"),
        (returner["id"], "field_missing", "next_step"),
        (returner["id"], "began_elsewhere", "two"),
        (returner["id"], "went_back", "one"),
        (quiet["id"], "field_missing", "next_step"),
    }
    assert (found["examined"], found["concerned"]) == (3, 3)
    assert {row["breach"]: row["count"] for row in found["counts"]}["field_missing"] == 2
    gone = await tried(sales, own, stages=[stage("two"), *ENDS])
    assert {(row["breach"], row["about"]) for row in gone["data"]} == {
        ("stage_gone", "one"),
        ("stage_gone", "three"),
    }
    assert await owner.fetchval("SELECT count(*) FROM audit_log") == before
    assert (await sales.get(f"/v1/pipelines/{own['id']}"))["version"] == 1


async def test_new_days_of_a_stage_count_for_those_that_are_in_it(
    sales: Sales, owner: asyncpg.Connection
) -> None:
    own = await sales.add_pipeline(stage("one"), stage("two"))
    made = await sales.sale(pipeline_id=own["id"])
    waits = "SELECT stagnant_at - stage_entered_at FROM opportunities WHERE id = $1"
    assert await owner.fetchval(waits, made["id"]) == timedelta(days=14)
    assert (
        await change(sales, own, stages=[stage("one", max_days=3), stage("two"), *ENDS])
    ).status_code == 200
    assert await owner.fetchval(waits, made["id"]) == timedelta(days=3)
    assert (await sales.now(made))["version"] == made["version"], "nobody's work is disturbed"


async def test_an_organization_older_than_pipelines_gets_them_with_its_first_sale(
    sales: Sales, owner: asyncpg.Connection
) -> None:
    await owner.execute("DELETE FROM pipeline_stages")
    await owner.execute("DELETE FROM pipelines")
    assert (await sales.sale())["stage"] == "qualification"
    assert len((await sales.get("/v1/pipelines"))["data"]) == 4

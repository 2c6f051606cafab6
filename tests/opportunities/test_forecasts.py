"""The forecast, its snapshots and figures; every worked number of the KPI book (domain.md D-4 to D-11)."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from actors import actor
from crm_api.kit.clock import today
from crm_api.opportunities.jobs import take_pipeline_snapshot, tell_stagnant_opportunities
from opportunities.sales import Answer, Sales, amount

pytestmark = pytest.mark.anyio


def soon() -> str:
    return (today() + timedelta(days=20)).isoformat()


def period() -> dict[str, str]:
    return {"start": today().isoformat(), "end": (today() + timedelta(days=60)).isoformat()}


POLICY = {"policy_number": "16012.2026.11.1110.00042"}
BOOK = (
    ("120000.00", "need_analysis"),
    ("80000.00", "quote_sent"),
    ("300000.00", "negotiation"),
    ("60000.00", "documents_pending"),
)
"""The open sales of D-6 and D-7: probabilities 0.25, 0.5, 0.7 and 0.9."""


async def the_book(sales: Sales, **fields: Any) -> list[Answer]:
    about: Answer = {"close_date": soon()} | fields
    return [await sales.sale(amount=amount(dinars), stage=stage, **about) for dinars, stage in BOOK]


async def run(sales: Sales, job: Any) -> None:
    ctx = sales.company.context()
    await job(ctx, {})
    await ctx.commit()
    await ctx.close()


async def snapshot_on(sales: Sales, owner: asyncpg.Connection, day: date) -> None:
    """Taken now, and dated back: what happens afterwards is later than it."""
    await run(sales, take_pipeline_snapshot)
    await owner.execute("SET session_replication_role = replica")
    for table in ("pipeline_snapshot_lines", "pipeline_snapshots"):
        await owner.execute(f"UPDATE {table} SET day = $1 WHERE day = $2", day, today())
    await owner.execute("SET session_replication_role = origin")


async def figure(sales: Sales, code: str, **query: str) -> Answer:
    found = await sales.get("/v1/sales-kpis", **(period() | query))
    return next(one for one in found["data"] if one["code"] == code)


async def closed(
    owner: asyncpg.Connection, sales: Sales, outcome: str, amounts: list[int], days: list[int], **about: Any
) -> None:
    """Sales that were won or lost today, `days` after they were opened: straight in the table."""
    template = await sales.sale()
    columns = await owner.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'opportunities'"
        " AND is_generated = 'NEVER' AND column_name <> ALL($1::text[])",
        ["id", "number", "amount", "created_at", "status", "stage", "closed_at", "close_date"]
        + ["stagnant_at", "policy_number", "loss_reason"],
    )
    same = ", ".join(row[0] for row in columns)
    await owner.execute(
        f"""INSERT INTO opportunities (id, number, amount, created_at, status, stage, closed_at, close_date,
            policy_number, loss_reason, {same})
        SELECT gen_random_uuid(), $1 || n, drawn.amount, now() - drawn.age * interval '1 day',
            $2::text, $2::text, now(), $3, CASE $2::text WHEN 'won' THEN 'P-' || n END, $4, {same}
        FROM opportunities, unnest($5::bigint[], $6::int[]) WITH ORDINALITY AS drawn(amount, age, n)
        WHERE id = $7""",
        f"T-{uuid4().hex[:6]}-",
        outcome,
        today(),
        about.get("loss_reason", "price") if outcome == "lost" else None,
        amounts,
        days,
        template["id"],
    )
    await owner.execute("DELETE FROM opportunity_stages WHERE opportunity_id = $1", template["id"])
    await owner.execute("DELETE FROM opportunities WHERE id = $1", template["id"])


# --- worked numbers


async def test_the_open_amount_is_560_000(sales: Sales) -> None:
    """D-6."""
    await the_book(sales)
    found = await sales.get("/v1/forecasts", **period())
    assert (found["open"]["count"], found["open"]["amount"]) == (4, amount("560000.00"))
    assert (await figure(sales, "pipeline_value"))["value"] == "560000.00"


async def test_the_weighted_forecast_is_334_000(sales: Sales) -> None:
    """D-7."""
    await the_book(sales)
    found = await sales.get("/v1/forecasts", **period())
    assert found["weighted_forecast"] == amount("334000.00")
    parts = {one["category"]: (one["count"], one["weighted"]["amount"]) for one in found["categories"]}
    assert parts == {
        "pipeline": (1, "30000.00"),
        "best_case": (1, "40000.00"),
        "commit": (2, "264000.00"),
    }


async def test_overdue_and_omitted_ones_are_counted_apart_and_won_ones_whole(sales: Sales) -> None:
    """D-7, its edges."""
    one, two, three, four = await the_book(sales)
    late = (today() - timedelta(days=1)).isoformat()
    assert (await sales.patch(one, close_date=late)).status_code == 200
    assert (await sales.patch(two, forecast_category="omitted")).status_code == 200
    assert (await sales.patch(three, close_date="2099-01-01")).status_code == 200
    await sales.done(four, "win", **POLICY)
    found = await sales.get("/v1/forecasts", **period())
    assert found["weighted_forecast"] == amount("60000.00"), "what is won counts whole, the others not at all"
    assert (found["overdue"]["amount"], found["overdue"]["weighted"]) == (
        amount("120000.00"),
        amount("30000.00"),
    )
    assert found["later"]["amount"] == amount("300000.00")
    assert found["won"]["amount"] == amount("60000.00")
    assert found["open"]["amount"] == amount("500000.00")
    omitted = next(part for part in found["categories"] if part["category"] == "omitted")
    assert omitted["amount"] == amount("80000.00")


async def test_the_accuracy_is_0_8867(sales: Sales) -> None:
    """D-8: 334 000 were expected as the period began, 300 000 came."""
    _, _, large, _ = await the_book(sales)
    missing = await figure(sales, "forecast_accuracy")
    assert (missing["value"], missing["status"]) == (None, "no_data")
    await run(sales, take_pipeline_snapshot)
    nothing = await figure(sales, "forecast_accuracy")
    assert (nothing["value"], nothing["status"]) == (None, "no_data"), "nothing came yet"
    await sales.done(large, "win", **POLICY)
    assert (await figure(sales, "forecast_accuracy"))["value"] == "0.8867"


async def test_the_win_rates_are_0_4_and_0_3529(sales: Sales, owner: asyncpg.Connection) -> None:
    """D-4, D-5, D-11; what was lost as a duplicate does not count."""
    await closed(owner, sales, "won", [15_000_000] * 18, [10] * 18)
    await closed(owner, sales, "lost", [18_333_333] * 26 + [18_333_342], [10] * 27)
    await closed(owner, sales, "lost", [999], [10], loss_reason="duplicate")
    found = await figure(sales, "win_rate")
    assert (found["value"], found["numerator"], found["denominator"]) == ("0.4000", "18", "45")
    found = await figure(sales, "win_rate_value")
    assert (found["value"], found["numerator"], found["denominator"]) == (
        "0.3529",
        "2700000.00",
        "7650000.00",
    )
    assert (await figure(sales, "deals_won"))["value"] == "18"
    assert (await figure(sales, "won_amount"))["value"] == "2700000.00"


async def test_a_sale_takes_27_days(sales: Sales, owner: asyncpg.Connection) -> None:
    """D-9: 10, 22, 35 and 41 days; the lost ones apart."""
    await closed(owner, sales, "won", [100] * 4, [10, 22, 35, 41])
    await closed(owner, sales, "lost", [100] * 2, [3, 4])
    assert (await figure(sales, "sales_cycle_days"))["value"] == "27.0"
    assert (await figure(sales, "sales_cycle_days_median"))["value"] == "28.5"
    assert (await figure(sales, "lost_cycle_days"))["value"] == "3.5"


async def test_the_velocity_is_47_500_a_day(sales: Sales, owner: asyncpg.Connection) -> None:
    """D-10: 40 open, 0.4 won, 95 000 each, 32 days."""
    await closed(owner, sales, "won", [9_500_000] * 2, [30, 34])
    await closed(owner, sales, "lost", [100] * 3, [5] * 3)
    for _ in range(40):
        await sales.sale()
    found = await figure(sales, "sales_velocity")
    assert (found["value"], found["unit"]) == ("47500.00", "DZD/day")


async def test_without_data_a_figure_is_null(sales: Sales) -> None:
    await sales.sale()
    found = {one["code"]: one for one in (await sales.get("/v1/sales-kpis", **period()))["data"]}
    for code in ("win_rate", "win_rate_value", "sales_cycle_days", "sales_velocity", "lost_cycle_days"):
        assert (found[code]["value"], found[code]["status"]) == (None, "no_data"), code
    assert (found["deals_won"]["value"], found["won_amount"]["value"]) == ("0", "0.00")


async def test_a_reopened_sale_counts_by_its_last_end(sales: Sales) -> None:
    made = await sales.sale(amount=amount("10.00"))
    await sales.done(made, "win", **POLICY)
    assert (await figure(sales, "win_rate"))["value"] == "1.0000"
    await sales.done(made, "reopen", close_date=soon(), reason="Chèque impayé")
    assert (await figure(sales, "win_rate"))["value"] is None
    await sales.done(made, "lose", reason="price")
    assert (await figure(sales, "win_rate"))["value"] == "0.0000"


# --- groups, scopes


async def test_a_forecast_is_split_and_narrowed(sales: Sales) -> None:
    await the_book(sales)
    colleague = await sales.company.hire(agency_id=sales.agency_id)
    mine = await sales.sale(
        amount=amount("1000.00"), close_date=soon(), owner_user_id=str(colleague.id), type="renewal"
    )
    assert mine["probability"] == "0.6"
    for group, size in (
        ("owner_user_id", 2),
        ("agency_id", 1),
        ("pipeline_id", 2),
        ("stage", 5),
        ("type", 2),
        ("product_code", 1),
        ("month", 1),
    ):
        found = await sales.get("/v1/forecasts", group_by=group, **period())
        assert len(found["groups"]) == size, group
        parts = [float(one["weighted_forecast"]["amount"]) for one in found["groups"]]
        assert parts == sorted(parts, reverse=True)
        assert sum(parts) == float(found["weighted_forecast"]["amount"]) == 334600.0
    own = await sales.get("/v1/forecasts", owner_user_id=str(colleague.id), **period())
    assert own["weighted_forecast"] == amount("600.00")


async def test_a_period_has_an_order_and_an_end(sales: Sales) -> None:
    for start, end in (
        ("2026-11-01", "2026-11-01"),
        ("2026-11-02", "2026-11-01"),
        ("2020-01-01", "2026-01-01"),
    ):
        for path in ("/v1/forecasts", "/v1/sales-kpis"):
            answer = await sales.ask("GET", f"{path}?start={start}&end={end}")
            assert answer.status_code == 422, answer.text


# --- snapshots and comparison


async def test_a_snapshot_is_taken_once_a_day(sales: Sales, owner: asyncpg.Connection) -> None:
    await the_book(sales)
    await run(sales, take_pipeline_snapshot)
    await sales.sale(amount=amount("1.00"))
    await run(sales, take_pipeline_snapshot)
    assert await owner.fetchval("SELECT count(*) FROM pipeline_snapshot_lines") == 4
    header = await owner.fetchrow("SELECT open_count, open_amount FROM pipeline_snapshots")
    assert tuple(header) == (4, 56_000_000)
    days = (await sales.get("/v1/forecasts/snapshots"))["data"]
    assert [one["day"] for one in days] == [today().isoformat()]
    stranger = actor(uuid4(), "forecasts:read")
    assert (await sales.get("/v1/forecasts/snapshots", stranger))["data"] == []


async def test_a_forecast_is_read_as_it_was(sales: Sales, owner: asyncpg.Connection) -> None:
    one, two, three, _ = await the_book(sales)
    await sales.done(one, "win", **POLICY)
    past = today() - timedelta(days=3)
    await snapshot_on(sales, owner, past)
    before = await sales.get("/v1/forecasts", **period())
    await sales.done(two, "lose", reason="price")
    await sales.patch(three, amount=amount("1.00"))
    await sales.done(one, "reopen", close_date=soon(), reason="Chèque impayé")
    was = await sales.get("/v1/forecasts", as_of=past.isoformat(), **period())
    assert was["weighted_forecast"] == before["weighted_forecast"] == amount("424000.00")
    assert {**was, "as_of": None} == {**before, "as_of": None}
    absent = await sales.ask("GET", f"/v1/forecasts?start=2026-01-01&end=2026-02-01&as_of={today()}")
    assert (absent.status_code, absent.json()["code"]) == (404, "no_snapshot")
    assert absent.json()["nearest"] == past.isoformat()


async def test_two_days_are_compared_and_the_sums_add_up(sales: Sales, owner: asyncpg.Connection) -> None:
    won, lost, moved, changed = await the_book(sales)
    removed, still = await sales.sale(amount=amount("5.00")), await sales.sale(amount=amount("7.00"))
    first = today() - timedelta(days=10)
    await snapshot_on(sales, owner, first)
    await sales.done(won, "win", **POLICY)
    await sales.done(lost, "lose", reason="price")
    await sales.done(moved, "move", stage="documents_pending")
    await sales.patch(changed, amount=amount("65000.00"))
    version = (await sales.now(removed))["version"]
    await sales.ask("DELETE", f"/v1/opportunities/{removed['id']}", version=version)
    added = await sales.sale(amount=amount("11.00"))
    flash = await sales.sale(amount=amount("13.00"))
    await sales.done(flash, "win", **POLICY)
    await run(sales, take_pipeline_snapshot)
    days = {"start": first.isoformat(), "end": today().isoformat()}
    found = await sales.get("/v1/forecasts/comparison", **days)
    told = {row["opportunity_id"]: row["change"] for row in found["data"]}
    expected = {"added": added, "removed": removed, "lost": lost, "moved": moved, "changed": changed}
    assert told == {one["id"]: change for change, one in expected.items()} | {
        won["id"]: "won",
        flash["id"]: "won",
    }
    sums = {one["change"]: one for one in found["sums"]}
    assert (sums["won"]["count"], sums["won"]["closed_amount"]) == (2, amount("120013.00"))
    assert sums["lost"]["amount_before"] == amount("80000.00")
    assert (sums["moved"]["weighted_before"], sums["moved"]["weighted_after"]) == (
        amount("210000.00"),
        amount("270000.00"),
    )
    assert (sums["changed"]["amount_before"], sums["changed"]["amount_after"]) == (
        amount("60000.00"),
        amount("65000.00"),
    )
    assert (sums["unchanged"]["count"], sums["unchanged"]["amount_after"]) == (1, amount("7.00"))
    assert still["id"] not in told
    for side, day in (("amount_before", first), ("amount_after", today())):
        total = await owner.fetchval("SELECT open_amount FROM pipeline_snapshots WHERE day = $1", day)
        assert sum(round(float(one[side]["amount"]) * 100) for one in found["sums"]) == total
    only = await sales.get("/v1/forecasts/comparison", change="moved", **days)
    assert [row["opportunity_id"] for row in only["data"]] == [moved["id"]]
    elsewhere = uuid4()
    neighbour = actor(
        sales.company.organization_id,
        "forecasts:read",
        data_scope="agency",
        agency_id=elsewhere,
        agency_ids=(elsewhere,),
    )
    assert (await sales.get("/v1/forecasts/comparison", neighbour, **days))["data"] == []
    absent = await sales.ask("GET", f"/v1/forecasts/comparison?start=2020-01-01&end={today()}")
    assert absent.json()["code"] == "no_snapshot"


async def test_who_stands_still_is_told_once(sales: Sales, owner: asyncpg.Connection) -> None:
    made, _ = await sales.sale(), await sales.sale()
    late = "UPDATE opportunities SET stagnant_at = now() - interval '1 minute' WHERE id = $1"
    told = "SELECT count(*) FROM event_log WHERE kind = 'opportunity.stagnant' AND object_id = $1"
    await owner.execute(late, made["id"])
    for _ in range(2):
        await run(sales, tell_stagnant_opportunities)
    assert await owner.fetchval(told, made["id"]) == 1
    assert await owner.fetchval("SELECT count(*) FROM event_log WHERE kind = 'opportunity.stagnant'") == 1
    await sales.patch(made, next_step="Rappeler")
    await owner.execute(late, made["id"])
    await run(sales, tell_stagnant_opportunities)
    assert await owner.fetchval(told, made["id"]) == 2, "it stood still anew"

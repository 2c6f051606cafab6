"""The statutory clocks: worked by hand, in order, explained over HTTP, told at night."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.bureau import Bureau, ago, dinars, moment
from crm_api.claims.clocks import Facts, clock, interest, late_days, report_code, report_start, settle_codes
from crm_api.claims.jobs import drop_claim_drafts, tell_of_claim_clocks
from crm_api.claims.models.words import ClaimCause, ClaimRegime
from crm_api.kit.business_time import Calendar, Exceptional, Hours
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.money import Money
from crm_api.legal_deadlines.models import LegalDeadlineCode, LegalUnit
from crm_api.legal_deadlines.reckoning import Rule
from crm_api.legal_deadlines.seeds import SEEDS

OFFICE = Calendar(
    ALGIERS, dict.fromkeys(range(5), (Hours(480, 990),)), {date(2026, 11, 1): Exceptional((), "Révolution")}
)
RULES = {
    seed.code: Rule(
        seed.code, seed.value, seed.unit, seed.source, seed.valid_from, False, seed.label_fr, None, None
    )
    for seed in SEEDS
}
FIRST, LAST = datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2032-12-31")
moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
delays = st.sampled_from(
    [code for code, rule in RULES.items() if rule.unit not in (LegalUnit.FLAG, LegalUnit.BASIS_POINTS)]
)


def at(text: str) -> datetime:
    """A moment on the clocks of Algiers."""
    return datetime.fromisoformat(text).replace(tzinfo=ALGIERS)


def facts(cause: ClaimCause = ClaimCause.COLLISION, **about: object) -> Facts:
    known: dict[str, object] = {"regime": None, "motor": True, "occurred_at": at("2026-11-25 10:00")}
    return Facts(cause=cause, **known | about)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cause", "occurred", "over"),
    [
        (ClaimCause.COLLISION, "2026-11-25 10:00", "2026-12-03 00:00"),  # 7 days
        (ClaimCause.THEFT, "2026-11-26 10:00", "2026-12-02 00:00"),  # Thursday: Sun, Mon, Tue
        (ClaimCause.THEFT, "2026-10-29 10:00", "2026-11-05 00:00"),  # Fri, Sat, and the first of November
        (ClaimCause.HAIL, "2026-11-25 10:00", "2026-11-30 00:00"),  # 4 days
        (ClaimCause.LIVESTOCK_DEATH, "2026-11-25 10:00", "2026-11-26 10:00"),  # 24 hours
        (ClaimCause.FIRE, "2028-02-25 10:00", "2028-03-04 00:00"),  # a leap year
        (ClaimCause.FIRE, "2026-11-30 23:59", "2026-12-08 00:00"),
        (ClaimCause.FIRE, "2026-12-01 00:00", "2026-12-09 00:00"),  # 23:00 UTC on the 30th
    ],
)
def test_the_delay_to_declare_goes_by_the_cause(cause: ClaimCause, occurred: str, over: str) -> None:
    about = facts(cause, occurred_at=at(occurred))
    start, started = report_start(about)
    ticking = clock(RULES[report_code(cause, None)], start, started, None, OFFICE, at(occurred))
    assert (ticking.due_at, ticking.state) == (at(over), "running")


def test_a_catastrophe_is_declared_within_thirty_days_of_the_publication() -> None:
    about = facts(ClaimCause.FLOOD, regime=ClaimRegime.CATNAT)
    rule = RULES[report_code(about.cause, about.regime)]
    assert rule.code is LegalDeadlineCode.CLAIM_REPORT_CATNAT
    waiting = clock(rule, *report_start(about), None, OFFICE, at("2027-03-01 10:00"))
    assert (waiting.state, waiting.due_at) == ("not_started", None)
    published = facts(ClaimCause.FLOOD, regime=ClaimRegime.CATNAT, catnat_published_on=date(2026, 12, 10))
    ticking = clock(rule, *report_start(published), None, OFFICE, at("2026-12-11 10:00"))
    assert ticking.due_on == date(2027, 1, 9)


@pytest.mark.parametrize(
    ("about", "codes"),
    [
        (facts(), ["settle_auto"]),
        (facts(regime=ClaimRegime.IDA), ["settle_auto", "settle_ida"]),
        (facts(regime=ClaimRegime.OWN_DAMAGE), ["settle_auto", "settle_tous_risques"]),
        (facts(regime=ClaimRegime.CATNAT), ["settle_catnat"]),
        (facts(motor=False, regime=ClaimRegime.OWN_DAMAGE), []),
    ],
)
def test_which_clocks_of_the_settlement_apply(about: Facts, codes: list[str]) -> None:
    assert [code.value for code in settle_codes(about)] == codes


def test_twenty_one_days_to_the_day() -> None:
    rule, declared = RULES[LegalDeadlineCode.SETTLE_AUTO], at("2026-11-30 16:00")
    for done, state in (("2026-12-21 23:59", "met"), ("2026-12-22 00:00", "missed")):
        ended = clock(rule, "declared_at", declared, at(done), OFFICE, at("2027-02-01 00:00"))
        assert (ended.state, ended.due_on, ended.days_left) == (state, date(2026, 12, 21), None)
    for moment_, left, state in (("2026-12-21 10:00", 0, "running"), ("2026-12-24 10:00", -3, "missed")):
        ticking = clock(rule, "declared_at", declared, None, OFFICE, at(moment_))
        assert (ticking.days_left, ticking.state) == (left, state)
    late = clock(rule, "declared_at", declared, None, OFFICE, at("2026-12-24 10:00"))
    assert late_days([late], at("2026-12-21 10:00")) == 0
    assert late_days([late], at("2026-12-22 00:00")) == 1
    assert late_days([late], at("2026-12-24 10:00")) == 3


@pytest.mark.parametrize(
    ("base", "rate", "days", "amount"),
    [
        ("36500.00", 600, 10, "60.00"),
        ("100000.00", 600, 9, "147.95"),
        ("0.01", 600, 1, "0.00"),
        ("1.00", 365, 50, "0.01"),
    ],
)
def test_the_interest_of_a_late_settlement(base: str, rate: int, days: int, amount: str) -> None:
    """36,500.00 at 6 % a year is 6.00 a day; half a centime goes up."""
    assert interest(Money(amount=base, currency="DZD"), rate, days).amount == amount


@given(moments, moments, delays)
def test_what_began_later_is_not_due_earlier(one: datetime, other: datetime, code: LegalDeadlineCode) -> None:
    first, second = sorted((one, other))
    early, late = (clock(RULES[code], "declared_at", start, None, OFFICE, start) for start in (first, second))
    assert early.due_at is not None
    assert late.due_at is not None
    assert early.due_at <= late.due_at
    assert early.due_on is not None
    assert early.due_on <= late.due_on


@given(moments, moments, delays)
def test_once_missed_always_missed(one: datetime, other: datetime, code: LegalDeadlineCode) -> None:
    first, second = sorted((one, other))
    start = first - timedelta(days=30)
    states = [clock(RULES[code], "declared_at", start, None, OFFICE, now).state for now in (first, second)]
    assert states != ["missed", "running"]


# --- over HTTP


@pytest.mark.anyio
async def test_every_clock_is_explained(bureau: Bureau) -> None:
    claim = await bureau.declared()
    told = await bureau.read(f"/v1/claims/{claim['id']}/deadlines")
    found = {each["code"]: each for each in told["clocks"]}
    assert [*found] == ["claim_report_general", "settle_auto", "settle_ida", "limitation"]
    auto = found["settle_auto"]
    assert (auto["value"], auto["unit"], auto["start"]) == (21, "calendar_days", "declared_at")
    assert (auto["state"], auto["days_left"], auto["verified"]) == ("running", 21, False)
    assert auto["due_on"] == str(today() + timedelta(days=21))
    assert auto["due_at"] == claim["target_settlement_at"]
    assert "ministère des Finances" in auto["source"]
    assert auto["depends_on"].startswith("Court à partir du jour de la déclaration")
    report = found["claim_report_general"]
    assert (report["state"], report["done_at"]) == ("met", claim["declared_at"])
    assert found["limitation"]["value"] == 36
    assert told["late_interest"] is None


@pytest.mark.anyio
async def test_a_new_row_of_the_law_rules_what_is_declared_after_it(bureau: Bureau) -> None:
    before = await bureau.declared()
    row = {"code": "settle_auto", "valid_from": str(today()), "value": 10, "unit": "calendar_days"}
    row |= {"source": "Arrêté nouveau", "verified": True}
    assert (await bureau.company.send("POST", "/v1/legal-deadlines", row)).status_code == 201
    bureau.company.app.state.tools.memory.clear()
    after = await bureau.declared()
    assert after["target_settlement_at"] < before["target_settlement_at"]


@pytest.mark.anyio
async def test_interest_is_estimated_only_where_a_rate_is_laid_down(bureau: Bureau) -> None:
    claim = await bureau.declared(estimate_amount=dinars("36500.00"))
    declared = ago(days=31)  # ten days late on the 32nd
    await bureau.bring(claim, declared_at=declared, occurred_at=declared - timedelta(days=1))
    path = f"/v1/claims/{claim['id']}/deadlines"
    assert (await bureau.read(path))["late_interest"] is None
    row = {"code": "late_interest_rate", "valid_from": "2020-01-01", "value": 600, "unit": "basis_points"}
    row |= {"source": "Loi 06-04 (taux à vérifier)", "label_fr": "Intérêts de retard"}
    assert (await bureau.company.send("POST", "/v1/legal-deadlines", row)).status_code == 201
    bureau.company.app.state.tools.memory.clear()
    told = (await bureau.read(path))["late_interest"]
    assert (told["days"], told["yearly_rate"], told["base"]) == (10, "0.06", dinars("36500.00"))
    assert told["amount"] == dinars("60.00")


@pytest.mark.anyio
async def test_the_clock_of_a_catastrophe_begins_with_the_report(bureau: Bureau) -> None:
    claim = await bureau.under_review(constat=..., cause="flood", catnat_published_on=str(today()))
    assert (claim["regime"], claim["target_settlement_at"]) == ("catnat", None)
    appraisal = await bureau.done(claim, "appraisals", {"adjuster_name": "Cabinet Expert"})
    by = bureau.handler.headers
    report = {"outcome": "repairable", "net_amount": dinars("1.00")}
    for name, body in (
        ("schedule", {"visit_at": "2027-01-04T09:00:00Z"}),
        ("visit", None),
        ("report", report),
    ):
        await bureau.on(claim, "appraisals", appraisal, name, body, by=by)
    timed = await bureau.now(claim)
    assert timed["settle_rule"] == "settle_catnat"
    assert timed["target_settlement_at"] > moment(datetime.now(UTC) + timedelta(days=88))


@pytest.mark.anyio
async def test_clocks_that_run_out_are_told_once_and_those_about_to(bureau: Bureau) -> None:
    claims = [await bureau.declared() for _ in range(4)]
    late, near, far, over = claims
    for claim in claims:
        await bureau.done(claim, "register", {})
    await bureau.bring(late, target_settlement_at=ago(days=1))
    await bureau.bring(near, target_settlement_at=datetime.now(UTC) + timedelta(days=3))
    await bureau.bring(over, target_settlement_at=ago(days=1), status="settled")
    for _ in range(2):  # safe to run twice
        await bureau.run(tell_of_claim_clocks)
    assert [(await bureau.facts(claim))[-1] for claim in claims] == [
        "late",
        "sla_risk",
        "registered",
        "registered",
    ]
    assert (await bureau.facts(late)).count("late") == 1
    assert "sla_risk" not in await bureau.facts(late)
    listed = await bureau.read("/v1/claims", is_late="true")
    assert [each["id"] for each in listed["data"]] == [late["id"]]
    assert listed["data"][0]["is_late"] is True
    others = await bureau.read("/v1/claims", is_late="false", sort="target_settlement_at")
    assert [each["id"] for each in others["data"]] == [over["id"], near["id"], far["id"]]
    titles = await bureau.owner.fetch(
        "SELECT title FROM notifications WHERE kind IN ('sla_breach', 'sla_warning')"
    )
    assert sorted(row[0].partition(" : ")[0] for row in titles) == [
        "Délai légal dépassé",
        "Délai légal proche",
    ]


@pytest.mark.anyio
async def test_a_draft_that_nobody_went_on_with_is_dropped(bureau: Bureau) -> None:
    old, young = await bureau.declared(draft=True), await bureau.declared(draft=True)
    kept = await bureau.declared()
    for claim in (old, kept):
        await bureau.bring(claim, updated_at=ago(days=31))
    await bureau.run(drop_claim_drafts)
    left = await bureau.owner.fetch("SELECT id FROM claims")
    assert {row[0] for row in left} == {UUID(young["id"]), UUID(kept["id"])}

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.core.db import now
from crm_api.leads.converted import split_name
from crm_api.leads.models import ScoreBand
from crm_api.leads.scoring import RULES, Signals, band_of, score_of, signals_of

ANYTHING = st.builds(
    Signals,
    source=st.sampled_from(["web_form", "referral", "agency", "comparator", "social"]),
    type=st.sampled_from(["individual", "company"]),
    days_to_expiry=st.none() | st.integers(-100, 400),
    answered_calls=st.integers(0, 3),
    contact_attempts=st.integers(0, 6),
    age_days=st.integers(0, 200),
    sessions_7d=st.integers(0, 6),
)


def test_the_worked_example_is_hot() -> None:
    """domain.md K: phone 15, product 10, expiry 15, within 45 days 15, quote 20, comparator 5."""
    score = score_of(
        Signals(
            source="comparator", phone_verified=True, products=True, days_to_expiry=20, quote_completed=True
        )
    )
    assert (score.score, score.band) == (80, ScoreBand.HOT)
    assert [(f["code"], f["points"]) for f in score.explanation[:3]] == [
        ("quote_completed", 20),
        ("phone_verified", 15),
        ("expiry_known", 15),
    ]
    assert score.explanation[0]["label"] == "Devis terminé en ligne"


@given(ANYTHING)
def test_a_score_is_the_sum_of_its_reasons_within_its_bounds(signals: Signals) -> None:
    score = score_of(signals)
    total = sum(factor["points"] for factor in score.explanation)
    assert score.score == max(0, min(100, total))
    assert score.band is band_of(score.score)


@pytest.mark.parametrize(
    ("score", "band"), [(0, "cold"), (29, "cold"), (30, "warm"), (59, "warm"), (60, "hot")]
)
def test_bands(score: int, band: str) -> None:
    assert band_of(score) == band


@pytest.mark.parametrize(
    ("signals", "points"),
    [
        ({"age_days": 30}, 0),
        ({"age_days": 31}, -10),
        ({"age_days": 91}, -25),
        ({"contact_attempts": 2}, 0),
        ({"contact_attempts": 3}, -15),
        ({"out_of_network": True}, -20),
        ({"contact_invalid": True}, -40),
        ({"opened_14d": True}, 5),
        ({"opened_14d": True, "clicked_14d": True}, 10),
        ({"days_to_expiry": 46}, 15),
        ({"days_to_expiry": 45}, 30),
        ({"days_to_expiry": -1}, 0),
    ],
)
def test_each_rule_counts_what_the_book_says(signals: dict[str, Any], points: int) -> None:
    assert sum(factor["points"] for factor in score_of(Signals(**signals)).explanation) == points


def test_every_rule_has_its_words() -> None:
    assert all(rule.label and rule.points for rule in RULES)
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_a_lead_is_read_off_its_columns() -> None:
    made: datetime = now() - timedelta(days=40)
    lead = {"source": "agency", "email": "a@example.com", "created_at": made, "phone_verified_at": made}
    signals = signals_of(
        lead | {"current_expiry_date": date(2026, 12, 31)}, on=made.date(), out_of_network=True
    )
    assert (signals.email, signals.phone_verified, signals.age_days) == (True, True, 0)
    assert signals.days_to_expiry == (date(2026, 12, 31) - made.date()).days


@pytest.mark.parametrize(
    ("full_name", "first", "last"),
    [
        ("Ilyès AISSANI", "Ilyès", "AISSANI"),
        ("AISSANI Ilyès", "Ilyès", "AISSANI"),
        ("Mohamed Amine BEN ALI", "Mohamed Amine", "BEN ALI"),
        ("karim bouchareb", "karim", "bouchareb"),
        ("BOUCHAREB", "", "BOUCHAREB"),
    ],
)
def test_a_full_name_is_taken_apart(full_name: str, first: str, last: str) -> None:
    assert split_name(full_name) == (first, last)

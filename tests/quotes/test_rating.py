"""What holds for every premium: sums, monotony, rounding, terms, stamps, dated figures."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_api.kit.money import Money
from crm_api.products.catalogue import Bracket, Sold
from crm_api.products.models import StampMode
from crm_api.quotes.errors import TariffSilent
from crm_api.quotes.rating import Premium, graduated_stamp, taxed, vehicle_tax
from crm_api.quotes.risks import Asked, Term, assessed, chosen_parts, chosen_plan, facts_of
from quotes.golden import building, car
from quotes.shelf import on_the_shelf

ON = date(2026, 12, 1)
SHELF = {code: on_the_shelf(code, ON) for code in ("AUTO_RC", "AUTO_P", "OTO_LAKI", "MRH", "CATNAT")}
VALUES = st.integers(80_000_000, 1_500_000_000).map(lambda centimes: Money.of(centimes).amount)


def priced(
    product: Sold, plan: str, inputs: dict[str, Any], term: Term | None = None, discount: str = "0"
) -> Premium:
    formula = chosen_plan(product, plan)
    facts = facts_of(product, Asked(product.code, inputs, term or Term(12, None), ON))
    parts = chosen_parts(product, formula, (), ())
    _, premium = assessed(product, formula, parts, facts, Decimal(discount))
    assert premium is not None
    return premium


@given(value=VALUES, power=st.integers(1, 99), discount=st.integers(0, 50))
@settings(max_examples=150, deadline=None)
def test_totals_are_sums_of_their_lines(value: str, power: int, discount: int) -> None:
    inputs = car(power, value, assistance="liberte")
    premium = priced(SHELF["AUTO_P"], "TOUS_RISQUES", inputs, discount=f"0.{discount:02}")
    assert premium.net == sum(line.premium - line.discount for line in premium.lines)
    assert premium.discount == sum(line.discount for line in premium.lines)
    parts = (premium.net, premium.surcharge, premium.policy_fee, premium.vat, premium.fga)
    more = (premium.dimension_stamp, premium.graduated_stamp, premium.vehicle_tax)
    assert premium.total == sum(parts + more)
    assert all(line.discount == 0 for line in premium.lines if line.mandatory)
    assert min(parts + more) >= 0


@given(low=VALUES, high=VALUES, plan=st.sampled_from(["TOUS_RISQUES", "DCVV"]))
@settings(max_examples=150, deadline=None)
def test_a_dearer_car_is_never_cheaper_to_insure(low: str, high: str, plan: str) -> None:
    low, high = sorted((low, high), key=Decimal)
    totals = [
        priced(SHELF["AUTO_P"], plan, car(6, value, assistance="sir_mhani")).total for value in (low, high)
    ]
    assert totals[0] <= totals[1]


@given(
    small=st.integers(1, 4000), more=st.integers(0, 1000), zone=st.sampled_from(["0", "1", "2a", "2b", "3"])
)
@settings(max_examples=100, deadline=None)
def test_a_larger_home_is_never_cheaper_to_insure(small: int, more: int, zone: str) -> None:
    product = SHELF["CATNAT"]
    totals = [
        priced(product, "BASE", building("house", size, zone, compliant=False)).total
        for size in (small, small + more)
    ]
    assert totals[0] <= totals[1]


@given(net=st.integers(0, 10**10))
@settings(max_examples=200, deadline=None)
def test_taxes_are_rounded_half_up_line_by_line(net: int) -> None:
    line = priced(SHELF["AUTO_RC"], "RC", car(8)).lines[0]
    taxes = SHELF["AUTO_RC"].taxes
    assert taxes is not None
    one = type(line)(**{**_fields(line), "premium": net, "loading": 0, "discount": 0})
    premium = taxed((one,), 0, taxes, {"power": 6})
    for amount, rate in ((premium.vat, 19), (premium.fga, 3)):
        exact = (net + 50_000) * rate
        if net or rate == 19:
            assert amount == (exact + 50) // 100, (net, rate)


def _fields(line: Any) -> dict[str, Any]:
    return {name: getattr(line, name) for name in type(line).__slots__}


@pytest.mark.parametrize(
    ("months", "days", "net"),
    [(12, None, "2320.69"), (6, None, "1276.38"), (3, None, "812.24"), (1, None, "580.17")]
    + [(None, 20, "417.72"), (None, 10, "232.07"), (None, 3, "116.03")],
)
def test_a_shorter_term_costs_its_share(months: int | None, days: int | None, net: str) -> None:
    premium = priced(SHELF["AUTO_RC"], "RC", car(8), Term(months, days))
    assert Money.of(premium.net).amount == net
    assert premium.vehicle_tax == 150_000  # whatever the term


def test_a_term_that_the_tariff_does_not_know_is_refused() -> None:
    with pytest.raises(TariffSilent):
        priced(SHELF["AUTO_RC"], "RC", car(8), Term(None, 11))


@pytest.mark.parametrize(
    ("more", "net"),
    [
        ({}, "2054.40"),
        ({"driver_born_on": "2003-01-01"}, "2362.56"),
        ({"licence_on": "2026-06-01"}, "2568.00"),
        ({"driver_born_on": "2003-01-01", "licence_on": "2026-06-01"}, "2568.00"),
        ({"driver_born_on": "2001-12-01"}, "2054.40"),
        ({"driver_born_on": "2001-12-02"}, "2362.56"),
        ({"wilaya": "30"}, "1516.82"),
    ],
)
def test_young_drivers_and_young_licences_cost_more_and_the_larger_counts(
    more: dict[str, Any], net: str
) -> None:
    premium = priced(SHELF["AUTO_RC"], "RC", car(6, **more))
    assert Money.of(premium.net).amount == net


def test_stamps_are_progressive_or_by_slab() -> None:
    taxes = SHELF["AUTO_P"].taxes
    assert taxes is not None
    for net, stamp in ((250_000, 30_000), (1_000_000, 67_500), (5_000_000, 187_500), (6_660_440, 220_709)):
        assert graduated_stamp(net, taxes, {"power": 6}) == stamp
        assert graduated_stamp(net, taxes, {"power": 10}) == stamp
    assert graduated_stamp(13_299_917, taxes, {"power": 11}) == 706_997
    slabs = [Bracket(Decimal(2500), Decimal(0), Decimal("0.10")), Bracket(None, Decimal(0), Decimal("0.05"))]
    slab = type(taxes)(**{**_fields(taxes), "stamp_mode": StampMode.SLAB, "brackets": slabs})
    assert graduated_stamp(1_000_000, slab, {"power": 6}) == 50_000  # the whole premium at one rate
    assert graduated_stamp(200_000, slab, {"power": 6}) == 20_000


@pytest.mark.parametrize(
    ("facts", "tax"),
    [
        ({"kind": "00"}, 150_000),
        ({"kind": "04"}, 300_000),
        ({}, 0),
        ({"kind": "00", "vehicle_tax_paid_until": date(2027, 11, 30), "vehicle_tax_receipt": "4471"}, 0),
        (
            {"kind": "00", "vehicle_tax_paid_until": date(2027, 11, 29), "vehicle_tax_receipt": "4471"},
            150_000,
        ),
        ({"kind": "00", "vehicle_tax_paid_until": date(2027, 11, 30)}, 150_000),
    ],
)
def test_the_vehicle_tax_is_due_unless_a_receipt_covers_the_term(facts: dict[str, Any], tax: int) -> None:
    rule = SHELF["AUTO_P"].taxes
    assert rule is not None
    assert vehicle_tax(rule.vehicle_tax, {"ends_on": date(2027, 11, 30), **facts}) == tax


def test_the_rise_of_a_tariff_is_a_row_and_the_first_day_decides() -> None:
    """The rise of RC of 01/01/2025: +15 % as a factor of its own, beside those of the seed."""
    rise = {
        "product_code": "AUTO_RC",
        "coverage_code": "RC",
        "part": "factor",
        "measure": "",
        "group_code": "rise_2025",
        "keys": {},
        "flat_amount": None,
        "rate": Decimal("1.15"),
        "min_premium": None,
        "valid_from": date(2025, 1, 1),
        "source_ref": "Hausse RC de 15 % au 01/01/2025",
    }
    before = on_the_shelf("AUTO_RC", date(2024, 12, 31), rise)
    after = on_the_shelf("AUTO_RC", date(2025, 1, 1), rise)
    nets = [Money.of(priced(product, "RC", car(8)).net).amount for product in (before, after)]
    assert nets == ["2320.69", "2668.80"]


def test_what_the_tariff_does_not_foresee_is_refused_by_name() -> None:
    with pytest.raises(TariffSilent) as silent:
        priced(SHELF["OTO_LAKI"], "UNIQUE", car(4, "2400000.00", assistance="sir_mhani"))
    assert silent.value.extra == {"coverage_code": "AST"}

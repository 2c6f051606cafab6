from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from crm_api.kit.money import Money, Rate, from_centimes, in_french, line, rounded, to_centimes

BIGGEST = 10**17 - 1
CENTIMES = st.integers(min_value=-BIGGEST, max_value=BIGGEST)
RATES = st.decimals(min_value=-999, max_value=999, places=6)


def half_up(exact: Fraction) -> int:
    """Written otherwise than the code under test: half a unit goes away from zero."""
    size = (abs(exact) + Fraction(1, 2)).__floor__()
    return size if exact >= 0 else -size


@given(CENTIMES)
def test_centimes_come_back_from_the_wire_as_they_left(centimes: int) -> None:
    sent = Money.of(centimes).model_dump_json()
    assert Money.model_validate_json(sent).centimes == centimes
    assert to_centimes(from_centimes(centimes)) == centimes


@given(CENTIMES, RATES)
def test_a_line_is_rounded_half_up_and_exactly(base: int, rate: Decimal) -> None:
    assert line(base, rate) == half_up(base * Fraction(rate))


@given(CENTIMES, RATES)
def test_a_refund_undoes_its_line_to_the_centime(base: int, rate: Decimal) -> None:
    assert line(base, rate) + line(-base, rate) == 0


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6))
def test_an_amount_is_rounded_to_the_nearest_centime(amount: Decimal) -> None:
    assert rounded(amount) == half_up(Fraction(amount) * 100)


@pytest.mark.parametrize(
    ("base", "rate", "expected"),
    [
        (67_104_40, "0.19", 12_749_84),
        (2_554_40, "0.03", 76_63),
        (69_594_22, "0.19", 13_222_90),
        (2_820_69, "0.19", 535_93),
        (1, "0.5", 1),
        (-1, "0.5", -1),
        (1, "0.499999", 0),
    ],
)
def test_the_taxes_of_the_golden_premiums_come_out(base: int, rate: str, expected: int) -> None:
    assert line(base, Decimal(rate)) == expected


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("45000.00", "45000.00"),
        ("45000", "45000.00"),
        ("45000.5", "45000.50"),
        ("-0.05", "-0.05"),
        ("-0", "0.00"),
        ("0045", "45.00"),
        ("1.2300", "1.23"),
        ("9" * 15 + ".99", "9" * 15 + ".99"),
    ],
)
def test_an_amount_has_two_decimals(typed: str, kept: str) -> None:
    assert Money(amount=typed, currency="DZD").amount == kept


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("1.005", "amount_too_precise"),
        ("1.0001", "amount_too_precise"),
        ("1.00000", "invalid_amount"),
        ("1e3", "invalid_amount"),
        ("NaN", "invalid_amount"),
        ("1,50", "invalid_amount"),
        ("٤٥", "invalid_amount"),
        (" 1", "invalid_amount"),
        ("1\n", "invalid_amount"),
        ("", "invalid_amount"),
        ("1" * 16, "invalid_amount"),
        ("1" * 22, "string_too_long"),
        (45000.0, "string_type"),
        (45000, "string_type"),
        (None, "string_type"),
    ],
)
def test_what_is_no_amount_is_refused(amount: Any, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Money(amount=amount, currency="DZD")
    assert [fault["type"] for fault in refusal.value.errors()] == [code]


@pytest.mark.parametrize("currency", ["dzd", "DA", "DZDD", "", "دجز"])
def test_a_currency_is_three_capitals(currency: str) -> None:
    with pytest.raises(ValidationError):
        Money(amount="1.00", currency=currency)


@pytest.mark.parametrize(
    ("typed", "sent"), [("0.19", "0.19"), ("0.190000", "0.19"), ("1", "1"), ("-0.5", "-0.5"), ("100", "100")]
)
def test_a_rate_is_a_decimal_string(typed: str, sent: str) -> None:
    adapter = TypeAdapter[Decimal](Rate)
    rate = adapter.validate_json(f'"{typed}"')
    assert rate == Decimal(typed)
    assert adapter.dump_json(rate) == f'"{sent}"'.encode()
    assert adapter.validate_python(Decimal("0.19")) == Decimal("0.19")


@pytest.mark.parametrize("typed", ["0.1234567", "1000", "19 %", "1e-3", "NaN", "٠٫٥", 0.19, 1, None])
def test_what_is_no_rate_is_refused(typed: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        TypeAdapter[Decimal](Rate).validate_python(typed)
    assert [fault["type"] for fault in refusal.value.errors()] == ["invalid_rate"]


def test_the_contract_shows_the_shape_of_money() -> None:
    class Premium(BaseModel):
        total: Money
        vat_rate: Rate

    schema = Premium.model_json_schema(mode="serialization")
    money = schema["$defs"]["Money"]["properties"]
    assert money["amount"]["pattern"] == r"^-?\d{1,15}(\.\d{1,4})?$"
    assert money["currency"]["pattern"] == "^[A-Z]{3}$"
    assert schema["properties"]["vat_rate"]["type"] == "string"


@pytest.mark.parametrize(
    ("centimes", "shown"),
    [
        (8_367_796, "83 677,96 DA"),
        (5, "0,05 DA"),
        (-150_000, "-1 500,00 DA"),
        (220_571_418_000, "2 205 714 180,00 DA"),
        (0, "0,00 DA"),
    ],
)
def test_the_french_read_spaces_and_a_comma(centimes: int, shown: str) -> None:
    assert in_french(centimes) == shown

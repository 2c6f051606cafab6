import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from crm_api.kit.phones import Phone, to_e164


@pytest.mark.parametrize(
    "typed",
    [
        "0550 12 34 56",
        "+213 550-123456",
        "00213550123456",
        "213550123456",
        "550123456",
        "+213 (0) 550 12 34 56",
        "0550.12.34.56",
        "0550/12/34/56",
        "٠٥٥٠١٢٣٤٥٦",
        "۰۵۵۰ ۱۲ ۳۴ ۵۶",
        "\u200e+213550123456\u200f",
        "\u202a0550\u00a012\u202f34\u201156\u202c",
    ],
)
def test_a_mobile_is_kept_in_one_form(typed: str) -> None:
    assert to_e164(typed) == "+213550123456"


@pytest.mark.parametrize(
    "typed", ["021 34 46 46", "(021)344646", "+21321344646", "0021321344646", "21321344646"]
)
def test_a_landline_has_nine_digits(typed: str) -> None:
    assert to_e164(typed) == "+21321344646"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0982 40 12 34", "+213982401234"),
        ("049 72 12 34", "+21349721234"),
        ("0770123456", "+213770123456"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("0033 1 42 68 53 00", "+33142685300"),
        ("+216 71 123 456", "+21671123456"),
        ("+1 (202) 456-1111", "+12024561111"),
    ],
)
def test_other_numbers_are_read_by_their_own_plan(typed: str, number: str) -> None:
    assert to_e164(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "0412345678",
        "05501234567",
        "12345",
        "",
        "+",
        "0550 12 34 5",
        "0212345678",
        "021344647 8",
        "0150123456",
        "0850123456",
        "612345678901",
        "+33 6 12",
        "+33 0",
        "+999123456789",
        "0550 12 34 56 poste 3",
        "0550123456;0661123456",
        "++213550123456",
        "0550+123456",
        "²0550123456",
        "👍",
        "1" * 40,
    ],
)
def test_what_cannot_be_a_number_is_refused(typed: str) -> None:
    assert to_e164(typed) is None
    with pytest.raises(ValidationError) as refusal:
        TypeAdapter(Phone).validate_python(typed)
    assert [fault["type"] for fault in refusal.value.errors()] == ["invalid_phone"]


@given(st.from_regex(r"[567][0-9]{8}|[234][0-9]{7}|9[0-9]{8}", fullmatch=True))
def test_every_way_of_dialling_an_algerian_number_is_the_same_number(national: str) -> None:
    ways = [f"0{national}", f"+213{national}", f"00213{national}", f"213{national}", f"+2130{national}"]
    assert {to_e164(way) for way in ways} == {f"+213{national}"}


@given(st.text(max_size=30) | st.from_regex(r"\+?[0-9 ()-]{5,20}", fullmatch=True))
def test_what_is_kept_is_kept_as_it_is_the_next_time(typed: str) -> None:
    number = to_e164(typed)
    assert number is None or to_e164(number) == number


def test_the_type_documents_what_is_kept() -> None:
    class Form(BaseModel):
        phone: Phone

    assert Form.model_validate_json('{"phone": "0550 12 34 56"}').phone == "+213550123456"
    field = Form.model_json_schema()["properties"]["phone"]
    assert (field["format"], field["maxLength"], field["type"]) == ("phone", 16, "string")
    assert field["pattern"] == r"^\+[1-9][0-9]{6,14}$"

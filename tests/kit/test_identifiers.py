import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from crm_api.kit import identifiers as kinds
from crm_api.kit import money, phones, schemas
from crm_api.kit.identifiers import email_key, plate_as_shown, usual_shape


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (kinds.NationalId, "10 9900 1001 1234 5678", "109900100112345678"),
        (kinds.NationalId, "١٠٩٩٠٠١٠٠١١٢٣٤٥٦٧٨", "109900100112345678"),
        (kinds.Plate, "12345-126-16", "1234512616"),
        (kinds.Plate, "12345 126 16", "1234512616"),
        (kinds.Plate, "1234512616", "1234512616"),
        (kinds.Plate, "123456 126 16", "12345612616"),
        (kinds.BankAccountNumber, "001 00012 3456789012 34", "00100012345678901234"),
        (kinds.TaxId, "001516100972762", "001516100972762"),
        (kinds.StatisticalId, "0015 1609 0029 6000", "0015160900296000"),
        (kinds.TaxArticle, "16090029600", "16090029600"),
        (kinds.TradeRegisterNumber, " 16/00-1009727  b 15 ", "16/00-1009727 B 15"),
        (kinds.TradeRegisterNumber, "16B1009727", "16B1009727"),
        (kinds.Email, "Ilyes@Gmail.com ", "ilyes@gmail.com"),
        (kinds.Email, "First.Last+tag@Example.COM", "first.last+tag@example.com"),
        (kinds.Email, "admin@alliance.test", "admin@alliance.test"),
        (kinds.Email, "a@Éclair.dz", "a@xn--clair-9ra.dz"),
    ],
)
def test_an_identifier_is_kept_in_one_form(kind: Any, typed: str, kept: str) -> None:
    adapter = TypeAdapter[str](kind)
    assert adapter.validate_python(typed) == kept
    assert adapter.validate_python(kept) == kept
    schema = adapter.json_schema()
    assert len(kept) <= schema["maxLength"]
    assert re.search(schema.get("pattern", ""), kept)


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        (kinds.NationalId, "10990010011234567", "invalid_national_id"),
        (kinds.NationalId, "10990010011234567A", "invalid_national_id"),
        (kinds.Plate, "123 126 16", "invalid_plate"),
        (kinds.Plate, "AB-123-CD", "invalid_plate"),
        (kinds.BankAccountNumber, "0010001234567890123", "invalid_rib"),
        (kinds.TaxId, "12A", "invalid_tax_id"),
        (kinds.StatisticalId, "1" * 19, "invalid_statistical_id"),
        (kinds.TaxArticle, "", "invalid_tax_article"),
        (kinds.TradeRegisterNumber, "<script>", "invalid_trade_register_number"),
        (kinds.TradeRegisterNumber, "RC", "invalid_trade_register_number"),
        (kinds.Email, "ilyes", "invalid_email"),
        (kinds.Email, "ilyes@gmail", "invalid_email"),
        (kinds.Email, "il yes@gmail.com", "invalid_email"),
        (kinds.Email, "a@b.dz\nBcc: c@d.dz", "invalid_email"),
        (kinds.Email, "ilyès@gmail.com", "invalid_email"),
        (kinds.Email, "a@b..dz", "invalid_email"),
        (kinds.Email, "a@" + "b" * 300 + ".dz", "string_too_long"),
        (kinds.NationalId, "1" * 41, "string_too_long"),
        (kinds.NationalId, 109900100112345678, "string_type"),
    ],
)
def test_what_is_no_identifier_is_refused_with_a_stable_code(kind: Any, typed: object, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        TypeAdapter[str](kind).validate_python(typed)
    assert [fault["type"] for fault in refusal.value.errors()] == [code]


@pytest.mark.parametrize(
    ("field", "usual", "odd"),
    [
        ("trade_register_number", "16/00-1009727 B 15", "16B1009727"),
        ("tax_id", "001516100972762", "0015161009727"),
        ("statistical_id", "0015160900296000", "00151609"),
        ("tax_article", "16090029600", "160900296"),
    ],
)
def test_an_odd_legal_identifier_deserves_a_second_look(field: str, usual: str, odd: str) -> None:
    assert usual_shape(field, usual)
    assert not usual_shape(field, odd)
    assert usual_shape("name", odd)


def test_a_plate_is_shown_in_three_groups() -> None:
    assert plate_as_shown("1234512616") == "12345 126 16"
    assert plate_as_shown("0098710931") == "00987 109 31"


@pytest.mark.parametrize(
    ("email", "key"),
    [
        ("ilyes+auto@gmail.com", "ilyes@gmail.com"),
        ("ilyes@gmail.com", "ilyes@gmail.com"),
        ("il.yes+a+b@gmail.com", "il.yes@gmail.com"),
        ("+tag@gmail.com", "+tag@gmail.com"),
    ],
)
def test_the_key_of_an_address_leaves_the_tag_out(email: str, key: str) -> None:
    assert email_key(email) == key


def test_schemas_offer_the_same_email_type() -> None:
    assert schemas.Email is kinds.Email


def test_every_refusal_of_the_kit_is_worded_in_three_languages() -> None:
    sources = [Path(module.__file__ or "").read_text("utf-8") for module in (kinds, money, phones)]
    codes = set(re.findall(r'"((?:invalid|amount)_[a-z_]+)"', "".join(sources)))
    messages = json.loads(files("crm_api.kit").joinpath("messages.json").read_text("utf-8"))["faults"]
    assert len(codes) == 12
    assert codes <= set(messages)
    assert {language for sentences in messages.values() for language in sentences} == {"fr", "en", "ar"}
    assert all(len(sentences) == 3 for sentences in messages.values())

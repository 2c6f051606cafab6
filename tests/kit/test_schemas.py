"""Dates come in spelled out, whatever else Pydantic would understand."""

from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from crm_api.kit.schemas import Day, Moment

MOMENT, DAY = TypeAdapter[datetime](Moment), TypeAdapter[date](Day)


def test_a_moment_is_read_with_its_zone() -> None:
    assert MOMENT.validate_python("2026-11-23T09:30:00+01:00") == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert MOMENT.validate_json('"2026-11-23T08:30:00.125Z"').microsecond == 125_000


def test_a_day_is_read() -> None:
    assert DAY.validate_python("2026-11-23") == date(2026, 11, 23)


def test_both_are_read_where_a_body_is_read_strictly() -> None:
    assert DAY.validate_json('"2026-11-23"', strict=True) == date(2026, 11, 23)
    assert MOMENT.validate_json('"2026-11-23T08:30:00Z"', strict=True).hour == 8


@pytest.mark.parametrize(
    "value", ['"0.5"', "0.5", "86400", '"86400"', '"23/11/2026"', '"2026-11-23T08:30:00"', "true"]
)
def test_a_moment_in_other_words_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_json(value)


@pytest.mark.parametrize("value", ['"86400"', "86400", '"23/11/2026"', '"2026-11-23 "', "true"])
def test_a_day_in_other_words_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_json(value)

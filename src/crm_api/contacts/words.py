"""The words that people's sheets are written in: names, days of a life."""

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_api.kit.clock import today

_MARKS = frozenset(" -'’ʼ.")
_ARABIC = re.compile(r"[\u0621-\u064A]")
YOUNGEST, OLDEST = 16, 110
"""Years."""


class MaritalStatus(StrEnum):
    """Whether a person is single, married, divorced or widowed."""

    SINGLE = "single"
    MARRIED = "married"
    DIVORCED = "divorced"
    WIDOWED = "widowed"


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not any(char.isalpha() for char in name) or not all(_in_a_name(char) for char in name):
        raise PydanticCustomError("invalid_name", "A name has letters, spaces, hyphens and apostrophes only")
    return name


def _in_a_name(char: str) -> bool:
    # U+064B to U+0652 are the short vowels of Arabic, U+0300 to U+036F accents written apart
    return char.isalpha() or char in _MARKS or "\u064b" <= char <= "\u0652" or "\u0300" <= char <= "\u036f"


def _arabic_name(typed: str) -> str:
    name = _name(typed)
    if not _ARABIC.search(name) or re.search(r"[A-Za-z]", name):
        raise PydanticCustomError("not_arabic", "This must be written in Arabic letters")
    return name


def _born(day: date) -> date:
    now = today()
    if not years_before(now, OLDEST) <= day <= years_before(now, YOUNGEST):
        raise PydanticCustomError("age_out_of_range", "The age must lie between 16 and 110 years")
    return day


def _past(day: date) -> date:
    if day > today():
        raise PydanticCustomError("date_in_the_future", "This day has not come yet")
    return day


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 28 February for a 29th that there was not."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return (day - timedelta(days=1)).replace(year=day.year - years)


def display_name(last_name: str, first_name: str) -> str:
    """ "AISSANI Ilyès": the surname in capitals, the first name with its own."""
    first = re.sub(r"[^\W\d_]+", lambda word: word[0][:1].upper() + word[0][1:], first_name)
    return f"{last_name.upper()} {first}"


PersonName = Annotated[str, Field(min_length=1, max_length=80, examples=["Aïssani"]), AfterValidator(_name)]
ArabicName = Annotated[
    str, Field(min_length=1, max_length=80, examples=["عيساني"]), AfterValidator(_arabic_name)
]
BirthDate = Annotated[date, Field(examples=["1994-05-17"]), AfterValidator(_born)]
PastDay = Annotated[date, Field(examples=["2026-03-02"]), AfterValidator(_past)]

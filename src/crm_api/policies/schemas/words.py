"""The words of the domain, as its schemas bound and exemplify them."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from crm_api.kit.money import Money, Rate

PolicyNumber = Annotated[
    str,
    Field(
        pattern=r"^[\x21-\x7e]{3,40}$", min_length=3, max_length=40, examples=["16012.2026.11.AUTO_P.00042"]
    ),
]
ProductCode = Annotated[
    str, Field(pattern=r"^[A-Z0-9_]{2,40}$", min_length=2, max_length=40, examples=["AUTO_P"])
]
PlanCode = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_]{1,20}$", min_length=1, max_length=20, examples=["PLAN_1"])
]
BranchCode = Annotated[str, Field(min_length=1, max_length=8, examples=["11"])]
CoverageCode = Annotated[
    str, Field(pattern=r"^[A-Z0-9_]{1,12}$", min_length=1, max_length=12, examples=["RC"])
]
TermMonths = Annotated[int, Field(ge=0, le=120, examples=[12])]
NoticeDays = Annotated[int, Field(ge=0, le=365, examples=[90])]
PolicyReason = Annotated[
    str, Field(min_length=3, max_length=500, examples=["Prime impayée après mise en demeure"])
]
SourceSystem = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        pattern=r"^[a-z0-9][a-z0-9_.-]*$",
        examples=["policy_admin"],
    ),
]


def _not_negative(money: Money) -> Money:
    if money.currency != "DZD" or money.centimes < 0:
        raise PydanticCustomError("dinars_expected", "An amount of dinars, not below zero")
    return money


Dinars = Annotated[Money, AfterValidator(_not_negative)]
"""Zero or more, in dinars."""
ZERO = Money.of(0)


def _is_share(rate: Decimal) -> Decimal:
    if not 0 < rate <= 1:
        raise PydanticCustomError("not_a_share", "More than 0, and 1 at most")
    return rate


def _is_fraction(rate: Decimal) -> Decimal:
    if not 0 <= rate <= 1:
        raise PydanticCustomError("not_a_share", "Between 0 and 1")
    return rate


Share = Annotated[Rate, AfterValidator(_is_share), Field(examples=["0.5"])]
Fraction = Annotated[Rate, AfterValidator(_is_fraction), Field(examples=["0.025"])]


def _coefficient(typed: object) -> Decimal:
    if isinstance(typed, Decimal):
        return typed
    if not isinstance(typed, str) or not typed.isascii() or len(typed) > 4:
        raise PydanticCustomError("invalid_coefficient", 'A coefficient is a decimal string like "0.85"')
    whole, _, fraction = typed.partition(".")
    if not (whole.isdigit() and len(fraction) <= 2 and (fraction.isdigit() or "." not in typed)):
        raise PydanticCustomError("invalid_coefficient", 'A coefficient is a decimal string like "0.85"')
    if not Decimal("0.50") <= (value := Decimal(typed)) <= Decimal("3.50"):
        raise PydanticCustomError("invalid_coefficient", "A coefficient lies between 0.50 and 3.50")
    return value


BonusMalus = Annotated[
    Decimal,
    BeforeValidator(_coefficient),
    PlainSerializer(lambda value: f"{value.normalize():f}", return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 4,
            "pattern": r"^[0-3](\.\d{1,2})?$",
            "description": "A coefficient of reduction or increase, 0.50 to 3.50.",
            "examples": ["0.85"],
        }
    ),
]

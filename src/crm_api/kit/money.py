"""Money: a decimal string and a currency on the wire, whole centimes in the database, never a float."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?")
_RATE = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,6})?")
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
"""Room for 17 digits of centimes times 9 of a rate; and half a centime goes away from zero."""


def to_centimes(amount: Decimal) -> int:
    """`amount` in whole centimes; ValueError when it has fractions of one."""
    centimes = amount.scaleb(2, _EXACT)
    whole = int(centimes)
    if centimes != whole:
        raise ValueError(f"{amount} has fractions of a centime")
    return whole


def from_centimes(centimes: int) -> Decimal:
    """Always with two decimals: 4500000 is 45000.00."""
    return Decimal(centimes).scaleb(-2, _EXACT)


def rounded(amount: Decimal) -> int:
    """`amount` in centimes, half a centime rounded away from zero: a refund undoes its premium exactly."""
    return int(amount.scaleb(2, _EXACT).to_integral_value(context=_EXACT))


def line(base: int, rate: Decimal) -> int:
    """`rate` of `base` centimes, rounded: taxes are rounded line by line and then added up."""
    return int(_EXACT.multiply(Decimal(base), rate).to_integral_value(context=_EXACT))


def _amount(typed: str) -> str:
    if not _AMOUNT.fullmatch(typed):
        raise PydanticCustomError("invalid_amount", 'An amount is a decimal string like "45000.00"')
    try:
        return str(from_centimes(to_centimes(Decimal(typed))))
    except ValueError as error:
        raise PydanticCustomError("amount_too_precise", "An amount has two decimals at most") from error


def _rate(typed: object) -> Decimal:
    if isinstance(typed, Decimal):
        return typed
    if not isinstance(typed, str) or not _RATE.fullmatch(typed):
        raise PydanticCustomError("invalid_rate", 'A rate is a decimal string like "0.19"')
    return Decimal(typed)


def _plain(rate: Decimal) -> str:
    """Without exponent and without idle zeros: numeric(9,6) reads 0.190000."""
    text = f"{rate:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


Amount = Annotated[
    str,
    StringConstraints(max_length=21),
    AfterValidator(_amount),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 21,
            "pattern": r"^-?\d{1,15}(\.\d{1,4})?$",
            "description": "In the unit of the currency; no fractions of a centime.",
            "examples": ["45000.00"],
        }
    ),
]
Rate = Annotated[
    Decimal,
    BeforeValidator(_rate),
    PlainSerializer(_plain, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 11,
            "pattern": r"^-?\d{1,3}(\.\d{1,6})?$",
            "description": "A fraction, not a percentage: 0.19 is 19 %.",
            "examples": ["0.19"],
        }
    ),
]
"""Kept as numeric(9,6)."""


class Money(BaseModel):
    """An amount of money."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    amount: Amount
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", min_length=3, max_length=3, examples=["DZD"])]
    """ISO 4217."""

    @classmethod
    def of(cls, centimes: int, currency: str = "DZD") -> Self:
        return cls(amount=str(from_centimes(centimes)), currency=currency)

    @property
    def centimes(self) -> int:
        return to_centimes(Decimal(self.amount))


def in_french(centimes: int, unit: str = "DA") -> str:
    """8367796 is "83 677,96 DA". Plain spaces: a no-break space would make a text message cost double."""
    amount = f"{from_centimes(centimes):,}".replace(",", " ").replace(".", ",")
    return f"{amount} {unit}"

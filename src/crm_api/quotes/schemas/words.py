"""The words of quotes, as their schemas bound and exemplify them."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue
from pydantic_core import PydanticCustomError

from crm_api.kit.money import Money, Rate
from crm_api.kit.schemas import Output
from crm_api.products.schemas.words import CoverageCode

Number = Annotated[str, Field(max_length=20, examples=["D-2026-000123"])]
AnswerMap = Annotated[
    dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", max_length=40)], JsonValue],
    Field(
        max_length=80,
        examples=[
            {
                "usage": "personal",
                "power": 6,
                "wilaya": "16",
                "value": "2000000.00",
                "driver_born_on": "1985-04-12",
                "licence_on": "2006-09-01",
                "assistance": "tranquillite",
            }
        ],
    ),
]
Chosen = Annotated[list[CoverageCode], Field(max_length=40, examples=[[]])]
ObjectLabel = Annotated[str, Field(min_length=1, max_length=160, examples=["Renault Symbol 2016"])]
Months = Annotated[int, Field(ge=1, le=120, examples=[12])]
Days = Annotated[int, Field(ge=1, le=31, examples=[10])]
Why = Annotated[str, Field(min_length=3, max_length=500, examples=["Client fidèle, sans sinistre"])]
DiscountReason = Annotated[
    str, Field(min_length=3, max_length=300, examples=["Client fidèle, sans sinistre"])
]
PersonName = Annotated[str, Field(min_length=2, max_length=160, examples=["Karim BOUCHAREB"])]
Comment = Annotated[str, Field(min_length=1, max_length=500, examples=["Moins cher chez son courtier"])]
RatingVersion = Annotated[str, Field(min_length=1, max_length=60, examples=["crm:AUTO_P:2026-12-01"])]


def _some(rate: Decimal) -> Decimal:
    if not 0 <= rate <= 1:
        raise PydanticCustomError("not_a_share", "Between 0 and 1")
    return rate


DiscountRate = Annotated[Rate, AfterValidator(_some), Field(examples=["0.10"])]


class QuoteLine(Output):
    """One coverage and its price."""

    code: CoverageCode
    """Which."""
    label: str = Field(max_length=120, examples=["Dommages avec ou sans collision"])
    """What people read, in French."""
    mandatory: bool = Field(examples=[False])
    """Whether the law imposes it: no discount is given on it."""
    premium: Money
    """For the term, before any discount; the loading is part of it."""
    loading: Money
    """Of that: what the driver or the like adds."""
    discount: Money
    """What is taken off."""
    net: Money
    """Premium less discount."""
    sum_insured: Money | None
    """For how much."""
    limit: Money | None
    """The most that is paid."""
    deductible: Money | None
    """What stays with the insured of each loss."""


class ReferralReason(Output):
    """Why somebody else has to decide."""

    code: str = Field(max_length=60, examples=["discount_above_limit"])
    """For programs."""
    message_fr: str = Field(max_length=300, examples=["Rabais de 20 % au-dessus de votre limite de 10 %."])
    """What people read."""

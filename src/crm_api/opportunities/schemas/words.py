"""The words of the domain, as its schemas bound and exemplify them."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue
from pydantic_core import PydanticCustomError

from crm_api.kit.money import Money, Rate
from crm_api.kit.schemas import Input, Output

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", max_length=40, examples=["fleet_tenders"])]
StageCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", max_length=40, examples=["negotiation"])]
Label = Annotated[str, Field(min_length=1, max_length=80, examples=["Négociation"])]
PipelineName = Annotated[str, Field(min_length=2, max_length=80, examples=["Affaires nouvelles"])]
Family = Annotated[str, Field(min_length=1, max_length=40, examples=["auto"])]
Name = Annotated[str, Field(min_length=2, max_length=160, examples=["Flotte SARL Atlas - 140"])]
Number = Annotated[str, Field(max_length=20, examples=["O-2026-000042"])]
ProductCode = Annotated[str, Field(pattern=r"^[A-Z0-9_]{2,40}$", max_length=40, examples=["AUTO_FLOTTE"])]
BranchCode = Annotated[str, Field(max_length=8, examples=["11"])]
NextStep = Annotated[str, Field(min_length=1, max_length=500, examples=["Envoyer le devis révisé"])]
Reason = Annotated[str, Field(min_length=3, max_length=500, examples=["Accord de principe du directeur"])]
Comment = Annotated[str, Field(min_length=1, max_length=1000, examples=["Parti chez son ancien assureur"])]
PolicyNumber = Annotated[
    str, Field(pattern=r"^[\x21-\x7e]{3,40}$", max_length=40, examples=["16012.2026.11.1110.00042"])
]
CustomValues = Annotated[dict[str, JsonValue], Field(max_length=100, examples=[{"fleet_size": 12}])]


def _not_negative(money: Money) -> Money:
    if money.centimes < 0:
        raise PydanticCustomError("negative_amount", "An amount cannot be negative here")
    if money.currency != "DZD":
        raise PydanticCustomError("foreign_currency", "Amounts are in DZD")
    return money


Premium = Annotated[Money, AfterValidator(_not_negative)]
"""Zero or more, in dinars."""


def _is_share(rate: Decimal) -> Decimal:
    if not 0 <= rate <= 1:
        raise PydanticCustomError("not_a_share", "Between 0 and 1")
    return rate


Probability = Annotated[Rate, AfterValidator(_is_share), Field(examples=["0.25"])]


class OpportunityLine(Input):
    """One product of the sale."""

    product_code: ProductCode
    """The product."""
    description: str | None = Field(
        default=None, min_length=1, max_length=200, examples=["12 véhicules légers"]
    )
    """What exactly."""
    quantity: int = Field(default=1, ge=1, le=100_000, examples=[12])
    """How many."""
    unit_amount: Premium
    """Annual net premium of one."""


class OpportunityLineRead(Output):
    """One product of the sale."""

    product_code: ProductCode
    """The product."""
    description: str | None = Field(max_length=200, examples=["12 véhicules légers"])
    """What exactly."""
    quantity: int = Field(ge=1, le=100_000, examples=[12])
    """How many."""
    unit_amount: Money
    """Annual net premium of one."""
    amount: Money
    """Of all of them."""


class Competitor(Input):
    """Another insurer after the same sale."""

    name: str = Field(min_length=2, max_length=120, examples=["SAA"])
    """Who."""
    strengths: str | None = Field(default=None, min_length=1, max_length=500, examples=["Prix"])
    """What speaks for them."""
    weaknesses: str | None = Field(
        default=None, min_length=1, max_length=500, examples=["Délai d'indemnisation"]
    )
    """What speaks against them."""
    amount: Premium | None = None
    """The premium they offer, where it is known."""
    won: bool = False
    """true: they got the sale."""


Lines = Annotated[list[OpportunityLine], Field(max_length=50)]
Competitors = Annotated[list[Competitor], Field(max_length=20)]

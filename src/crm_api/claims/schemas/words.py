"""The words of the domain, as its schemas bound and exemplify them."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_api.kit.money import Money
from crm_api.policies.schemas.words import CoverageCode, Dinars

ClaimNumber = Annotated[str, Field(max_length=40, examples=["S16012-2026-000381"])]
Circumstances = Annotated[
    str,
    Field(
        min_length=3,
        max_length=4000,
        examples=["Choc à l'arrière au feu rouge, rue Didouche Mourad."],
    ),
]
ClaimAddress = Annotated[str, Field(min_length=2, max_length=300, examples=["Carrefour du 1er Mai"])]
ClaimCommune = Annotated[str, Field(min_length=2, max_length=80, examples=["Sidi M'Hamed"])]
PersonName = Annotated[str, Field(min_length=2, max_length=160, examples=["Amine KACI"])]
ClaimNote = Annotated[
    str, Field(min_length=3, max_length=2000, examples=["Le garage confirme le choc avant."])
]
ClaimWhy = Annotated[str, Field(min_length=3, max_length=500, examples=["Photo illisible"])]
Latitude = Annotated[float, Field(ge=-90, le=90, examples=[36.7525])]
Longitude = Annotated[float, Field(ge=-180, le=180, examples=[3.042])]
Metres = Annotated[int, Field(ge=0, le=100_000, examples=[12])]
Liability = Annotated[int, Field(ge=0, le=100, multiple_of=25, examples=[50])]
Coverages = Annotated[list[CoverageCode], Field(max_length=30, examples=[["DC"]])]
ReserveReason = Annotated[str, Field(min_length=3, max_length=200, examples=["Ouverture du dossier"])]
Reference = Annotated[str, Field(min_length=1, max_length=80, examples=["VIR-2026-11-0042"])]
Plate = Annotated[str, Field(min_length=2, max_length=20, examples=["00123 116 16"])]
Insurer = Annotated[str, Field(min_length=2, max_length=120, examples=["SAA"])]


def _more_than_nothing(money: Money) -> Money:
    if money.centimes == 0:
        raise PydanticCustomError("amount_above_zero", "An amount of dinars above zero")
    return money


def _dinars_either_way(money: Money) -> Money:
    if money.currency != "DZD" or money.centimes == 0:
        raise PydanticCustomError("dinars_moved", "An amount of dinars, more or less than zero")
    return money


SomeDinars = Annotated[Dinars, AfterValidator(_more_than_nothing)]
"""More than zero, in dinars."""
Movement = Annotated[Money, AfterValidator(_dinars_either_way)]
"""More or less than zero, in dinars."""

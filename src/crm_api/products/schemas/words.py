"""The words of the catalogue, as its schemas bound and exemplify them."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue
from pydantic_core import PydanticCustomError

from crm_api.kit.money import Money, Rate
from crm_api.reference.models import ObjectKind

ProductCode = Annotated[str, Field(pattern=r"^[A-Z0-9_]{2,40}$", max_length=40, examples=["AUTO_P"])]
BranchCode = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,8}$", max_length=8, examples=["11"])]
PlanCode = Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,20}$", max_length=20, examples=["TOUS_RISQUES"])]
CoverageCode = Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,12}$", max_length=12, examples=["DASC"])]
FigureCode = Annotated[str, Field(pattern=r"^(\*|[A-Z0-9_]{1,20})$", max_length=20, examples=["DASC"])]
MeasureName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{0,40}$", max_length=40, examples=["value"])]
GroupName = Annotated[str, Field(pattern=r"^[a-z0-9_]{0,20}$", max_length=20, examples=["driver"])]
TaxCode = Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,20}$", max_length=20, examples=["AUTO"])]
TariffCode = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,20}$", max_length=20, examples=["crm"])]
Label = Annotated[str, Field(min_length=1, max_length=120, examples=["Automobile Particuliers"])]
PlanLabel = Annotated[str, Field(min_length=1, max_length=80, examples=["Tous risques"])]
Description = Annotated[
    str, Field(min_length=1, max_length=4000, examples=["Pour les véhicules de 800 000 DA et plus."])
]
Audience = Annotated[str, Field(min_length=1, max_length=200, examples=["Conductrices"])]
Basis = Annotated[str, Field(min_length=1, max_length=200, examples=["Ordonnance 74-15"])]
Source = Annotated[str, Field(min_length=1, max_length=200, examples=["Circulaire du 15/12/2024"])]
Kinds = Annotated[list[ObjectKind], Field(max_length=8)]
Term = Annotated[int, Field(ge=1, le=120, examples=[12])]
Terms = Annotated[list[Term], Field(max_length=12, examples=[[12, 6]])]
DocumentKind = Annotated[
    str, Field(pattern=r"^[a-z_]{2,40}$", max_length=40, examples=["vehicle_registration"])
]
DocumentKinds = Annotated[list[DocumentKind], Field(max_length=20, examples=[["vehicle_registration"]])]
ClaimDocuments = Annotated[
    dict[Annotated[str, Field(max_length=40)], DocumentKinds],
    Field(max_length=40, examples=[{"default": ["damage_photo"], "theft": ["police_report"]}]),
]
Codes = Annotated[list[CoverageCode], Field(max_length=40, examples=[["RC"]])]
Questionnaire = Annotated[
    dict[Annotated[str, Field(max_length=80)], JsonValue],
    Field(
        max_length=20,
        examples=[
            {
                "type": "object",
                "properties": {"power": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 99}},
                "required": ["power"],
            }
        ],
    ),
]
Keys = Annotated[
    dict[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$", max_length=40)], JsonValue],
    Field(max_length=12, examples=[{"zone": "N", "usage": "personal", "power_from": 5, "power_to": 6}]),
]


def _dinars(amount: Money) -> Money:
    if amount.currency != "DZD" or amount.centimes < 0:
        raise PydanticCustomError("dinars_expected", "An amount of dinars, not below zero")
    return amount


def _positive(rate: Decimal) -> Decimal:
    if rate < 0:
        raise PydanticCustomError("negative_rate", "A rate is not below zero")
    return rate


def _share(rate: Decimal) -> Decimal:
    if not 0 <= rate <= 1:
        raise PydanticCustomError("not_a_share", "Between 0 and 1")
    return rate


CatalogueAmount = Annotated[Money, AfterValidator(_dinars)]
"""Dinars, not below zero."""
PositiveRate = Annotated[Rate, AfterValidator(_positive), Field(examples=["0.05"])]
Share = Annotated[Rate, AfterValidator(_share), Field(examples=["0.19"])]

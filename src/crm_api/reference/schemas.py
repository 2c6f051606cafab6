"""What the reference routes answer."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Self

from pydantic import Field

from crm_api.kit.schemas import Day, Input, Output
from crm_api.reference.models import Compulsory, LabelLanguage, ObjectKind, ProductTarget, TariffZone

Label = Annotated[str, Field(max_length=120)]


class WilayaRead(Output):
    """A province, as of the day it was asked for."""

    code: Annotated[str, Field(pattern="^[0-9]{2}$", max_length=2, examples=["16"])]
    """The State's number, two digits."""
    label_fr: Annotated[Label, Field(examples=["Alger"])]
    """In French."""
    label_ar: Annotated[Label, Field(examples=["الجزائر"])]
    """In Arabic."""
    region: Annotated[str, Field(max_length=8, examples=["CO"])]
    """Code of the insurer's regional direction."""
    tariff_zone: TariffZone
    """N north, S south."""
    valid_from: date | None
    """First day of its powers; null for those older than this register."""
    mother_code: Annotated[str | None, Field(pattern="^[0-9]{2}$", max_length=2, examples=["03"])]
    """The wilaya it was taken from."""


class WilayaList(Output):
    """The wilayas that exist on a day, by code."""

    data: list[WilayaRead]
    """By code."""


class WilayaQuery(Input):
    """Which wilayas."""

    on: Annotated[Day | None, Field(examples=["2027-01-01"])] = None
    """The day of the question; today in Algiers when absent."""


class BranchRead(Output):
    """A line of business."""

    code: Annotated[str, Field(max_length=8, examples=["11"])]
    """Code of the branch."""
    label_fr: Annotated[Label, Field(examples=["Automobile"])]
    """In French."""
    label_en: Annotated[Label, Field(examples=["Motor"])]
    """In English."""
    label_ar: Annotated[Label, Field(examples=["السيارات"])]
    """In Arabic."""
    is_compulsory: Annotated[bool, Field(examples=[True])]
    """Whether the law asks for it."""


class BranchList(Output):
    """The lines of business."""

    data: list[BranchRead]
    """By code."""


class ProductRead(Output):
    """A product of the seed catalogue."""

    code: Annotated[str, Field(max_length=40, examples=["AUTO_RC"])]
    """Code of the product, as leads name it in `product_interest`."""
    label_fr: Annotated[Label, Field(examples=["Automobile – Responsabilité civile"])]
    """In French."""
    label_en: Annotated[Label, Field(examples=["Motor – third-party liability"])]
    """In English."""
    label_ar: Annotated[Label, Field(examples=["السيارات – المسؤولية المدنية"])]
    """In Arabic."""
    branch_code: Annotated[str, Field(max_length=8, examples=["11"])]
    """Its line of business."""
    compulsory: Compulsory
    """Whether the law asks for it; `partly` when for a part of the cover or for some customers."""
    compulsory_basis: Annotated[str | None, Field(max_length=120, examples=["Ordonnance 74-15"])]
    """The law that says so, or the part of the cover that is meant; in French."""
    target: ProductTarget
    """Whom it is sold to."""
    object_kinds: list[ObjectKind]
    """What it insures."""


class ProductList(Output):
    """The products of the seed catalogue."""

    data: list[ProductRead]
    """In the order of the catalogue."""


class EnumQuery(Input):
    """In which language."""

    lang: LabelLanguage = LabelLanguage.FR
    """Language of the labels."""


class EnumValueRead(Output):
    """A value and what people read for it."""

    value: Annotated[str, Field(max_length=40, examples=["new"])]
    """What the API sends and takes."""
    label: Annotated[Label, Field(examples=["Nouvelle"])]
    """What people read."""


class EnumRead(Output):
    """An enumeration."""

    name: Annotated[str, Field(max_length=60, examples=["lead.status"])]
    """Resource and field."""
    values: list[EnumValueRead]
    """In the order in which people read them."""


class EnumList(Output):
    """Every enumeration, labelled in one language."""

    lang: LabelLanguage
    """Language of the labels."""
    data: list[EnumRead]
    """One entry per enumeration."""

    @classmethod
    def of(cls, lang: LabelLanguage, enums: Mapping[str, Mapping[str, str]]) -> Self:
        return cls(
            lang=lang,
            data=[
                EnumRead(
                    name=name,
                    values=[EnumValueRead(value=value, label=label) for value, label in labels.items()],
                )
                for name, labels in enums.items()
            ],
        )

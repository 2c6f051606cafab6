"""What the package brings along: not rows of an organization, but facts that all of them share."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class LabelLanguage(StrEnum):
    """The languages in which the labels of enumerations exist."""

    FR = "fr"
    EN = "en"
    AR = "ar"


class TariffZone(StrEnum):
    """The zone of a wilaya in the motor tariff: N north, S south."""

    NORTH = "N"
    SOUTH = "S"


class Compulsory(StrEnum):
    """Whether the law asks for an insurance; `partly`: of some, or for a part of the cover."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class ProductTarget(StrEnum):
    """To whom a product is sold: private persons, companies, or both."""

    INDIVIDUAL = "individual"
    COMPANY = "company"
    BOTH = "both"


class ObjectKind(StrEnum):
    """What a product insures."""

    VEHICLE = "vehicle"
    HOME = "home"
    BUSINESS = "business"
    BOAT = "boat"
    GOODS = "goods"
    PERSON = "person"
    AGRICULTURAL = "agricultural"
    ENGINEERING = "engineering"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Region:
    """A regional direction that every new organization starts with."""

    code: str
    label_fr: str
    label_ar: str


@dataclass(frozen=True, slots=True)
class Wilaya:
    """A province. Region and tariff zone are the insurer's, not the State's."""

    code: str
    label_fr: str
    label_ar: str
    region: str
    tariff_zone: TariffZone
    valid_from: date | None
    mother_code: str | None

    def exists(self, on: date) -> bool:
        return self.valid_from is None or self.valid_from <= on


@dataclass(frozen=True, slots=True)
class Branch:
    """A line of business."""

    code: str
    label_fr: str
    label_en: str
    label_ar: str
    is_compulsory: bool


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the seed catalogue."""

    code: str
    label_fr: str
    label_en: str
    label_ar: str
    branch_code: str
    compulsory: Compulsory
    compulsory_basis: str | None
    target: ProductTarget
    object_kinds: tuple[ObjectKind, ...]


@dataclass(frozen=True, slots=True)
class EnumLabel:
    """What people read for one value of one enumeration."""

    enum: str
    value: str
    fr: str
    en: str
    ar: str

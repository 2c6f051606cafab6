"""What is known of an insured object, kind by kind (domain.md B-22).

Class P3 (registration, chassis) is written with the rest, sealed when stored and masked when read.
"""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from crm_api.kit.contact_points import PostalAddress, WilayaCode
from crm_api.kit.identifiers import Plate
from crm_api.kit.schemas import Day, Input
from crm_api.policies.schemas.words import Dinars

_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")


def _vin(typed: str) -> str:
    vin = re.sub(r"[ -]", "", typed).upper()
    if not _VIN.fullmatch(vin):
        raise PydanticCustomError("invalid_vin", "A chassis number has 17 signs, never I, O or Q")
    return vin


Vin = Annotated[
    str,
    StringConstraints(max_length=30),
    AfterValidator(_vin),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 17,
            "pattern": "^[A-HJ-NPR-Z0-9]{17}$",
            "description": "Chassis number, ISO 3779. Spaces are dropped.",
            "examples": ["VF1LB0B0H55123456"],
        }
    ),
]
"""Refused with `invalid_vin`."""
Word = Annotated[str, Field(min_length=1, max_length=80, examples=["Renault"])]
Line = Annotated[str, Field(min_length=1, max_length=160, examples=["Zone industrielle de Rouïba"])]


def _as_day(typed: object) -> object:
    """Stored details come back as text."""
    return date.fromisoformat(typed) if isinstance(typed, str) and len(typed) == 10 else typed


Since = Annotated[Day, BeforeValidator(_as_day), Field(examples=["2016-04-12"])]


class VehicleUsage(StrEnum):
    """What a vehicle is used for."""

    PERSONAL = "personal"
    BUSINESS = "business"
    TRADE = "trade"
    TAXI = "taxi"
    PUBLIC_TRANSPORT = "public_transport"
    DRIVING_SCHOOL = "driving_school"
    RENTAL = "rental"
    AGRICULTURAL = "agricultural"


class VehicleEnergy(StrEnum):
    """What drives a vehicle."""

    PETROL = "petrol"
    DIESEL = "diesel"
    LPG = "lpg"
    ELECTRIC = "electric"
    HYBRID = "hybrid"


class HomeType(StrEnum):
    """What kind of home."""

    APARTMENT = "apartment"
    HOUSE = "house"
    VILLA = "villa"


class Occupancy(StrEnum):
    """As what somebody lives in a home."""

    OWNER = "owner"
    TENANT = "tenant"
    LANDLORD = "landlord"


class BuildingPermit(StrEnum):
    """Whether a building was permitted."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class SeismicZone(StrEnum):
    """Zone of the Algerian earthquake rules (RPA)."""

    ZONE_0 = "0"
    ZONE_1 = "1"
    ZONE_2A = "2a"
    ZONE_2B = "2b"
    ZONE_3 = "3"


class Conveyance(StrEnum):
    """How goods travel."""

    SEA = "sea"
    AIR = "air"
    LAND = "land"


class VehicleFacts(Input):
    """A vehicle, without what is sealed."""

    kind: Literal["vehicle"]
    """What it is."""
    make: Word
    """Marque."""
    model: Word
    """Modèle."""
    trim: Word | None = None
    """Finition."""
    first_registration_on: Since | None = None
    """Première mise en circulation."""
    kind_code: Annotated[str, Field(pattern=r"^[0-9]{2}$", max_length=2, examples=["00"])] = "00"
    """Genre: 00 touring car to 34 passenger transport."""
    usage: VehicleUsage = VehicleUsage.PERSONAL
    """What it is used for."""
    fiscal_power: int | None = Field(default=None, ge=1, le=99, examples=[7])
    """Puissance fiscale, CV."""
    energy: VehicleEnergy | None = None
    """What drives it."""
    seats: int | None = Field(default=None, ge=1, le=99, examples=[5])
    """Places assises."""
    gross_weight_kg: int | None = Field(default=None, ge=50, le=60_000, examples=[1600])
    """Poids total autorisé en charge."""
    payload_kg: int | None = Field(default=None, ge=0, le=50_000, examples=[450])
    """Charge utile."""
    new_value: Dinars | None = None
    """Valeur à neuf."""
    market_value: Dinars | None = None
    """Valeur vénale."""
    registration_wilaya: WilayaCode | None = None
    """Where it is registered: decides the zone of the tariff."""
    owner_name: Line | None = None
    """Who owns it, where that is not the customer."""
    alarm: bool = Field(default=False, examples=[True])
    """It has an alarm."""
    garage: bool = Field(default=False, examples=[True])
    """It sleeps in a garage."""
    trailer: bool = Field(default=False, examples=[False])
    """It draws a trailer."""
    inflammable_goods: bool = Field(default=False, examples=[False])
    """It carries inflammable goods."""
    leasing_bank: Word | None = None
    """The bank that leases it."""


class VehicleDetails(VehicleFacts):
    """A vehicle."""

    plate_number: Plate | None = None
    """Immatriculation: serial, class and year, wilaya; sealed, shown masked."""
    vin: Vin | None = None
    """Chassis number; sealed, shown masked."""


class HomeDetails(Input):
    """A home."""

    kind: Literal["home"]
    """What it is."""
    address: PostalAddress
    """Where it stands."""
    type: HomeType
    """What kind of home."""
    occupancy: Occupancy
    """As what the customer lives there."""
    construction_year: int | None = Field(default=None, ge=1800, le=2100, examples=[1998])
    """Built in."""
    surface_m2: int = Field(ge=10, le=5000, examples=[95])
    """Square metres."""
    rooms: int = Field(ge=1, le=30, examples=[4])
    """Main rooms."""
    floor: int | None = Field(default=None, ge=-3, le=60, examples=[2])
    """Storey; 0 is the ground floor."""
    terrace: bool = Field(default=False, examples=[False])
    """With a terrace."""
    building_permit: BuildingPermit = BuildingPermit.UNKNOWN
    """Whether it was permitted."""
    seismic_compliance: bool | None = Field(default=None, examples=[True])
    """Whether it was built by the earthquake rules; null: not known."""
    seismic_zone: SeismicZone | None = None
    """Of its commune."""
    materials: Line | None = None
    """What it is built of."""
    building_value: Dinars | None = None
    """Of the building."""
    contents_value: Dinars | None = None
    """Of what is in it."""
    valuables_value: Dinars | None = None
    """Of jewels and works of art."""
    secondary_residence: bool = Field(default=False, examples=[False])
    """Nobody lives there all year."""


class BusinessDetails(Input):
    """Business premises."""

    kind: Literal["business"]
    """What it is."""
    address: PostalAddress
    """Where they are."""
    activity: Line
    """What is done there."""
    trade_register: Word | None = None
    """Registre de commerce."""
    building_value: Dinars | None = None
    """Of the building."""
    equipment_value: Dinars | None = None
    """Of the equipment."""
    stock_value: Dinars | None = None
    """Of the stock."""
    turnover: Dinars | None = None
    """Yearly turnover."""
    fire_protections: list[Word] = Field(default=[], max_length=20, examples=[["Extincteurs", "RIA"]])
    """What protects against fire."""


class BoatFacts(Input):
    """A boat, without what is sealed."""

    kind: Literal["boat"]
    """What it is."""
    name: Word
    """Its name."""
    hull_length_cm: int = Field(ge=100, le=10_000, examples=[650])
    """Length of the hull, centimetres."""
    built_year: int | None = Field(default=None, ge=1900, le=2100, examples=[2014])
    """Built in."""
    engine_hp: int | None = Field(default=None, ge=0, le=20_000, examples=[115])
    """Power of the engine."""
    home_port: Word | None = None
    """Port d'attache."""
    navigation_area: Line | None = None
    """Where it sails."""
    value: Dinars | None = None
    """What it is worth."""


class BoatDetails(BoatFacts):
    """A boat."""

    registration: Annotated[str, Field(min_length=2, max_length=30, examples=["AL 1234"])] | None = None
    """Immatriculation; sealed, shown masked."""


class GoodsDetails(Input):
    """Goods under way (facultés)."""

    kind: Literal["goods"]
    """What it is."""
    nature: Line
    """What they are."""
    packaging: Word | None = None
    """How they are packed."""
    quantity: Word | None = None
    """How many."""
    value: Dinars
    """What they are worth."""
    incoterm: Annotated[str, Field(pattern=r"^[A-Z]{3}$", max_length=3, examples=["CIF"])] | None = None
    """Who bears which risk."""
    route_from: Line
    """From where."""
    route_to: Line
    """To where."""
    conveyance: Conveyance
    """How they travel."""
    carrier: Line | None = None
    """Ship, flight or lorry."""
    departure_on: Since | None = None
    """When they leave."""
    certificate_number: Word | None = None
    """Of the certificate of insurance."""


class PersonDetails(Input):
    """A person (travel, health, accident); `contact_id` of the object says who."""

    kind: Literal["person"]
    """What it is."""
    capital: Dinars | None = None
    """Sum insured on the person."""
    risk_class: Annotated[int, Field(ge=1, le=9, examples=[1])] | None = None
    """Class of risk of the occupation."""


class AgriculturalDetails(Input):
    """Crops or animals."""

    kind: Literal["agricultural"]
    """What it is."""
    subject: Line
    """Which crop, or which animals."""
    area_ha: int | None = Field(default=None, ge=1, le=100_000, examples=[12])
    """Hectares."""
    head_count: int | None = Field(default=None, ge=1, le=1_000_000, examples=[40])
    """Heads of cattle."""
    location: Line
    """Where."""
    tag_numbers: list[Word] = Field(default=[], max_length=500, examples=[["DZ16-000123"]])
    """Of the animals."""
    value: Dinars | None = None
    """What it is worth."""

    @model_validator(mode="after")
    def _measured(self) -> Self:
        if (self.area_ha is None) is (self.head_count is None):
            raise PydanticCustomError("area_or_heads", "Say the hectares of a crop, or the heads of animals")
        return self


class EngineeringDetails(Input):
    """A construction or erection site."""

    kind: Literal["engineering"]
    """What it is."""
    site: Line
    """Where."""
    contract_value: Dinars
    """Of the works."""
    works_from: Since
    """First day."""
    works_to: Since
    """Last day."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.works_to < self.works_from:
            raise PydanticCustomError("works_period", "The works end after they begin")
        return self


SEALED: dict[str, tuple[str, ...]] = {"vehicle": ("plate_number", "vin"), "boat": ("registration",)}
"""Class P3 of each kind: kept sealed, out of `details`."""
ObjectDetails = Annotated[
    VehicleDetails
    | HomeDetails
    | BusinessDetails
    | BoatDetails
    | GoodsDetails
    | PersonDetails
    | AgriculturalDetails
    | EngineeringDetails,
    Field(discriminator="kind"),
]
ObjectFacts = Annotated[
    VehicleFacts
    | HomeDetails
    | BusinessDetails
    | BoatFacts
    | GoodsDetails
    | PersonDetails
    | AgriculturalDetails
    | EngineeringDetails,
    Field(discriminator="kind"),
]
"""As they are read: what is sealed is shown apart, masked."""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.agencies.models import INTERMEDIARIES, Agency, AgencyStatus, AgencyType, Region
from crm_api.kit.listing import (
    FieldOf,
    ListQuery,
    Page,
    at_least,
    below,
    is_null,
    one_of,
    starts_with,
)
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Day, Email, Input, Moment, Output, Timestamp

RegionCode = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,8}$", max_length=8, examples=["CO"])]
RegionName = Annotated[str, Field(min_length=1, max_length=80, examples=["Direction régionale Centre-Ouest"])]
AgencyCode = Annotated[str, Field(pattern=r"^[A-Z0-9]{3,8}$", max_length=8, examples=["16012"])]
AgencyName = Annotated[str, Field(min_length=2, max_length=120, examples=["Agence Chéraga El Qods"])]
WilayaCode = Annotated[str, Field(pattern=r"^\d{2}$", max_length=2, examples=["16"])]
Address = Annotated[str, Field(min_length=1, max_length=200, examples=["12, rue Didouche Mourad, Alger"])]
Licence = Annotated[str, Field(min_length=1, max_length=40, examples=["AGA-2014-118"])]
SchemeCode = Annotated[str, Field(min_length=1, max_length=40, examples=["AGA-STD"])]
CommuneCode = Annotated[str, Field(pattern=r"^\d{4,6}$", max_length=6, examples=["1601"])]


class GeoPoint(Input):
    """A place on the map, WGS 84."""

    latitude: float = Field(ge=-90, le=90, examples=[36.7669])
    """Degrees north."""
    longitude: float = Field(ge=-180, le=180, examples=[2.9587])
    """Degrees east."""


class RegionCreate(Input):
    """A regional directorate to open."""

    code: RegionCode
    """Short code, unique."""
    name: RegionName
    """Full name."""
    director_user_id: UUID | None = None
    """The regional director."""
    office_address: Address | None = None
    """Where the directorate sits."""


class RegionPatch(Input):
    """What to change; a field left out stays, null empties it."""

    name: RegionName | MISSING = MISSING
    """Full name."""
    director_user_id: UUID | None | MISSING = MISSING
    """The regional director."""
    office_address: Address | None | MISSING = MISSING
    """Where the directorate sits."""


class RegionRead(Output):
    """A regional directorate."""

    id: UUID
    """Identifier."""
    code: RegionCode
    """Short code, unique."""
    name: RegionName
    """Full name."""
    director_user_id: UUID | None
    """The regional director."""
    office_address: Address | None
    """Where the directorate sits."""
    version: int
    """For If-Match."""
    created_at: Timestamp
    """When it was opened here."""
    updated_at: Timestamp
    """When it last changed."""


class RegionPage(Page[RegionRead]):
    """One page of regions."""


class RegionQuery(ListQuery):
    """Which regions."""

    sortable: ClassVar = {"code": Region.code, "created_at": Region.created_at}

    sort: Literal["code", "-code", "created_at", "-created_at"] = "code"
    """Sort key; a leading `-` means descending."""


class AgencyFields(Input):
    """What an agency says of itself."""

    code: AgencyCode
    """The agency's number, unique (numéro d'agence)."""
    name: AgencyName
    """Name shown to customers."""
    type: AgencyType
    """Kind of point of sale."""
    wilaya_code: WilayaCode
    """Where it is."""
    intermediary_license_number: Licence | None = None
    """Agrément; required for general agents and brokers."""
    mandate_start: Day | None = None
    """First day of the mandate."""
    mandate_end: Day | None = None
    """Last day of the mandate."""
    address: Address | None = None
    """Street address."""
    commune_code: CommuneCode | None = None
    """Commune."""
    phone: Phone | None = None
    """Public phone, E.164."""
    email: Email | None = None
    """Public e-mail address."""
    commission_scheme_code: SchemeCode | None = None
    """Internal code of its commissions; never shown to customers."""
    opened_on: Day | None = None
    """First day of business."""

    @model_validator(mode="after")
    def _an_intermediary_has_a_licence(self) -> Self:
        if self.type in INTERMEDIARIES and not self.intermediary_license_number:
            raise PydanticCustomError(
                "intermediary_licence_required",
                "A general agent or broker needs intermediary_license_number.",
            )
        if self.mandate_start and self.mandate_end and self.mandate_end < self.mandate_start:
            raise PydanticCustomError("mandate_order", "mandate_end is before mandate_start.")
        return self


class AgencyCreate(AgencyFields):
    """An agency to open."""

    region_id: UUID
    """The region it belongs to."""
    parent_agency_id: UUID | None = None
    """The agency above it; three levels at most."""
    geo_point: GeoPoint | None = None
    """Place on the map."""
    opening_calendar_id: UUID | None = None
    """Opening hours."""
    manager_user_id: UUID | None = None
    """Head of the agency."""


class AgencyLine(AgencyFields):
    """One line of an import: an agency whose region and parent are named by their codes."""

    region_code: RegionCode
    """The region it belongs to."""
    parent_code: AgencyCode | None = None
    """The number of the agency above it."""


class AgencyPatch(Input):
    """What to change; a field left out stays, null empties it. The number never changes."""

    name: AgencyName | MISSING = MISSING
    """Name shown to customers."""
    type: AgencyType | MISSING = MISSING
    """Kind of point of sale."""
    region_id: UUID | MISSING = MISSING
    """The region it belongs to."""
    wilaya_code: WilayaCode | MISSING = MISSING
    """Where it is."""
    parent_agency_id: UUID | None | MISSING = MISSING
    """The agency above it; three levels at most."""
    intermediary_license_number: Licence | None | MISSING = MISSING
    """Agrément."""
    mandate_start: Day | None | MISSING = MISSING
    """First day of the mandate."""
    mandate_end: Day | None | MISSING = MISSING
    """Last day of the mandate."""
    address: Address | None | MISSING = MISSING
    """Street address."""
    commune_code: CommuneCode | None | MISSING = MISSING
    """Commune."""
    geo_point: GeoPoint | None | MISSING = MISSING
    """Place on the map."""
    phone: Phone | None | MISSING = MISSING
    """Public phone, E.164."""
    email: Email | None | MISSING = MISSING
    """Public e-mail address."""
    opening_calendar_id: UUID | None | MISSING = MISSING
    """Opening hours."""
    manager_user_id: UUID | None | MISSING = MISSING
    """Head of the agency."""
    commission_scheme_code: SchemeCode | None | MISSING = MISSING
    """Internal code of its commissions."""
    opened_on: Day | None | MISSING = MISSING
    """First day of business."""


class AgencyRead(Output):
    """An agency."""

    id: UUID
    """Identifier."""
    code: AgencyCode
    """The agency's number."""
    name: AgencyName
    """Name shown to customers."""
    type: AgencyType
    """Kind of point of sale."""
    status: AgencyStatus
    """active, suspended or closed."""
    region_id: UUID
    """The region it belongs to."""
    parent_agency_id: UUID | None
    """The agency above it."""
    intermediary_license_number: Licence | None
    """Agrément."""
    mandate_start: date | None
    """First day of the mandate."""
    mandate_end: date | None
    """Last day of the mandate; after it the agency cannot issue quotes."""
    address: Address | None
    """Street address."""
    wilaya_code: WilayaCode
    """Where it is."""
    commune_code: CommuneCode | None
    """Commune."""
    geo_point: GeoPoint | None
    """Place on the map."""
    phone: Phone | None
    """Public phone, E.164."""
    email: Email | None
    """Public e-mail address."""
    opening_calendar_id: UUID | None
    """Opening hours."""
    manager_user_id: UUID | None
    """Head of the agency."""
    commission_scheme_code: SchemeCode | None
    """Internal code of its commissions."""
    opened_on: date | None
    """First day of business."""
    closed_on: date | None
    """Last day of business."""
    transferred_to_id: UUID | None
    """Which agency took over its work when it closed."""
    version: int
    """For If-Match."""
    created_at: Timestamp
    """When it was recorded."""
    updated_at: Timestamp
    """When it last changed."""


class AgencyPage(Page[AgencyRead]):
    """One page of agencies."""


class AgencyQuery(ListQuery):
    """Which agencies."""

    sortable: ClassVar = {"name": Agency.name_folded, "code": Agency.code, "created_at": Agency.created_at}

    sort: Literal["name", "-name", "code", "-code", "created_at", "-created_at"] = "code"
    """Sort key; a leading `-` means descending."""
    code: Annotated[list[AgencyCode] | None, one_of(Agency.code)] = Field(default=None, max_length=50)
    """One or several numbers (repeat the parameter)."""
    status: Annotated[list[AgencyStatus] | None, one_of(Agency.status)] = Field(default=None, max_length=3)
    """One or several states."""
    type: Annotated[list[AgencyType] | None, one_of(Agency.type)] = Field(default=None, max_length=8)
    """One or several kinds."""
    region_id: Annotated[list[UUID] | None, one_of(Agency.region_id)] = Field(default=None, max_length=50)
    """One or several regions."""
    wilaya_code: Annotated[list[WilayaCode] | None, one_of(Agency.wilaya_code)] = Field(
        default=None, max_length=69
    )
    """One or several wilayas."""
    parent_agency_id: Annotated[list[UUID] | None, one_of(Agency.parent_agency_id)] = Field(
        default=None, max_length=50
    )
    """The agencies directly below these."""
    parent_agency_id_null: Annotated[bool | None, is_null(Agency.parent_agency_id)] = None
    """true: only the tops of the tree."""
    name_prefix: Annotated[str | None, starts_with(Agency.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["agence ch"]
    )
    """Beginning of the name, accents and case ignored."""
    created_at_gte: Annotated[Moment | None, at_least(Agency.created_at)] = None
    """Recorded at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Agency.created_at)] = None
    """Recorded before this moment."""


class AgencyListQuery(AgencyQuery):
    """Which agencies, and what of them."""

    fields: list[Annotated[str, FieldOf(AgencyRead)]] | None = Field(
        default=None, max_length=80, examples=[["id", "code", "name"]]
    )
    """Only these fields."""


class AgencyClose(Input):
    """Who takes over."""

    transfer_to_agency_id: UUID
    """Open leads, account managers' portfolios and other work go there."""
    closed_on: Day | None = None
    """Last day of business; today when left out."""


class AgencyNode(Output):
    """An agency in the tree of its region."""

    id: UUID
    """Identifier."""
    code: AgencyCode
    """The agency's number."""
    name: AgencyName
    """Name shown to customers."""
    type: AgencyType
    """Kind of point of sale."""
    status: AgencyStatus
    """active, suspended or closed."""
    children: list["AgencyNode"] = Field(max_length=500)
    """The agencies directly below it."""


class RegionNode(Output):
    """A region and its agencies."""

    id: UUID
    """Identifier."""
    code: RegionCode
    """Short code."""
    name: RegionName
    """Full name."""
    agencies: list[AgencyNode] = Field(max_length=500)
    """The agencies at the top of the tree."""


class AgencyTree(Output):
    """The whole network."""

    regions: list[RegionNode] = Field(max_length=100)
    """In order of their codes."""

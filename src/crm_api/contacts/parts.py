"""The parts of a person's sheet: how to reach them, their papers. Lists of these have one primary each."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.clock import today
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Email, Input, Output, Timestamp

PointStatus = Literal["valid", "bounced", "invalid"]
PostalCode = Annotated[str, Field(pattern=r"^\d{5}$", max_length=5, examples=["16000"])]
CommuneCode = Annotated[str, Field(pattern=r"^\d{4,6}$", max_length=6, examples=["1601"])]
WilayaCode = Annotated[str, Field(pattern=r"^\d{2}$", max_length=2, examples=["16"])]
CommuneName = Annotated[str, Field(min_length=1, max_length=80, examples=["Alger-Centre"])]
AddressLine = Annotated[str, Field(min_length=1, max_length=120, examples=["12, rue Didouche Mourad"])]
PaperNumber = Annotated[
    str, Field(min_length=3, max_length=30, pattern=r"^[0-9A-Za-z /-]+$", examples=["209384756"])
]
Authority = Annotated[str, Field(min_length=1, max_length=80, examples=["APC Alger-Centre"])]
LicenceCategory = Annotated[str, Field(pattern=r"^[A-F][12]?E?$", max_length=3, examples=["B"])]
Masked = Annotated[str, Field(max_length=12, examples=["•••5678"])]
"""Class P3: what it is is said only by `unmask`."""


class PhoneKind(StrEnum):
    MOBILE = "mobile"
    HOME = "home"
    WORK = "work"
    OTHER = "other"


class EmailKind(StrEnum):
    PERSONAL = "personal"
    WORK = "work"
    OTHER = "other"


class AddressKind(StrEnum):
    HOME = "home"
    MAILING = "mailing"
    BILLING = "billing"
    RISK = "risk"
    HEAD_OFFICE = "head_office"


class PaperType(StrEnum):
    CNI = "cni"
    PASSPORT = "passport"
    PERMIS = "permis"
    RESIDENCE = "residence"


class PhoneEntry(Input):
    """A telephone number of a person."""

    kind: PhoneKind = PhoneKind.MOBILE
    """Which telephone."""
    value: Phone
    """The number; kept in E.164."""
    is_primary: bool = False
    """The one to call first. Of several none marked, the first is."""
    status: PointStatus = "valid"
    """Whether it still answers."""


class EmailEntry(Input):
    """An e-mail address of a person."""

    kind: EmailKind = EmailKind.PERSONAL
    """Which address."""
    value: Email
    """The address; kept in small letters."""
    is_primary: bool = False
    """The one to write to first. Of several none marked, the first is."""
    status: PointStatus = "valid"
    """Whether it still receives."""


class AddressEntry(Input):
    """A postal address of a person."""

    kind: AddressKind = AddressKind.HOME
    """What it is for."""
    lines: list[AddressLine] = Field(min_length=1, max_length=4)
    """Street and number, in the order of the envelope."""
    commune: CommuneName | None = None
    """Name of the commune."""
    commune_code: CommuneCode | None = None
    """ONS code of the commune."""
    wilaya_code: WilayaCode | None = None
    """Code of the wilaya."""
    postal_code: PostalCode | None = None
    """Postal code."""
    latitude: float | None = Field(default=None, ge=-90, le=90, examples=[36.7669])
    """Degrees north."""
    longitude: float | None = Field(default=None, ge=-180, le=180, examples=[2.9587])
    """Degrees east."""
    is_primary: bool = False
    """The one to write to first. Of several none marked, the first is."""


class PhoneRead(Output):
    """A telephone number of a person."""

    kind: PhoneKind
    """Which telephone."""
    value: Phone
    """The number, E.164."""
    is_primary: bool
    """The one to call first."""
    verified_at: Timestamp | None
    """When it was last proved to be theirs."""
    status: PointStatus
    """Whether it still answers."""


class EmailRead(Output):
    """An e-mail address of a person."""

    kind: EmailKind
    """Which address."""
    value: Email
    """The address."""
    is_primary: bool
    """The one to write to first."""
    verified_at: Timestamp | None
    """When it was last proved to be theirs."""
    status: PointStatus
    """Whether it still receives."""


class AddressRead(Output):
    """A postal address of a person."""

    kind: AddressKind
    """What it is for."""
    lines: list[AddressLine] = Field(max_length=4)
    """Street and number, in the order of the envelope."""
    commune: CommuneName | None
    """Name of the commune."""
    commune_code: CommuneCode | None
    """ONS code of the commune."""
    wilaya_code: WilayaCode | None
    """Code of the wilaya, as it was when stored."""
    postal_code: PostalCode | None
    """Postal code."""
    latitude: float | None = Field(ge=-90, le=90, examples=[36.7669])
    """Degrees north."""
    longitude: float | None = Field(ge=-180, le=180, examples=[2.9587])
    """Degrees east."""
    is_primary: bool
    """The one to write to first."""


class Paper(Input):
    """An identity document."""

    type: PaperType
    """Which document."""
    number: PaperNumber
    """Its number."""
    issued_on: date | None = None
    """Since when."""
    expires_on: date | None = None
    """Until when."""
    issued_by: Authority | None = None
    """By whom."""

    @model_validator(mode="after")
    def _in_order(self) -> "Paper":
        if self.issued_on and self.expires_on and self.expires_on < self.issued_on:
            raise PydanticCustomError("dates_out_of_order", "It cannot expire before it was issued")
        return self


class Licence(Input):
    """A driving licence."""

    number: PaperNumber
    """Its number."""
    issued_on: date
    """Since when: its age counts for the premium."""
    categories: list[LicenceCategory] = Field(default=[], max_length=15)
    """What may be driven."""
    wilaya_code: WilayaCode | None = None
    """Where it was issued."""

    @field_validator("issued_on")
    @classmethod
    def _already_issued(cls, issued_on: date) -> date:
        if issued_on > today():
            raise PydanticCustomError("date_in_the_future", "This day has not come yet")
        return issued_on


class PaperMasked(Output):
    """An identity document, masked."""

    type: Masked
    """Hidden."""
    number: Masked
    """The last characters of its number."""
    issued_on: Masked | None = None
    """Hidden."""
    expires_on: Masked | None = None
    """Hidden."""
    issued_by: Masked | None = None
    """Hidden."""


class LicenceMasked(Output):
    """A driving licence, masked."""

    number: Masked
    """The last characters of its number."""
    issued_on: Masked
    """Hidden."""
    categories: list[Masked] = Field(default=[], max_length=15)
    """Hidden."""
    wilaya_code: Masked | None = None
    """Hidden."""


class Reachable(Protocol):
    is_primary: bool


Entry = TypeVar("Entry", bound=Reachable)


def with_one_primary(entries: list[Entry]) -> list[Entry]:
    """Marks the first when none is marked; two marks are a mistake."""
    marked = sum(entry.is_primary for entry in entries)
    if marked > 1:
        raise PydanticCustomError("several_primaries", "Only one of these can be the primary one")
    if entries and not marked:
        entries[0].is_primary = True
    return entries


def each_once(entries: list[Entry]) -> list[Entry]:
    values = [getattr(entry, "value", None) for entry in entries]
    if len(set(values)) < len(values):
        raise PydanticCustomError("listed_twice", "The same is listed twice")
    return entries


Phones = Annotated[
    list[PhoneEntry], Field(max_length=10), AfterValidator(with_one_primary), AfterValidator(each_once)
]
Emails = Annotated[
    list[EmailEntry], Field(max_length=10), AfterValidator(with_one_primary), AfterValidator(each_once)
]
Addresses = Annotated[list[AddressEntry], Field(max_length=10), AfterValidator(with_one_primary)]


def primary_of(entries: Sequence[dict[str, object]]) -> str | None:
    """The value of the primary telephone or e-mail of a stored list."""
    return next((str(entry["value"]) for entry in entries if entry["is_primary"]), None)

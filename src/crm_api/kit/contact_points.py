"""Where somebody is reached: addresses, telephones and e-mails, as lists with one main entry each."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Email, Input, Timestamp

WilayaCode = Annotated[str, Field(pattern=r"^\d{2}$", max_length=2, examples=["16"])]
CommuneCode = Annotated[str, Field(pattern=r"^\d{4,6}$", max_length=6, examples=["1601"])]
PostalCode = Annotated[str, Field(pattern=r"^\d{5}$", max_length=5, examples=["16000"])]
AddressLine = Annotated[str, Field(min_length=1, max_length=120, examples=["12, rue Didouche Mourad"])]


class AddressKind(StrEnum):
    """What a postal address serves for."""

    HOME = "home"
    HEAD_OFFICE = "head_office"
    BILLING = "billing"
    RISK = "risk"
    MAILING = "mailing"


class PhoneKind(StrEnum):
    """What kind of line a telephone number is."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    WORK = "work"
    WHATSAPP = "whatsapp"
    FAX = "fax"
    OTHER = "other"


class EmailKind(StrEnum):
    """What an e-mail address serves for."""

    PERSONAL = "personal"
    WORK = "work"
    BILLING = "billing"
    OTHER = "other"


class SpokenLanguage(StrEnum):
    """The language in which a person is spoken and written to: French, Arabic, Kabyle or English."""

    FR = "fr"
    AR = "ar"
    KAB = "kab"
    EN = "en"


Deliverability = Literal["valid", "bounced", "invalid"]


class PostalAddress(Input):
    """A postal address."""

    kind: AddressKind
    """What it serves for."""
    lines: list[AddressLine] = Field(min_length=1, max_length=4)
    """Street lines."""
    commune: str | None = Field(default=None, max_length=80, examples=["Alger-Centre"])
    """Name of the commune."""
    commune_code: CommuneCode | None = None
    """Its code."""
    wilaya_code: WilayaCode
    """The wilaya, as it was when the address was given."""
    postal_code: PostalCode | None = None
    """Five digits."""
    latitude: float | None = Field(default=None, ge=-90, le=90, examples=[36.7669])
    """Degrees north, WGS 84."""
    longitude: float | None = Field(default=None, ge=-180, le=180, examples=[2.9587])
    """Degrees east, WGS 84."""


class PhoneInput(Input):
    """A telephone number to record."""

    kind: PhoneKind = PhoneKind.MOBILE
    """What kind of number."""
    value: Phone
    """The number, E.164."""
    is_primary: bool = False
    """The main one; the first is when none says so."""


class PhoneEntry(PhoneInput):
    """A telephone number."""

    verified_at: Timestamp | None = None
    """When its owner proved that it is theirs."""
    status: Deliverability = "valid"
    """Whether calls and messages arrive."""


class EmailInput(Input):
    """An e-mail address to record."""

    kind: EmailKind = EmailKind.PERSONAL
    """What kind of address."""
    value: Email
    """The address."""
    is_primary: bool = False
    """The main one; the first is when none says so."""


class EmailEntry(EmailInput):
    """An e-mail address."""

    verified_at: Timestamp | None = None
    """When its owner proved that it is theirs."""
    status: Deliverability = "valid"
    """Whether messages arrive."""


class Markable(Protocol):
    """An entry of a list in which one is the main one."""

    is_primary: bool


M = TypeVar("M", bound=Markable)
E = TypeVar("E", PhoneInput, EmailInput)


def one_main(entries: list[M]) -> list[M]:
    """At most one is marked as the main one; where none is, the first becomes it."""
    if sum(entry.is_primary for entry in entries) > 1:
        raise PydanticCustomError("several_primary", "Only one can be the main one")
    if entries and not any(entry.is_primary for entry in entries):
        entries[0].is_primary = True
    return entries


def _each_once(entries: list[E]) -> list[E]:
    if len({entry.value for entry in entries}) < len(entries):
        raise PydanticCustomError("repeated_entry", "The same number or address is given twice")
    return entries


Addresses = Annotated[list[PostalAddress], Field(max_length=10)]
PhoneInputs = Annotated[
    list[PhoneInput], Field(max_length=10), AfterValidator(_each_once), AfterValidator(one_main)
]
EmailInputs = Annotated[
    list[EmailInput], Field(max_length=10), AfterValidator(_each_once), AfterValidator(one_main)
]
PhoneEntries = Annotated[list[PhoneEntry], Field(max_length=20)]
EmailEntries = Annotated[list[EmailEntry], Field(max_length=20)]


def as_kept(
    given: Sequence[PhoneInput] | Sequence[EmailInput], kept: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """`given` as rows keep it: what was known of a number or address that stays is not forgotten."""
    known = {entry["value"]: entry for entry in kept}
    return [
        {
            "verified_at": None,
            "status": "valid",
            **known.get(entry.value, {}),
            **entry.model_dump(mode="json"),
        }
        for entry in given
    ]

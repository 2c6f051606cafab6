"""The parts of a person's sheet: where they live, their papers."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.clock import today
from crm_api.kit.contact_points import AddressKind, PostalAddress, WilayaCode, one_main
from crm_api.kit.schemas import Input, Output

CommuneName = Annotated[str, Field(min_length=1, max_length=80, examples=["Alger-Centre"])]
PaperNumber = Annotated[
    str, Field(min_length=3, max_length=30, pattern=r"^[0-9A-Za-z /-]+$", examples=["209384756"])
]
Authority = Annotated[str, Field(min_length=1, max_length=80, examples=["APC Alger-Centre"])]
LicenceCategory = Annotated[str, Field(pattern=r"^[A-F][12]?E?$", max_length=3, examples=["B"])]
Masked = Annotated[str, Field(max_length=12, examples=["•••5678"])]
"""Class P3: what it is is said only by `unmask`."""


class PaperType(StrEnum):
    """The paper that proves who a person is; `cni` is the national identity card."""

    CNI = "cni"
    PASSPORT = "passport"
    PERMIS = "permis"
    RESIDENCE = "residence"


class Address(PostalAddress):
    """A postal address of a person."""

    kind: AddressKind = AddressKind.HOME
    """What it serves for."""
    is_primary: bool = False
    """The main one; the first is when none says so."""


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
            raise PydanticCustomError("dates_out_of_order", "It cannot end before it began")
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

    type: PaperType
    """Which document."""
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


Addresses = Annotated[list[Address], Field(max_length=10), AfterValidator(one_main)]


def primary_of(entries: Sequence[dict[str, Any]]) -> str | None:
    """The value of the main telephone or e-mail of a stored list."""
    return next((str(entry["value"]) for entry in entries if entry["is_primary"]), None)

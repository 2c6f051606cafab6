"""What the State knows of a person (class P3), as it travels: in clear when given, masked when read."""

from datetime import date
from typing import Annotated, Literal

from pydantic import MISSING, Field

from crm_api.contacts.parts import CommuneName, Licence, Paper
from crm_api.contacts.words import BirthDate, MaritalStatus
from crm_api.kit.identifiers import NationalId
from crm_api.kit.schemas import Input, Secret

Trade = Annotated[str, Field(min_length=1, max_length=80, examples=["Architecte"])]
Employer = Annotated[str, Field(min_length=1, max_length=120, examples=["Cosider Construction"])]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", max_length=2, examples=["DZ"])]
Children = Annotated[int, Field(ge=0, le=30, examples=[2])]
Gender = Literal["f", "m", "unspecified"]
CivilField = Literal[
    "birth_date",
    "birth_place_commune",
    "nationality",
    "gender",
    "national_id_number",
    "id_document",
    "driving_licence",
    "profession",
    "employer",
    "marital_status",
    "children_count",
    "deceased_on",
]


class CivilFacts(Input):
    """Class P3: sealed when stored, masked when read."""

    birth_date: BirthDate | None | MISSING = MISSING
    """Date of birth; sealed, shown masked."""
    birth_place_commune: CommuneName | None | MISSING = MISSING
    """Commune of birth; sealed, shown masked."""
    nationality: Country | None | MISSING = MISSING
    """Country of citizenship, ISO 3166-1 alpha-2; sealed, shown masked."""
    gender: Gender | None | MISSING = MISSING
    """f, m or unspecified; sealed, shown masked, never used in scores."""
    national_id_number: NationalId | None | MISSING = MISSING
    """Numéro d'identification national (NIN), unique; sealed, shown masked."""
    id_document: Paper | None | MISSING = MISSING
    """Identity document; sealed, shown masked."""
    driving_licence: Licence | None | MISSING = MISSING
    """Driving licence; sealed, shown masked."""
    profession: Trade | None | MISSING = MISSING
    """Trade; sealed, shown masked."""
    employer: Employer | None | MISSING = MISSING
    """Employer; sealed, shown masked."""
    marital_status: MaritalStatus | None | MISSING = MISSING
    """Marital status; sealed, shown masked."""
    children_count: Children | None | MISSING = MISSING
    """Number of children; sealed, shown masked."""


class ContactUnmask(Input):
    """Which sealed fields to read, and why."""

    fields: list[CivilField] = Field(min_length=1, max_length=12, examples=[["national_id_number"]])
    """The fields to read."""
    reason: str = Field(min_length=3, max_length=300, examples=["Vérification d'identité au guichet"])
    """Why; it is kept in the audit log beside your name."""


class ContactUnmasked(Secret):
    """The fields asked for, in clear; the others are null."""

    birth_date: date | None = Field(default=None, examples=["1994-05-17"])
    """Date of birth."""
    birth_place_commune: CommuneName | None = None
    """Commune of birth."""
    nationality: Country | None = None
    """Country of citizenship."""
    gender: Gender | None = None
    """f, m or unspecified."""
    national_id_number: NationalId | None = None
    """NIN."""
    id_document: Paper | None = None
    """Identity document."""
    driving_licence: Licence | None = None
    """Driving licence."""
    profession: Trade | None = None
    """Trade."""
    employer: Employer | None = None
    """Employer."""
    marital_status: MaritalStatus | None = None
    """Marital status."""
    children_count: Children | None = None
    """Number of children."""
    deceased_on: date | None = Field(default=None, examples=["2026-03-02"])
    """Day of death."""


class NationalIdLookup(Input):
    """Whose number is this?"""

    national_id_number: NationalId
    """The number, 18 digits."""

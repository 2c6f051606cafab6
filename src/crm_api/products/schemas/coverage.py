"""Coverages (garanties), of which formulas are made."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.listing import ListQuery, Page, equals
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Output
from crm_api.products.models import CoverageDefinition, CoverageKind
from crm_api.products.schemas.words import CatalogueAmount, Codes, CoverageCode, Label


class DeductibleType(StrEnum):
    """What stays with the insured of a loss: nothing, an amount, a threshold, or a share of the sum."""

    NONE = "none"
    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    PERCENT = "percent"


class DeductibleRule(Input):
    """What stays with the insured of each loss (franchise)."""

    type: DeductibleType = DeductibleType.NONE
    """How it is meant."""
    value: Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,6})?$", max_length=19, examples=["0.025"])] = "0"
    """A share (0.025) for `percent`, else centimes."""
    min: int = Field(default=0, ge=0, le=10**12, examples=[250000])
    """For `percent`: at least so many centimes."""


class CoverageDefinitionCreate(Input):
    """A coverage to define."""

    code: CoverageCode
    """Short name, unique; it never changes."""
    label_fr: Label
    """What people read, in French."""
    label_ar: Label | None = None
    """In Arabic."""
    label_en: Label | None = None
    """In English."""
    kind: CoverageKind
    """How its premium comes about."""
    mandatory: bool = False
    """Whether the law imposes it: no discount is given on it."""
    default_limit: CatalogueAmount | None = None
    """The most that is paid, unless agreed otherwise."""
    deductible_rule: DeductibleRule = DeductibleRule()
    """What stays with the insured."""
    waiting_days: int = Field(default=0, ge=0, le=730, examples=[0])
    """Days after which it begins to cover."""
    depends_on: Codes = []
    """Coverages without which it is not sold."""
    excludes: Codes = []
    """Coverages beside which it is not sold."""


class CoverageDefinitionPatch(Input):
    """What to change; a field left out stays, null empties it."""

    label_fr: Label | MISSING = MISSING
    """What people read, in French."""
    label_ar: Label | None | MISSING = MISSING
    """In Arabic."""
    label_en: Label | None | MISSING = MISSING
    """In English."""
    mandatory: bool | MISSING = MISSING
    """Whether the law imposes it."""
    default_limit: CatalogueAmount | None | MISSING = MISSING
    """The most that is paid, unless agreed otherwise."""
    deductible_rule: DeductibleRule | MISSING = MISSING
    """What stays with the insured."""
    waiting_days: Annotated[int, Field(ge=0, le=730, examples=[0])] | MISSING = MISSING
    """Days after which it begins to cover."""
    depends_on: Codes | MISSING = MISSING
    """Coverages without which it is not sold."""
    excludes: Codes | MISSING = MISSING
    """Coverages beside which it is not sold."""


class CoverageDefinitionRead(Output):
    """A coverage (garantie) as the catalogue defines it."""

    id: UUID
    """Identifier."""
    code: CoverageCode
    """Short name."""
    label_fr: Label
    """What people read, in French."""
    label_ar: Label | None
    """In Arabic."""
    label_en: Label | None
    """In English."""
    kind: CoverageKind
    """How its premium comes about."""
    mandatory: bool = Field(examples=[True])
    """Whether the law imposes it: no discount is given on it."""
    default_limit: Money | None
    """The most that is paid, unless agreed otherwise."""
    deductible_rule: DeductibleRule
    """What stays with the insured."""
    waiting_days: int = Field(ge=0, le=730, examples=[0])
    """Days after which it begins to cover."""
    depends_on: Codes
    """Coverages without which it is not sold."""
    excludes: Codes
    """Coverages beside which it is not sold."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class CoverageDefinitionPage(Page[CoverageDefinitionRead]):
    """One page of coverages."""


class CoverageDefinitionQuery(ListQuery):
    """Which coverages."""

    sortable: ClassVar = {"code": CoverageDefinition.code}

    sort: Literal["code", "-code"] = "code"
    """Sort key; a leading `-` means descending."""
    mandatory: Annotated[bool | None, equals(CoverageDefinition.mandatory)] = None
    """true: those that the law imposes."""

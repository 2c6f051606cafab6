"""Dated figures: tariff rows, and fees, taxes and stamps."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Date, and_, bindparam, or_

from crm_api.kit.listing import Filter, ListQuery, Page, matching, one_of
from crm_api.kit.money import Money, Rate
from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.products.models import FgaBase, StampMode, TariffPart, TariffRow, TaxProfile, VatBase
from crm_api.products.schemas.words import (
    CatalogueAmount,
    FigureCode,
    GroupName,
    Keys,
    MeasureName,
    PositiveRate,
    ProductCode,
    Share,
    Source,
    TaxCode,
)

_SHARES = frozenset(
    {TariffPart.FACTOR, TariffPart.LOADING, TariffPart.PENALTY, TariffPart.TERM, TariffPart.DISCOUNT_CAP}
)


def _ruling() -> Filter:
    def build(name: str, _: Any) -> Any:
        day = bindparam(name, type_=Date())
        return and_(TariffRow.valid_from <= day, or_(TariffRow.valid_to.is_(None), TariffRow.valid_to >= day))

    return matching(build, reads=Day)


class TariffRowCreate(Input):
    """A figure of a tariff, from a day on.

    A figure with the same product, coverage, part, measure, group and keys that has no end ends the day
    before.
    """

    product_code: ProductCode
    """Of which product."""
    coverage_code: FigureCode
    """Of which coverage; `*` for all of them, or the name of a measure."""
    part: TariffPart
    """What the figure does."""
    measure: MeasureName = ""
    """What it is taken of: a measure, or an answer of the questionnaire; empty: once."""
    group_code: GroupName = ""
    """Figures of different groups all count."""
    keys: Keys = {}
    """What must fit the risk; `_from` and `_to` are bounds, both included; a list is a choice."""
    flat_amount: CatalogueAmount | None = None
    """An amount."""
    rate: PositiveRate | None = None
    """Or a rate."""
    min_premium: CatalogueAmount | None = None
    """The least that the coverage costs."""
    valid_from: Day = Field(examples=["2027-01-01"])
    """First day on which it counts: the first day of cover decides."""
    valid_to: Day | None = Field(default=None, examples=["2027-12-31"])
    """Last day."""
    source_ref: Source
    """Where it stands."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.flat_amount is None) == (self.rate is None):
            raise PydanticCustomError("amount_or_rate", "Either flat_amount or rate")
        if self.part in _SHARES and self.rate is None:
            raise PydanticCustomError("rate_expected", "This part is a rate")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise PydanticCustomError("validity_order", "It ends on its first day or later")
        return self


class TariffRowEnd(Input):
    """When a figure ends."""

    valid_to: Day = Field(examples=["2026-12-31"])
    """Its last day, today or later."""


class TariffRowRead(Output):
    """A figure of a tariff."""

    id: UUID
    """Identifier."""
    product_code: ProductCode
    """Of which product."""
    coverage_code: FigureCode
    """Of which coverage; `*` for all of them, or the name of a measure."""
    part: TariffPart
    """What the figure does."""
    measure: MeasureName
    """What it is taken of."""
    group_code: GroupName
    """Figures of different groups all count."""
    keys: Keys
    """What must fit the risk."""
    flat_amount: Money | None
    """An amount."""
    rate: Rate | None
    """Or a rate."""
    min_premium: Money | None
    """The least that the coverage costs."""
    valid_from: date = Field(examples=["2021-01-01"])
    """First day on which it counts."""
    valid_to: date | None = Field(examples=["2026-12-31"])
    """Last day."""
    source_ref: Source | None
    """Where it stands."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was written down."""


class TariffRowPage(Page[TariffRowRead]):
    """One page of figures."""


class TariffRowQuery(ListQuery):
    """Which figures."""

    sortable: ClassVar = {"valid_from": TariffRow.valid_from}

    sort: Literal["valid_from", "-valid_from"] = "valid_from"
    """Sort key; a leading `-` means descending."""
    product_code: Annotated[list[ProductCode] | None, one_of(TariffRow.product_code)] = Field(
        default=None, max_length=50
    )
    """Of one or several products."""
    coverage_code: Annotated[list[FigureCode] | None, one_of(TariffRow.coverage_code)] = Field(
        default=None, max_length=50
    )
    """Of one or several coverages."""
    part: Annotated[list[TariffPart] | None, one_of(TariffRow.part)] = Field(default=None, max_length=8)
    """Of one or several parts."""
    valid_on: Annotated[Day | None, _ruling()] = Field(default=None, examples=["2026-12-01"])
    """Those that count on this day."""


class StampBracket(Input):
    """A slice of the graduated stamp."""

    up_to: int | None = Field(default=None, ge=1, le=10**15, examples=[250000])
    """Its end, in centimes of net premium; null in the last."""
    fixed: int = Field(ge=0, le=10**12, examples=[30000])
    """Centimes that are due whatever the premium."""
    rate: Share
    """Of what exceeds its beginning (progressive), or of the whole premium (slab)."""


class StampMultiplier(Input):
    """When the graduated stamp is multiplied."""

    fact: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$", max_length=40, examples=["power"])]
    """Which answer decides."""
    above: int = Field(ge=0, le=10_000, examples=[10])
    """Above what."""
    factor: Annotated[str, Field(pattern=r"^\d{1,2}(\.\d{1,2})?$", max_length=5, examples=["2"])]
    """By what."""


class VehicleTaxRule(Input):
    """The annual vehicle tax (LF 2020 art. 84)."""

    fact: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$", max_length=40, examples=["kind"])]
    """Which answer decides."""
    touring: list[Annotated[str, Field(max_length=10)]] = Field(max_length=20, examples=[["00"]])
    """Its values for touring cars."""
    touring_amount: int = Field(ge=0, le=10**10, examples=[150000])
    """For these, centimes."""
    other_amount: int = Field(ge=0, le=10**10, examples=[300000])
    """For the others, centimes."""


class TaxProfileCreate(Input):
    """Fees, taxes and stamps, from a day on."""

    code: TaxCode
    """Of which family of products; a code that exists gets a new version."""
    valid_from: Day = Field(examples=["2027-01-01"])
    """First day: the first day of cover decides."""
    vat_rate: Share
    """Value added tax."""
    vat_base: VatBase = VatBase.NET_PLUS_FEE
    """On what."""
    fga_rate: Share = Decimal(0)
    """Contribution to the motor guarantee fund."""
    fga_base: FgaBase = FgaBase.RC_PLUS_FEE
    """On what."""
    policy_fee: CatalogueAmount
    """Accessoires."""
    dimension_stamp: CatalogueAmount
    """Timbre de dimension."""
    stamp_mode: StampMode = StampMode.NONE
    """How the graduated stamp reads its slices."""
    stamp_brackets: list[StampBracket] = Field(default=[], max_length=20)
    """Its slices, in their order."""
    stamp_multiplier: StampMultiplier | None = None
    """When it is multiplied."""
    vehicle_tax: VehicleTaxRule | None = None
    """The annual vehicle tax, where there is one."""
    source_ref: Source
    """The law, decree or circular that says so."""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        ends = [bracket.up_to for bracket in self.stamp_brackets]
        known = [end for end in ends if end is not None]
        if None in ends[:-1] or known != sorted(set(known)) or (ends and ends[-1] is not None):
            raise PydanticCustomError("brackets_order", "Slices rise, and the last has no end")
        return self


class TaxProfileRead(Output):
    """Fees, taxes and stamps, from a day on."""

    id: UUID
    """Identifier."""
    code: TaxCode
    """Of which family of products."""
    valid_from: date = Field(examples=["2021-01-01"])
    """First day; it counts until the next version of the code begins."""
    vat_rate: Rate
    """Value added tax."""
    vat_base: VatBase
    """On what."""
    fga_rate: Rate
    """Contribution to the motor guarantee fund."""
    fga_base: FgaBase
    """On what."""
    policy_fee: Money
    """Accessoires."""
    dimension_stamp: Money
    """Timbre de dimension."""
    stamp_mode: StampMode
    """How the graduated stamp reads its slices."""
    stamp_brackets: list[StampBracket] = Field(max_length=20)
    """Its slices."""
    stamp_multiplier: dict[str, Any] = Field(max_length=3, examples=[{"fact": "power", "above": 10}])
    """When it is multiplied; empty: never."""
    vehicle_tax: dict[str, Any] = Field(max_length=4, examples=[{"fact": "kind", "touring": ["00"]}])
    """The annual vehicle tax; empty: none."""
    source_ref: Source | None
    """The law, decree or circular that says so."""
    version: int = Field(ge=1, examples=[1])
    """Of the row."""


class TaxProfilePage(Page[TaxProfileRead]):
    """One page of tax profiles."""


class TaxProfileQuery(ListQuery):
    """Which tax profiles."""

    sortable: ClassVar = {"valid_from": TaxProfile.valid_from, "created_at": TaxProfile.created_at}

    sort: Literal["valid_from", "-valid_from", "created_at", "-created_at"] = "-valid_from"
    """Sort key; a leading `-` means descending."""
    code: Annotated[list[TaxCode] | None, one_of(TaxProfile.code)] = Field(default=None, max_length=20)
    """Of one or several families."""

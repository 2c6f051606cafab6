"""Products, their plans and the coverages these are made of."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.products.models import Plan, Product, ProductStatus
from crm_api.products.schemas.words import (
    Audience,
    Basis,
    BranchCode,
    CatalogueAmount,
    ClaimDocuments,
    CoverageCode,
    Description,
    DocumentKinds,
    Kinds,
    Label,
    MeasureName,
    PlanCode,
    PlanLabel,
    ProductCode,
    Questionnaire,
    TariffCode,
    TaxCode,
    Terms,
)
from crm_api.reference.models import Compulsory, ProductTarget


class RuleOperator(StrEnum):
    """How an eligibility rule compares what the risk tells."""

    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    EQ = "eq"
    NE = "ne"
    IN = "in"


class RuleEffect(StrEnum):
    """What an eligibility rule does that applies: the risk is refused, or an underwriter decides."""

    REFUSE = "refuse"
    REFER = "refer"


class EligibilityRule(Input):
    """Who may not have the product, or not without an underwriter."""

    field: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$", max_length=40, examples=["driver_age"])]
    """An answer of the questionnaire, or what the house knows of it (an age, a zone)."""
    op: RuleOperator
    """How it is compared."""
    value: JsonValue = Field(examples=[18])
    """With what; amounts in dinars, as numbers."""
    effect: RuleEffect
    """What follows."""
    message_fr: Annotated[
        str, Field(min_length=3, max_length=300, examples=["Le conducteur doit avoir 18 ans."])
    ]
    """What people read."""


Rules = Annotated[list[EligibilityRule], Field(max_length=50)]


class ProductCreate(Input):
    """A product to prepare."""

    code: ProductCode
    """Short name, unique; it never changes."""
    branch_code: BranchCode
    """Its branch."""
    label_fr: Label
    """What people read, in French."""
    label_ar: Label | None = None
    """In Arabic."""
    label_en: Label | None = None
    """In English."""
    description: Description | None = None
    """What it is."""
    target: ProductTarget
    """For persons, companies, or both."""
    target_audience: Audience | None = None
    """Whom marketing has in mind."""
    object_kinds: Kinds = []
    """What it insures."""
    compulsory: Compulsory = Compulsory.NO
    """Whether the law imposes it, or one of its coverages."""
    compulsory_basis: Basis | None = None
    """Which law."""
    questionnaire: Questionnaire = {}
    """JSON Schema 2020-12 of what a quote asks."""
    eligibility: Rules = []
    """Who may not have it, or not without an underwriter."""
    tax_profile_code: TaxCode
    """Its fees, taxes and stamps."""
    tariff_code: TariffCode | None = None
    """`crm`: priced here by the rows of the tariff; null: by the policy system only."""
    term_months: Terms = [12]
    """For how long it is sold."""
    tacit_renewal: bool = True
    """Whether it goes on by itself."""
    sellable_online: bool = False
    """Whether customers may buy it by themselves."""
    takaful: bool = False
    """Whether it follows the rules of takaful."""
    documents_underwriting: DocumentKinds = []
    """Documents that a contract asks for."""
    documents_claim: ClaimDocuments = {}
    """Documents that a claim asks for, by cause."""
    valid_from: Day = Field(examples=["2027-01-01"])
    """First day on which it is sold."""
    valid_to: Day | None = Field(default=None, examples=["2030-12-31"])
    """Last day."""

    @model_validator(mode="after")
    def _in_order(self) -> "ProductCreate":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise PydanticCustomError("validity_order", "It ends on its first day or later")
        return self


class ProductPatch(Input):
    """What to change; a field left out stays, null empties it. Contracts keep what they were sold with."""

    label_fr: Label | MISSING = MISSING
    """What people read, in French."""
    label_ar: Label | None | MISSING = MISSING
    """In Arabic."""
    label_en: Label | None | MISSING = MISSING
    """In English."""
    description: Description | None | MISSING = MISSING
    """What it is."""
    target: ProductTarget | MISSING = MISSING
    """For persons, companies, or both."""
    target_audience: Audience | None | MISSING = MISSING
    """Whom marketing has in mind."""
    object_kinds: Kinds | MISSING = MISSING
    """What it insures."""
    questionnaire: Questionnaire | MISSING = MISSING
    """JSON Schema 2020-12 of what a quote asks."""
    eligibility: Rules | MISSING = MISSING
    """Who may not have it, or not without an underwriter."""
    tax_profile_code: TaxCode | MISSING = MISSING
    """Its fees, taxes and stamps."""
    tariff_code: TariffCode | None | MISSING = MISSING
    """`crm`: priced here by the rows of the tariff; null: by the policy system only."""
    term_months: Terms | MISSING = MISSING
    """For how long it is sold."""
    tacit_renewal: bool | MISSING = MISSING
    """Whether it goes on by itself."""
    sellable_online: bool | MISSING = MISSING
    """Whether customers may buy it by themselves."""
    documents_underwriting: DocumentKinds | MISSING = MISSING
    """Documents that a contract asks for."""
    documents_claim: ClaimDocuments | MISSING = MISSING
    """Documents that a claim asks for, by cause."""
    valid_to: Day | None | MISSING = MISSING
    """Last day on which it is sold."""


class ProductSheet(Output):
    """A product of the catalogue."""

    id: UUID
    """Identifier."""
    code: ProductCode
    """Short name."""
    branch_code: BranchCode
    """Its branch."""
    label_fr: Label
    """What people read, in French."""
    label_ar: Label | None
    """In Arabic."""
    label_en: Label | None
    """In English."""
    description: Description | None
    """What it is."""
    target: ProductTarget
    """For persons, companies, or both."""
    target_audience: Audience | None
    """Whom marketing has in mind."""
    object_kinds: Kinds
    """What it insures."""
    compulsory: Compulsory
    """Whether the law imposes it, or one of its coverages."""
    compulsory_basis: Basis | None
    """Which law."""
    questionnaire: Questionnaire
    """JSON Schema 2020-12 of what a quote asks."""
    eligibility: list[EligibilityRule] = Field(max_length=50)
    """Who may not have it, or not without an underwriter."""
    tax_profile_code: TaxCode
    """Its fees, taxes and stamps."""
    tariff_code: TariffCode | None
    """`crm`: priced here; null: by the policy system only."""
    term_months: Terms
    """For how long it is sold."""
    tacit_renewal: bool = Field(examples=[True])
    """Whether it goes on by itself."""
    sellable_online: bool = Field(examples=[True])
    """Whether customers may buy it by themselves."""
    takaful: bool = Field(examples=[False])
    """Whether it follows the rules of takaful."""
    documents_underwriting: DocumentKinds
    """Documents that a contract asks for."""
    documents_claim: ClaimDocuments
    """Documents that a claim asks for, by cause."""
    status: ProductStatus
    """Whether it is prepared, sold, or only serves its contracts."""
    valid_from: date = Field(examples=["2021-01-01"])
    """First day on which it is sold."""
    valid_to: date | None = Field(examples=["2030-12-31"])
    """Last day."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was prepared."""
    updated_at: Timestamp
    """When it last changed."""


class ProductSheetPage(Page[ProductSheet]):
    """One page of products."""


class ProductQuery(ListQuery):
    """Which products."""

    sortable: ClassVar = {"code": Product.code, "created_at": Product.created_at}

    sort: Literal["code", "-code", "created_at", "-created_at"] = "code"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[ProductStatus] | None, one_of(Product.status)] = Field(default=None, max_length=3)
    """One or several states."""
    branch_code: Annotated[list[BranchCode] | None, one_of(Product.branch_code)] = Field(
        default=None, max_length=20
    )
    """Of one or several branches."""
    sellable_online: Annotated[bool | None, equals(Product.sellable_online)] = None
    """true: those that customers may buy by themselves."""


class PlanCoverage(Input):
    """A coverage in a formula."""

    code: CoverageCode
    """Which."""
    required: bool = True
    """Whether it cannot be left out."""
    default: bool = True
    """Whether it is there unless it is left out."""
    sum_insured: MeasureName | None = Field(default=None, examples=["value"])
    """The measure or answer that is its sum insured."""
    deductible_rule: (
        Annotated[
            dict[Annotated[str, Field(max_length=10)], JsonValue],
            Field(max_length=3, examples=[{"type": "percent", "value": "0.005", "min": 0}]),
        ]
        | None
    ) = None
    """What stays with the insured, where the formula has a rule of its own."""


Parts = Annotated[list[PlanCoverage], Field(min_length=1, max_length=40)]


class PlanCreate(Input):
    """A formula of a product."""

    code: PlanCode
    """Short name, unique in the product; it never changes."""
    label_fr: PlanLabel
    """What people read, in French."""
    label_ar: PlanLabel | None = None
    """In Arabic."""
    label_en: PlanLabel | None = None
    """In English."""
    coverages: Parts
    """What it covers."""
    min_value: CatalogueAmount | None = None
    """The least value that it insures."""
    max_value: CatalogueAmount | None = None
    """The largest."""


class PlanPatch(Input):
    """What to change; a field left out stays, null empties it."""

    label_fr: PlanLabel | MISSING = MISSING
    """What people read, in French."""
    label_ar: PlanLabel | None | MISSING = MISSING
    """In Arabic."""
    label_en: PlanLabel | None | MISSING = MISSING
    """In English."""
    coverages: Parts | MISSING = MISSING
    """What it covers."""
    min_value: CatalogueAmount | None | MISSING = MISSING
    """The least value that it insures."""
    max_value: CatalogueAmount | None | MISSING = MISSING
    """The largest."""


class PlanRead(Output):
    """A formula (formule) of a product."""

    id: UUID
    """Identifier."""
    product_code: ProductCode
    """Of which product."""
    code: PlanCode
    """Short name."""
    label_fr: PlanLabel
    """What people read, in French."""
    label_ar: PlanLabel | None
    """In Arabic."""
    label_en: PlanLabel | None
    """In English."""
    coverages: list[PlanCoverage] = Field(max_length=40)
    """What it covers."""
    min_value: Money | None
    """The least value that it insures."""
    max_value: Money | None
    """The largest."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class PlanPage(Page[PlanRead]):
    """One page of formulas."""


class PlanQuery(ListQuery):
    """Which formulas."""

    sortable: ClassVar = {"code": Plan.code}

    sort: Literal["code", "-code"] = "code"
    """Sort key; a leading `-` means descending."""
    product_code: Annotated[list[ProductCode] | None, one_of(Plan.product_code)] = Field(
        default=None, max_length=50
    )
    """Of one or several products."""

"""The catalogue (domain.md B-18): all of it dated data; nothing is deleted, things are retired.

Branches are facts of the trade and come with the package (`reference`); everything else is the insurer's.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, Numeric, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most, newest
from crm_api.core.money import Centimes
from crm_api.kit.money import Money
from crm_api.kit.states import machine
from crm_api.reference.models import Compulsory, ProductTarget


class ProductStatus(StrEnum):
    """Whether a product is being prepared, sold, or only serves the contracts it has."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


PRODUCT = machine("product", "draft: active retired \n active: retired \n retired: active")


class CoverageKind(StrEnum):
    """How the premium of a coverage comes about."""

    FLAT = "flat"
    RATE_ON_VALUE = "rate_on_value"
    TABLE = "table"
    INCLUDED = "included"


class StampMode(StrEnum):
    """How the graduated stamp duty reads its brackets: on slices of the premium, or on the whole of it."""

    NONE = "none"
    PROGRESSIVE = "progressive"
    SLAB = "slab"


class VatBase(StrEnum):
    """What value added tax is computed on."""

    NET_PLUS_FEE = "net_plus_fee"
    NET = "net"


class FgaBase(StrEnum):
    """What the contribution to the motor guarantee fund (FGA) is computed on."""

    RC_PLUS_FEE = "rc_plus_fee"
    NET = "net"


class TariffPart(StrEnum):
    """What a figure of a tariff does: adds, multiplies, sets the least, loads, or names a quantity."""

    MEASURE = "measure"
    """A quantity of the method (a surface, a value) that other figures are taken of."""
    BASE = "base"
    """Adds its amount, or its rate of a measure, to the premium of the coverage."""
    FACTOR = "factor"
    """Multiplies what the bases add up to."""
    FLOOR = "floor"
    """Together the least that the coverage costs."""
    LOADING = "loading"
    """A share more of the coverage; of one group only the largest counts."""
    PENALTY = "penalty"
    """A share of the coverage, charged beside the net premium."""
    TERM = "term"
    """What a shorter term costs of the premium of a year."""
    DISCOUNT_CAP = "discount_cap"
    """The largest discount that anybody may give."""


EVERY_COVERAGE = "*"
"""Stands for all coverages of the product: terms, caps."""


class TaxProfile(Entity):
    """Fees, taxes and stamps of a family of products, from a day on. A change is a new row."""

    __tablename__ = "tax_profiles"
    label = "tax_profile"
    __table_args__ = (
        Index("uq_tax_profiles_code", "organization_id", "code", "valid_from", unique=True),
        CheckConstraint("policy_fee >= 0 AND dimension_stamp >= 0", name="amounts"),
        CheckConstraint("vat_rate BETWEEN 0 AND 1 AND fga_rate BETWEEN 0 AND 1", name="rates"),
        at_most("code", 20),
        at_most("source_ref", 200),
    )

    code: Mapped[str]
    valid_from: Mapped[date]
    vat_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    vat_base: Mapped[VatBase]
    fga_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    fga_base: Mapped[FgaBase]
    policy_fee: Mapped[Money] = mapped_column(Centimes)
    dimension_stamp: Mapped[Money] = mapped_column(Centimes)
    stamp_mode: Mapped[StampMode]
    stamp_brackets: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """[{up_to, fixed, rate}]: amounts in centimes, the last one without `up_to`."""
    stamp_multiplier: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """{fact, above, factor}: above so many fiscal horse-powers, the graduated stamp is multiplied."""
    vehicle_tax: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """{fact, touring: [kinds], touring_amount, other_amount}: the annual vehicle tax, centimes."""
    source_ref: Mapped[str | None]
    """The law, decree or circular that says so."""


class Product(Entity):
    """One thing the insurer sells."""

    __tablename__ = "products"
    label = "product"
    __table_args__ = (
        Index("uq_products_code", "organization_id", "code", unique=True),
        newest("products"),
        CheckConstraint("valid_to >= valid_from", name="validity"),
        at_most("code", 40),
        at_most("label_fr", 120),
        at_most("description", 4000),
    )

    code: Mapped[str]
    branch_code: Mapped[str]
    label_fr: Mapped[str]
    label_ar: Mapped[str | None]
    label_en: Mapped[str | None]
    description: Mapped[str | None]
    target: Mapped[ProductTarget]
    target_audience: Mapped[str | None]
    """Whom marketing has in mind."""
    object_kinds: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    """Of `ObjectKind`; empty where nothing is described."""
    compulsory: Mapped[Compulsory]
    """`partly`: one of its coverages is. Its premium may not be paid in cash while the ban holds."""
    compulsory_basis: Mapped[str | None]
    questionnaire: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """JSON Schema 2020-12 of what a quote asks. Its `x-` words tell the house what an answer is: see
    quotes/answers.py."""
    eligibility: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """[{field, op, value, effect: refuse | refer, message_fr}]: who may have it without asking anybody."""
    tax_profile_code: Mapped[str]
    tariff_code: Mapped[str | None]
    """The rating method; null where only the policy system rates."""
    term_months: Mapped[list[int]] = mapped_column(
        ARRAY(Integer()), server_default=text("'{}'"), default=list
    )
    tacit_renewal: Mapped[bool] = mapped_column(default=True)
    sellable_online: Mapped[bool] = mapped_column(default=False)
    takaful: Mapped[bool] = mapped_column(default=False)
    documents_underwriting: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    """Of `FileKind`."""
    documents_claim: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """{cause or "default": [FileKind]}."""
    status: Mapped[ProductStatus] = mapped_column(default=ProductStatus.DRAFT)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class CoverageDefinition(Entity):
    """A coverage (garantie) that formulas are made of."""

    __tablename__ = "coverage_definitions"
    label = "coverage_definition"
    __table_args__ = (
        Index("uq_coverage_definitions_code", "organization_id", "code", unique=True),
        at_most("code", 12),
        at_most("label_fr", 120),
    )

    code: Mapped[str]
    label_fr: Mapped[str]
    label_ar: Mapped[str | None]
    label_en: Mapped[str | None]
    kind: Mapped[CoverageKind]
    mandatory: Mapped[bool] = mapped_column(default=False)
    """By law (RO): no discount is given on it."""
    default_limit: Mapped[Money | None] = mapped_column(Centimes)
    deductible_rule: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """{type: none | absolute | relative | percent, value, min}."""
    waiting_days: Mapped[int] = mapped_column(default=0)
    depends_on: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    excludes: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)


class Plan(Entity):
    """A formula (formule) of a product: which coverages, which of them may be left out or added."""

    __tablename__ = "plans"
    label = "plan"
    __table_args__ = (
        Index("uq_plans_code", "organization_id", "product_code", "code", unique=True),
        ForeignKeyConstraint(
            ["organization_id", "product_code"],
            ["products.organization_id", "products.code"],
            name="fk_plans_product",
        ),
        CheckConstraint("min_value >= 0 AND max_value >= min_value", name="values"),
        at_most("code", 20),
        at_most("label_fr", 80),
    )

    product_code: Mapped[str]
    code: Mapped[str]
    label_fr: Mapped[str]
    label_ar: Mapped[str | None]
    label_en: Mapped[str | None]
    coverages: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """[{code, required, default, sum_insured, deductible_rule}], in their order. `sum_insured` names a
    measure, `deductible_rule` is null where the coverage's own holds."""
    min_value: Mapped[Money | None] = mapped_column(Centimes)
    max_value: Mapped[Money | None] = mapped_column(Centimes)


class TariffRow(Entity):
    """One dated figure of a tariff: an amount or a rate, for a coverage and some keys.

    What a figure does is its `part`; quotes/rating.py is the only reader. A change of price is a new row.
    """

    __tablename__ = "tariff_rows"
    label = "tariff_row"
    __table_args__ = (
        Index(
            "ix_tariff_rows_product", "organization_id", "product_code", "coverage_code", "valid_from", "id"
        ),
        Index("ix_tariff_rows_begin", "organization_id", "valid_from", "id"),
        Index(
            "uq_tariff_rows_start",
            "organization_id",
            "product_code",
            "coverage_code",
            "part",
            "measure",
            "group_code",
            "keys",
            "valid_from",
            unique=True,
        ),
        ForeignKeyConstraint(
            ["organization_id", "product_code"],
            ["products.organization_id", "products.code"],
            name="fk_tariff_rows_product",
        ),
        CheckConstraint("(flat_amount IS NULL) <> (rate IS NULL)", name="amount_or_rate"),
        CheckConstraint(
            "part NOT IN ('factor', 'loading', 'penalty', 'term', 'discount_cap') OR rate IS NOT NULL",
            name="shares_are_rates",
        ),
        CheckConstraint("flat_amount >= 0 AND rate >= 0 AND min_premium >= 0", name="not_negative"),
        CheckConstraint("valid_to >= valid_from", name="validity"),
        at_most("coverage_code", 20),
        at_most("measure", 40),
        at_most("group_code", 20),
        at_most("source_ref", 200),
    )

    product_code: Mapped[str]
    coverage_code: Mapped[str]
    """Of a coverage, `*` for all of them, or the name of a measure."""
    part: Mapped[TariffPart]
    measure: Mapped[str] = mapped_column(server_default="", default="")
    """What the figure is taken of: a measure, or an answer of the questionnaire; empty: once."""
    group_code: Mapped[str] = mapped_column(server_default="", default="")
    """Figures of different groups all count; of one group, the most specific."""
    keys: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """{zone, usage, power_from, power_to, plan...}: what must fit the risk; bounds are included."""
    flat_amount: Mapped[Money | None] = mapped_column(Centimes)
    rate: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    min_premium: Mapped[Money | None] = mapped_column(Centimes)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source_ref: Mapped[str | None]
    """Where the figure stands: a decree, a circular, the tariff book."""

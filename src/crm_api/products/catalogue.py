"""A product as it is sold on one day: what rating needs, without any database.

Amounts are dinars as `Decimal`, so that a figure and a measure multiply; only `quotes.rating` rounds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm_api.kit.money import from_centimes
from crm_api.products.models import (
    CoverageKind,
    FgaBase,
    ProductStatus,
    StampMode,
    TariffPart,
    VatBase,
)
from crm_api.reference.models import ProductTarget


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the tariff. `amount` is in dinars when `is_money`, else a share or a bare number."""

    id: str
    coverage_code: str
    part: TariffPart
    measure: str
    group: str
    keys: Mapping[str, Any]
    amount: Decimal
    minimum: Decimal | None

    def fits(self, facts: Mapping[str, Any]) -> bool:
        """Whether every key says what the risk says; a fact that nobody told fits nothing."""
        return all(_fits(facts, name, wanted) for name, wanted in self.keys.items())

    @property
    def slot(self) -> tuple[str, TariffPart, str, str]:
        """Of the figures that fit, one slot takes one: the most specific."""
        return self.coverage_code, self.part, self.measure, self.group


def _fits(facts: Mapping[str, Any], name: str, wanted: Any) -> bool:
    if name.endswith(("_from", "_to")):
        told = facts.get(name.rpartition("_")[0])
        if isinstance(told, bool) or not isinstance(told, int | Decimal):
            return False
        bound = Decimal(str(wanted))
        return told >= bound if name.endswith("_from") else told <= bound
    told = facts.get(name)
    choices = wanted if isinstance(wanted, list) else [wanted]
    return any(told == choice and isinstance(told, bool) == isinstance(choice, bool) for choice in choices)


@dataclass(frozen=True, slots=True)
class Bracket:
    """A slice of the graduated stamp: from the end of the one before up to `up_to` (None: no end)."""

    up_to: Decimal | None
    fixed: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Taxes:
    """A tax profile of one day."""

    code: str
    valid_from: date
    vat_rate: Decimal
    vat_base: VatBase
    fga_rate: Decimal
    fga_base: FgaBase
    policy_fee: Decimal
    dimension_stamp: Decimal
    stamp_mode: StampMode
    brackets: Sequence[Bracket]
    multiplier: Mapping[str, Any]
    vehicle_tax: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlanPart:
    """A coverage in a formula."""

    code: str
    required: bool
    default: bool
    sum_insured: str | None
    deductible: Mapping[str, Any] | None = None
    """Where the formula has a rule of its own."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A plan."""

    code: str
    label: str
    parts: Sequence[PlanPart]
    min_value: Decimal | None
    max_value: Decimal | None


@dataclass(frozen=True, slots=True)
class Cover:
    """A coverage as the catalogue defines it."""

    code: str
    label: str
    kind: CoverageKind
    mandatory: bool
    default_limit: Decimal | None
    deductible: Mapping[str, Any]
    waiting_days: int
    depends_on: Sequence[str]
    excludes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Sold:
    """A product and all that is needed to price it on `on`."""

    code: str
    branch_code: str
    label: str
    status: ProductStatus
    target: ProductTarget
    object_kinds: Sequence[str]
    compulsory: str
    on: date
    questionnaire: Mapping[str, Any]
    eligibility: Sequence[Mapping[str, Any]]
    term_months: Sequence[int]
    tacit_renewal: bool
    sellable_online: bool
    documents: Sequence[str]
    tariff_code: str | None
    plans: Sequence[Formula]
    covers: Mapping[str, Cover]
    figures: Sequence[Figure]
    taxes: Taxes | None
    valid_from: date
    valid_to: date | None

    @property
    def is_valid(self) -> bool:
        return self.valid_from <= self.on and (self.valid_to is None or self.on <= self.valid_to)

    def plan(self, code: str) -> Formula | None:
        return next((plan for plan in self.plans if plan.code == code), None)


def sold(row: Mapping[str, Any], on: date) -> Sold:
    """From the JSON of `ProductRepository.sold`."""
    return Sold(
        code=row["code"],
        branch_code=row["branch_code"],
        label=row["label_fr"],
        status=ProductStatus(row["status"]),
        target=ProductTarget(row["target"]),
        object_kinds=row["object_kinds"],
        compulsory=row["compulsory"],
        on=on,
        questionnaire=row["questionnaire"],
        eligibility=row["eligibility"],
        term_months=row["term_months"],
        tacit_renewal=row["tacit_renewal"],
        sellable_online=row["sellable_online"],
        documents=row["documents_underwriting"],
        tariff_code=row["tariff_code"],
        plans=[_formula(plan) for plan in row["plans"]],
        covers={cover["code"]: _cover(cover) for cover in row["covers"]},
        figures=[_figure(figure) for figure in row["figures"]],
        taxes=_taxes(row["taxes"]) if row["taxes"] else None,
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    )


def _dinars(centimes: int | None) -> Decimal | None:
    return None if centimes is None else from_centimes(centimes)


def _formula(plan: Mapping[str, Any]) -> Formula:
    parts = [
        PlanPart(
            part["code"],
            part["required"],
            part["default"],
            part.get("sum_insured"),
            part.get("deductible_rule"),
        )
        for part in plan["coverages"]
    ]
    return Formula(
        plan["code"], plan["label_fr"], parts, _dinars(plan["min_value"]), _dinars(plan["max_value"])
    )


def _cover(cover: Mapping[str, Any]) -> Cover:
    return Cover(
        code=cover["code"],
        label=cover["label_fr"],
        kind=CoverageKind(cover["kind"]),
        mandatory=cover["mandatory"],
        default_limit=_dinars(cover["default_limit"]),
        deductible=cover["deductible_rule"],
        waiting_days=cover["waiting_days"],
        depends_on=cover["depends_on"],
        excludes=cover["excludes"],
    )


def _figure(row: Mapping[str, Any]) -> Figure:
    flat = _dinars(row["flat_amount"])
    return Figure(
        id=row["id"],
        coverage_code=row["coverage_code"],
        part=TariffPart(row["part"]),
        measure=row["measure"],
        group=row["group_code"],
        keys=row["keys"],
        amount=Decimal(str(row["rate"])) if flat is None else flat,
        minimum=_dinars(row["min_premium"]),
    )


def _taxes(row: Mapping[str, Any]) -> Taxes:
    return Taxes(
        code=row["code"],
        valid_from=date.fromisoformat(row["valid_from"]),
        vat_rate=Decimal(str(row["vat_rate"])),
        vat_base=VatBase(row["vat_base"]),
        fga_rate=Decimal(str(row["fga_rate"])),
        fga_base=FgaBase(row["fga_base"]),
        policy_fee=from_centimes(row["policy_fee"]),
        dimension_stamp=from_centimes(row["dimension_stamp"]),
        stamp_mode=StampMode(row["stamp_mode"]),
        brackets=[
            Bracket(_dinars(one.get("up_to")), from_centimes(one["fixed"]), Decimal(one["rate"]))
            for one in row["stamp_brackets"]
        ],
        multiplier=row["stamp_multiplier"],
        vehicle_tax=row["vehicle_tax"],
    )

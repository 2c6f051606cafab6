"""The price of a risk: a pure function over dated figures. Not one figure of a tariff stands here.

A coverage costs max(sum of its bases x its factors, sum of its floors), at least its minimum, times the term,
plus the largest loading of each group. Every line is rounded to the centime, half up; then lines are added.
Taxes are lines too, each on its own base.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import mul
from typing import Any

from crm_api.kit.money import from_centimes, line, rounded
from crm_api.products.catalogue import Bracket, Figure, Formula, PlanPart, Sold, Taxes
from crm_api.products.models import EVERY_COVERAGE, CoverageKind, FgaBase, StampMode, TariffPart, VatBase
from crm_api.quotes.errors import NotRatedHere, TariffSilent

Facts = Mapping[str, Any]
"""What the tariff may ask of a risk: numbers as int or Decimal (money in dinars), words, yes or no, days."""
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class RatedLine:
    """One coverage, in centimes. `premium` holds the loading and not the discount."""

    code: str
    label: str
    mandatory: bool
    premium: int
    loading: int
    discount: int
    sum_insured: int | None
    limit: int | None
    deductible: int | None

    @property
    def net(self) -> int:
        return self.premium - self.discount


@dataclass(frozen=True, slots=True)
class Premium:
    """What a quote shows, in centimes; `total` is the sum of the lines below `lines`."""

    lines: tuple[RatedLine, ...]
    net: int
    surcharge: int
    policy_fee: int
    vat: int
    fga: int
    dimension_stamp: int
    graduated_stamp: int
    vehicle_tax: int

    @property
    def discount(self) -> int:
        return sum(each.discount for each in self.lines)

    @property
    def total(self) -> int:
        taxes = self.vat + self.fga + self.dimension_stamp + self.graduated_stamp + self.vehicle_tax
        return self.net + self.surcharge + self.policy_fee + taxes


def rate(
    product: Sold, plan: Formula, chosen: Sequence[PlanPart], facts: Facts, discount: Decimal = Decimal(0)
) -> Premium:
    """`chosen`: the coverages of the plan that are taken. `discount`: a share, on what no law imposes.

    Raises NotRatedHere for a product without a tariff, TariffSilent where no row fits the risk.
    """
    if product.tariff_code is None or product.taxes is None:
        raise NotRatedHere(product_code=product.code)
    facts = {**facts, "plan": plan.code}
    tariff = Tariff(product, facts)
    lines, surcharge = [], 0
    for part in chosen:
        priced = tariff.price(part, discount)
        lines.append(priced[0])
        surcharge += priced[1]
    return taxed(tuple(lines), surcharge, product.taxes, facts)


class Tariff:
    """The figures that fit one risk."""

    def __init__(self, product: Sold, facts: Facts) -> None:
        self.product, self.facts = product, dict(facts)
        fitting = [figure for figure in product.figures if figure.fits(facts)]
        self.figures = list(_most_specific(fitting))
        self.loadings = [figure for figure in fitting if figure.part is TariffPart.LOADING]

    def price(self, part: PlanPart, discount: Decimal) -> tuple[RatedLine, int]:
        """The line, and what is charged beside the net premium because of it."""
        cover = self.product.covers[part.code]
        bases = self._of(part.code, TariffPart.BASE)
        if not bases and cover.kind is not CoverageKind.INCLUDED:
            raise TariffSilent(coverage_code=part.code)
        whole = self._sum(bases) * reduce(
            mul, (each.amount for each in self._of(part.code, TariffPart.FACTOR)), ONE
        )
        whole = max(whole, self._sum(self._of(part.code, TariffPart.FLOOR)))
        least = max((each.minimum for each in bases if each.minimum is not None), default=Decimal(0))
        term = self._term(part.code)
        plain = rounded(max(whole, least) * term)
        loading = line(plain, self._loading(part.code))
        premium = plain + loading
        penalty = sum(rounded(whole * term * each.amount) for each in self._of(part.code, TariffPart.PENALTY))
        sum_insured = self._named(part.sum_insured) if part.sum_insured else None
        rated = RatedLine(
            code=part.code,
            label=cover.label,
            mandatory=cover.mandatory,
            premium=premium,
            loading=loading,
            discount=0 if cover.mandatory else line(premium, discount),
            sum_insured=None if sum_insured is None else rounded(sum_insured),
            limit=None if cover.default_limit is None else rounded(cover.default_limit),
            deductible=_deductible(part.deductible or cover.deductible, sum_insured),
        )
        return rated, penalty

    def discount_cap(self) -> Decimal | None:
        """The largest share that may be taken off, when a row says so."""
        rows = self._of(EVERY_COVERAGE, TariffPart.DISCOUNT_CAP)
        return min((row.amount for row in rows), default=None)

    def _of(self, code: str, part: TariffPart) -> list[Figure]:
        return [f for f in self.figures if f.coverage_code == code and f.part is part]

    def _term(self, code: str) -> Decimal:
        """A coverage's own rule of terms comes before that of the product."""
        rows = self._of(code, TariffPart.TERM) or self._of(EVERY_COVERAGE, TariffPart.TERM)
        if not rows:
            raise TariffSilent(coverage_code=code)
        return rows[0].amount

    def _loading(self, code: str) -> Decimal:
        groups: dict[str, Decimal] = {}
        for row in self.loadings:
            if row.coverage_code == code:
                groups[row.group] = max(row.amount, groups.get(row.group, Decimal(0)))
        return sum(groups.values(), Decimal(0))

    def _sum(self, rows: Sequence[Figure]) -> Decimal:
        return sum((row.amount * self._named(row.measure) for row in rows), Decimal(0))

    def _named(self, measure: str) -> Decimal:
        """A number that the risk told, or a measure of the tariff, worked out when it is first asked for."""
        if not measure:
            return ONE
        if measure not in self.facts:
            rows = self._of(measure, TariffPart.MEASURE)
            if not rows:
                raise TariffSilent(coverage_code=measure)
            self.facts[measure] = None  # a measure of itself is no number
            least = [row for row in self._of(measure, TariffPart.FLOOR) if row.measure in self.facts]
            self.facts[measure] = max(self._sum(rows), self._sum(least))
        told = self.facts[measure]
        if isinstance(told, bool) or not isinstance(told, int | Decimal):
            raise TariffSilent(coverage_code=measure)
        return Decimal(told)


def _most_specific(fitting: Sequence[Figure]) -> Iterator[Figure]:
    """One figure a slot: the one with the most keys; of equals the one that was written last."""
    slots: dict[Any, Figure] = {}
    for figure in sorted(fitting, key=lambda each: (len(each.keys), each.id)):
        if figure.part is not TariffPart.LOADING:
            slots[figure.slot] = figure
    yield from slots.values()


def _deductible(rule: Mapping[str, Any], sum_insured: Decimal | None) -> int | None:
    """What stays with the insured of each loss, in centimes; None where there is nothing or it depends."""
    kind = rule.get("type", "none")
    if kind == "percent" and sum_insured is not None:
        return max(rounded(sum_insured * Decimal(rule["value"])), int(rule.get("min", 0)))
    return int(rule["value"]) if kind in ("absolute", "relative") else None


def taxed(lines: tuple[RatedLine, ...], surcharge: int, taxes: Taxes, facts: Facts) -> Premium:
    """Fee, taxes and stamps on the net premium, each on its own base and rounded by itself."""
    net = sum(each.net for each in lines)
    fee = rounded(taxes.policy_fee)
    compulsory = sum(each.net for each in lines if each.mandatory)
    return Premium(
        lines=lines,
        net=net,
        surcharge=surcharge,
        policy_fee=fee,
        vat=line(net + surcharge + (fee if taxes.vat_base is VatBase.NET_PLUS_FEE else 0), taxes.vat_rate),
        fga=_fga(net, compulsory, fee, taxes),
        dimension_stamp=rounded(taxes.dimension_stamp),
        graduated_stamp=graduated_stamp(net, taxes, facts),
        vehicle_tax=vehicle_tax(taxes.vehicle_tax, facts),
    )


def _fga(net: int, compulsory: int, fee: int, taxes: Taxes) -> int:
    """On the compulsory cover and the fee, where there is such a cover; or on the whole net premium."""
    if taxes.fga_base is FgaBase.NET:
        return line(net, taxes.fga_rate)
    return line(compulsory + fee, taxes.fga_rate) if compulsory else 0


def graduated_stamp(net: int, taxes: Taxes, facts: Facts) -> int:
    """Progressive: the fixed part, and the rate on what exceeds the slice's beginning. Slab: on the whole."""
    if taxes.stamp_mode is StampMode.NONE or not taxes.brackets:
        return 0
    base = from_centimes(net)
    begins, bracket = _bracket(base, taxes.brackets)
    share = base - begins if taxes.stamp_mode is StampMode.PROGRESSIVE else base
    stamp = bracket.fixed + share * bracket.rate
    rule = taxes.multiplier
    told = facts.get(rule.get("fact", ""))
    if rule and told is not None and told > rule["above"]:
        stamp *= Decimal(str(rule["factor"]))
    return rounded(stamp)


def _bracket(base: Decimal, brackets: Sequence[Bracket]) -> tuple[Decimal, Bracket]:
    begins = Decimal(0)
    for bracket in brackets:
        if bracket.up_to is None or base <= bracket.up_to:
            return begins, bracket
        begins = bracket.up_to
    return begins, brackets[-1]


def vehicle_tax(rule: Mapping[str, Any], facts: Facts) -> int:
    """Once in twelve months whatever the term (LF 2020 art. 84): nothing where a receipt covers the term."""
    kind = facts.get(rule.get("fact", ""))
    if not rule or kind is None:
        return 0
    paid_until, ends_on = facts.get("vehicle_tax_paid_until"), facts.get("ends_on")
    proven = bool(facts.get("vehicle_tax_receipt"))
    if proven and isinstance(paid_until, date) and isinstance(ends_on, date) and paid_until >= ends_on:
        return 0
    return int(rule["touring_amount"] if kind in rule["touring"] else rule["other_amount"])

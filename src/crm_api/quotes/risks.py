"""A risk, ready to be priced: the product of its day, the formula, the coverages taken, the facts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta

from crm_api.core.context import Context
from crm_api.kit.clock import today
from crm_api.kit.errors import ValidationFailed
from crm_api.products.catalogue import Formula, PlanPart, Sold
from crm_api.products.models import ProductStatus
from crm_api.products.service import ProductService
from crm_api.quotes import answers
from crm_api.quotes.errors import ProductNotSold
from crm_api.quotes.rating import Premium, rate
from crm_api.quotes.underwriting import Verdict, judged

FURTHEST = timedelta(days=90)
DEFAULT_TERM = 12


@dataclass(frozen=True, slots=True)
class Term:
    """For how long: months or days."""

    months: int | None
    days: int | None

    @classmethod
    def of(cls, months: int | None, days: int | None) -> "Term":
        return cls(DEFAULT_TERM if months is None and days is None else months, days)

    def end(self, begins_on: date) -> date:
        """The first day without cover: the same day of the month, or its last one."""
        if self.months is not None:
            return begins_on + relativedelta(months=self.months)
        return begins_on + timedelta(days=self.days or 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks a price for."""

    product_code: str
    inputs: Mapping[str, Any]
    term: Term
    effective_on: date


class Underwriter:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def product(self, asked: Asked) -> Sold:
        """Raises UnknownProduct, ProductNotSold, ValidationFailed (days, term, answers)."""
        refuse_day(asked.effective_on)
        product = await ProductService(self.ctx).sold(asked.product_code, asked.effective_on)
        if product.status is not ProductStatus.ACTIVE or not product.is_valid:
            raise ProductNotSold(product_code=product.code)
        if asked.term.months is not None and asked.term.months not in product.term_months:
            sold = ", ".join(str(months) for months in product.term_months)
            raise ValidationFailed.at("/term_months", "term_not_sold", f"It is sold for {sold} months.")
        answers.check(product, asked.inputs)
        return product


def facts_of(product: Sold, asked: Asked) -> dict[str, Any]:
    """What the tariff may know; a fact is missing where nobody told it."""
    last = asked.term.end(asked.effective_on) - timedelta(days=1)
    known = answers.facts(product, asked.inputs, asked.effective_on, last)
    return known | {"term_months": asked.term.months, "term_days": asked.term.days}


def refuse_day(effective_on: date) -> None:
    """Backdating is forbidden, and so is promising a price for a far day."""
    if effective_on < today():
        raise ValidationFailed.at("/effective_on", "in_the_past", "Cover never begins in the past.")
    if effective_on > today() + FURTHEST:
        raise ValidationFailed.at("/effective_on", "too_far", "Cover begins within 90 days.")


def chosen_plan(product: Sold, code: str) -> Formula:
    plan = product.plan(code)
    if plan is None:
        raise ValidationFailed.at("/plan_code", "unknown_plan", "This product has no such formula.")
    return plan


def chosen_parts(
    product: Sold, plan: Formula, added: Collection[str], left_out: Collection[str]
) -> list[PlanPart]:
    """The coverages that are taken, in the order of the formula. Raises ValidationFailed."""
    known = {part.code: part for part in plan.parts}
    _refuse_unknown("/add_coverages", set(added) - set(known))
    _refuse_unknown("/leave_out", set(left_out) - set(known))
    if needed := [code for code in left_out if known[code].required]:
        raise ValidationFailed.at(
            "/leave_out", "coverage_required", f"{needed[0]} cannot be left out of this formula."
        )
    taken = [
        part for part in plan.parts if part.code in added or (part.default and part.code not in left_out)
    ]
    _refuse_misfits(product, [part.code for part in taken])
    return taken


def _refuse_unknown(pointer: str, unknown: set[str]) -> None:
    if unknown:
        detail = f"{min(unknown)} is no coverage of this formula."
        raise ValidationFailed.at(pointer, "unknown_coverage", detail)


def _refuse_misfits(product: Sold, codes: Sequence[str]) -> None:
    """Coverages that ask for another one, or suffer none beside them."""
    if not codes:
        raise ValidationFailed.at("/leave_out", "nothing_covered", "A quote covers something.")
    for code in codes:
        cover = product.covers[code]
        if missing := [each for each in cover.depends_on if each not in codes]:
            raise ValidationFailed.at(
                "/leave_out", "coverage_depends", f"{code} is sold with {missing[0]} only."
            )
        if clashing := [each for each in cover.excludes if each in codes]:
            raise ValidationFailed.at(
                "/add_coverages", "coverages_incompatible", f"{code} is not sold beside {clashing[0]}."
            )


def assessed(
    product: Sold,
    plan: Formula,
    parts: Sequence[PlanPart],
    facts: Mapping[str, Any],
    discount: Decimal = Decimal(0),
) -> tuple[Verdict, Premium | None]:
    """The verdict, and the price unless it is refused."""
    verdict = judged(product, plan, facts)
    return verdict, None if verdict.refused else rate(product, plan, parts, facts, discount)

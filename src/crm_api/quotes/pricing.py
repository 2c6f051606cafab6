"""A quote gets its price: by the tariff of the house, by the policy system, with a discount."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.errors import DomainError, ValidationFailed
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.products.catalogue import Formula, PlanPart, Sold
from crm_api.quotes.errors import (
    DiscountTooLarge,
    NoDiscountHere,
    NotRatedHere,
    QuoteNotPriced,
    RiskRefused,
    TariffSilent,
)
from crm_api.quotes.events import QuoteRated, QuoteReferred
from crm_api.quotes.models import QUOTE, Quote, QuoteStatus, RatedBy
from crm_api.quotes.rating import Premium, RatedLine, Tariff
from crm_api.quotes.repository import QuoteRepository
from crm_api.quotes.risks import Asked, Term, Underwriter, assessed, chosen_parts, chosen_plan, facts_of
from crm_api.quotes.schemas.actions import (
    ComparedPlan,
    ComparedPlans,
    ExternalRating,
    PlanComparison,
    QuoteDiscount,
)
from crm_api.quotes.schemas.quote import PremiumShown, QuoteRead
from crm_api.quotes.schemas.words import QuoteLine, ReferralReason
from crm_api.quotes.service import QuoteService
from crm_api.quotes.telling import QuoteTeller
from crm_api.quotes.underwriting import Objection, Verdict, judged
from crm_api.users.limits import AmountLimits

APPROVES = "quotes:approve"
_PARTS = (*("surcharge", "policy_fee", "vat", "fga", "dimension_stamp", "graduated_stamp", "vehicle_tax"),)


class Pricing:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.quotes, self.service = QuoteRepository(ctx), QuoteService(ctx)
        self.underwriter = Underwriter(ctx)

    async def rate(self, quote_id: UUID, version: int) -> Json[QuoteRead]:
        """By the figures of its first day. Referred at once where a rule of the product asks for it.

        Raises RiskRefused, NotRatedHere, TariffSilent.
        """
        quote = await self.service.loaded(quote_id, version)
        QUOTE.check(quote.status, QuoteStatus.RATED)
        product, plan, parts, facts = await self._risk(quote)
        verdict, premium = assessed(product, plan, parts, facts)
        if premium is None:
            raise refusal(verdict)
        self._priced(quote, premium, RatedBy.INTERNAL, f"{product.tariff_code}:{product.code}:{product.on}")
        return await self._rated(quote, verdict.referred)

    async def rate_externally(self, quote_id: UUID, data: ExternalRating, version: int) -> Json[QuoteRead]:
        """The policy system's own premium takes the place of the estimate."""
        quote = await self.service.loaded(quote_id, version)
        QUOTE.check(quote.status, QuoteStatus.RATED)
        product, plan, _, facts = await self._risk(quote)
        verdict = judged(product, plan, facts)
        if verdict.refused:
            raise refusal(verdict)
        lines = tuple(_external(product, line) for line in data.coverages)
        parts = {name: getattr(data, name).centimes for name in _PARTS}
        premium = Premium(lines=lines, net=sum(line.net for line in lines), **parts)
        self._priced(quote, premium, RatedBy.POLICY_SYSTEM, data.rating_version)
        return await self._rated(quote, verdict.referred)

    async def discount(self, quote_id: UUID, data: QuoteDiscount, version: int) -> Json[QuoteRead]:
        """On what no law imposes; above what whoever gives it may give, somebody else decides.

        Raises QuoteNotPriced, DiscountTooLarge, NoDiscountHere, NotRatedHere.
        """
        quote = await self.service.loaded(quote_id, version)
        if quote.status is not QuoteStatus.RATED:
            raise QuoteNotPriced
        if quote.rated_by is not RatedBy.INTERNAL:
            raise NotRatedHere(product_code=quote.product_code)
        product, plan, parts, facts = await self._risk(quote)
        cap = Tariff(product, facts).discount_cap()
        if data.rate > (cap or 0):
            raise DiscountTooLarge(cap=percent(cap or Decimal(0)))
        if all(product.covers[part.code].mandatory for part in parts):
            raise NoDiscountHere
        _, premium = assessed(product, plan, parts, facts, data.rate)
        assert premium is not None  # noqa: S101 - it was priced before, by the same rules
        quote.discount_rate, quote.discount_reason = data.rate, data.reason if data.rate else None
        _write(quote, premium)
        limit = await self._limit()
        if limit is not None and data.rate * 100 > limit:
            message = f"Rabais de {percent(data.rate)} % au-dessus de votre limite de {limit} %."
            self._refer(quote, [Objection("discount_above_limit", message)])
            await self.quotes.save(quote)
            await self._tell_referred(quote)
        await self.quotes.save(quote)
        self.ctx.note("quote.discounted", "quote", quote.id, reason=data.reason)
        return await self.quotes.get(quote.id)

    async def compare(self, data: PlanComparison) -> ComparedPlans:
        """All formulas of a product for one risk; nothing is stored."""
        asked = Asked(
            data.product_code,
            {name: value for name, value in data.inputs.items() if value is not None},
            Term.of(data.term_months, data.term_days),
            data.effective_on,
        )
        product = await self.underwriter.product(asked)
        facts = facts_of(product, asked)
        return ComparedPlans(
            product_code=product.code,
            effective_on=data.effective_on,
            plans=[_compared(product, plan, facts) for plan in product.plans],
        )

    # --- inside

    async def _risk(self, quote: Quote) -> tuple[Sold, Formula, list[PlanPart], dict[str, Any]]:
        term = Term(quote.term_months, quote.term_days)
        asked = Asked(quote.product_code, await self.service.told(quote), term, quote.effective_on)
        product = await self.underwriter.product(asked)
        plan = chosen_plan(product, quote.plan_code)
        parts = chosen_parts(product, plan, quote.added_coverages, quote.left_out_coverages)
        return product, plan, parts, facts_of(product, asked)

    def _priced(self, quote: Quote, premium: Premium, by: RatedBy, by_which: str) -> None:
        _write(quote, premium)
        quote.rated_by, quote.rating_version, quote.rated_at = by, by_which, now()
        quote.status = QuoteStatus.RATED

    async def _rated(self, quote: Quote, referred: Sequence[Objection]) -> Json[QuoteRead]:
        quote.valid_until = await self.service.valid_until()
        if referred:
            self._refer(quote, referred)
        await self.quotes.save(quote)
        await publish(
            self.ctx,
            QuoteRated(
                quote.id,
                quote.number,
                quote.revision,
                quote.product_code,
                quote.total_premium.centimes,
                quote.opportunity_id,
            ),
        )
        if referred:
            await self._tell_referred(quote)
        return await self.quotes.get(quote.id)

    def _refer(self, quote: Quote, reasons: Iterable[Objection]) -> None:
        QUOTE.check(quote.status, QuoteStatus.NEEDS_REFERRAL)
        quote.status = QuoteStatus.NEEDS_REFERRAL
        quote.referral_reasons = [{"code": each.code, "message_fr": each.message} for each in reasons]
        quote.referred_by_id, quote.referred_at = self.ctx.principal.id, now()

    async def _tell_referred(self, quote: Quote) -> None:
        await publish(self.ctx, QuoteReferred(quote.id, quote.number, quote.revision))
        await QuoteTeller(self.ctx).referred(quote)

    async def _limit(self) -> int | None:
        """In percent; a machine gives nothing away."""
        if not self.ctx.principal.is_person:
            return 0
        return await AmountLimits(self.ctx).of(self.ctx.principal.id, "discount_percent", APPROVES)


def refusal(verdict: Verdict) -> RiskRefused:
    rules = [each._asdict() for each in verdict.refused]
    return RiskRefused(reason=" ".join(each.message for each in verdict.refused), rules=rules)


def percent(rate: Decimal) -> str:
    """0.125 is "12,5"."""
    text = f"{rate * 100:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def _write(quote: Quote, premium: Premium) -> None:
    quote.coverages = [shown(line).model_dump(mode="json") for line in premium.lines]
    quote.net_premium, quote.discount = Money.of(premium.net), Money.of(premium.discount)
    for name in _PARTS:
        setattr(quote, name, Money.of(getattr(premium, name)))
    quote.total_premium = Money.of(premium.total)


def shown(line: RatedLine) -> QuoteLine:
    sums = {
        name: None if (centimes := getattr(line, name)) is None else Money.of(centimes)
        for name in ("sum_insured", "limit", "deductible")
    }
    return QuoteLine(
        code=line.code,
        label=line.label,
        mandatory=line.mandatory,
        premium=Money.of(line.premium),
        loading=Money.of(line.loading),
        discount=Money.of(line.discount),
        net=Money.of(line.net),
        **sums,
    )


def _premium_shown(premium: Premium) -> PremiumShown:
    parts = {name: Money.of(getattr(premium, name)) for name in _PARTS}
    return PremiumShown(
        net_premium=Money.of(premium.net),
        discount=Money.of(premium.discount),
        total_premium=Money.of(premium.total),
        **parts,
    )


def _reasons(objections: Iterable[Objection]) -> list[ReferralReason]:
    return [ReferralReason(code=each.code, message_fr=each.message) for each in objections]


def _compared(product: Sold, plan: Formula, facts: dict[str, Any]) -> ComparedPlan:
    """One formula; what cannot be priced says why instead of spoiling the others."""
    verdict, premium, silent = Verdict((), ()), None, []
    try:
        parts = chosen_parts(product, plan, (), ())
        verdict, premium = assessed(product, plan, parts, facts)
    except (TariffSilent, NotRatedHere, ValidationFailed) as unpriced:
        silent = [_silence(unpriced)]
    return ComparedPlan(
        plan_code=plan.code,
        label=plan.label,
        coverages=[shown(line) for line in premium.lines] if premium else [],
        premium=_premium_shown(premium) if premium else None,
        referrals=_reasons(verdict.referred),
        refusals=_reasons((*verdict.refused, *silent)),
    )


_SILENT = {
    "tariff_silent": "Le tarif ne prévoit pas ce risque : consultez un souscripteur.",
    "not_rated_here": "Ce produit est tarifé par le système de production.",
}


def _silence(error: DomainError) -> Objection:
    return Objection(error.code, _SILENT.get(error.code, "Cette formule ne convient pas à ce risque."))


def _external(product: Sold, line: Any) -> RatedLine:
    """Raises ValidationFailed for a coverage that the catalogue does not know."""
    cover = product.covers.get(line.code)
    if cover is None:
        raise ValidationFailed.at("/coverages", "unknown_coverage", f"There is no coverage {line.code}.")
    return RatedLine(
        code=cover.code,
        label=cover.label,
        mandatory=cover.mandatory,
        premium=line.net.centimes,
        loading=0,
        discount=0,
        sum_insured=line.sum_insured and line.sum_insured.centimes,
        limit=line.limit and line.limit.centimes,
        deductible=line.deductible and line.deductible.centimes,
    )

"""What a contract takes over of the quote that it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from crm_api.kit.clock import today
from crm_api.kit.money import Money
from crm_api.quotes.errors import QuoteNeedsAccount
from crm_api.quotes.models import Quote, QuoteChannel, RatedBy
from crm_api.quotes.risks import Term


@dataclass(frozen=True, slots=True)
class QuotedCoverage:
    """One coverage as it was priced."""

    code: str
    net_premium: Money
    sum_insured: Money | None
    limit: Money | None
    deductible: Money | None


@dataclass(frozen=True, slots=True)
class QuoteForPolicy:
    """Everything of an accepted quote; `inputs` in clear, class P3 among them.

    The net premium of the contract is `net_premium + surcharge`, so that its parts add up to `total_premium`.
    """

    quote_id: UUID
    number: str
    revision: int
    account_id: UUID
    contact_id: UUID | None
    opportunity_id: UUID | None
    product_code: str
    plan_code: str
    branch_code: str
    object_kind: str | None
    object_label: str | None
    inputs: Mapping[str, Any]
    channel: QuoteChannel
    agency_id: UUID
    seller_user_id: UUID | None
    effective_on: date
    """Not before today: a quote may be accepted after the day for which it was made."""
    expires_on: date
    """The first day without cover."""
    term_months: int | None
    term_days: int | None
    coverages: Sequence[QuotedCoverage]
    net_premium: Money
    surcharge: Money
    policy_fee: Money
    vat: Money
    fga: Money
    dimension_stamp: Money
    graduated_stamp: Money
    vehicle_tax: Money
    total_premium: Money
    rated_by: RatedBy
    signature_document_id: UUID | None


def for_policy(quote: Quote, inputs: Mapping[str, Any]) -> QuoteForPolicy:
    """Raises QuoteNeedsAccount. The quote is priced: only what is priced is accepted."""
    if quote.account_id is None:
        raise QuoteNeedsAccount
    assert quote.agency_id is not None  # noqa: S101 - a CHECK says so
    assert quote.rated_by is not None  # noqa: S101 - a CHECK says so
    begins_on = max(quote.effective_on, today())
    return QuoteForPolicy(
        quote_id=quote.id,
        number=quote.number,
        revision=quote.revision,
        account_id=quote.account_id,
        contact_id=quote.contact_id,
        opportunity_id=quote.opportunity_id,
        product_code=quote.product_code,
        plan_code=quote.plan_code,
        branch_code=quote.branch_code,
        object_kind=quote.object_kind,
        object_label=quote.object_label,
        inputs=dict(inputs),
        channel=quote.channel,
        agency_id=quote.agency_id,
        seller_user_id=quote.owner_user_id,
        effective_on=begins_on,
        expires_on=Term(quote.term_months, quote.term_days).end(begins_on),
        term_months=quote.term_months,
        term_days=quote.term_days,
        coverages=[_coverage(line) for line in quote.coverages],
        net_premium=quote.net_premium,
        surcharge=quote.surcharge,
        policy_fee=quote.policy_fee,
        vat=quote.vat,
        fga=quote.fga,
        dimension_stamp=quote.dimension_stamp,
        graduated_stamp=quote.graduated_stamp,
        vehicle_tax=quote.vehicle_tax,
        total_premium=quote.total_premium,
        rated_by=quote.rated_by,
        signature_document_id=quote.signature_document_id,
    )


def _coverage(line: Mapping[str, Any]) -> QuotedCoverage:
    sums = {name: line[name] and Money.model_validate(line[name]) for name in _SUMS}
    return QuotedCoverage(line["code"], Money.model_validate(line["net"]), **sums)


_SUMS = ("sum_insured", "limit", "deductible")

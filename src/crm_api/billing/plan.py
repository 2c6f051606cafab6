"""The parts of a premium by its payment plan: how many, for which days, due when. Pure functions."""

from datetime import date, datetime

from crm_api.billing.lines import Lines, Part, divided
from crm_api.policies.models.policy import PaymentPlan
from crm_api.policies.terms import local_day, months_later

MONTHS = {
    PaymentPlan.SINGLE: None,
    PaymentPlan.SEMIANNUAL: 6,
    PaymentPlan.QUARTERLY: 3,
    PaymentPlan.MONTHLY: 1,
}
"""What one part of a plan pays for; all of it for a single payment."""


def parts(premium: Lines, plan: PaymentPlan, effective_at: datetime, expires_at: datetime) -> list[Part]:
    """Without a gap from the day of the effect to that of the expiry; each due when it begins.

    A term shorter than what a part pays for is one part. Days are local (Africa/Algiers).
    """
    begins = _beginnings(plan, effective_at, expires_at)
    ends = [*begins[1:], local_day(expires_at)]
    if ends[-1] <= begins[-1]:  # a term within one local day
        ends[-1] = date.fromordinal(begins[-1].toordinal() + 1)
    lines = divided(premium, len(begins))
    return [
        Part(seq, begin, end, begin, each)
        for seq, (begin, end, each) in enumerate(zip(begins, ends, lines, strict=True), 1)
    ]


def _beginnings(plan: PaymentPlan, effective_at: datetime, expires_at: datetime) -> list[date]:
    months, last = MONTHS[plan], local_day(expires_at)
    begins = [local_day(effective_at)]
    while (
        months is not None and (after := local_day(months_later(effective_at, months * len(begins)))) < last
    ):
        begins.append(after)
    return begins

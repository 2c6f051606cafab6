"""The premium of a contract: its lines, what it comes to, what is given back of it."""

from collections.abc import Mapping
from datetime import datetime

from crm_api.kit.money import Money
from crm_api.policies.models.policy import Policy
from crm_api.policies.schemas.actions import PremiumRefund
from crm_api.policies.schemas.content import LINES
from crm_api.policies.terms import Span, annual, local_day, part, refund, span


def term_of(policy: Policy) -> Span:
    return span(policy.effective_at, policy.expires_at)


def set_premium(policy: Policy, lines: Mapping[str, Money], term_net: Money | None = None) -> None:
    """The lines that were given, and what follows from them: the total, and the premium of twelve months.

    `term_net`: what the whole term would cost, where that is not what is written of it.
    """
    for name, amount in lines.items():
        setattr(policy, name, amount)
    policy.total_premium = Money.of(sum(getattr(policy, name).centimes for name in LINES))
    policy.term_net_premium = term_net or policy.net_premium
    policy.annual_net_premium = Money.of(annual(policy.term_net_premium.centimes, term_of(policy)))


def share(tax: Money, net: int, policy: Policy) -> int:
    """Of a tax on net premium and fee together, what falls on `net` centimes of it."""
    levied_on = policy.net_premium.centimes + policy.policy_fee.centimes
    return part(tax.centimes, net, levied_on) if levied_on else 0


def refund_of(policy: Policy, at: datetime) -> PremiumRefund:
    """Of the net premium pro rata by day, and of VAT and FGA what was paid on that part of it.

    Fee, stamps and vehicle tax are not given back (D-30).
    """
    term = term_of(policy)
    remaining = Span(max(local_day(at), term.first), term.end).days
    net = refund(policy.term_net_premium.centimes, term, local_day(at))
    written = policy.net_premium.centimes
    vat, fga = share(policy.vat, net, policy), part(policy.fga.centimes, net, written) if written else 0
    return PremiumRefund(
        term_days=term.days,
        remaining_days=remaining,
        net=Money.of(net),
        vat=Money.of(vat),
        fga=Money.of(fga),
        total=Money.of(net + vat + fga),
    )

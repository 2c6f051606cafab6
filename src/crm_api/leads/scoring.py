"""How promising a lead is: a table of rules, summed up and explained (domain.md K, version 1).

Never a rule on gender, age, name or place of birth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from crm_api.leads.models import LeadSource, LeadType, ScoreBand

WARM_FROM, HOT_FROM = 30, 60
BEST_TIME_TO_CALL = 45
"""Days before the present policy ends."""
AGEING, OLD = 30, 90
"""Days since it was recorded."""
SILENT_AFTER = 3
"""Calls without answer."""
FAITHFUL_FROM = 3
"""Visits of the site in seven days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What is known of a lead. Visits, opens and clicks come with `tracking`, and are 0 till then."""

    source: str = LeadSource.WEB_FORM
    type: str = LeadType.INDIVIDUAL
    phone_verified: bool = False
    email: bool = False
    products: bool = False
    days_to_expiry: int | None = None
    quote_completed: bool = False
    answered_calls: int = 0
    contact_attempts: int = 0
    contact_invalid: bool = False
    age_days: int = 0
    out_of_network: bool = False
    sessions_7d: int = 0
    opened_14d: bool = False
    clicked_14d: bool = False


class Rule(NamedTuple):
    code: str
    points: int
    label: str
    """What people read, in French."""


RULES = (
    Rule("quote_completed", 20, "Devis terminé en ligne"),
    Rule("phone_verified", 15, "Téléphone vérifié"),
    Rule("expiry_known", 15, "Échéance du contrat actuel connue"),
    Rule("expiry_near", 15, "Contrat actuel à échéance dans les 45 jours"),
    Rule("product_interest", 10, "Produit souhaité indiqué"),
    Rule("trusted_source", 10, "Recommandation ou agence"),
    Rule("comparator", 5, "Venu d'un comparateur"),
    Rule("company", 10, "Entreprise"),
    Rule("faithful_visitor", 10, "Trois visites du site ou plus en 7 jours"),
    Rule("clicked", 10, "A cliqué dans un message ces 14 derniers jours"),
    Rule("opened", 5, "A ouvert un message ces 14 derniers jours"),
    Rule("answered_call", 10, "A répondu au téléphone"),
    Rule("email_valid", 5, "Adresse e-mail valide"),
    Rule("no_answer", -15, "Trois appels sans réponse"),
    Rule("ageing", -10, "Piste de plus de 30 jours"),
    Rule("old", -25, "Piste de plus de 90 jours"),
    Rule("out_of_network", -20, "Wilaya sans agence"),
    Rule("contact_invalid", -40, "Coordonnées invalides"),
)


class Score(NamedTuple):
    """0 to 100, its band, and the rules that held, those that weigh most first."""

    score: int
    band: ScoreBand
    explanation: list[dict[str, Any]]


def score_of(signals: Signals) -> Score:
    score, factors = _summed(signals)
    return Score(score, band_of(score), [rule._asdict() for rule in factors])


@lru_cache(maxsize=4096)
def _summed(signals: Signals) -> tuple[int, tuple[Rule, ...]]:
    """Remembered: most leads come with the same few signals."""
    held = _held(signals)
    factors = sorted((rule for rule in RULES if held[rule.code]), key=lambda rule: -abs(rule.points))
    return max(0, min(100, sum(rule.points for rule in factors))), tuple(factors)


def band_of(score: int) -> ScoreBand:
    if score < WARM_FROM:
        return ScoreBand.COLD
    return ScoreBand.WARM if score < HOT_FROM else ScoreBand.HOT


def _held(signals: Signals) -> Mapping[str, bool]:
    days = signals.days_to_expiry
    known = days is not None and days >= 0
    return {
        "quote_completed": signals.quote_completed,
        "phone_verified": signals.phone_verified,
        "expiry_known": known,
        "expiry_near": known and days is not None and days <= BEST_TIME_TO_CALL,
        "product_interest": signals.products,
        "trusted_source": signals.source in (LeadSource.REFERRAL, LeadSource.AGENCY),
        "comparator": signals.source == LeadSource.COMPARATOR,
        "company": signals.type == LeadType.COMPANY,
        "faithful_visitor": signals.sessions_7d >= FAITHFUL_FROM,
        "clicked": signals.clicked_14d,
        "opened": signals.opened_14d and not signals.clicked_14d,
        "answered_call": signals.answered_calls > 0,
        "email_valid": signals.email,
        "no_answer": signals.contact_attempts >= SILENT_AFTER,
        "ageing": AGEING < signals.age_days <= OLD,
        "old": signals.age_days > OLD,
        "out_of_network": signals.out_of_network,
        "contact_invalid": signals.contact_invalid,
    }


def signals_of(lead: Mapping[str, Any], *, on: date, out_of_network: bool) -> Signals:
    """Read off the columns of a lead, recorded or about to be."""
    expiry: date | None = lead.get("current_expiry_date")
    created: datetime | None = lead.get("created_at")
    return Signals(
        source=lead["source"],
        type=lead.get("type") or LeadType.INDIVIDUAL,
        phone_verified=lead.get("phone_verified_at") is not None,
        email=bool(lead.get("email")),
        products=bool(lead.get("product_interest")),
        days_to_expiry=(expiry - on).days if expiry else None,
        quote_completed=bool(lead.get("quote_completed")),
        answered_calls=lead.get("answered_calls") or 0,
        contact_attempts=lead.get("contact_attempts") or 0,
        contact_invalid=bool(lead.get("contact_invalid")),
        age_days=(on - created.date()).days if created else 0,
        out_of_network=out_of_network,
    )

"""Whether a risk is accepted: refused by a rule of the product, or referred to an underwriter. Pure."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple

from crm_api.products.catalogue import Formula, Sold

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "lt": lt,
    "lte": le,
    "gt": gt,
    "gte": ge,
    "eq": eq,
    "ne": ne,
}


class Objection(NamedTuple):
    """Why a risk is refused or referred."""

    code: str
    message: str


class Verdict(NamedTuple):
    refused: tuple[Objection, ...]
    referred: tuple[Objection, ...]


def judged(product: Sold, plan: Formula, facts: Mapping[str, Any]) -> Verdict:
    """By the rules of the product and the bounds of the formula. A fact that nobody told breaks no rule."""
    applying = [rule for rule in product.eligibility if _applies(rule, facts)]
    refused = [_objection(rule) for rule in applying if rule["effect"] == "refuse"]
    referred = [_objection(rule) for rule in applying if rule["effect"] == "refer"]
    return Verdict((*refused, *_out_of_bounds(plan, facts)), tuple(referred))


def _objection(rule: Mapping[str, Any]) -> Objection:
    return Objection(f"rule_{rule['field']}", rule["message_fr"])


def _applies(rule: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    told, wanted = facts.get(rule["field"]), rule["value"]
    if told is None:
        return False
    if rule["op"] == "in":
        return isinstance(wanted, list) and told in wanted
    if isinstance(told, int | Decimal) and not isinstance(told, bool):
        if isinstance(wanted, bool) or not isinstance(wanted, int | float):
            return False
        wanted = Decimal(str(wanted))
    elif type(told) is not type(wanted):
        return False
    return _COMPARISONS[rule["op"]](told, wanted)


def _out_of_bounds(plan: Formula, facts: Mapping[str, Any]) -> Iterator[Objection]:
    value = facts.get("value")
    if not isinstance(value, Decimal):
        return
    if plan.min_value is not None and value < plan.min_value:
        yield Objection(
            "value_below_plan", f"Cette formule assure une valeur de {plan.min_value:f} DA au moins."
        )
    if plan.max_value is not None and value > plan.max_value:
        yield Objection(
            "value_above_plan", f"Cette formule assure une valeur de {plan.max_value:f} DA au plus."
        )

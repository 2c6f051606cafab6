"""The seed catalogue as rating sees it, without a database."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm_api.kit.ids import new_id
from crm_api.kit.money import Money
from crm_api.products import seeds
from crm_api.products.catalogue import Sold, sold


def on_the_shelf(code: str, on: date, *more: Mapping[str, Any]) -> Sold:
    """The product of that day; `more`: rows of the tariff beside those of the seed."""
    product = next(row for row in seeds.product_rows() if row["code"] == code)
    taxes = next(row for row in seeds.tax_rows() if row["code"] == product["tax_profile_code"])
    figures = [row for row in (*seeds.tariff_rows(), *more) if row["product_code"] == code]
    row = {
        **product,
        "valid_to": None,
        "tariff_code": product["tariff_code"],
        "plans": [plan for plan in seeds.plan_rows() if plan["product_code"] == code],
        "covers": seeds.coverage_rows(),
        "figures": [{**figure, "id": str(new_id())} for figure in figures if _rules(figure, on)],
        "taxes": taxes,
    }
    return sold(_plain(row), on)


def _rules(figure: Mapping[str, Any], on: date) -> bool:
    last = figure.get("valid_to")
    return bool(figure["valid_from"] <= on and (last is None or on <= last))


def _plain(value: Any) -> Any:
    """As PostgreSQL's JSON has it: amounts in centimes, days as text."""
    if isinstance(value, Money):
        return value.centimes
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value

"""The catalogue that every organization starts with: rows, to be changed at will (domain.md F-4, F-5).

`reference` names the products that exist in the trade; here is how Alliance sells them. Figures are those of
its public quoting code of 2021 to 2023, before the rises of 2025: the insurer adds the rows of later tariffs.
"""

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from crm_api.kit.money import Money, to_centimes
from crm_api.products.models import (
    CoverageKind,
    FgaBase,
    ProductStatus,
    StampMode,
    TariffPart,
    VatBase,
)
from crm_api.reference.service import products

BEGINS = date(2021, 1, 1)
Row = dict[str, Any]
_DATA = resources.files(__package__).joinpath("data")
_NOTHING = '{"type": "none", "value": "0", "min": 0}'
_PART = re.compile(r"([A-Z_]+)([!+?])(?:=(\w+))?(?:@([0-9.]+))?")
"""RC! is required, AST+ there unless left out, PJ? may be added; =value: the sum, @0.005: the deductible."""


def _table(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(_DATA.joinpath(name).read_text("utf-8").splitlines())


def _json(name: str) -> Any:
    return json.loads(_DATA.joinpath(name).read_text("utf-8"))


def _money(text: str) -> Money | None:
    return Money.of(to_centimes(Decimal(text))) if text else None


@cache
def product_rows() -> tuple[Row, ...]:
    details = _json("products.json")
    return tuple(
        {
            "code": product.code,
            "branch_code": product.branch_code,
            "label_fr": product.label_fr,
            "label_ar": product.label_ar,
            "label_en": product.label_en,
            "target": product.target,
            "object_kinds": [str(kind) for kind in product.object_kinds if kind != "none"],
            "compulsory": product.compulsory,
            "compulsory_basis": product.compulsory_basis,
            "status": ProductStatus.ACTIVE,
            "valid_from": BEGINS,
            **details[product.code],
        }
        for product in products()
    )


@cache
def coverage_rows() -> tuple[Row, ...]:
    return tuple(
        {
            "code": row["code"],
            "label_fr": row["label_fr"],
            "label_ar": row["label_ar"],
            "label_en": row["label_en"],
            "kind": CoverageKind(row["kind"]),
            "mandatory": row["mandatory"] == "1",
            "default_limit": _money(row["default_limit"]),
            "deductible_rule": json.loads(row["deductible_rule"] or _NOTHING),
            "waiting_days": int(row["waiting_days"]),
            "depends_on": row["depends_on"].split(),
            "excludes": row["excludes"].split(),
        }
        for row in _table("coverages.csv")
    )


@cache
def plan_rows() -> tuple[Row, ...]:
    return tuple(
        {
            "product_code": row["product_code"],
            "code": row["code"],
            "label_fr": row["label_fr"],
            "label_ar": row["label_ar"],
            "label_en": row["label_en"],
            "coverages": [_part(each) for each in row["coverages"].split()],
            "min_value": _money(row["min_value"]),
            "max_value": _money(row["max_value"]),
        }
        for row in _table("plans.csv")
    )


def _part(written: str) -> Row:
    found = _PART.fullmatch(written)
    assert found is not None, written  # noqa: S101 - a file of ours
    code, mark, measure, deductible = found.groups()
    rule = {"type": "percent", "value": deductible, "min": 0} if deductible else None
    return {
        "code": code,
        "required": mark == "!",
        "default": mark != "?",
        "sum_insured": measure,
        "deductible_rule": rule,
    }


@cache
def tariff_rows() -> tuple[Row, ...]:
    return tuple(
        {
            "product_code": row["product_code"],
            "coverage_code": row["coverage_code"],
            "part": TariffPart(row["part"]),
            "measure": row["measure"],
            "group_code": row["group_code"],
            "keys": json.loads(row["keys"] or "{}"),
            "flat_amount": _money(row["flat_amount"]),
            "rate": Decimal(row["rate"]) if row["rate"] else None,
            "min_premium": _money(row["min_premium"]),
            "valid_from": BEGINS,
            "source_ref": row["source_ref"],
        }
        for row in _table("tariff.csv")
    )


@cache
def tax_rows() -> tuple[Row, ...]:
    return tuple(
        {
            **row,
            "valid_from": date.fromisoformat(row["valid_from"]),
            "vat_rate": Decimal(row["vat_rate"]),
            "vat_base": VatBase(row["vat_base"]),
            "fga_rate": Decimal(row["fga_rate"]),
            "fga_base": FgaBase(row["fga_base"]),
            "policy_fee": Money.of(row["policy_fee"]),
            "dimension_stamp": Money.of(row["dimension_stamp"]),
            "stamp_mode": StampMode(row["stamp_mode"]),
        }
        for row in _json("tax_profiles.json")
    )

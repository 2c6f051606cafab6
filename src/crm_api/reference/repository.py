"""The tables of this package, each read once."""

import csv
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from crm_api.reference.models import (
    Branch,
    Compulsory,
    EnumLabel,
    ObjectKind,
    Product,
    ProductTarget,
    Region,
    TariffZone,
    Wilaya,
)


def _rows(table: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath("data", f"{table}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def regions() -> tuple[Region, ...]:
    return tuple(Region(**row) for row in _rows("regions"))


@cache
def wilayas() -> MappingProxyType[str, Wilaya]:
    """By code, in the order of codes."""
    return MappingProxyType({row["code"]: _wilaya(row) for row in _rows("wilayas")})


def _wilaya(row: dict[str, str]) -> Wilaya:
    return Wilaya(
        code=row["code"],
        label_fr=row["label_fr"],
        label_ar=row["label_ar"],
        region=row["region"],
        tariff_zone=TariffZone(row["tariff_zone"]),
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        mother_code=row["mother_code"] or None,
    )


@cache
def branches() -> tuple[Branch, ...]:
    return tuple(
        Branch(
            code=row["code"],
            label_fr=row["label_fr"],
            label_en=row["label_en"],
            label_ar=row["label_ar"],
            is_compulsory=row["is_compulsory"] == "true",
        )
        for row in _rows("branches")
    )


@cache
def products() -> tuple[Product, ...]:
    return tuple(
        Product(
            code=row["code"],
            label_fr=row["label_fr"],
            label_en=row["label_en"],
            label_ar=row["label_ar"],
            branch_code=row["branch_code"],
            compulsory=Compulsory(row["compulsory"]),
            compulsory_basis=row["compulsory_basis"] or None,
            target=ProductTarget(row["target"]),
            object_kinds=tuple(map(ObjectKind, row["object_kinds"].split())),
        )
        for row in _rows("products")
    )


@cache
def enum_labels() -> tuple[EnumLabel, ...]:
    """In the order in which people read them."""
    return tuple(EnumLabel(**row) for row in _rows("enums"))

"""Reference data. It needs no context: it is the same for everybody and lives in memory."""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import TypeVar

from crm_api.kit.names import name_key
from crm_api.kit.schemas import Json, Output
from crm_api.reference import repository
from crm_api.reference.errors import WilayaUnknown
from crm_api.reference.models import Branch, LabelLanguage, Product, Region, Wilaya
from crm_api.reference.schemas import BranchList, EnumList, ProductList, WilayaList

Answer = TypeVar("Answer", bound=Output)


def regions() -> tuple[Region, ...]:
    return repository.regions()


def wilayas(on: date) -> list[Wilaya]:
    """Those that exercise their powers on that day, by code."""
    return [wilaya for wilaya in repository.wilayas().values() if wilaya.exists(on)]


def wilaya(code: str) -> Wilaya:
    """Whether it exists yet or not; WilayaUnknown when none has the code."""
    try:
        return repository.wilayas()[code]
    except KeyError:
        raise WilayaUnknown(wilaya_code=code) from None


def wilaya_at(code: str, commune: str, on: date) -> Wilaya:
    """The wilaya that an address stored with `code` and the name of its commune belongs to on that day.

    Addresses are never rewritten: Aflou stored with 03 is Laghouat's until the end of 2026, then 59. Only
    the seat of a new wilaya is known to move, by its name in French or Arabic; its other communes stay
    with the mother.
    """
    stored = wilaya(code)
    if not stored.exists(on) and stored.mother_code:
        return wilaya(stored.mother_code)
    seat = name_key(commune)
    for daughter in repository.wilayas().values():
        if daughter.mother_code == code and daughter.exists(on) and seat in _seat_keys(daughter.code):
            return daughter
    return stored


@cache
def _seat_keys(code: str) -> frozenset[str]:
    """A new wilaya is named after its seat."""
    named = wilaya(code)
    return frozenset({name_key(named.label_fr), name_key(named.label_ar)})


def branches() -> tuple[Branch, ...]:
    return repository.branches()


def products() -> tuple[Product, ...]:
    return repository.products()


@cache
def enums(language: LabelLanguage) -> Mapping[str, Mapping[str, str]]:
    """Every enumeration's values with their labels: enums(FR)["lead.status"]["new"] is "Nouvelle"."""
    grouped = groupby(repository.enum_labels(), attrgetter("enum"))
    return MappingProxyType(
        {
            name: MappingProxyType({label.value: getattr(label, language.value) for label in labels})
            for name, labels in grouped
        }
    )


@lru_cache(maxsize=64)
def wilaya_list(on: date) -> Json[WilayaList]:
    return _written(WilayaList.model_validate({"data": wilayas(on)}))


@cache
def branch_list() -> Json[BranchList]:
    return _written(BranchList.model_validate({"data": branches()}))


@cache
def product_list() -> Json[ProductList]:
    return _written(ProductList.model_validate({"data": products()}))


@cache
def enum_list(language: LabelLanguage) -> Json[EnumList]:
    return _written(EnumList.of(language, enums(language)))


def _written(answer: Answer) -> Json[Answer]:
    """Written once: it never changes while the process lives."""
    return Json(type(answer), answer.model_dump_json())

"""What a quote asks, by the JSON Schema of the product; and what the tariff may know of the answers.

Words of our own in the schema of an answer:
- `x-money: true`      an amount of dinars, text with two decimals; the tariff reads a number;
- `x-pii: "P3"`        sealed, shown masked;
- `x-age: "name"`      a birthday or the day of a licence: the tariff reads whole years on the first day;
- `x-tariff-zone: "name"`  a wilaya: the tariff reads its zone;
- `x-label-fr`         what people read.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from dateutil.relativedelta import relativedelta

from crm_api.kit.clock import today
from crm_api.kit.errors import ValidationFailed
from crm_api.kit.later import later
from crm_api.products.catalogue import Sold
from crm_api.reference import service as reference
from crm_api.reference.errors import WilayaUnknown

if TYPE_CHECKING:
    import jsonschema_rs
else:
    jsonschema_rs = later("jsonschema_rs")

Answers = Mapping[str, Any]


class Told(NamedTuple):
    """Answers parted by who may read them."""

    plain: dict[str, Any]
    sealed: dict[str, Any]


def check(product: Sold, answers: Answers) -> None:
    """Raises ValidationFailed, naming each field below `/inputs`."""
    faults = list(_faults(product, answers))
    if faults:
        raise ValidationFailed(*faults)


def _faults(product: Sold, answers: Answers) -> Iterator[dict[str, Any]]:
    for error in validator(json.dumps(product.questionnaire)).iter_errors(dict(answers)):
        kind = error.kind.name
        path = "".join(f"/{part}" for part in error.instance_path)
        if kind == "required":
            path += f"/{error.kind.value}"
        yield {
            "pointer": f"/inputs{path}",
            "location": "body",
            "code": f"answer_{_snake(kind)}",
            "detail": _sentence(kind, error),
        }
    for name, day in _given(product, answers, "x-age"):
        if str(day) > today().isoformat():
            yield {
                "pointer": f"/inputs/{name}",
                "location": "body",
                "code": "in_the_future",
                "detail": "This day has not come yet.",
            }
    for name, wilaya in _given(product, answers, "x-tariff-zone"):
        try:
            reference.wilaya(str(wilaya))
        except WilayaUnknown:
            yield {
                "pointer": f"/inputs/{name}",
                "location": "body",
                "code": "unknown_wilaya",
                "detail": "No wilaya has this code.",
            }


def _sentence(kind: str, error: Any) -> str:
    """Without the value: it may be personal."""
    if kind == "required":
        return "This answer is needed."
    if kind == "additionalProperties":
        return "This product does not ask that."
    return f"This answer does not fit the questionnaire ({kind})."


def _snake(word: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in word)


@lru_cache(maxsize=256)
def validator(schema: str) -> "jsonschema_rs.Draft202012Validator":
    """Made once a schema, from its text. It looks nothing up: foreign references were refused."""
    return jsonschema_rs.Draft202012Validator(json.loads(schema), validate_formats=True)


def _given(product: Sold, answers: Answers, word: str) -> Iterator[tuple[str, Any]]:
    for name, about in product.questionnaire.get("properties", {}).items():
        if word in about and answers.get(name) is not None:
            yield name, answers[name]


def parted(product: Sold, answers: Answers) -> Told:
    secret = {name for name, _ in _given(product, answers, "x-pii")}
    return Told(
        {name: value for name, value in answers.items() if name not in secret},
        {name: value for name, value in answers.items() if name in secret},
    )


def facts(product: Sold, answers: Answers, begins_on: date, ends_on: date) -> dict[str, Any]:
    """Of answers that were checked."""
    known: dict[str, Any] = {}
    for name, about in product.questionnaire.get("properties", {}).items():
        value = answers.get(name, about.get("default"))
        if value is None:
            continue
        known[name] = _fact(about, value)
        if "x-age" in about:
            known[about["x-age"]] = whole_years(date.fromisoformat(value), begins_on)
        if "x-tariff-zone" in about:
            known[about["x-tariff-zone"]] = str(reference.wilaya(value).tariff_zone)
    return known | {"begins_on": begins_on, "ends_on": ends_on}


def _fact(about: Mapping[str, Any], value: Any) -> Any:
    if about.get("x-money"):
        return Decimal(value)
    if about.get("format") == "date":
        return date.fromisoformat(value)
    return Decimal(str(value)) if isinstance(value, float) else value


def whole_years(since: date, on: date) -> int:
    """How many birthdays there were; 29 February is kept on 28 February in other years."""
    return relativedelta(on, since).years

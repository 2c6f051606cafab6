"""What a sale is worth: its lines, their sum, and the product it is mainly about."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic_core import to_jsonable_python

from crm_api.kit.errors import ValidationFailed
from crm_api.kit.money import Money, in_french
from crm_api.opportunities.errors import LinesDisagree
from crm_api.opportunities.schemas.words import OpportunityLine
from crm_api.reference.service import products


def branch_of(product_code: str, pointer: str = "/product_code") -> str:
    """Raises ValidationFailed for a product that nobody sells."""
    found = next((product for product in products() if product.code == product_code), None)
    if found is None:
        raise ValidationFailed.at(pointer, "unknown_product", "There is no such product.")
    return found.branch_code


def priced(lines: Sequence[OpportunityLine]) -> list[dict[str, Any]]:
    """As they are stored, each with its amount: quantity times unit, exact."""
    stored = []
    for at, line in enumerate(lines):
        branch_of(line.product_code, f"/lines/{at}/product_code")
        told = to_jsonable_python(line)
        stored.append(told | {"amount": Money.of(line.quantity * line.unit_amount.centimes).model_dump()})
    return stored


def sum_of(lines: Iterable[dict[str, Any]]) -> Money:
    return Money.of(sum(Money.model_validate(line["amount"]).centimes for line in lines))


def agreed(amount: Money | None, lines: Sequence[dict[str, Any]]) -> Money | None:
    """With lines the amount is their sum, whether it was given or not. Raises LinesDisagree."""
    if not lines:
        return amount
    total = sum_of(lines)
    if amount is not None and amount.centimes != total.centimes:
        raise LinesDisagree(sum=in_french(total.centimes))
    return total

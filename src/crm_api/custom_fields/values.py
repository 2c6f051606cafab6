"""Reading one value as its definition says."""

from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, JsonValue, Strict, StringConstraints, TypeAdapter
from pydantic_core import PydanticCustomError, to_jsonable_python

from crm_api.custom_fields.models import CustomFieldType
from crm_api.custom_fields.schemas import LARGEST, CustomFieldRead
from crm_api.kit.money import Money

USUAL_LENGTH = 500
LARGEST_INTEGER = 2**53 - 1


def checked(definition: CustomFieldRead, value: JsonValue) -> Any:
    """The value as it is stored. Raises pydantic's ValidationError."""
    limits = definition.limits
    options = tuple(option.value for option in definition.options)
    reader = _reader(definition.type, limits.min, limits.max, limits.max_length, options)
    return to_jsonable_python(reader.validate_python(value))


@lru_cache(maxsize=2000)
def _reader(
    kind: CustomFieldType,
    smallest: float | None,
    largest: float | None,
    longest: int | None,
    options: tuple[str, ...],
) -> TypeAdapter[Any]:
    low = -LARGEST if smallest is None else smallest
    high = LARGEST if largest is None else largest
    one_of: Any = Literal[options] if options else str
    kinds: dict[CustomFieldType, Any] = {
        CustomFieldType.TEXT: Annotated[
            str,
            StringConstraints(
                strict=True, strip_whitespace=True, min_length=1, max_length=longest or USUAL_LENGTH
            ),
        ],
        CustomFieldType.NUMBER: Annotated[float, Strict(), Field(ge=low, le=high, allow_inf_nan=False)],
        CustomFieldType.INTEGER: Annotated[
            int, Strict(), Field(ge=max(low, -LARGEST_INTEGER), le=min(high, LARGEST_INTEGER))
        ],
        CustomFieldType.BOOLEAN: Annotated[bool, Strict()],
        CustomFieldType.DATE: Annotated[str, StringConstraints(max_length=10), AfterValidator(_iso_date)],
        CustomFieldType.ENUM: one_of,
        CustomFieldType.MULTI_ENUM: Annotated[
            list[one_of],
            Field(max_length=50),
            AfterValidator(lambda chosen: list(dict.fromkeys(chosen))),
        ],
        CustomFieldType.MONEY: Annotated[Money, AfterValidator(lambda money: _within(money, low, high))],
    }
    return TypeAdapter(kinds[kind])


def _iso_date(typed: str) -> str:
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError as error:
        raise PydanticCustomError("date_parsing", "A date is written 2026-11-23") from error


def _within(money: Money, low: float, high: float) -> Money:
    if not low * 100 <= money.centimes <= high * 100:
        raise PydanticCustomError("amount_out_of_range", "This amount is outside of its limits")
    return money

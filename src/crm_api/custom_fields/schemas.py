from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.custom_fields.models import (
    WITH_OPTIONS,
    CustomEntity,
    CustomField,
    CustomFieldPiiClass,
    CustomFieldStatus,
    CustomFieldType,
)
from crm_api.kit.listing import ListQuery, Page, one_of
from crm_api.kit.schemas import Input, Output, Timestamp

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", max_length=40, examples=["fleet_size"])]
OptionValue = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$", max_length=40, examples=["gold"])]
Label = Annotated[str, Field(min_length=1, max_length=80, examples=["Taille du parc"])]
LONGEST_TEXT = 2000
LARGEST = 1_000_000_000_000_000


class CustomOption(Input):
    """One value to choose."""

    value: OptionValue
    """What is stored."""
    label_fr: Label
    """In French."""
    label_ar: Label | None = None
    """In Arabic."""
    label_en: Label | None = None
    """In English."""


Options = Annotated[list[CustomOption], Field(max_length=100)]


class CustomLimits(Input):
    """What a value must keep to; what is left out is not limited further."""

    min: float | None = Field(default=None, ge=-LARGEST, le=LARGEST, examples=[0])
    """Smallest number or amount."""
    max: float | None = Field(default=None, ge=-LARGEST, le=LARGEST, examples=[500])
    """Largest number or amount."""
    max_length: int | None = Field(default=None, ge=1, le=LONGEST_TEXT, examples=[120])
    """Longest text, in characters; 500 when left out."""


class CustomFieldCreate(Input):
    """A field to define."""

    entity: CustomEntity
    """The kind of object that gets it."""
    key: Key
    """Its name in `custom_fields`; never changes."""
    label_fr: Label
    """Label in French."""
    label_ar: Label | None = None
    """Label in Arabic."""
    label_en: Label | None = None
    """Label in English."""
    type: CustomFieldType
    """Kind of value; never changes."""
    required: bool = False
    """Whether an object cannot be created without it."""
    options: Options = []
    """What to choose from (`enum`, `multi_enum`)."""
    limits: CustomLimits = CustomLimits()
    """What values must keep to."""
    pii_class: CustomFieldPiiClass = CustomFieldPiiClass.P0
    """How personal its values are. Official and sensitive data (P3, P4) have fields of their own."""

    @model_validator(mode="after")
    def _options_where_there_is_a_choice(self) -> "CustomFieldCreate":
        if (self.type in WITH_OPTIONS) != bool(self.options):
            raise PydanticCustomError(
                "options_misplaced", "Options are for enum and multi_enum, and needed there"
            )
        if len({option.value for option in self.options}) < len(self.options):
            raise PydanticCustomError("options_repeated", "Each option has a value of its own")
        return self


class CustomFieldPatch(Input):
    """What to change; a field left out stays, null empties it."""

    label_fr: Label | MISSING = MISSING
    """Label in French."""
    label_ar: Label | None | MISSING = MISSING
    """Label in Arabic."""
    label_en: Label | None | MISSING = MISSING
    """Label in English."""
    required: bool | MISSING = MISSING
    """Whether an object cannot be created without it."""
    options: Options | MISSING = MISSING
    """What to choose from; objects keep options that are taken away."""
    limits: CustomLimits | MISSING = MISSING
    """What new values must keep to."""
    pii_class: CustomFieldPiiClass | MISSING = MISSING
    """How personal its values are."""
    status: CustomFieldStatus | MISSING = MISSING
    """`retired`: shown where it has a value, no longer writable."""


class CustomFieldRead(Output):
    """A field of the organization's own."""

    id: UUID
    """Identifier."""
    entity: CustomEntity
    """The kind of object that has it."""
    key: Key
    """Its name in `custom_fields`."""
    label_fr: Label
    """Label in French."""
    label_ar: Label | None
    """Label in Arabic."""
    label_en: Label | None
    """Label in English."""
    type: CustomFieldType
    """Kind of value."""
    required: bool
    """Whether an object cannot be created without it."""
    options: Options
    """What to choose from."""
    limits: CustomLimits
    """What values must keep to."""
    pii_class: CustomFieldPiiClass
    """How personal its values are."""
    status: CustomFieldStatus
    """active or retired."""
    version: int
    """For If-Match."""
    created_at: Timestamp
    """When it was defined."""
    updated_at: Timestamp
    """When it last changed."""


class CustomFieldPage(Page[CustomFieldRead]):
    """One page of definitions."""


class CustomFieldQuery(ListQuery):
    """Which definitions."""

    sortable: ClassVar = {"key": CustomField.key, "created_at": CustomField.created_at}

    sort: Literal["key", "-key", "created_at", "-created_at"] = "created_at"
    """Sort key; a leading `-` means descending."""
    entity: Annotated[list[CustomEntity] | None, one_of(CustomField.entity)] = Field(
        default=None, max_length=10
    )
    """Of one or several kinds of object."""
    status: Annotated[list[CustomFieldStatus] | None, one_of(CustomField.status)] = Field(
        default=None, max_length=2
    )
    """active, retired, or both."""

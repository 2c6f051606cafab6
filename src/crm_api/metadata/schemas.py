from typing import Annotated, Literal

from pydantic import Field

from crm_api.kit.schemas import Input, Output
from crm_api.reference.models import LabelLanguage

Name = Annotated[str, Field(max_length=80, examples=["status"])]
Label = Annotated[str, Field(max_length=120, examples=["Nouvelle"])]
Entity = Annotated[str, Field(max_length=60, examples=["lead"])]
Kind = Literal[
    "text", "integer", "number", "boolean", "date", "moment", "money", "choice", "reference", "list", "object"
]


class MetadataQuery(Input):
    """In which language."""

    lang: LabelLanguage = LabelLanguage.FR
    """Language of the labels."""


class ChoiceShown(Output):
    """One value of a choice."""

    value: Annotated[str, Field(max_length=80, examples=["new"])]
    """What the API sends and takes."""
    label: Label
    """What people read."""


class FieldShown(Output):
    """One field: how to show it, how to ask for it, what it must keep to."""

    name: Name
    """Its name; a field of the organization's own is `custom.<key>`."""
    label: Label | None
    """What people read; null for fields of the house, whose words are the front end's."""
    description: str | None = Field(max_length=1000, examples=["State of the lead."])
    """What it means, in English, as the contract says it."""
    kind: Kind
    """What to draw."""
    many: bool = Field(examples=[False])
    """Whether it holds several values."""
    choices: list[ChoiceShown] = Field(max_length=300)
    """What to choose from."""
    reference: Entity | None
    """The kind of object that it names."""
    min_length: int | None = Field(ge=0, examples=[1])
    """Shortest text, or fewest values."""
    max_length: int | None = Field(ge=0, examples=[160])
    """Longest text, or most values."""
    minimum: float | None = Field(examples=[0])
    """Smallest number."""
    maximum: float | None = Field(examples=[100])
    """Largest number."""
    pattern: str | None = Field(max_length=500, examples=["^[0-9]{5}$"])
    """Form of the text."""
    required: bool = Field(examples=[False])
    """Whether an object cannot be made without it."""
    nullable: bool = Field(examples=[True])
    """Whether it can be empty."""
    readable: bool = Field(examples=[True])
    """Whether an object shows it."""
    creatable: bool = Field(examples=[True])
    """Whether you can give it when you make an object."""
    writable: bool = Field(examples=[True])
    """Whether you can change it."""
    operators: list[Annotated[str, Field(max_length=10, examples=["eq"])]] = Field(max_length=10)
    """How a search may compare it; none: it cannot be filtered by."""
    sortable: bool = Field(examples=[True])
    """Whether a list can be sorted by it."""


class SectionShown(Output):
    """A part of a form."""

    key: Literal["main", "details", "custom", "facts"]
    """What must be filled in, the rest, the organization's own fields, what the house writes."""
    label: Label
    """What people read."""
    fields: list[Name] = Field(max_length=200)
    """In this order."""


class LayoutShown(Output):
    """How to draw it when nobody chose anything else."""

    form: list[SectionShown] = Field(max_length=4)
    """The form, from top to bottom."""
    columns: list[Name] = Field(max_length=12)
    """The columns of the list, from the first."""
    sort: str = Field(max_length=80, examples=["-created_at"])
    """How the list is sorted."""


class EntityShown(Output):
    """A kind of object, and what you may do with it."""

    name: Entity
    """Its label."""
    path: str = Field(max_length=80, examples=["/v1/leads"])
    """Where its list is."""
    creatable: bool = Field(examples=[True])
    """Whether you may make some."""
    writable: bool = Field(examples=[True])
    """Whether you may change those you see."""
    deletable: bool = Field(examples=[False])
    """Whether you may delete some."""


class EntityList(Output):
    """The kinds of object that you may read."""

    data: list[EntityShown] = Field(max_length=100)
    """By name."""


class EntityDetail(EntityShown):
    """A kind of object with its fields."""

    lang: LabelLanguage
    """Language of the labels."""
    fields: list[FieldShown] = Field(max_length=400)
    """All that you may read or give, in the order of the resource."""
    layout: LayoutShown
    """How to draw it by default."""

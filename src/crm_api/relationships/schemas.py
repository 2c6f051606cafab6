from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, one_of
from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.relationships.filters import at_party, holding_on
from crm_api.relationships.models import FAMILY, TO_ACCOUNT, PartyType, Relationship, RelationshipType

Label = Annotated[str, Field(max_length=80, examples=["Parent de"])]
PartyWarning = Literal["guardian_required"]


class RelationshipCreate(Input):
    """A relationship to record: `from` is `type` `to`."""

    from_type: PartyType
    """Whether the first party is a person or an account."""
    from_id: UUID
    """The first party."""
    type: RelationshipType
    """What the first party is to the second."""
    to_type: PartyType
    """Whether the second party is a person or an account."""
    to_id: UUID
    """The second party."""
    from_date: date | None = None
    """Since when, if known."""
    to_date: date | None = None
    """Until when; null while it holds."""

    @model_validator(mode="after")
    def _possible(self) -> "RelationshipCreate":
        if self.from_id == self.to_id:
            raise PydanticCustomError("self_link", "A party cannot be linked to itself")
        parties = {self.from_type, self.to_type}
        if (self.type in FAMILY and parties != {PartyType.CONTACT}) or (
            self.type in TO_ACCOUNT and self.to_type is not PartyType.ACCOUNT
        ):
            raise PydanticCustomError(
                "wrong_party", "There is no such relationship between these kinds of party"
            )
        if self.from_date and self.to_date and self.to_date < self.from_date:
            raise PydanticCustomError("dates_out_of_order", "It cannot end before it began")
        return self


class RelationshipPatch(Input):
    """The dates to change; one left out stays, null empties it."""

    from_date: date | None | MISSING = MISSING
    """Since when."""
    to_date: date | None | MISSING = MISSING
    """Until when."""


class RelationshipLabels(Output):
    """What it is called, in the languages of the house."""

    fr: Label
    """French."""
    en: Label
    """English."""
    ar: Label
    """Arabic."""


class RelationshipRead(Output):
    """A relationship: `from` is `type` `to`."""

    id: UUID
    """Identifier."""
    from_type: PartyType
    """Whether the first party is a person or an account."""
    from_id: UUID
    """The first party."""
    type: RelationshipType
    """What the first party is to the second."""
    label: RelationshipLabels
    """`type` in words: Parent de."""
    to_type: PartyType
    """Whether the second party is a person or an account."""
    to_id: UUID
    """The second party."""
    inverse_label: RelationshipLabels
    """What the second party is to the first, in words: Enfant de."""
    from_date: date | None
    """Since when."""
    to_date: date | None
    """Until when; null while it holds."""
    version: int = Field(ge=1, examples=[2])
    """For If-Match."""
    created_at: Timestamp
    """When it was recorded."""
    updated_at: Timestamp
    """When it last changed."""


class RelationshipPage(Page[RelationshipRead]):
    """The relationships of a party, seen from either end."""

    warnings: list[PartyWarning] = Field(default=[], max_length=5, examples=[["guardian_required"]])
    """guardian_required: the person is below nineteen, and has no guardian today."""


class RelationshipQuery(ListQuery):
    """Whose relationships."""

    sortable: ClassVar = {"created_at": Relationship.created_at}

    sort: Literal["created_at", "-created_at"] = "created_at"
    """Sort key; a leading `-` means descending."""
    party_type: PartyType
    """Whether that is a person or an account."""
    party_id: Annotated[UUID, at_party]
    """The person or account, at either end."""
    type: Annotated[list[RelationshipType] | None, one_of(Relationship.type)] = Field(
        default=None, max_length=10
    )
    """One or several types."""
    on: Annotated[Day | None, holding_on] = Field(default=None, examples=["2026-11-23"])
    """Those that hold on this day."""

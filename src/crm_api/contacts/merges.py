"""Two sheets of one person made one, as it travels."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.contacts.identity import CivilField
from crm_api.kit.schemas import Input, Output, Timestamp

PlainField = Literal[
    "civility",
    "last_name",
    "first_name",
    "last_name_ar",
    "first_name_ar",
    "father_first_name",
    "maiden_name",
    "preferred_language",
    "preferred_channel",
    "contact_hours",
    "owner_user_id",
    "agency_id",
]
Side = Literal["survivor", "other"]


class ContactMergeRequest(Input):
    """Which sheet goes, and what of it stays."""

    other_id: UUID
    """The sheet that goes: it is the same person."""
    survivorship: Annotated[
        dict[PlainField | CivilField, Side],
        Field(max_length=24, examples=[{"last_name": "survivor", "national_id_number": "other"}]),
    ] = {}
    """Whose value stays, field by field. Left out: the survivor's, or the other's where that is empty.
    Telephones, e-mails, addresses, accounts, tags and external ids of both are kept in any case."""


class ContactMergeRead(Output):
    """A merge, undone or not."""

    id: UUID
    """Identifier."""
    survivor_id: UUID
    """The sheet that stayed."""
    other_id: UUID
    """The sheet that went."""
    merged_at: Timestamp
    """When."""
    merged_by_id: UUID
    """By whom."""
    undone_at: Timestamp | None
    """When it was undone."""
    can_be_undone_until: Timestamp
    """Thirty days after."""


class ContactMergeList(Output):
    """The merges that a sheet survived."""

    data: list[ContactMergeRead] = Field(max_length=500)
    """The newest first."""

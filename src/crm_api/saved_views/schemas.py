from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.kit.searching import SearchFilter, SortKey
from crm_api.saved_views.models import SavedView, ViewVisibility

Entity = Annotated[str, Field(max_length=60, pattern=r"^[a-z_]+$", examples=["lead"])]
ViewName = Annotated[str, Field(min_length=1, max_length=80, examples=["Mes pistes chaudes"])]
Column = Annotated[str, Field(max_length=60, pattern=r"^[a-z][a-z0-9_.]*$", examples=["full_name"])]
Columns = Annotated[list[Column], Field(min_length=1, max_length=40, examples=[["full_name", "status"]])]
Sorts = Annotated[list[SortKey], Field(max_length=1, examples=[["-created_at"]])]


class SavedViewCreate(Input):
    """A way to look at a list."""

    entity: Entity
    """Of which list: the label of its objects."""
    name: ViewName
    """What you call it."""
    columns: Columns
    """What is shown, from the first column; a field of the organization's own is `custom.<key>`."""
    filters: SearchFilter = SearchFilter()
    """Which rows: the filter that the list's POST /search takes."""
    sort: Sorts = []
    """One sort key of the list, `-` for descending; the list's own default when empty."""
    group_by: Column | None = None
    """Rows of the same value stand together."""
    visibility: ViewVisibility = ViewVisibility.PRIVATE
    """For you alone, for a role, for your agency, or for all."""
    role_id: UUID | None = None
    """The role to share with; needed with `role`, and only there."""


class SavedViewPatch(Input):
    """What to change; a field left out stays, null empties it."""

    name: ViewName | MISSING = MISSING
    """What you call it."""
    columns: Columns | MISSING = MISSING
    """What is shown, from the first column."""
    filters: SearchFilter | MISSING = MISSING
    """Which rows."""
    sort: Sorts | MISSING = MISSING
    """One sort key of the list; empty: the list's own default."""
    group_by: Column | None | MISSING = MISSING
    """Rows of the same value stand together."""
    visibility: ViewVisibility | MISSING = MISSING
    """For you alone, for a role, for your agency, or for all."""
    role_id: UUID | None | MISSING = MISSING
    """The role to share with; needed with `role`, and only there."""


class SavedViewRead(Output):
    """A way to look at a list."""

    id: UUID
    """Identifier."""
    entity: Entity
    """Of which list: the label of its objects."""
    name: ViewName
    """What its owner calls it."""
    columns: Columns
    """What is shown, from the first column."""
    filters: SearchFilter
    """Which rows: give it to the list's POST /search."""
    sort: Sorts
    """One sort key of the list; the list's own default when empty."""
    group_by: Column | None
    """Rows of the same value stand together."""
    visibility: ViewVisibility
    """For its owner alone, for a role, for an agency, or for all."""
    role_id: UUID | None
    """The role that it is shared with."""
    agency_id: UUID | None
    """The agency that it is shared with."""
    owner_user_id: UUID
    """Whose it is."""
    is_default: bool = Field(examples=[False])
    """Whether you begin this list with it."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was saved."""
    updated_at: Timestamp
    """When it last changed."""
    deleted_at: Timestamp | None
    """When it went to the bin."""


class SavedViewPage(Page[SavedViewRead]):
    """One page of saved views."""


class SavedViewQuery(ListQuery):
    """Which views."""

    sortable: ClassVar = {"name": SavedView.name, "created_at": SavedView.created_at}

    sort: Literal["name", "-name", "created_at", "-created_at"] = "name"
    """Sort key; a leading `-` means descending."""
    entity: Annotated[list[Entity] | None, one_of(SavedView.entity)] = Field(default=None, max_length=50)
    """Of one or several lists."""
    visibility: Annotated[list[ViewVisibility] | None, one_of(SavedView.visibility)] = Field(
        default=None, max_length=4
    )
    """Shared in one of these ways."""
    owner_user_id: Annotated[UUID | None, equals(SavedView.owner_user_id)] = None
    """Of this user."""

"""Statuses and categories as they are written and shown."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.tickets.models.setup import DEEPEST, TicketCategory, TicketStatusOption
from crm_api.tickets.models.words import TicketStatus
from crm_api.tickets.schemas.words import ArabicLabel, Label, Place, Word


class TicketStatusCreate(Input):
    """A status as your organization calls it."""

    code: Word
    """What programs call it."""
    name: Label
    """What people call it."""
    name_ar: ArabicLabel | None = None
    """In Arabic."""
    category: TicketStatus
    """How the clocks run in it; that never changes."""
    position: Place = 0
    """Its place in lists."""
    is_default: bool = False
    """true: taken when nobody says which status of the category."""


class TicketStatusPatch(Input):
    """What to change of a status."""

    name: Label | MISSING = MISSING
    """What people call it."""
    name_ar: ArabicLabel | None | MISSING = MISSING
    """In Arabic."""
    position: Place | MISSING = MISSING
    """Its place in lists."""
    is_default: Literal[True] | MISSING = MISSING
    """true: the default of its category from now on, instead of the other one."""
    is_active: bool | MISSING = MISSING
    """false: no ticket moves there any more; those that stand there stay."""

    def given(self) -> dict[str, Any]:
        """What the caller wrote, by name."""
        return {name: value for name, value in self if value is not MISSING}


class TicketStatusRead(Output):
    """A status of tickets."""

    id: UUID
    """Identifier."""
    code: Word
    """What programs call it."""
    name: Label
    """What people call it."""
    name_ar: ArabicLabel | None
    """In Arabic."""
    category: TicketStatus
    """How the clocks run in it."""
    position: Place
    """Its place in lists."""
    is_default: bool = Field(examples=[True])
    """Whether it is taken when nobody says which status of the category."""
    is_active: bool = Field(examples=[True])
    """Whether tickets still move there."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""


class TicketStatusPage(Page[TicketStatusRead]):
    """One page of statuses."""


class TicketStatusQuery(ListQuery):
    """Which statuses."""

    sortable: ClassVar = {"position": TicketStatusOption.position}

    sort: Literal["position", "-position"] = "position"
    """Sort key; a leading `-` means descending."""
    category: Annotated[list[TicketStatus] | None, one_of(TicketStatusOption.category)] = Field(
        default=None, max_length=6
    )
    """Those of one or several categories."""
    is_active: Annotated[bool | None, equals(TicketStatusOption.is_active)] = None
    """Those in use, or those no longer."""


class TicketCategoryCreate(Input):
    """A branch of the tree of categories."""

    code: Word
    """What programs call it."""
    name: Label
    """What people call it."""
    name_ar: ArabicLabel | None = None
    """In Arabic."""
    parent_id: UUID | None = None
    """The category above; none: a root."""
    position: Place = 0
    """Its place in lists."""
    group_id: UUID | None = None
    """Who answers such tickets where no routing rule says otherwise."""


class TicketCategoryPatch(Input):
    """What to change of a category."""

    name: Label | MISSING = MISSING
    """What people call it."""
    name_ar: ArabicLabel | None | MISSING = MISSING
    """In Arabic."""
    parent_id: UUID | None | MISSING = MISSING
    """The category above; what is below moves along."""
    position: Place | MISSING = MISSING
    """Its place in lists."""
    group_id: UUID | None | MISSING = MISSING
    """Who answers such tickets where no routing rule says otherwise."""
    is_active: bool | MISSING = MISSING
    """false: no new ticket gets it; those that have it keep it."""

    def given(self) -> dict[str, Any]:
        """What the caller wrote, by name."""
        return {name: value for name, value in self if value is not MISSING}


class TicketCategoryRead(Output):
    """A category of tickets."""

    id: UUID
    """Identifier."""
    code: Word
    """What programs call it."""
    name: Label
    """What people call it."""
    name_ar: ArabicLabel | None
    """In Arabic."""
    parent_id: UUID | None
    """The category above."""
    level: int = Field(ge=1, le=DEEPEST, examples=[2])
    """1: a root."""
    position: Place
    """Its place in lists."""
    group_id: UUID | None
    """Who answers such tickets where no routing rule says otherwise."""
    is_active: bool = Field(examples=[True])
    """Whether new tickets may get it."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""


class TicketCategoryPage(Page[TicketCategoryRead]):
    """One page of categories."""


class TicketCategoryQuery(ListQuery):
    """Which categories."""

    sortable: ClassVar = {"position": TicketCategory.position}

    sort: Literal["position", "-position"] = "position"
    """Sort key; a leading `-` means descending."""
    parent_id: Annotated[list[UUID] | None, one_of(TicketCategory.parent_id)] = Field(
        default=None, max_length=50
    )
    """Those directly below one or several others."""
    is_active: Annotated[bool | None, equals(TicketCategory.is_active)] = None
    """Those in use, or those no longer."""

"""Macros as they are written, shown and used."""

import re
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.kit.tags import Tags
from crm_api.tickets.models.setup import MacroScope, TicketMacro
from crm_api.tickets.models.words import MessageVisibility, TicketPriority, TicketStatus, TicketType
from crm_api.tickets.schemas.words import Label, MessageBody

VARIABLES = ("ticket.number", "ticket.subject", "agent.name")
"""What stands for itself in the text of a macro, in double braces."""
PLACE = re.compile(r"\{\{\s*([a-z_.]{1,40})\s*\}\}")


def _known(text: str) -> str:
    for name in PLACE.findall(text):
        if name not in VARIABLES:
            raise PydanticCustomError("variable_unknown", "There is no variable {name}", {"name": name})
    return text


class TicketMacroMessage(Input):
    """What a macro writes."""

    body: Annotated[MessageBody, AfterValidator(_known)]
    """With variables in double braces: ticket.number, ticket.subject, agent.name."""
    visibility: MessageVisibility = MessageVisibility.PUBLIC
    """Whether the customer reads it."""


class TicketMacroActions(Input):
    """What a macro does; what is left out stays."""

    status: TicketStatus | None = None
    """Moves the ticket into that category."""
    status_id: UUID | None = None
    """Or into that status."""
    priority: TicketPriority | None = None
    """Sets the priority."""
    type: TicketType | None = None
    """Sets the type."""
    category_id: UUID | None = None
    """Sets the category."""
    group_id: UUID | None = None
    """Puts it into the queue of that group."""
    take: bool = False
    """true: whoever uses it works on the ticket from now on."""
    add_tags: Tags = []
    """Words to put on it."""
    message: TicketMacroMessage | None = None
    """What it writes."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.status is not None and self.status_id is not None:
            raise PydanticCustomError("one_status", "Give status or status_id, not both")
        if not any(value for _, value in self):
            raise PydanticCustomError("macro_does_nothing", "A macro does something")
        return self


class TicketMacroCreate(Input):
    """Several changes and an answer under one name."""

    name: Label
    """What people call it."""
    scope: MacroScope = MacroScope.PERSONAL
    """Who may use it: you, a group, everybody. The last two take settings:manage."""
    group_id: UUID | None = None
    """The group, for the scope `team`."""
    actions: TicketMacroActions
    """What it does."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.scope is MacroScope.TEAM) != (self.group_id is not None):
            raise PydanticCustomError("group_of_scope", "A group goes with the scope team, always")
        return self


class TicketMacroPatch(Input):
    """What to change of a macro."""

    name: Label | MISSING = MISSING
    """What people call it."""
    actions: TicketMacroActions | MISSING = MISSING
    """What it does; replaces all."""
    is_active: bool | MISSING = MISSING
    """Whether it may be used."""

    def given(self) -> dict[str, Any]:
        """What the caller wrote, by name."""
        return {name: value for name, value in self if value is not MISSING}


class TicketMacroRead(Output):
    """A macro."""

    id: UUID
    """Identifier."""
    name: Label
    """What people call it."""
    scope: MacroScope
    """Who may use it."""
    owner_user_id: UUID | None
    """Whose it is, of a personal one."""
    group_id: UUID | None
    """Whose it is, of one of a team."""
    actions: TicketMacroActions
    """What it does."""
    is_active: bool = Field(examples=[True])
    """Whether it may be used."""
    usage_count: int = Field(ge=0, examples=[41])
    """How often it was used."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""


class TicketMacroPage(Page[TicketMacroRead]):
    """One page of macros."""


class TicketMacroQuery(ListQuery):
    """Which of the macros that you may use."""

    sortable: ClassVar = {"name": TicketMacro.name}

    sort: Literal["name", "-name"] = "name"
    """Sort key; a leading `-` means descending."""
    scope: Annotated[list[MacroScope] | None, one_of(TicketMacro.scope)] = Field(default=None, max_length=3)
    """Personal ones, those of your teams, those of everybody."""
    is_active: Annotated[bool | None, equals(TicketMacro.is_active)] = None
    """Those in use, or those no longer."""


class TicketMacroUse(Input):
    """Which macro."""

    macro_id: UUID
    """One that you may use."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from crm_api.kit.schemas import Input, Output, Timestamp

EventKind = Annotated[str, Field(max_length=80, pattern=r"^[a-z_]+\.[a-z_]+$", examples=["lead.converted"])]
Cursor = Annotated[str, Field(max_length=300, examples=["kq3v0bGx8d2mYy0mWzEyMyw0NV0"])]


class EventRead(Output):
    """One fact: ids and values that anybody may read."""

    id: int = Field(ge=1, examples=[90412])
    """Number of the fact; not an order, follow the cursor."""
    kind: EventKind
    """What happened."""
    at: Timestamp
    """When."""
    object_type: str = Field(max_length=60, examples=["lead"])
    """To what kind of object."""
    object_id: UUID
    """To which object; read it to see how it is now."""
    actor_type: str = Field(max_length=20, examples=["user"])
    """user, client, system or anonymous."""
    actor_id: UUID
    """Who did it."""
    data: dict[str, Any] = Field(examples=[{"changed": ["status"], "values": {"status": "contacted"}}])
    """The facts: what changed, and the public values."""
    schema_version: int = Field(ge=1, examples=[1])
    """Which form `data` has."""


class EventLog(Output):
    """Some facts, in the order in which to apply them."""

    data: list[EventRead] = Field(max_length=200)
    """None when there is nothing new."""
    next_cursor: Cursor
    """Always there: ask with it again, at once while `has_more`, else some seconds later."""
    has_more: bool = Field(examples=[False])
    """Whether more facts wait already."""


class EventLogQuery(Input):
    """From where, and which."""

    cursor: Cursor | None = None
    """`next_cursor` of the last answer; left out: from the beginning."""
    kind: list[EventKind] | None = Field(default=None, max_length=50)
    """One or several kinds (repeat the parameter); a cursor belongs to its kinds."""
    limit: int = Field(default=100, ge=1, le=200)
    """Facts in one answer."""

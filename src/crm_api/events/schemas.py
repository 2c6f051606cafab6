from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from crm_api.kit.schemas import Input, Output, Secret, Timestamp

EventKind = Annotated[str, Field(max_length=80, pattern=r"^[a-z_]+\.[a-z_]+$", examples=["lead.converted"])]
ResourceType = Annotated[str, Field(max_length=60, pattern=r"^[a-z_]+$", examples=["lead"])]
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


class StreamQuery(Input):
    """What to be told of, and a ticket where no header can be sent."""

    resource: list[ResourceType] | None = Field(default=None, max_length=50)
    """One or several kinds of object (repeat the parameter); left out: all that you may know of."""
    ticket: str | None = Field(default=None, max_length=120, examples=["et_AZNuKl8AervN7wEjRWeJqw_Zm9v"])
    """From POST /v1/events/ticket, instead of the Authorization header."""


class StreamedEvent(Output):
    """What one event of the stream says: ids only; read the object to see how it is now."""

    type: EventKind
    """What happened."""
    resource: ResourceType
    """To what kind of object."""
    id: UUID
    """To which object."""
    version: int | None = Field(ge=1, examples=[4])
    """Which version it has now; null where it has none, or the object is gone."""
    occurred_at: Timestamp
    """When."""


class StreamTicketRead(Secret):
    """Opens one stream, once."""

    ticket: str = Field(max_length=120, examples=["et_AZNuKl8AervN7wEjRWeJqw_Zm9v"])
    """The value of the parameter `ticket`."""
    expires_at: Timestamp
    """Good until then."""

"""Mass incidents: one event behind many tickets, answered once."""

from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, equals
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.tickets.models.words import MessageVisibility, TicketStatus
from crm_api.tickets.models.work import TicketIncident, TicketIncidentStatus
from crm_api.tickets.schemas.words import Documents, MessageBody

Title = Annotated[str, Field(min_length=3, max_length=160, examples=["Inondations de Bab El Oued"])]
EventReference = Annotated[str, Field(min_length=2, max_length=120, examples=["BMS n° 412 du 29/11/2026"])]
Story = Annotated[str, Field(min_length=1, max_length=4000, examples=["Crue de l'oued à 04:30."])]
IncidentNumber = Annotated[str, Field(max_length=20, examples=["I-2026-000004"])]


class TicketIncidentCreate(Input):
    """An event behind many tickets."""

    title: Title
    """In one line."""
    event_reference: EventReference | None = None
    """What others call the event: a decree, a bulletin, a breakdown."""
    occurred_at: Moment | None = Field(default=None, examples=["2026-11-29T03:30:00Z"])
    """When it began; now when left out."""
    description: Story | None = None
    """More about it."""


class TicketIncidentPatch(Input):
    """What to change of a mass incident."""

    title: Title | MISSING = MISSING
    """In one line."""
    event_reference: EventReference | None | MISSING = MISSING
    """What others call the event."""
    occurred_at: Moment | MISSING = Field(default=MISSING, examples=["2026-11-29T03:30:00Z"])
    """When it began."""
    description: Story | None | MISSING = MISSING
    """More about it."""
    status: TicketIncidentStatus | MISSING = MISSING
    """closed: it is over; open: it goes on."""

    def given(self) -> dict[str, Any]:
        """What the caller wrote, by name."""
        return {name: value for name, value in self if value is not MISSING}


class TicketIncidentRead(Output):
    """An event behind many tickets."""

    id: UUID
    """Identifier."""
    number: IncidentNumber
    """The number people say on the phone."""
    title: Title
    """In one line."""
    event_reference: EventReference | None
    """What others call the event."""
    occurred_at: Timestamp
    """When it began."""
    description: Story | None
    """More about it."""
    status: TicketIncidentStatus
    """Whether it goes on."""
    closed_at: Timestamp | None
    """When it was over."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was written."""
    created_by_id: UUID | None
    """Who wrote it."""


class TicketIncidentPage(Page[TicketIncidentRead]):
    """One page of mass incidents."""


class TicketIncidentQuery(ListQuery):
    """Which mass incidents."""

    sortable: ClassVar = {"created_at": TicketIncident.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means the newest first."""
    status: Annotated[TicketIncidentStatus | None, equals(TicketIncident.status)] = None
    """Those that go on, or are over."""


class TicketIncidentAttach(Input):
    """Tickets behind which the event is."""

    ticket_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]
    """Those that you see and that are not closed; the others are left out."""


class TicketIncidentAttached(Output):
    """What was attached."""

    attached_ids: list[UUID] = Field(max_length=500)
    """These tickets have the incident now."""
    left_out_ids: list[UUID] = Field(max_length=500)
    """Those that are closed, or that you do not see."""


class TicketIncidentAnswer(Input):
    """One answer to everybody."""

    body: MessageBody
    """In plain text."""
    visibility: MessageVisibility = MessageVisibility.PUBLIC
    """Public: the customers read it. Internal: colleagues only."""
    status: TicketStatus | None = None
    """Where the tickets go with it: pending, on hold, solved; they stay where they are when left out."""
    document_ids: Documents = []
    """Documents that go with it."""

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.status in (TicketStatus.NEW, TicketStatus.CLOSED):
            raise PydanticCustomError(
                "status_of_answer", "An answer leads to open, pending, on hold or solved"
            )
        return self

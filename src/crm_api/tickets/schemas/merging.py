"""Tickets that become one, or two."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from crm_api.kit.schemas import Input
from crm_api.tickets.models.words import TicketPriority, TicketType
from crm_api.tickets.schemas.words import Subject


class TicketMergeCreate(Input):
    """Which ticket goes into this one."""

    other_id: UUID
    """It must be of the same requester; its messages, parts and followers come along."""


class TicketSplit(Input):
    """What becomes a ticket of its own."""

    message_ids: Annotated[list[UUID], Field(min_length=1, max_length=100)]
    """The messages that go with it; the oldest one says what is asked."""
    subject: Subject
    """Of the new ticket."""
    type: TicketType | None = None
    """Of the new ticket; the same when left out."""
    priority: TicketPriority | None = None
    """Of the new ticket; what follows from impact and urgency when left out."""

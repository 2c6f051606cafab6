"""What upper floors hear of tickets; ids and public facts only, never a word that somebody wrote."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class TicketOpened(Event):
    """Somebody asks for something."""

    kind: ClassVar = "ticket.opened"

    ticket_id: UUID
    number: str
    type: str
    channel: str
    account_id: UUID | None
    agency_id: UUID | None


@dataclass(frozen=True, slots=True)
class TicketAssigned(Event):
    """Somebody works on it now, or a group does."""

    kind: ClassVar = "ticket.assigned"

    ticket_id: UUID
    number: str
    owner_user_id: UUID | None
    group_id: UUID | None


@dataclass(frozen=True, slots=True)
class TicketMessageAdded(Event):
    """A message came or went; public ones of colleagues are for the channels to send."""

    kind: ClassVar = "ticket.message_added"

    ticket_id: UUID
    message_id: UUID
    author_type: str
    visibility: str
    channel: str
    is_automatic: bool


@dataclass(frozen=True, slots=True)
class TicketReplied(Event):
    """A colleague has answered the customer."""

    kind: ClassVar = "ticket.replied"

    ticket_id: UUID
    number: str
    message_id: UUID


@dataclass(frozen=True, slots=True)
class TicketPending(Event):
    """It waits for the customer."""

    kind: ClassVar = "ticket.pending"

    ticket_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class TicketMoved(Event):
    """It stands in another status of the same or another category."""

    kind: ClassVar = "ticket.moved"

    ticket_id: UUID
    number: str
    status: str
    status_id: UUID


@dataclass(frozen=True, slots=True)
class TicketSolved(Event):
    """It is answered; `by_itself`: nobody answered the reminders."""

    kind: ClassVar = "ticket.solved"

    ticket_id: UUID
    number: str
    account_id: UUID | None
    requester_contact_id: UUID | None
    owner_user_id: UUID | None
    agency_id: UUID | None
    by_itself: bool


@dataclass(frozen=True, slots=True)
class TicketClosedForGood(Event):
    """Nothing will be added to it."""

    kind: ClassVar = "ticket.closed"

    ticket_id: UUID
    number: str
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class TicketReopened(Event):
    """It was solved, and is not."""

    kind: ClassVar = "ticket.reopened"

    ticket_id: UUID
    number: str
    by_customer: bool


@dataclass(frozen=True, slots=True)
class TicketPresenceChanged(Event):
    """Somebody came to a ticket, began to type, or went."""

    kind: ClassVar = "ticket.presence_changed"

    ticket_id: UUID
    user_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class TicketWentInto(Event):
    """It has gone into another ticket of the same requester."""

    kind: ClassVar = "ticket.merged"

    ticket_id: UUID
    number: str
    survivor_id: UUID


@dataclass(frozen=True, slots=True)
class TicketMergeUndone(Event):
    """It stands by itself again."""

    kind: ClassVar = "ticket.unmerged"

    ticket_id: UUID
    number: str
    survivor_id: UUID


@dataclass(frozen=True, slots=True)
class TicketSubRequestSent(Event):
    """Something is asked of an expert, a garage, an agency, a colleague."""

    kind: ClassVar = "ticket.sub_request_sent"

    ticket_id: UUID
    number: str
    ticket_sub_request_id: UUID
    addressee_kind: str
    pauses: bool


@dataclass(frozen=True, slots=True)
class TicketSubRequestEnded(Event):
    """It was answered, or is not needed any more."""

    kind: ClassVar = "ticket.sub_request_ended"

    ticket_id: UUID
    number: str
    ticket_sub_request_id: UUID
    status: str


@dataclass(frozen=True, slots=True)
class TicketApprovalAsked(Event):
    """Somebody is asked to approve."""

    kind: ClassVar = "ticket.approval_asked"

    ticket_id: UUID
    number: str
    ticket_approval_id: UUID
    approver_user_id: UUID


@dataclass(frozen=True, slots=True)
class TicketApprovalDecided(Event):
    """They said yes or no."""

    kind: ClassVar = "ticket.approval_decided"

    ticket_id: UUID
    number: str
    ticket_approval_id: UUID
    status: str

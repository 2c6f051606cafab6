"""Who follows a ticket, what belongs to it, its history, and who looks at it now."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue

from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.tickets.models.words import PresenceState, TicketLinkKind, TicketStatus, WatcherRole
from crm_api.tickets.schemas.words import Colleagues, Subject, TicketNumber

MOST_SHOWN = 200


class TicketWatch(Input):
    """Who follows a ticket from now on."""

    user_ids: Colleagues = Field(min_length=1)
    """Colleagues; you may name yourself."""
    role: WatcherRole = WatcherRole.FOLLOWER
    """Whether they only follow it, or work on it too."""


class TicketUnwatch(Input):
    """Who follows a ticket no longer."""

    user_id: UUID
    """Which colleague."""


class TicketWatcherRead(Output):
    """A colleague who follows a ticket."""

    user_id: UUID
    """Who."""
    role: WatcherRole
    """Whether they only follow it, or work on it too."""
    since: Timestamp
    """Since when."""


class TicketWatcherList(Output):
    """Who follows a ticket."""

    data: list[TicketWatcherRead] = Field(max_length=MOST_SHOWN)
    """The first one first."""


class TicketLinkCreate(Input):
    """A ticket that belongs to this one."""

    other_id: UUID
    """Which one."""
    kind: TicketLinkKind = TicketLinkKind.RELATED
    """Why."""


class TicketLinkRead(Output):
    """A ticket that belongs to this one, among those that you see."""

    ticket_id: UUID
    """The other ticket."""
    number: TicketNumber
    """Its number."""
    subject: Subject
    """In one line."""
    status: TicketStatus
    """Where it stands."""
    kind: TicketLinkKind
    """Why they belong together."""
    outgoing: bool = Field(examples=[True])
    """true: this one was linked to the other; false: the other way round (its follow-up, its part)."""


class TicketLinkList(Output):
    """The tickets that belong to one."""

    data: list[TicketLinkRead] = Field(max_length=MOST_SHOWN)
    """The newest first."""


class TicketChangeRead(Output):
    """One field that changed."""

    field: str = Field(max_length=60, examples=["priority"])
    """Its name."""
    before: JsonValue = Field(examples=["normal"])
    """What it was."""
    after: JsonValue = Field(examples=["high"])
    """What it became."""
    ticket_version: int = Field(ge=1, examples=[3])
    """The version of the ticket that it made."""
    changed_at: Timestamp
    """When."""
    changed_by_id: UUID | None
    """By whom; the house itself has the key 00000000-0000-0000-0000-000000000000."""


class TicketHistory(Output):
    """Every field of a ticket that changed."""

    data: list[TicketChangeRead] = Field(max_length=1000)
    """The newest first, a thousand at most."""


class TicketPresencePut(Input):
    """What you are doing with a ticket."""

    state: PresenceState
    """Looking at it, typing an answer, gone; say it again every half minute."""


class TicketPresenceRead(Output):
    """A colleague who is at a ticket."""

    user_id: UUID
    """Who."""
    state: PresenceState
    """What they are doing."""
    seen_at: Timestamp
    """When they last said so."""


class TicketPresenceList(Output):
    """The other colleagues who are at a ticket at this moment."""

    data: Annotated[list[TicketPresenceRead], Field(max_length=MOST_SHOWN)]
    """Those who type first."""

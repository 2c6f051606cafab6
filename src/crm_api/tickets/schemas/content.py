"""What comes in: a ticket to open, changes to one, and its steps."""

from typing import Any, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.schemas import Input
from crm_api.kit.tags import Tags
from crm_api.policies.schemas.words import BranchCode, ProductCode
from crm_api.tickets.models.words import (
    TicketChannel,
    TicketLanguage,
    TicketLevel,
    TicketPriority,
    TicketStatus,
    TicketType,
)
from crm_api.tickets.schemas.words import (
    CustomValues,
    Description,
    Documents,
    MessageKey,
    Subject,
    TicketParty,
    Why,
)


class TicketCreate(Input):
    """A ticket to open."""

    subject: Subject
    """In one line."""
    description: Description
    """What is asked; the first message of the ticket."""
    type: TicketType = TicketType.QUESTION
    """What kind of request it is."""
    channel: TicketChannel = TicketChannel.PHONE
    """How it came."""
    category_id: UUID | None = None
    """What it is about."""
    product_code: ProductCode | None = None
    """The product it is about."""
    branch_code: BranchCode | None = None
    """Its branch."""
    language: TicketLanguage = TicketLanguage.FR
    """The language the requester writes in."""
    requester_contact_id: UUID | None = None
    """Who asks."""
    account_id: UUID | None = None
    """The customer; that of the requester when left out."""
    anonymous_party: TicketParty | None = None
    """Who asks, where they have no sheet yet."""
    claim_id: UUID | None = None
    """The claim it is about."""
    policy_id: UUID | None = None
    """The contract it is about."""
    impact: TicketLevel = TicketLevel.MEDIUM
    """How much is at stake."""
    urgency: TicketLevel = TicketLevel.MEDIUM
    """How soon it hurts."""
    priority: TicketPriority | None = None
    """Left out, it follows from impact and urgency; a step more for customers of the first rank."""
    owner_user_id: UUID | None = None
    """Who works on it; the routing rules say so when neither this nor `group_id` is given."""
    group_id: UUID | None = None
    """The group whose members take it."""
    agency_id: UUID | None = None
    """The agency; that of the customer, or yours, when left out."""
    parent_ticket_id: UUID | None = None
    """The ticket it is a part of."""
    incident_id: UUID | None = None
    """The mass incident behind it."""
    source_message_id: MessageKey | None = None
    """What the channel calls the message it began with: brought again, it is the same ticket."""
    document_ids: Documents = []
    """Documents that came with it."""
    tags: Tags = []
    """Words to find it by."""
    custom_fields: CustomValues = {}
    """Values of the fields that your organization defined, by key."""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not any(self.who_asks()):
            raise PydanticCustomError("nobody_asks", "Name who asks: a person, an account or a party")
        return self

    def who_asks(self) -> tuple[object, ...]:
        """One of these is enough."""
        return self.requester_contact_id, self.account_id, self.anonymous_party


class TicketAsked(TicketCreate):
    """A ticket that a channel opens: not part of the published contract."""

    portal_user_id: UUID | None = None
    """The user of the customers' portal who asks."""

    def who_asks(self) -> tuple[object, ...]:
        return *super().who_asks(), self.portal_user_id


class TicketPatch(Input):
    """What to change; a field left out stays, null empties it. Its state and owner change by the actions."""

    subject: Subject | MISSING = MISSING
    """In one line."""
    description: Description | MISSING = MISSING
    """What is asked."""
    type: TicketType | MISSING = MISSING
    """What kind of request it is; the targets of its clocks follow."""
    category_id: UUID | None | MISSING = MISSING
    """What it is about."""
    product_code: ProductCode | None | MISSING = MISSING
    """The product it is about."""
    branch_code: BranchCode | None | MISSING = MISSING
    """Its branch."""
    language: TicketLanguage | MISSING = MISSING
    """The language the requester writes in."""
    requester_contact_id: UUID | MISSING = MISSING
    """Who asks: a person who had no sheet when it came."""
    account_id: UUID | None | MISSING = MISSING
    """The customer."""
    claim_id: UUID | None | MISSING = MISSING
    """The claim it is about."""
    policy_id: UUID | None | MISSING = MISSING
    """The contract it is about."""
    impact: TicketLevel | MISSING = MISSING
    """How much is at stake."""
    urgency: TicketLevel | MISSING = MISSING
    """How soon it hurts."""
    priority: TicketPriority | None | MISSING = MISSING
    """Chosen; null: what follows from impact and urgency."""
    agency_id: UUID | MISSING = MISSING
    """The agency."""
    parent_ticket_id: UUID | None | MISSING = MISSING
    """The ticket it is a part of."""
    incident_id: UUID | None | MISSING = MISSING
    """The mass incident behind it."""
    tags: Tags | MISSING = MISSING
    """Replaces all."""
    custom_fields: CustomValues | MISSING = MISSING
    """Values by key; keys left out stay, null takes one away."""

    def given(self) -> dict[str, Any]:
        """What the caller wrote, by name."""
        return {name: value for name, value in self if value is not MISSING}


class TicketMove(Input):
    """Into which status: a category, or one of the organization's own statuses."""

    status: TicketStatus | None = None
    """The category; its default status is taken."""
    status_id: UUID | None = None
    """The status itself."""
    reason: Why | None = None
    """Kept as an internal message."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.status is None) == (self.status_id is None):
            raise PydanticCustomError("one_status", "Give status or status_id, not both")
        return self


class TicketAssign(Input):
    """Who works on it from now on."""

    owner_user_id: UUID | None = None
    """An active colleague; left out: whoever of the group takes it."""
    group_id: UUID | None = None
    """The group; left out: the group stays."""
    reason: Why | None = Field(default=None)
    """Kept as an internal message."""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.owner_user_id is None and self.group_id is None:
            raise PydanticCustomError("somebody_needed", "Name owner_user_id or group_id.")
        return self

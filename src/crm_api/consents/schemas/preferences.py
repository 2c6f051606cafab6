"""What whoever has a link sees and changes: wishes, consents, the way out."""

from datetime import time
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.consents.models import (
    ConsentPurpose,
    ConsentSubject,
    MarketingChannel,
    MessageFrequency,
    MessageTopic,
)
from crm_api.consents.schemas.ledger import ConsentVersion
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.organizations.settings import TimeOfDay

Topics = Annotated[list[MessageTopic], Field(max_length=6, examples=[["offers", "prevention"]])]
Channels = Annotated[list[MarketingChannel], Field(max_length=5, examples=[["email"]])]
CENTRE = (
    ConsentPurpose.MARKETING_EMAIL,
    ConsentPurpose.MARKETING_SMS,
    ConsentPurpose.MARKETING_WHATSAPP,
    ConsentPurpose.MARKETING_PHONE,
    ConsentPurpose.PUSH,
    ConsentPurpose.PROFILING,
    ConsentPurpose.PARTNER_SHARING,
)
"""What people decide about by themselves; geolocation and the like are asked where they happen."""
Decided = Literal[
    ConsentPurpose.MARKETING_EMAIL,
    ConsentPurpose.MARKETING_SMS,
    ConsentPurpose.MARKETING_WHATSAPP,
    ConsentPurpose.MARKETING_PHONE,
    ConsentPurpose.PUSH,
    ConsentPurpose.PROFILING,
    ConsentPurpose.PARTNER_SHARING,
]


class CalmHours(Input):
    """When messages are welcome, Algiers time; may run over midnight."""

    start: TimeOfDay = Field(examples=["09:00:00"])
    """From."""
    end: TimeOfDay = Field(examples=["19:00:00"])
    """Until."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.start == self.end:
            raise PydanticCustomError("preference_hours", "Begin and end differ.")
        return self


class Decision(Input):
    """Yes or no to one purpose."""

    purpose: Decided
    """What for."""
    allowed: bool
    """Whether it is allowed."""


class DecisionRead(Output):
    """One purpose, and whether it is allowed now."""

    purpose: ConsentPurpose
    """What for."""
    allowed: bool
    """Whether it is allowed."""


class PreferenceQuery(Input):
    """How the page is shown."""

    language: Literal["fr", "ar", "en"] | None = None
    """In which language its words are; the person's own when left out."""


class PreferenceCentre(Output):
    """What somebody allows, and how they wish to hear of us."""

    organization: str = Field(max_length=160, examples=["Assurances El Amana SPA"])
    """Of whom."""
    text_version: ConsentVersion
    """Version of the words below; a yes refers to them."""
    text: str = Field(max_length=4000, examples=["Je choisis ce que je souhaite recevoir d'El Amana."])
    """What a yes says, in the language asked for."""
    language: Literal["fr", "ar", "en"]
    """In which language."""
    purposes: list[DecisionRead] = Field(
        max_length=13, examples=[[{"purpose": "marketing_email", "allowed": True}]]
    )
    """What for, and whether it is allowed."""
    topics: Topics | None
    """About what; null: about anything."""
    channels: Channels | None
    """By which ways; null: by all that are allowed."""
    frequency: MessageFrequency
    """How often."""
    hours: CalmHours | None
    """When; null: within the hours of the organization."""


class PreferenceChange(Input):
    """What somebody decides; a purpose left out stays, what is left out of the wishes goes back to any."""

    purposes: list[Decision] = Field(
        default=[], max_length=7, examples=[[{"purpose": "marketing_sms", "allowed": False}]]
    )
    """Yes or no, purpose by purpose."""
    topics: Topics | None = None
    """About what; null: about anything."""
    channels: Channels | None = None
    """By which ways; null: by all that are allowed."""
    frequency: MessageFrequency = MessageFrequency.USUAL
    """How often."""
    hours: CalmHours | None = None
    """When; null: within the hours of the organization."""
    language: Literal["fr", "ar", "en"] = "fr"
    """In which language the words were shown."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if len({one.purpose for one in self.purposes}) < len(self.purposes):
            raise PydanticCustomError("preference_twice", "A purpose stands once.")
        return self


class PreferenceLinkCreate(Input):
    """Whose link."""

    contact_id: UUID
    """Of whom."""


class PreferenceLinkRead(Output):
    """A link to somebody's preferences: whoever has it decides for them."""

    url: str = Field(max_length=400, examples=["https://crm.example.dz/preferences#token=AZOg3p18"])
    """Give it to nobody else."""
    expires_at: Timestamp
    """Until when it can be used."""


class ContactPreferenceRead(Output):
    """How somebody wishes to hear of us."""

    id: UUID
    """Identifier."""
    subject_type: ConsentSubject
    """Whose wishes."""
    subject_id: UUID
    """Of whom."""
    topics: Topics | None
    """About what; null: about anything."""
    channels: Channels | None
    """By which ways; null: by all that are allowed."""
    frequency: MessageFrequency
    """How often."""
    hours_start: time | None
    """From."""
    hours_end: time | None
    """Until."""
    version: int = Field(ge=1, examples=[1])
    """Its version."""


class AskedConsent(Output):
    """What somebody is asked to confirm."""

    organization: str = Field(max_length=160, examples=["Assurances El Amana SPA"])
    """Who asks."""
    text: str | None = Field(max_length=4000, examples=["J'accepte de recevoir des offres par e-mail."])
    """The words; null where only their hash is kept."""
    text_version: ConsentVersion | None
    """Their version."""
    purposes: list[ConsentPurpose] = Field(max_length=8, examples=[["marketing_email"]])
    """What for."""
    confirmed: bool
    """Whether it is confirmed."""


class Unsubscribed(Output):
    """Where somebody stands who follows a link to leave."""

    organization: str = Field(max_length=160, examples=["Assurances El Amana SPA"])
    """Of whom."""
    purpose: ConsentPurpose
    """What the link ends."""
    unsubscribed: bool
    """false: nothing is sent any more only after a POST to this address; opening it changes nothing."""
    explanation: str = Field(
        max_length=300, examples=["Pour ne plus recevoir ces messages, confirmez (POST vers cette adresse)."]
    )
    """For people, in their language."""

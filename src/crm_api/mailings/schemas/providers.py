"""Providers as they are set up, and what they tell."""

from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.mailings.models import MailingChannel, MessageProvider, ProviderSecurity

Name = Annotated[str, Field(min_length=1, max_length=80, examples=["SMTP principal"])]
Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$", max_length=253, examples=["smtp.example.dz"])]
Url = Annotated[
    str, Field(pattern=r"^https?://[^\s]+$", max_length=500, examples=["https://sms.example.dz/v1/send"])
]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=200, examples=["mot-de-passe-du-relais"])]


class MessageProviderCreate(Input):
    """A server that is to carry messages: `host` for mails, `url` for anything else."""

    name: Name
    """What the staff call it."""
    channel: MailingChannel
    """What it carries."""
    priority: int = Field(default=10, ge=1, le=100, examples=[10])
    """The lowest is used; the next stands in when it fails."""
    host: Host | None = None
    """Of a mail server."""
    port: int | None = Field(default=None, ge=1, le=65_535, examples=[587])
    """The same."""
    security: ProviderSecurity = ProviderSecurity.STARTTLS
    """The same; `none` on loopback only."""
    username: str | None = Field(default=None, min_length=1, max_length=254, examples=["assura"])
    """The same."""
    password: Secret | None = None
    """The same; never shown."""
    url: Url | None = None
    """Of a gateway: posted to, signed with the secret."""
    per_domain_per_minute: int | None = Field(default=None, ge=1, le=100_000, examples=[600])
    """At most so many messages within a minute to one recipient domain."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        mail = self.channel is MailingChannel.EMAIL
        if mail != (self.host is not None) or mail != (self.url is None):
            raise PydanticCustomError("provider_way", "A mail server has a host, anything else a url.")
        loopback = self.host in ("localhost", "127.0.0.1")
        if mail and self.security is ProviderSecurity.NONE and not loopback:
            raise PydanticCustomError("provider_clear", "Mails travel in clear on loopback only.")
        return self


class MessageProviderPatch(Input):
    """What to change; a field left out stays."""

    name: Name | MISSING = MISSING
    """What the staff call it."""
    priority: int | MISSING = Field(default=MISSING, ge=1, le=100, examples=[20])
    """The lowest is used."""
    is_active: bool | MISSING = MISSING
    """Whether it is used at all."""
    per_domain_per_minute: int | None | MISSING = Field(default=MISSING, ge=1, le=100_000, examples=[600])
    """To one recipient domain."""


class MessageProviderRead(Output):
    """A provider."""

    id: UUID
    """Identifier."""
    name: Name
    """What the staff call it."""
    channel: MailingChannel
    """What it carries."""
    priority: int = Field(ge=1, le=100, examples=[10])
    """The lowest is used."""
    is_active: bool
    """Whether it is used at all."""
    host: str | None = Field(max_length=253, examples=["smtp.example.dz"])
    """Of a mail server."""
    port: int | None = Field(ge=1, le=65_535, examples=[587])
    """The same."""
    security: ProviderSecurity
    """The same."""
    username: str | None = Field(max_length=254, examples=["assura"])
    """The same."""
    url: str | None = Field(max_length=500, examples=["https://sms.example.dz/v1/send"])
    """Of a gateway."""
    per_domain_per_minute: int | None = Field(ge=1, examples=[600])
    """To one recipient domain."""
    failing_since: Timestamp | None
    """Since when it has taken nothing."""
    resting_until: Timestamp | None
    """Until when another stands in."""
    created_at: Timestamp
    """When it was set up."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class MessageProviderPage(Page[MessageProviderRead]):
    """One page of providers."""


class MessageProviderQuery(ListQuery):
    """Which providers."""

    sortable: ClassVar = {"created_at": MessageProvider.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    channel: Annotated[list[MailingChannel] | None, one_of(MessageProvider.channel)] = Field(
        default=None, max_length=4
    )
    """By what they carry."""
    is_active: Annotated[bool | None, equals(MessageProvider.is_active)] = None
    """Used or not."""


class ProviderSecret(Output):
    """With what a provider signs what it tells, and where it tells it. Shown once."""

    id: UUID
    """Which provider."""
    post_to: str = Field(
        max_length=500, examples=["https://crm.example.dz/v1/integrations/messages/AZOg/events"]
    )
    """Where it posts its events."""
    secret: str = Field(max_length=60, examples=["pB1mZ9xQe3kJt7yWc5vRn2sHf8uLd4gA6oXiT0qEwYs"])
    """The key of the HMAC."""


class ToldEvent(Input):
    """One thing that a provider tells about a message."""

    event_id: str = Field(pattern=r"^[!-~]{1,200}$", max_length=200, examples=["evt_01HV3"])
    """What the provider calls the event: told twice, it counts once."""
    message_id: UUID | None = None
    """Ours: what `X-Assura-Message`, the Message-ID or the id of the parcel says."""
    provider_message_id: str | None = Field(
        default=None, min_length=1, max_length=300, examples=["smsgw-8842"]
    )
    """What the provider called the message when it took it; where it does not say ours."""
    type: Literal["delivered", "deferred", "soft_bounced", "hard_bounced", "complained", "opened", "clicked"]
    """What happened."""
    at: Moment | None = None
    """When; now where left out."""
    detail: str | None = Field(default=None, min_length=1, max_length=200, examples=["550 5.1.1"])
    """What the other server said."""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if self.message_id is None and self.provider_message_id is None:
            raise PydanticCustomError("event_message", "An event names its message.")
        return self


class ToldEvents(Input):
    """What a provider tells."""

    events: list[ToldEvent] = Field(min_length=1, max_length=500)
    """At most 500 at a time."""


class EventsTaken(Output):
    """What came of it."""

    taken: int = Field(ge=0, examples=[3])
    """Written down now."""
    known: int = Field(ge=0, examples=[1])
    """Told before."""
    unknown: int = Field(ge=0, examples=[0])
    """About no message of ours."""

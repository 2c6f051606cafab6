"""Inboxes, channels, mailboxes and domains: what is set up."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field, SecretStr, model_validator

from crm_api.channels.models.inboxes import ChannelKind, Inbox, InboxChannel
from crm_api.channels.models.mail import Mailbox, MailboxSecurity, MailDomain
from crm_api.channels.schemas.words import (
    Address,
    Domain,
    Name,
    SendUrl,
    Signature,
    Version,
    refuse_no_mailbox,
)
from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.schemas import Input, Output, Secret, Timestamp

Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$", max_length=253, examples=["imap.elamana.dz"])]
Port = Annotated[int, Field(ge=1, le=65_535, examples=[993])]
Folder = Annotated[str, Field(pattern=r'^[^"\\\r\n]{1,120}$', max_length=120, examples=["INBOX"])]
UserName = Annotated[str, Field(min_length=1, max_length=254, examples=["support@elamana.dz"])]
Password = Annotated[SecretStr, Field(min_length=1, max_length=500, examples=["un secret du serveur"])]
Selector = Annotated[str, Field(pattern=r"^[a-z0-9]{1,40}$", max_length=40, examples=["crm2026"])]
CreatedSort = Literal["created_at", "-created_at"]


class InboxCreate(Input):
    """An inbox to set up."""

    name: Name
    """What it is called."""
    group_id: UUID | None = None
    """The group of colleagues who answer; they see all that is in it."""
    agency_id: UUID | None = None
    """The agency for which its tickets are opened."""
    signature: Signature | None = None
    """Below every answer."""


class InboxPatch(Input):
    """What to change in an inbox; what is left out stays."""

    name: Name | MISSING = MISSING
    """What it is called."""
    group_id: UUID | None | MISSING = MISSING
    """The group of colleagues who answer."""
    agency_id: UUID | None | MISSING = MISSING
    """The agency for which its tickets are opened."""
    signature: Signature | None | MISSING = MISSING
    """Below every answer."""
    is_active: bool | MISSING = Field(default=MISSING, examples=[True])
    """false: it is no longer offered; its channels still take messages in."""


class InboxRead(Output):
    """An inbox of a team."""

    id: UUID
    """Identifier."""
    name: Name
    """What it is called."""
    group_id: UUID | None
    """The group of colleagues who answer."""
    agency_id: UUID | None
    """The agency for which its tickets are opened."""
    signature: Signature | None
    """Below every answer."""
    is_active: bool = Field(examples=[True])
    """Whether it is in use."""
    created_at: Timestamp
    """When it was set up."""
    version: Version
    """For If-Match."""


class InboxPage(Page[InboxRead]):
    """One page of inboxes."""


class InboxQuery(ListQuery):
    """Which inboxes."""

    sortable: ClassVar = {"created_at": Inbox.created_at}

    sort: CreatedSort = "created_at"
    """Sort key; a leading `-` means descending."""
    is_active: Annotated[bool | None, equals(Inbox.is_active)] = None
    """Those in use, or those no longer."""


class InboxChannelCreate(Input):
    """A channel to open."""

    inbox_id: UUID
    """The inbox it leads into."""
    kind: ChannelKind
    """By what customers reach us."""
    name: Name
    """What it is called; the sender's name of its mails."""
    address: Address
    """Where customers write: an e-mail address, a number, a page. For a counter, its name."""
    agency_id: UUID | None = None
    """The agency for which its tickets are opened; a counter needs one."""
    send_url: SendUrl | None = None
    """Where answers are handed over, signed like what comes in; mails need none."""

    @model_validator(mode="after")
    def _fits(self) -> "InboxChannelCreate":
        refuse_no_mailbox(self.kind, self.address)
        return self


class InboxChannelPatch(Input):
    """What to change in a channel; what is left out stays."""

    inbox_id: UUID | MISSING = MISSING
    """The inbox it leads into."""
    name: Name | MISSING = MISSING
    """What it is called."""
    agency_id: UUID | None | MISSING = MISSING
    """The agency for which its tickets are opened."""
    send_url: SendUrl | None | MISSING = MISSING
    """Where answers are handed over."""
    is_active: bool | MISSING = Field(default=MISSING, examples=[True])
    """false: nothing comes in and nothing goes out."""


class InboxChannelRead(Output):
    """A way into an inbox."""

    id: UUID
    """Identifier."""
    inbox_id: UUID
    """The inbox it leads into."""
    kind: ChannelKind
    """By what customers reach us."""
    name: Name
    """What it is called."""
    address: Address
    """Where customers write."""
    agency_id: UUID | None
    """The agency for which its tickets are opened."""
    send_url: SendUrl | None
    """Where answers are handed over."""
    is_active: bool = Field(examples=[True])
    """Whether messages come in and go out."""
    created_at: Timestamp
    """When it was opened."""
    version: Version
    """For If-Match."""


class InboxChannelPage(Page[InboxChannelRead]):
    """One page of channels."""


class InboxChannelQuery(ListQuery):
    """Which channels."""

    sortable: ClassVar = {"created_at": InboxChannel.created_at}

    sort: CreatedSort = "created_at"
    """Sort key; a leading `-` means descending."""
    inbox_id: Annotated[UUID | None, equals(InboxChannel.inbox_id)] = None
    """Those of one inbox."""
    kind: Annotated[list[ChannelKind] | None, one_of(InboxChannel.kind)] = Field(default=None, max_length=10)
    """One or several kinds."""


class ChannelSecret(Secret):
    """How the other side of a channel signs; shown once."""

    id: UUID
    """The channel."""
    post_to: str = Field(
        max_length=300, examples=["https://crm.elamana.dz/v1/public/channels/AZOg3p18fMOdPh8aK3xZ9w/messages"]
    )
    """Where it posts its messages."""
    secret: str = Field(max_length=80, examples=["q1w2e3r4t5y6u7i8o9p0q1w2e3r4t5y6u7i8o9p0q1w"])
    """The key of its HMAC-SHA256."""


class MailboxCreate(Input):
    """A mailbox to read."""

    channel_id: UUID
    """The mail channel whose messages lie there."""
    host: Host
    """The mail server."""
    port: Port = 993
    """Its port for IMAP."""
    security: MailboxSecurity = MailboxSecurity.TLS
    """How the connection is encrypted; `none` only inside your own network."""
    username: UserName
    """Who signs in."""
    password: Password
    """With what."""
    folder: Folder = "INBOX"
    """Which folder is read. Nothing in it is changed."""


class MailboxPatch(Input):
    """What to change in a mailbox; what is left out stays."""

    host: Host | MISSING = MISSING
    """The mail server."""
    port: Port | MISSING = MISSING
    """Its port for IMAP."""
    security: MailboxSecurity | MISSING = MISSING
    """How the connection is encrypted."""
    username: UserName | MISSING = MISSING
    """Who signs in."""
    password: Password | MISSING = MISSING
    """With what."""
    folder: Folder | MISSING = MISSING
    """Which folder is read."""
    is_active: bool | MISSING = Field(default=MISSING, examples=[True])
    """Whether it is read."""


class MailboxRead(Output):
    """A mailbox that is read every minute."""

    id: UUID
    """Identifier."""
    channel_id: UUID
    """The mail channel whose messages lie there."""
    host: Host
    """The mail server."""
    port: Port
    """Its port for IMAP."""
    security: MailboxSecurity
    """How the connection is encrypted."""
    username: UserName
    """Who signs in."""
    folder: Folder
    """Which folder is read."""
    is_active: bool = Field(examples=[True])
    """Whether it is read."""
    last_uid: int = Field(ge=0, examples=[1284])
    """Up to this number of the server everything is here."""
    polled_at: Timestamp | None
    """When it was last asked."""
    failure_count: int = Field(ge=0, examples=[0])
    """Polls in a row that failed."""
    last_error: Annotated[str, Field(max_length=200, examples=["ConnectionRefusedError"])] | None
    """Why the last one failed."""
    created_at: Timestamp
    """When it was set up."""
    version: Version
    """For If-Match."""


class MailboxPage(Page[MailboxRead]):
    """One page of mailboxes."""


class MailboxQuery(ListQuery):
    """Which mailboxes."""

    sortable: ClassVar = {"created_at": Mailbox.created_at}

    sort: CreatedSort = "created_at"
    """Sort key; a leading `-` means descending."""
    channel_id: Annotated[UUID | None, equals(Mailbox.channel_id)] = None
    """Those of one channel."""


class MailDomainCreate(Input):
    """A domain whose mails are to be signed."""

    domain: Domain
    """The part of your addresses after the @."""
    selector: Selector = "crm"
    """Tells this key from others of the domain."""


class MailDomainPatch(Input):
    """What to change in a domain; what is left out stays."""

    is_active: bool | MISSING = Field(default=MISSING, examples=[True])
    """Whether its mails are signed with this key."""


class MailDomainRead(Output):
    """A domain of yours, and what to publish about it."""

    id: UUID
    """Identifier."""
    domain: Domain
    """The part of your addresses after the @."""
    selector: Selector
    """Tells this key from others of the domain."""
    dns_name: str = Field(max_length=300, examples=["crm._domainkey.elamana.dz"])
    """The name of the TXT record to publish."""
    dns_value: str = Field(max_length=1000, examples=["v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"])
    """What it says."""
    is_active: bool = Field(examples=[True])
    """Whether its mails are signed with this key. Publish the record first."""
    created_at: Timestamp
    """When the key was made."""
    version: Version
    """For If-Match."""


class MailDomainPage(Page[MailDomainRead]):
    """One page of domains."""


class MailDomainQuery(ListQuery):
    """Which domains."""

    sortable: ClassVar = {"created_at": MailDomain.created_at}

    sort: CreatedSort = "created_at"
    """Sort key; a leading `-` means descending."""


def given(data: Input) -> dict[str, Any]:
    """What a patch names."""
    return {name: value for name, value in data if value is not MISSING}

"""Broadcasts and what became of each of their messages (domain.md B-36, H-6, D-38 to D-43).

A send is one batch of one variant by one channel; a message is one person of it, once: the database says so
(`uq_messages_recipient`). Events are only ever added; what they come to is counted in `send_counts` in the
same transaction, so that the figures of a million messages are a few rows.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKeyConstraint,
    Identity,
    Index,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, Sealed, at_most, newest
from crm_api.kit.states import machine


class MailingChannel(StrEnum):
    """By which way messages of a send go."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    PUSH = "push"


class SendSource(StrEnum):
    """What had it sent: a campaign, a step of an automation, or somebody by hand."""

    CAMPAIGN = "campaign"
    AUTOMATION = "automation"
    MANUAL = "manual"


class SendStatus(StrEnum):
    """Where a send stands: it waits for its hour, goes out, is held, is over, or was called off."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class MessageStatus(StrEnum):
    """What became of a message; `sending` is handed over just now, `retry` waits for another try."""

    QUEUED = "queued"
    SENDING = "sending"
    RETRY = "retry"
    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    SOFT_BOUNCED = "soft_bounced"
    HARD_BOUNCED = "hard_bounced"
    REJECTED = "rejected"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


class MessageReason(StrEnum):
    """Why a message does not go out; those of consents under their own names."""

    GONE = "gone"
    DECEASED = "deceased"
    NO_ADDRESS = "no_address"
    SUPPRESSED = "suppressed"
    DO_NOT_CONTACT = "do_not_contact"
    NOT_GRANTED = "not_granted"
    EXPIRED = "expired"
    DECLINED = "declined"
    PRESSURE_CAP = "pressure_cap"
    DUPLICATE_ADDRESS = "duplicate_address"
    UNRENDERABLE = "unrenderable"
    CALLED_OFF = "called_off"


class MessageEventType(StrEnum):
    """What is told about a message."""

    SENT = "sent"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    SOFT_BOUNCED = "soft_bounced"
    HARD_BOUNCED = "hard_bounced"
    REJECTED = "rejected"
    OPENED = "opened"
    CLICKED = "clicked"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"


class ProviderSecurity(StrEnum):
    """How a mail server is spoken to; in clear only on loopback."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


SEND = machine(
    "send",
    """scheduled: sending paused done cancelled
    sending: paused done cancelled
    paused: scheduled sending cancelled
    done: sending""",
    entry=("scheduled",),
)
MESSAGE = machine(
    "message",
    """queued: sending suppressed cancelled
    sending: sent retry rejected suppressed delivered soft_bounced hard_bounced
    retry: sending suppressed cancelled
    sent: delivered opened clicked soft_bounced hard_bounced complained unsubscribed
    delivered: opened clicked hard_bounced complained unsubscribed
    soft_bounced: delivered opened clicked hard_bounced
    opened: clicked complained unsubscribed
    clicked: complained unsubscribed
    unsubscribed: complained
    hard_bounced: delivered""",
)
WAITING = (MessageStatus.QUEUED, MessageStatus.RETRY)


def _reference(column: str, table: str, name: str, **more: Any) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{table}.organization_id", f"{table}.id"], name=name, **more
    )


class MessageProvider(Sealed, Entity):
    """A server that carries our messages. Sealed: `password` and `secret`, with which it signs what it tells.

    Of several, the lowest `priority` is used until it has failed for `FAILS_FOR`; then it rests.
    """

    __tablename__ = "message_providers"
    label = "message_provider"
    __table_args__ = (
        newest("message_providers"),
        Index("uq_message_providers_name", "organization_id", "name", unique=True),
        Index("ix_message_providers_choice", "organization_id", "channel", "is_active", "priority"),
        CheckConstraint("priority BETWEEN 1 AND 100", name="priority_range"),
        CheckConstraint("port BETWEEN 1 AND 65535", name="port_range"),
        CheckConstraint("per_domain_per_minute >= 1", name="throttle"),
        CheckConstraint("(host IS NULL) <> (url IS NULL)", name="one_way"),
        at_most("name", 80),
        at_most("host", 253),
        at_most("url", 500),
        at_most("username", 254),
    )

    name: Mapped[str]
    channel: Mapped[MailingChannel]
    priority: Mapped[int] = mapped_column(default=10)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    host: Mapped[str | None]
    """Of a mail server."""
    port: Mapped[int | None]
    security: Mapped[ProviderSecurity] = mapped_column(default=ProviderSecurity.STARTTLS)
    username: Mapped[str | None]
    url: Mapped[str | None]
    """Of a gateway for anything but mail."""
    per_domain_per_minute: Mapped[int | None]
    """To one recipient domain, across all sends."""
    failing_since: Mapped[datetime | None]
    resting_until: Mapped[datetime | None]


class Send(Entity):
    """One batch: what is sent, by which way, when. Opened by campaigns and automations."""

    __tablename__ = "sends"
    label = "send"
    __table_args__ = (
        newest("sends"),
        Index("ix_sends_source", "organization_id", "source_type", "source_id", "created_at", "id"),
        Index(
            "ix_sends_due",
            *("organization_id", "scheduled_at"),
            postgresql_where=text("status IN ('scheduled', 'sending')"),
        ),
        Index("uq_sends_key", "organization_id", "source_type", "source_id", "key", unique=True),
        CheckConstraint("throttle_per_minute >= 1", name="throttle"),
        CheckConstraint("ends_at > scheduled_at", name="order"),
        at_most("key", 120),
        at_most("name", 200),
        at_most("variant", 8),
        at_most("sender_name", 120),
        at_most("sender", 254),
    )

    source_type: Mapped[SendSource]
    source_id: Mapped[UUID]
    key: Mapped[str]
    """What the source calls it: opened twice with the same key, it is one send."""
    name: Mapped[str]
    channel: Mapped[MailingChannel]
    variant: Mapped[str | None]
    status: Mapped[SendStatus] = mapped_column(default=SendStatus.SCHEDULED)
    purpose: Mapped[str | None]
    """Which consent it needs; none for contractual messages."""
    brand: Mapped[str] = mapped_column(server_default=text("''"), default="")
    topic: Mapped[str | None]
    contents: Mapped[dict[str, Any]]
    """language -> {template_version_id, subject, html, text}: what was approved is what is sent."""
    utm: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    sender: Mapped[str | None]
    sender_name: Mapped[str | None]
    reply_to: Mapped[str | None]
    scheduled_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    """What has not gone out by then does not."""
    throttle_per_minute: Mapped[int | None]
    respects_hours: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    """Whether it keeps quiet hours; text messages keep 8 to 21 whatever is said here."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Message(Entity):
    """One person of a send. The body is kept nowhere: it is made when it is sent."""

    __tablename__ = "messages"
    label = "message"
    personal: ClassVar = frozenset({"contact_id", "address", "domain", "fields"})
    __table_args__ = (
        newest("messages"),
        Index("uq_messages_recipient", "organization_id", "send_id", "contact_id", unique=True),
        Index("ix_messages_send", "organization_id", "send_id", "created_at", "id"),
        Index(
            "ix_messages_due",
            *("organization_id", "send_id", "next_at", "id"),
            postgresql_where=text("status IN ('queued', 'sending', 'retry')"),
        ),
        Index("ix_messages_contact", "organization_id", "contact_id", "created_at", "id"),
        Index(
            "ix_messages_pressure",
            *("organization_id", "contact_id", "counts_from"),
            postgresql_where=text("counts_from IS NOT NULL"),
        ),
        Index(
            "ix_messages_provider",
            *("organization_id", "provider_id", "provider_message_id"),
            postgresql_where=text("provider_message_id IS NOT NULL"),
        ),
        _reference("send_id", "sends", "fk_messages_send"),
        _reference("contact_id", "contacts", "fk_messages_contact"),
        _reference("provider_id", "message_providers", "fk_messages_provider"),
        CheckConstraint("(status = 'suppressed') <= (reason IS NOT NULL)", name="suppressed_with_reason"),
        at_most("address", 320),
        at_most("provider_message_id", 300),
        at_most("failure", 120),
    )

    send_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    channel: Mapped[MailingChannel]
    variant: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="fr")
    address: Mapped[str | None]
    domain: Mapped[str | None] = mapped_column(
        Text(), Computed("nullif(lower(split_part(address, '@', 2)), '')", persisted=True)
    )
    status: Mapped[MessageStatus] = mapped_column(default=MessageStatus.QUEUED)
    reason: Mapped[MessageReason | None]
    fields: Mapped[dict[str, Any] | None]
    """Merge fields that only who queued it knows: of a policy, of an instalment."""
    next_at: Mapped[datetime]
    """From when it may be tried; while `sending`, until when whoever tries has it for itself."""
    attempts: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    counts_from: Mapped[datetime | None]
    """Marketing only: since when it presses on the person (queued, then sent); empty when it never went."""
    provider_id: Mapped[UUID | None]
    provider_message_id: Mapped[str | None]
    failure: Mapped[str | None]
    first_tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    """First open by a person."""
    proxy_opened_at: Mapped[datetime | None]
    """First open by a machine for the person: a privacy proxy, a scanner."""
    clicked_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]
    complained_at: Mapped[datetime | None]


class MessageEvent(Ledger):
    """One thing that happened to a message. Never changed; gone after 24 months."""

    __tablename__ = "message_events"
    __table_args__ = (
        Index("ix_message_events_message", "organization_id", "message_id", "id"),
        Index("ix_message_events_at", "organization_id", "at"),
        Index(
            "uq_message_events_told",
            *("organization_id", "provider_id", "provider_event_id"),
            unique=True,
            postgresql_where=text("provider_event_id IS NOT NULL"),
        ),
        ForeignKeyConstraint(
            ["organization_id", "message_id"],
            ["messages.organization_id", "messages.id"],
            name="fk_message_events_message",
            ondelete="CASCADE",
        ),
        at_most("user_agent", 300),
        at_most("provider_event_id", 200),
        at_most("detail", 200),
        {
            "info": {
                "ddl": (
                    """CREATE TRIGGER never_changed BEFORE UPDATE ON message_events
    FOR EACH ROW EXECUTE FUNCTION crm_refuse_change()""",
                )
            }
        },
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[UUID]
    send_id: Mapped[UUID]
    type: Mapped[MessageEventType]
    at: Mapped[datetime]
    ip: Mapped[str | None]
    """Truncated: /24 or /48."""
    user_agent: Mapped[str | None]
    link_id: Mapped[UUID | None]
    is_bot: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    provider_id: Mapped[UUID | None]
    provider_event_id: Mapped[str | None]
    detail: Mapped[str | None]


class MessageLink(Ledger):
    """Where the redirect may lead: an address that stands in a send. It leads nowhere else."""

    __tablename__ = "message_links"
    __table_args__ = (
        Index("uq_message_links_url", "organization_id", "send_id", "url_hash", unique=True),
        _reference("send_id", "sends", "fk_message_links_send"),
        CheckConstraint("url ~ '^https?://'", name="web"),
        at_most("url", 2000),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    send_id: Mapped[UUID]
    url: Mapped[str]
    url_hash: Mapped[str]
    hidden: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    """No person sees it: only a scanner follows it."""


class SendCount(Ledger):
    """What the messages of a send have come to. Several rows: writers need not wait for each other."""

    __tablename__ = "send_counts"
    __table_args__ = (_reference("send_id", "sends", "fk_send_counts_send"),)

    send_id: Mapped[UUID] = mapped_column(primary_key=True)
    shard: Mapped[int] = mapped_column(primary_key=True)
    targeted: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    suppressed: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    cancelled: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    sent: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    delivered: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    soft_bounced: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    hard_bounced: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    rejected: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    opened: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    opened_inflated: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    clicked: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    unsubscribed: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    complained: Mapped[int] = mapped_column(server_default=text("0"), default=0)


class SendSuppression(Ledger):
    """How many people of a send were left out, by reason."""

    __tablename__ = "send_suppressions"
    __table_args__ = (_reference("send_id", "sends", "fk_send_suppressions_send"),)

    send_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[MessageReason] = mapped_column(primary_key=True)
    people: Mapped[int]

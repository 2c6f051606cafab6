"""Messages as they came in and as they left, each once; the raw mail is kept beside (domain.md E-8)."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.channels.models.inboxes import ChannelKind
from crm_api.core.db import Entity, at_most, newest
from crm_api.kit.states import machine


class InboundStatus(StrEnum):
    """What became of a message that came in."""

    RECEIVED = "received"
    FILED = "filed"
    IGNORED = "ignored"
    HELD = "held"
    FAILED = "failed"


class InboundReason(StrEnum):
    """Why a message became no ticket, or waits for a person."""

    AUTO_REPLY = "auto_reply"
    BULK = "bulk"
    LOOP = "loop"
    BOUNCE = "bounce"
    FLOOD = "flood"
    TOO_LARGE = "too_large"
    NO_SENDER = "no_sender"
    ERROR = "error"
    DISMISSED = "dismissed"


class InboundSource(StrEnum):
    """By what door a message came in."""

    LMTP = "lmtp"
    SMTP = "smtp"
    IMAP = "imap"
    API = "api"
    COUNTER = "counter"


class OutboundStatus(StrEnum):
    """How far a message of ours has come."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    BOUNCED = "bounced"


INBOUND = machine(
    "inbound_message",
    """received: filed ignored held failed
    held: received ignored
    failed: received ignored
    ignored: received""",
)
OUTBOUND = machine(
    "outbound_message",
    """queued: sent failed
    sent: delivered bounced failed
    delivered: bounced
    failed: queued
    bounced: queued""",
)


class InboundMessage(Entity):
    """One message, from the moment we said that we have it."""

    __tablename__ = "inbound_messages"
    label = "inbound_message"
    personal: ClassVar = frozenset(
        {"sender", "sender_name", "subject", "thread_key", "envelope_from", "envelope_to"}
    )
    private: ClassVar = frozenset({"content"})
    __table_args__ = (
        Index("uq_inbound_messages_digest", "organization_id", "channel_id", "digest", unique=True),
        Index("ix_inbound_messages_message_id", "organization_id", "message_id"),
        Index("ix_inbound_messages_sender", "organization_id", "sender", "received_at", "id"),
        Index("ix_inbound_messages_received", "organization_id", "received_at", "id"),
        Index("ix_inbound_messages_status", "organization_id", "status", "received_at", "id"),
        Index("ix_inbound_messages_ticket", "organization_id", "ticket_id", "received_at", "id"),
        Index(
            "ix_inbound_messages_thread", "organization_id", "channel_id", "thread_key", "received_at", "id"
        ),
        ForeignKeyConstraint(
            ["organization_id", "channel_id"],
            ["inbox_channels.organization_id", "inbox_channels.id"],
            name="fk_inbound_messages_channel",
        ),
        ForeignKeyConstraint(
            ["organization_id", "ticket_id"],
            ["tickets.organization_id", "tickets.id"],
            ondelete="SET NULL (ticket_id)",
            name="fk_inbound_messages_ticket",
        ),
        CheckConstraint("file_id IS NOT NULL OR content IS NOT NULL", name="kept_as_it_came"),
        at_most("message_id", 300),
        at_most("sender", 254),
        at_most("sender_name", 160),
        at_most("subject", 300),
        at_most("thread_key", 254),
    )

    channel_id: Mapped[UUID]
    kind: Mapped[ChannelKind]
    source: Mapped[InboundSource]
    status: Mapped[InboundStatus] = mapped_column(default=InboundStatus.RECEIVED)
    reason: Mapped[InboundReason | None]
    message_id: Mapped[str | None]
    """Message-ID of a mail; what the other side calls a message of another channel."""
    digest: Mapped[str]
    """Equal for one message however often it is delivered: of its identifier, for mails also of its body."""
    sender: Mapped[str | None]
    sender_name: Mapped[str | None]
    subject: Mapped[str | None]
    thread_key: Mapped[str | None]
    """Messages of one channel with the same key belong together: the chat, or the sender's number."""
    received_at: Mapped[datetime]
    envelope_from: Mapped[str | None]
    envelope_to: Mapped[str | None]
    size: Mapped[int] = mapped_column(BigInteger)
    file_id: Mapped[UUID | None]
    """The mail as it came. No reference: it is thrown away after 180 days."""
    content: Mapped[dict[str, Any] | None]
    """What another channel told, as it came."""
    ticket_id: Mapped[UUID | None]
    ticket_message_id: Mapped[UUID | None]
    opened_ticket: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    filed_at: Mapped[datetime | None]
    try_count: Mapped[int] = mapped_column(server_default=text("0"), default=0)


class OutboundMessage(Entity):
    """One message to one person, by one channel."""

    __tablename__ = "outbound_messages"
    label = "outbound_message"
    personal: ClassVar = frozenset({"recipient", "subject", "body"})
    __table_args__ = (
        Index("uq_outbound_messages_message_id", "organization_id", "message_id", unique=True),
        Index(
            "uq_outbound_messages_ticket_message",
            "organization_id",
            "ticket_message_id",
            unique=True,
            postgresql_where=text("ticket_message_id IS NOT NULL"),
        ),
        Index("ix_outbound_messages_status", "organization_id", "status", "created_at", "id"),
        Index("ix_outbound_messages_ticket", "organization_id", "ticket_id", "created_at", "id"),
        Index(
            "ix_outbound_messages_provider",
            "organization_id",
            "channel_id",
            "provider_id",
            postgresql_where=text("provider_id IS NOT NULL"),
        ),
        newest("outbound_messages"),
        ForeignKeyConstraint(
            ["organization_id", "channel_id"],
            ["inbox_channels.organization_id", "inbox_channels.id"],
            name="fk_outbound_messages_channel",
        ),
        ForeignKeyConstraint(
            ["organization_id", "ticket_id"],
            ["tickets.organization_id", "tickets.id"],
            ondelete="SET NULL (ticket_id)",
            name="fk_outbound_messages_ticket",
        ),
        at_most("recipient", 254),
        at_most("subject", 300),
        at_most("body", 20500),
    )

    channel_id: Mapped[UUID]
    kind: Mapped[ChannelKind]
    ticket_id: Mapped[UUID | None]
    ticket_message_id: Mapped[UUID | None]
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    document_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"), default=list)
    message_id: Mapped[str]
    """Message-ID of a mail of ours; for other channels our name for the message."""
    answers: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    """Message-IDs of the thread, the oldest first."""
    is_automatic: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    status: Mapped[OutboundStatus] = mapped_column(default=OutboundStatus.QUEUED)
    provider_id: Mapped[str | None]
    """What the gateway calls the message."""
    sent_at: Mapped[datetime | None]
    failure_code: Mapped[str | None]
    """`5.1.1`, `refused`, `no_gateway`."""

"""The conversation of a customer with whoever looks after the account (domain.md B-44, E-8).

Tables of their own: what colleagues say to each other lives elsewhere, so no query can mix the two. Only
public messages of tickets are written here, by one listener.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Owned, at_most


class ConversationSide(StrEnum):
    """Who wrote a message of a conversation."""

    CUSTOMER = "customer"
    STAFF = "staff"
    HOUSE = "house"


class Conversation(Owned, Entity):
    """One for each account; `owner_user_id` is who answers: the manager, or who stands in for them."""

    __tablename__ = "conversations"
    label = "conversation"
    __table_args__ = (
        Index("uq_conversations_account", "organization_id", "account_id", unique=True),
        Index("ix_conversations_last", "organization_id", "last_message_at", "id"),
        Index("ix_conversations_owner", "organization_id", "owner_user_id", "last_message_at", "id"),
        Index("ix_conversations_agency", "organization_id", "agency_id", "last_message_at", "id"),
        Index(
            "ix_conversations_unread",
            "organization_id",
            "last_message_at",
            "id",
            postgresql_where=text("staff_unread_count > 0"),
        ),
        *(
            ForeignKeyConstraint(
                ["organization_id", column],
                [f"{table}.organization_id", f"{table}.id"],
                name=f"fk_conversations_{name}",
            )
            for name, column, table in (
                ("account", "account_id", "accounts"),
                ("ticket", "ticket_id", "tickets"),
                ("owner", "owner_user_id", "users"),
                ("agency", "agency_id", "agencies"),
            )
        ),
        CheckConstraint("staff_unread_count >= 0 AND customer_unread_count >= 0", name="counters"),
    )

    account_id: Mapped[UUID]
    ticket_id: Mapped[UUID]
    """The question that is being talked about now."""
    staff_unread_count: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    customer_unread_count: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    message_count: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    last_message_at: Mapped[datetime]


class ConversationMessage(Entity):
    """What the customer reads, or wrote; the message of the ticket that it is."""

    __tablename__ = "conversation_messages"
    label = "conversation_message"
    personal: ClassVar = frozenset({"body"})
    __table_args__ = (
        Index("uq_conversation_messages_of_ticket", "organization_id", "ticket_message_id", unique=True),
        Index("ix_conversation_messages_order", "organization_id", "conversation_id", "created_at", "id"),
        ForeignKeyConstraint(
            ["organization_id", "conversation_id"],
            ["conversations.organization_id", "conversations.id"],
            ondelete="CASCADE",
            name="fk_conversation_messages_conversation",
        ),
        ForeignKeyConstraint(
            ["organization_id", "ticket_id"],
            ["tickets.organization_id", "tickets.id"],
            ondelete="CASCADE",
            name="fk_conversation_messages_ticket",
        ),
        at_most("body", 20000),
    )

    conversation_id: Mapped[UUID]
    ticket_id: Mapped[UUID]
    ticket_message_id: Mapped[UUID]
    side: Mapped[ConversationSide]
    author_id: Mapped[UUID | None]
    """The person's sheet, or the colleague."""
    body: Mapped[str]
    document_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"), default=list)

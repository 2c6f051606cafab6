"""Inboxes of teams, the channels that lead into them, and what waits there (domain.md B-30, E-8)."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, Owned, Sealed, at_most, newest
from crm_api.kit.states import machine


class ChannelKind(StrEnum):
    """By what a customer reaches us."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    CHAT = "chat"
    SOCIAL = "social"
    PHONE = "phone"
    WEB_FORM = "web_form"
    PORTAL_MESSAGE = "portal_message"
    IN_PERSON = "in_person"


class InboxItemStatus(StrEnum):
    """Whether a conversation in the inbox still waits for the team."""

    OPEN = "open"
    DONE = "done"
    SPAM = "spam"


INBOX_ITEM = machine("inbox_item", "open: done spam \n done: open \n spam: open")
WRITTEN = frozenset(
    {
        ChannelKind.EMAIL,
        ChannelKind.SMS,
        ChannelKind.WHATSAPP,
        ChannelKind.MESSENGER,
        ChannelKind.CHAT,
        ChannelKind.SOCIAL,
        ChannelKind.PORTAL_MESSAGE,
    }
)
"""Channels by which an answer can be sent."""
FLOWING = frozenset(
    {
        ChannelKind.SMS,
        ChannelKind.WHATSAPP,
        ChannelKind.MESSENGER,
        ChannelKind.CHAT,
        ChannelKind.SOCIAL,
        ChannelKind.PORTAL_MESSAGE,
    }
)
"""Where what one sender writes goes on in one ticket; elsewhere each message is a request of its own."""
# The mail server asks before anybody knows which organization is meant.
_FOUND = (
    "CREATE POLICY directory ON inbox_channels FOR SELECT TO CURRENT_USER USING (true)",
    """CREATE OR REPLACE FUNCTION crm_find_mail_channel(
    wanted text, OUT organization_id uuid, OUT channel_id uuid
) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT c.organization_id, c.id FROM public.inbox_channels c
      JOIN public.organizations o ON o.id = c.organization_id
      WHERE c.kind = 'email' AND c.is_active AND c.address = lower(trim(wanted))
        AND o.status = 'active'
      ORDER BY c.created_at, c.id LIMIT 1 $$""",
    "REVOKE ALL ON FUNCTION crm_find_mail_channel(text) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION crm_find_mail_channel(text) TO crm_app",
)


class Inbox(Entity):
    """What a team answers together."""

    __tablename__ = "inboxes"
    label = "inbox"
    __table_args__ = (
        Index("uq_inboxes_name", "organization_id", "name", unique=True),
        newest("inboxes"),
        ForeignKeyConstraint(
            ["organization_id", "group_id"], ["groups.organization_id", "groups.id"], name="fk_inboxes_group"
        ),
        ForeignKeyConstraint(
            ["organization_id", "agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_inboxes_agency",
        ),
        at_most("name", 80),
        at_most("signature", 500),
    )

    name: Mapped[str]
    group_id: Mapped[UUID | None]
    """The team; its members see all that is in the inbox."""
    agency_id: Mapped[UUID | None]
    signature: Mapped[str | None]
    """Below every answer."""
    is_active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)


class InboxChannel(Sealed, Entity):
    """A way into an inbox: an address, a number, a page, the counter of an agency.

    Sealed: `secret`, with which the other side signs what it tells.
    """

    __tablename__ = "inbox_channels"
    label = "inbox_channel"
    __table_args__ = (
        Index("uq_inbox_channels_address", "organization_id", "kind", "address", unique=True),
        Index("ix_inbox_channels_inbox", "organization_id", "inbox_id", "id"),
        newest("inbox_channels"),
        ForeignKeyConstraint(
            ["organization_id", "inbox_id"],
            ["inboxes.organization_id", "inboxes.id"],
            name="fk_inbox_channels_inbox",
        ),
        ForeignKeyConstraint(
            ["organization_id", "agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_inbox_channels_agency",
        ),
        CheckConstraint("kind <> 'in_person' OR agency_id IS NOT NULL", name="counter_of_an_agency"),
        at_most("address", 254),
        at_most("name", 80),
        at_most("send_url", 500),
        {"info": {"ddl": _FOUND}},
    )

    inbox_id: Mapped[UUID]
    kind: Mapped[ChannelKind]
    name: Mapped[str]
    address: Mapped[str]
    """In lower case: support@elamana.dz, +213..., the identifier of a page."""
    agency_id: Mapped[UUID | None]
    """Whose counter it is, or for whom tickets of this channel are opened."""
    send_url: Mapped[str | None]
    """Where answers are handed over, for channels that are no mail."""
    is_active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)


class InboxItem(Owned, Entity):
    """A ticket as it waits in an inbox; `owner_user_id` is who has it in hand."""

    __tablename__ = "inbox_items"
    label = "inbox_item"
    personal: ClassVar = frozenset({"subject", "sender_name", "snippet"})
    __table_args__ = (
        Index("uq_inbox_items_ticket", "organization_id", "ticket_id", unique=True),
        Index("ix_inbox_items_last", "organization_id", "last_message_at", "id"),
        Index("ix_inbox_items_waiting", "organization_id", "inbox_id", "status", "last_message_at", "id"),
        Index("ix_inbox_items_owner", "organization_id", "owner_user_id", "last_message_at", "id"),
        Index("ix_inbox_items_agency", "organization_id", "agency_id", "last_message_at", "id"),
        *(
            ForeignKeyConstraint(
                ["organization_id", column],
                [f"{table}.organization_id", f"{table}.id"],
                name=f"fk_inbox_items_{name}",
                ondelete=gone,
            )
            for name, column, table, gone in (
                ("inbox", "inbox_id", "inboxes", None),
                ("channel", "channel_id", "inbox_channels", None),
                ("ticket", "ticket_id", "tickets", "CASCADE"),
                ("owner", "owner_user_id", "users", None),
                ("agency", "agency_id", "agencies", None),
            )
        ),
        at_most("subject", 300),
        at_most("sender_name", 254),
        at_most("snippet", 200),
    )

    inbox_id: Mapped[UUID]
    channel_id: Mapped[UUID]
    kind: Mapped[ChannelKind]
    ticket_id: Mapped[UUID]
    ticket_number: Mapped[str]
    subject: Mapped[str]
    sender_name: Mapped[str]
    snippet: Mapped[str]
    """How the last message of the customer begins."""
    status: Mapped[InboxItemStatus] = mapped_column(default=InboxItemStatus.OPEN)
    message_count: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    last_inbound_at: Mapped[datetime]
    last_message_at: Mapped[datetime]


class InboxReading(Ledger):
    """Up to when somebody has read an item."""

    __tablename__ = "inbox_readings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "inbox_item_id"],
            ["inbox_items.organization_id", "inbox_items.id"],
            ondelete="CASCADE",
            name="fk_inbox_readings_item",
        ),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    inbox_item_id: Mapped[UUID] = mapped_column(primary_key=True)
    read_at: Mapped[datetime]

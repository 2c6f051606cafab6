"""A ticket (demande), what was written on it, and who follows it."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKeyConstraint,
    Identity,
    Index,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.accounts.models import AccountTier
from crm_api.core.db import Entity, Extended, Ledger, Owned, SoftDeleted, Tagged, at_most, newest
from crm_api.core.words import Searched
from crm_api.policies.models.policy import refers
from crm_api.tickets.models.words import (
    MessageAuthor,
    MessageDelivery,
    MessageVisibility,
    TicketChannel,
    TicketLanguage,
    TicketLevel,
    TicketLinkKind,
    TicketPriority,
    TicketStatus,
    TicketType,
    WatcherRole,
)

NEVER = "'2999-12-31 00:00:00+00'::timestamptz"
_QUEUED = text("status IN ('new', 'open', 'pending', 'on_hold') AND deleted_at IS NULL")
SEARCHED = Searched(texts=("subject",), numbers=("number",))
_UNKEPT = (
    *("version", "updated_at", "updated_by_id", "due_key", "next_due_at", "status_since"),
    *("last_customer_message_at", "last_agent_message_at", "reply_count", "customer_message_count"),
)
"""What says nothing that somebody decided; everything else has its line in the history."""
# ruff: noqa: S608 - the statement below is made of our own names
_HISTORY = f"""CREATE OR REPLACE FUNCTION crm_keep_ticket_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_changes
        (organization_id, ticket_id, ticket_version, field, before, after, changed_at, changed_by_id)
    SELECT NEW.organization_id, NEW.id, NEW.version, n.key, o.value, n.value,
        NEW.updated_at, NEW.updated_by_id
    FROM jsonb_each(to_jsonb(NEW)) AS n JOIN jsonb_each(to_jsonb(OLD)) AS o ON o.key = n.key
    WHERE n.value IS DISTINCT FROM o.value AND n.key <> ALL ('{{{",".join(_UNKEPT)}}}'::text[]);
    RETURN NULL;
END $$"""


def _some(column: str, *more: str) -> Index:
    """For what few tickets have."""
    return Index(
        f"ix_tickets_{column.removesuffix('_id')}",
        "organization_id",
        column,
        *(more or ("created_at", "id")),
        postgresql_where=text(f"{column} IS NOT NULL"),
    )


def _queue(name: str, *columns: str) -> Index:
    """Of the tickets that somebody still has to do something about: the next breach first."""
    return Index(f"ix_tickets_{name}", "organization_id", *columns, "due_key", "id", postgresql_where=_QUEUED)


class Ticket(Owned, SoftDeleted, Tagged, Extended, Entity):
    """What somebody asks of us. `owner_user_id` is who works on it. Only spam goes to the bin."""

    __tablename__ = "tickets"
    label = "ticket"
    personal: ClassVar = frozenset(
        {"subject", "description", "anonymous_party", "satisfaction_comment", "source_message_id"}
    )
    __table_args__ = (
        Index("uq_tickets_number", "organization_id", "number", unique=True),
        newest("tickets"),
        Index("ix_tickets_updated", "organization_id", "updated_at", "id"),
        Index("ix_tickets_status", "organization_id", "status", "created_at", "id"),
        Index("ix_tickets_waits", "organization_id", "status", "status_since", "id"),
        Index("ix_tickets_owner", "organization_id", "owner_user_id", "created_at", "id"),
        Index("ix_tickets_agency", "organization_id", "agency_id", "created_at", "id"),
        _queue("queue"),
        _queue("queue_of_owner", "owner_user_id"),
        _queue("queue_of_group", "group_id"),
        _queue("queue_of_agency", "agency_id"),
        *(
            _some(f"{name}_id")
            for name in ("account", "requester_contact", "category", "incident", "claim", "policy")
        ),
        _some("parent_ticket_id"),
        _some("merged_into_id"),
        _some("sla_clock_id", "id"),
        refers("tickets", "account_id", "accounts", "account"),
        refers("tickets", "requester_contact_id", "contacts", "requester"),
        refers("tickets", "category_id", "ticket_categories", "category"),
        ForeignKeyConstraint(
            ["organization_id", "status_id", "status"],
            ["ticket_statuses.organization_id", "ticket_statuses.id", "ticket_statuses.category"],
            name="fk_tickets_status",
        ),
        refers("tickets", "group_id", "groups", "group"),
        refers("tickets", "agency_id", "agencies", "agency"),
        refers("tickets", "owner_user_id", "users", "assignee"),
        refers("tickets", "claim_id", "claims", "claim"),
        refers("tickets", "policy_id", "policies", "policy"),
        refers("tickets", "parent_ticket_id", "tickets", "parent"),
        refers("tickets", "merged_into_id", "tickets", "survivor"),
        refers("tickets", "incident_id", "ticket_incidents", "incident"),
        refers("tickets", "sla_clock_id", "sla_clocks", "clock"),
        CheckConstraint(
            "num_nonnulls(requester_contact_id, account_id, portal_user_id, anonymous_party) >= 1",
            name="somebody_asks",
        ),
        CheckConstraint("parent_ticket_id <> id AND merged_into_id <> id", name="not_itself"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_once"),
        CheckConstraint("satisfaction_rating BETWEEN 1 AND 5", name="rating_range"),
        CheckConstraint("pausing_count >= 0", name="pausing_count_sign"),
        at_most("subject", 200),
        at_most("description", 20000),
        at_most("satisfaction_comment", 2000),
        {
            "info": {
                "ddl": (
                    *SEARCHED.triggers("tickets", "ticket"),
                    _HISTORY,
                    "CREATE TRIGGER history_kept AFTER UPDATE ON tickets FOR EACH ROW"
                    " EXECUTE FUNCTION crm_keep_ticket_history()",
                )
            }
        },
    )

    number: Mapped[str]
    subject: Mapped[str]
    description: Mapped[str]
    type: Mapped[TicketType]
    category_id: Mapped[UUID | None]
    product_code: Mapped[str | None]
    branch_code: Mapped[str | None]
    language: Mapped[TicketLanguage] = mapped_column(default=TicketLanguage.FR)
    channel: Mapped[TicketChannel]
    requester_contact_id: Mapped[UUID | None]
    account_id: Mapped[UUID | None]
    portal_user_id: Mapped[UUID | None]
    anonymous_party: Mapped[dict[str, Any] | None]
    """{name, phone, email} of somebody who has no sheet yet."""
    claim_id: Mapped[UUID | None]
    policy_id: Mapped[UUID | None]
    source_message_id: Mapped[str | None]

    impact: Mapped[TicketLevel] = mapped_column(default=TicketLevel.MEDIUM)
    urgency: Mapped[TicketLevel] = mapped_column(default=TicketLevel.MEDIUM)
    customer_tier: Mapped[AccountTier | None]
    """Of the account when it was named: targets may depend on it."""
    is_vip: Mapped[bool] = mapped_column(default=False)
    priority: Mapped[TicketPriority]
    priority_set: Mapped[bool] = mapped_column(default=False)
    """Somebody chose it: neither impact nor urgency change it any more."""

    status: Mapped[TicketStatus] = mapped_column(default=TicketStatus.NEW)
    """The category of the status below; a foreign key holds the two together."""
    status_id: Mapped[UUID]
    status_since: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    pending_reminders: Mapped[int] = mapped_column(server_default="0", default=0)
    """Reminders sent since it waits for the customer."""
    pausing_count: Mapped[int] = mapped_column(server_default="0", default=0)
    """Sub-requests that are out and stop its clocks."""

    group_id: Mapped[UUID | None]
    parent_ticket_id: Mapped[UUID | None]
    merged_into_id: Mapped[UUID | None]
    incident_id: Mapped[UUID | None]

    sla_clock_id: Mapped[UUID | None]
    next_due_at: Mapped[datetime | None]
    """The next target that would be missed; null while none runs."""
    due_key: Mapped[datetime] = mapped_column(Computed(f"coalesce(next_due_at, {NEVER})", persisted=True))
    sla_breached_at: Mapped[datetime | None]

    first_assigned_at: Mapped[datetime | None]
    first_response_at: Mapped[datetime | None]
    """The first public message of a colleague; automatic answers and robots do not count."""
    last_customer_message_at: Mapped[datetime | None]
    last_agent_message_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reopen_count: Mapped[int] = mapped_column(server_default="0", default=0)
    reply_count: Mapped[int] = mapped_column(server_default="0", default=0)
    customer_message_count: Mapped[int] = mapped_column(server_default="0", default=0)
    handoff_count: Mapped[int] = mapped_column(server_default="0", default=0)
    satisfaction_rating: Mapped[int | None]
    satisfaction_comment: Mapped[str | None]


class TicketMessage(Entity):
    """One message of a ticket; never changed, but for what became of it on its way."""

    __tablename__ = "ticket_messages"
    label = "ticket_message"
    personal: ClassVar = frozenset({"body", "body_html", "author_name"})
    __table_args__ = (
        Index("ix_ticket_messages_ticket", "organization_id", "ticket_id", "created_at", "id"),
        Index(
            "uq_ticket_messages_external",
            "organization_id",
            "channel",
            "external_message_id",
            unique=True,
            postgresql_where=text("external_message_id IS NOT NULL"),
        ),
        refers("ticket_messages", "ticket_id", "tickets", "ticket"),
        refers("ticket_messages", "moved_from_id", "tickets", "moved_from"),
        CheckConstraint(
            "author_type = 'user' OR visibility = 'public' OR author_type IN ('system', 'bot')",
            name="customers_write_in_public",
        ),
        at_most("body", 20000),
        at_most("body_html", 100000),
        at_most("external_message_id", 200),
    )

    ticket_id: Mapped[UUID]
    author_type: Mapped[MessageAuthor]
    author_id: Mapped[UUID | None]
    author_name: Mapped[str | None]
    body: Mapped[str]
    body_html: Mapped[str | None]
    visibility: Mapped[MessageVisibility]
    channel: Mapped[TicketChannel]
    external_message_id: Mapped[str | None]
    sent_at: Mapped[datetime]
    """When it was written, by its author's account; `created_at` is when we had it."""
    is_automatic: Mapped[bool] = mapped_column(default=False)
    """An answer of a machine: it stops no clock and reopens nothing."""
    delivery: Mapped[MessageDelivery] = mapped_column(default=MessageDelivery.NONE)
    mentions: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"), default=list)
    document_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"), default=list)
    moved_from_id: Mapped[UUID | None]
    """The ticket it was written on, where a merge or a split brought it here."""


class TicketWatcher(Ledger):
    """A colleague who follows a ticket, or works on it beside who owns it: both see it."""

    __tablename__ = "ticket_watchers"
    __table_args__ = (
        Index("ix_ticket_watchers_user", "organization_id", "user_id", "ticket_id"),
        refers("ticket_watchers", "ticket_id", "tickets", "ticket"),
        refers("ticket_watchers", "user_id", "users", "user"),
    )

    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[WatcherRole] = mapped_column(default=WatcherRole.FOLLOWER)
    since: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class TicketLink(Ledger):
    """A ticket that belongs to another one: its follow-up, what was split off it, one like it."""

    __tablename__ = "ticket_links"
    __table_args__ = (
        Index("ix_ticket_links_other", "organization_id", "other_id", "ticket_id"),
        refers("ticket_links", "ticket_id", "tickets", "ticket"),
        refers("ticket_links", "other_id", "tickets", "other"),
        CheckConstraint("ticket_id <> other_id", name="not_itself"),
    )

    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    other_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[TicketLinkKind] = mapped_column(default=TicketLinkKind.RELATED)
    linked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class TicketChange(Ledger):
    """One field of a ticket, before and after. Written by a trigger, whichever way it was changed."""

    __tablename__ = "ticket_changes"
    __table_args__ = (
        Index("ix_ticket_changes_ticket", "organization_id", "ticket_id", "id"),
        refers("ticket_changes", "ticket_id", "tickets", "ticket"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[UUID]
    ticket_version: Mapped[int]
    field: Mapped[str]
    before: Mapped[Any] = mapped_column(JSONB)
    after: Mapped[Any] = mapped_column(JSONB)
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[UUID | None]

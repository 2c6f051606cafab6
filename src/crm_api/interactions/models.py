"""Every exchange with somebody, on whatever channel: what was said, by whom, what was promised (B-11)."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, Owned, at_most
from crm_api.kit.contact_points import SpokenLanguage
from crm_api.kit.states import machine


class InteractionChannel(StrEnum):
    """The channel on which an exchange took place."""

    PHONE = "phone"
    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    CHAT = "chat"
    CHATBOT = "chatbot"
    PORTAL_MESSAGE = "portal_message"
    SOCIAL = "social"
    IN_PERSON = "in_person"
    VIDEO = "video"
    LETTER = "letter"
    WEB_FORM = "web_form"
    PUSH = "push"


class Direction(StrEnum):
    """Who began an exchange: the customer (inbound), we (outbound), or colleagues among themselves."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class InteractionOutcome(StrEnum):
    """What came of an attempt to speak with somebody."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    CALLBACK_REQUESTED = "callback_requested"
    SOLD = "sold"
    REFUSED = "refused"
    INFO_GIVEN = "info_given"


IN_VAIN = frozenset(
    {
        InteractionOutcome.NO_ANSWER,
        InteractionOutcome.BUSY,
        InteractionOutcome.VOICEMAIL,
        InteractionOutcome.WRONG_NUMBER,
    }
)
"""Nobody was spoken to."""
LIVE = frozenset({InteractionChannel.PHONE, InteractionChannel.VIDEO, InteractionChannel.IN_PERSON})
"""Two people at once: only the outcome tells whether they met."""
AUTOMATIC = frozenset({InteractionChannel.CHATBOT, InteractionChannel.WEB_FORM, InteractionChannel.PUSH})
"""No colleague writes on these."""


class BodyFormat(StrEnum):
    """How the text of an exchange is written: plain, or as cleaned HTML."""

    TEXT = "text"
    HTML = "html"


class PromiseStatus(StrEnum):
    """Whether what was promised in an exchange is still open, was kept, or was broken."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


PROMISE = machine("promise", "open: kept broken \n broken: kept")
"""A promise kept late was broken first; one that was kept stays kept."""
EDITABLE = timedelta(minutes=15)
"""So long the author may change what was written; later it is corrected by another interaction."""
CLOCK_SKEW = timedelta(minutes=5)
"""How far in the future another system's clock may be."""
PARTIES = frozenset({"contact", "account", "lead"})
"""An interaction is with one of these, or with somebody not known yet."""


class Interaction(Owned, Entity):
    """`owner_user_id` is the colleague who took part. Never deleted: corrected by another one."""

    __tablename__ = "interactions"
    label = "interaction"
    private: ClassVar = frozenset({"body", "transcript"})
    personal: ClassVar = frozenset(
        {"subject", "summary", "participants", "anonymous_party", "anonymous_phone", "promise_text"}
        | {"recording_reference", "sentiment", "correction_reason"}
    )
    __table_args__ = (
        Index("ix_interactions_occurred", "organization_id", "occurred_at", "id"),
        Index("ix_interactions_agency", "organization_id", "agency_id", "occurred_at", "id"),
        Index("ix_interactions_agent", "organization_id", "owner_user_id", "occurred_at", "id"),
        Index(
            "ix_interactions_thread",
            "organization_id",
            "thread_key",
            "occurred_at",
            "id",
            postgresql_where=text("thread_key IS NOT NULL"),
        ),
        Index(
            "ix_interactions_anonymous",
            "organization_id",
            "anonymous_phone",
            postgresql_where=text("anonymous_phone IS NOT NULL"),
        ),
        Index(
            "ix_interactions_promises",
            "organization_id",
            "promise_due_on",
            "id",
            postgresql_where=text("promise_status = 'open'"),
        ),
        Index(
            "uq_interactions_message",
            "organization_id",
            "channel",
            "external_message_id",
            unique=True,
            postgresql_where=text("external_message_id IS NOT NULL"),
        ),
        Index(
            "uq_interactions_correction",
            "organization_id",
            "correction_of_id",
            unique=True,
            postgresql_where=text("correction_of_id IS NOT NULL"),
        ),
        ForeignKeyConstraint(["organization_id", "agency_id"], ["agencies.organization_id", "agencies.id"]),
        ForeignKeyConstraint(["organization_id", "owner_user_id"], ["users.organization_id", "users.id"]),
        *(
            ForeignKeyConstraint(
                ["organization_id", column], ["interactions.organization_id", "interactions.id"]
            )
            for column in ("correction_of_id", "corrected_by_id")
        ),
        CheckConstraint("correction_of_id <> id", name="corrects_another"),
        CheckConstraint("duration_seconds >= 0 AND wait_seconds >= 0", name="durations_positive"),
        CheckConstraint("sentiment BETWEEN -1 AND 1", name="sentiment_range"),
        CheckConstraint("(promise_text IS NULL) = (promise_status IS NULL)", name="promise_has_a_state"),
        CheckConstraint("promise_due_on IS NULL OR promise_text IS NOT NULL", name="due_promise_has_a_text"),
        at_most("subject", 200),
        at_most("summary", 2000),
        at_most("body", 50_000),
        at_most("transcript", 200_000),
        at_most("promise_text", 500),
    )

    channel: Mapped[InteractionChannel]
    direction: Mapped[Direction]
    outcome: Mapped[InteractionOutcome | None]
    occurred_at: Mapped[datetime]
    duration_seconds: Mapped[int | None]
    wait_seconds: Mapped[int | None]
    subject: Mapped[str | None]
    body: Mapped[str | None]
    body_format: Mapped[BodyFormat] = mapped_column(default=BodyFormat.TEXT)
    summary: Mapped[str | None]
    participants: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    anonymous_party: Mapped[dict[str, Any] | None]
    """Who it was when nobody knew: {"phone", "name"}. It stays when the person is found out."""
    anonymous_phone: Mapped[str | None] = mapped_column(Computed("anonymous_party->>'phone'", persisted=True))
    thread_key: Mapped[str | None]
    external_message_id: Mapped[str | None]
    recording_document_id: Mapped[UUID | None]
    recording_reference: Mapped[str | None]
    recording_notice_given: Mapped[bool] = mapped_column(default=False)
    transcript: Mapped[str | None]
    language: Mapped[SpokenLanguage | None]
    sentiment: Mapped[float | None]
    promise_text: Mapped[str | None]
    promise_due_on: Mapped[date | None]
    promise_status: Mapped[PromiseStatus | None]
    promise_settled_at: Mapped[datetime | None]
    promise_settled_by_id: Mapped[UUID | None]
    correction_of_id: Mapped[UUID | None]
    corrected_by_id: Mapped[UUID | None]
    """The interaction that says it better; lists and timelines then show that one."""
    correction_reason: Mapped[str | None]


class InteractionLink(Ledger):
    """What an interaction is about: its parties first, then whatever it concerns."""

    __tablename__ = "interaction_links"
    __table_args__ = (
        Index(
            "ix_interaction_links_object",
            "organization_id",
            "object_type",
            "object_id",
            "occurred_at",
            "interaction_id",
        ),
        Index(
            "ix_interaction_links_promise",
            "organization_id",
            "object_type",
            "object_id",
            "occurred_at",
            "interaction_id",
            postgresql_where=text("has_promise"),
        ),
        ForeignKeyConstraint(
            ["organization_id", "interaction_id"],
            ["interactions.organization_id", "interactions.id"],
            ondelete="CASCADE",
        ),
    )

    interaction_id: Mapped[UUID] = mapped_column(primary_key=True)
    object_type: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[UUID] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]
    """Of the interaction: a timeline reads this index alone."""
    has_promise: Mapped[bool] = mapped_column(default=False)
    via_id: Mapped[UUID | None]
    """The merge, or the converted lead, that brought it here: gone again when that is undone."""

"""What people allow us to do with what we know of them, for what purpose, and who said so (domain.md B-38).

The ledger is append-only: a change of mind is one more line. `consent_states` holds the last line of each
(subject, purpose, brand), kept by PostgreSQL itself: no way of writing the ledger can leave it behind.
"""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, at_most, newest


class ConsentSubject(StrEnum):
    """Whose consent it is: a contact's, a lead's, or that of a user of the customer portal."""

    CONTACT = "contact"
    LEAD = "lead"
    PORTAL_USER = "portal_user"


class ConsentPurpose(StrEnum):
    """What for; marketing purposes name their channel."""

    MARKETING_EMAIL = "marketing_email"
    MARKETING_SMS = "marketing_sms"
    MARKETING_WHATSAPP = "marketing_whatsapp"
    MARKETING_PHONE = "marketing_phone"
    PUSH = "push"
    PROFILING = "profiling"
    PARTNER_SHARING = "partner_sharing"
    GEOLOCATION = "geolocation"
    CALL_RECORDING = "call_recording"
    HEALTH_DATA = "health_data"
    COOKIES_ANALYTICS = "cookies_analytics"
    COOKIES_ADS = "cookies_ads"
    ESIGN = "esign"


class ConsentStatus(StrEnum):
    """What was said: granted, refused, withdrawn; pending was asked for and is not confirmed yet."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    PENDING = "pending"


class ConsentChannel(StrEnum):
    """The way by which somebody told us."""

    WEB = "web"
    COUNTER = "counter"
    PHONE = "phone"
    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    PORTAL = "portal"
    LETTER = "letter"
    PARTNER = "partner"
    IMPORT = "import"


class ConsentSource(StrEnum):
    """What wrote a line: the staff, a form, a preference centre, an unsubscribe link..."""

    STAFF = "staff"
    LEAD_FORM = "lead_form"
    LEAD_CONVERSION = "lead_conversion"
    PREFERENCE_CENTRE = "preference_centre"
    DOUBLE_OPT_IN = "double_opt_in"
    ONE_CLICK = "one_click"
    STOP_KEYWORD = "stop_keyword"
    COMPLAINT = "complaint"
    MERGE = "merge"
    ERASURE = "erasure"


class MarketingChannel(StrEnum):
    """The way by which a message goes to somebody."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    PHONE = "phone"
    PUSH = "push"


class SuppressionReason(StrEnum):
    """Why nothing goes to an address any more."""

    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    DECEASED = "deceased"
    DNC = "dnc"
    LEGAL = "legal"


class MessageTopic(StrEnum):
    """What marketing messages may be about."""

    OFFERS = "offers"
    NEW_PRODUCTS = "new_products"
    PREVENTION = "prevention"
    LOYALTY = "loyalty"
    EVENTS = "events"
    PARTNERS = "partners"


class MessageFrequency(StrEnum):
    """How often somebody wishes to hear of us; nobody hears oftener than the organization's own cap."""

    USUAL = "usual"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    NEVER = "never"


HOUSE = ""
"""The brand of what names no brand: it speaks for all of them."""
PURPOSE_OF = {
    MarketingChannel.EMAIL: ConsentPurpose.MARKETING_EMAIL,
    MarketingChannel.SMS: ConsentPurpose.MARKETING_SMS,
    MarketingChannel.WHATSAPP: ConsentPurpose.MARKETING_WHATSAPP,
    MarketingChannel.PHONE: ConsentPurpose.MARKETING_PHONE,
    MarketingChannel.PUSH: ConsentPurpose.PUSH,
}
CHANNEL_OF = {purpose: channel for channel, purpose in PURPOSE_OF.items()}
"""Marketing purposes, and by which way each of them reaches people."""
STRICTEST = (
    ConsentStatus.WITHDRAWN,
    ConsentStatus.REFUSED,
    ConsentStatus.PENDING,
    ConsentStatus.GRANTED,
)
"""From the strictest: when two sheets of one person become one, the first of these that either has stays."""
ASKED_FOR = timedelta(days=7)
"""So long can a double opt-in be confirmed."""
PROOF_KEPT = timedelta(days=5 * 365 + 2)
"""After a withdrawal (domain.md 0.5)."""

# A whole statement at once: a ledger of a million lines is written in one, and so is its state. The last
# line is the one captured last; of two captured in the same millisecond, the one with the younger key.
KEEP_STATES = (
    """CREATE OR REPLACE FUNCTION crm_keep_consent_states() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO consent_states AS s (organization_id, subject_type, subject_id, purpose, brand,
                                         status, consent_id, captured_at, expires_at)
        SELECT DISTINCT ON (organization_id, subject_type, subject_id, purpose, brand)
               organization_id, subject_type, subject_id, purpose, brand, status, id, captured_at, expires_at
        FROM written
        ORDER BY organization_id, subject_type, subject_id, purpose, brand, captured_at DESC, id DESC
        ON CONFLICT (organization_id, subject_type, subject_id, purpose, brand) DO UPDATE
        SET status = excluded.status, consent_id = excluded.consent_id,
            captured_at = excluded.captured_at, expires_at = excluded.expires_at
        WHERE (excluded.captured_at, excluded.consent_id) > (s.captured_at, s.consent_id);
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER keep_states AFTER INSERT ON consents REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION crm_keep_consent_states()""",
)


class ConsentText(Entity):
    """The words that people are shown when they are asked; one that was shown never changes."""

    __tablename__ = "consent_texts"
    label = "consent_text"
    __table_args__ = (
        newest("consent_texts"),
        Index("uq_consent_texts_version", "organization_id", "text_version", "language", unique=True),
        CheckConstraint("text_hash ~ '^[0-9a-f]{64}$'", name="text_hash_form"),
        at_most("text_version", 40),
        at_most("body", 4000),
    )

    text_version: Mapped[str]
    language: Mapped[str]
    body: Mapped[str]
    text_hash: Mapped[str]


class Consent(Entity):
    """One line of the ledger: what somebody said, for one purpose. Never changed, never deleted."""

    __tablename__ = "consents"
    label = "consent"
    personal: ClassVar = frozenset({"subject_id", "ip", "user_agent", "proof_document_id"})
    __table_args__ = (
        newest("consents"),
        Index("ix_consents_subject", "organization_id", "subject_type", "subject_id", "captured_at", "id"),
        Index("ix_consents_purpose", "organization_id", "purpose", "status", "created_at", "id"),
        Index(
            "ix_consents_request",
            *("organization_id", "request_id"),
            postgresql_where=text("request_id IS NOT NULL"),
        ),
        ForeignKeyConstraint(
            ["organization_id", "proof_document_id"],
            ["files.organization_id", "files.id"],
            name="fk_consents_proof",
        ),
        CheckConstraint("expires_at > captured_at", name="order"),
        CheckConstraint("text_hash ~ '^[0-9a-f]{64}$'", name="text_hash_form"),
        CheckConstraint("status <> 'pending' OR request_id IS NOT NULL", name="pending_is_asked"),
        at_most("brand", 40),
        at_most("text_version", 40),
        at_most("user_agent", 300),
        at_most("reason", 500),
        {"info": {"append_only": True, "ddl": KEEP_STATES}},
    )

    subject_type: Mapped[ConsentSubject]
    subject_id: Mapped[UUID]
    purpose: Mapped[ConsentPurpose]
    brand: Mapped[str] = mapped_column(server_default=text("''"), default=HOUSE)
    status: Mapped[ConsentStatus]
    channel: Mapped[ConsentChannel]
    source: Mapped[ConsentSource]
    text_version: Mapped[str | None]
    text_hash: Mapped[str | None]
    """SHA-256 of the words that were shown, in hexadecimal."""
    language: Mapped[str | None]
    captured_at: Mapped[datetime]
    """From when it holds."""
    expires_at: Mapped[datetime | None]
    """Until when it holds; for ever where empty."""
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]
    proof_document_id: Mapped[UUID | None]
    request_id: Mapped[UUID | None]
    """The asking of a double opt-in that this line begins or confirms."""
    message_id: Mapped[UUID | None]
    """The message by whose link somebody left."""
    reason: Mapped[str | None]


class ConsentState(Ledger):
    """The last line of the ledger for one purpose of one subject. Written by a trigger alone."""

    __tablename__ = "consent_states"
    __table_args__ = (
        Index(
            "ix_consent_states_granted",
            *("organization_id", "purpose", "brand", "subject_id"),
            postgresql_include=["expires_at"],
            postgresql_where=text("status = 'granted' AND subject_type = 'contact'"),
        ),
        Index("ix_consent_states_subject", "organization_id", "subject_id", "purpose"),
    )

    subject_type: Mapped[ConsentSubject] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[ConsentPurpose] = mapped_column(primary_key=True)
    brand: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[ConsentStatus]
    consent_id: Mapped[UUID]
    captured_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class Suppression(Entity):
    """An address that nothing goes to, known by its hash alone: it outlives the person's data."""

    __tablename__ = "suppressions"
    label = "suppression"
    private: ClassVar = frozenset({"address_hash"})
    __table_args__ = (
        newest("suppressions"),
        Index("uq_suppressions_address", "organization_id", "channel", "address_hash", unique=True),
        CheckConstraint("address_hash ~ '^[0-9a-f]{64}$'", name="address_hash_form"),
        CheckConstraint("(lifted_at IS NULL) = (lift_reason IS NULL)", name="lifted_with_reason"),
        at_most("source", 80),
        at_most("lift_reason", 300),
    )

    channel: Mapped[MarketingChannel]
    address_hash: Mapped[str]
    reason: Mapped[SuppressionReason]
    source: Mapped[str | None]
    lifted_at: Mapped[datetime | None]
    """Since when messages may go there again."""
    lift_reason: Mapped[str | None]


class ContactPreference(Entity):
    """How somebody who allows marketing wishes it to be: about what, by which way, how often, when."""

    __tablename__ = "contact_preferences"
    label = "contact_preference"
    personal: ClassVar = frozenset({"subject_id", "topics", "channels", "hours_start", "hours_end"})
    __table_args__ = (
        newest("contact_preferences"),
        Index("uq_contact_preferences_subject", "organization_id", "subject_type", "subject_id", unique=True),
        CheckConstraint("(hours_start IS NULL) = (hours_end IS NULL)", name="whole_hours"),
    )

    subject_type: Mapped[ConsentSubject]
    subject_id: Mapped[UUID]
    topics: Mapped[list[str] | None]
    """Empty: about anything."""
    channels: Mapped[list[str] | None]
    """Empty: by any way that consent was given for."""
    frequency: Mapped[MessageFrequency] = mapped_column(default=MessageFrequency.USUAL)
    hours_start: Mapped[time | None]
    hours_end: Mapped[time | None]

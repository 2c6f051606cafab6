"""People (domain.md B-9): who they are, how to reach them, which households and companies they belong to."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import (
    Entity,
    Extended,
    ExternallyKnown,
    Ledger,
    Owned,
    Sealed,
    SoftDeleted,
    Tagged,
    at_most,
    folded,
    newest,
)
from crm_api.core.external_ids import ledger_triggers
from crm_api.core.words import Searched
from crm_api.kit.contact_points import SpokenLanguage


class Civility(StrEnum):
    """How a person is addressed: Monsieur, Madame, Mademoiselle, doctor, professor, or without a title."""

    M = "m"
    MME = "mme"
    MLLE = "mlle"
    DR = "dr"
    PR = "pr"
    NONE = "none"


class ContactChannel(StrEnum):
    """The way by which a contact prefers to be reached."""

    PHONE = "phone"
    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    PORTAL_MESSAGE = "portal_message"
    IN_PERSON = "in_person"
    LETTER = "letter"
    PUSH = "push"


class LinkRole(StrEnum):
    """What a person is to an account."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    EMPLOYEE = "employee"
    LEGAL_REPRESENTATIVE = "legal_representative"
    INSURANCE_MANAGER = "insurance_manager"
    ACCOUNTANT = "accountant"
    DRIVER = "driver"


class KeyKind(StrEnum):
    """What a person can be found by."""

    PHONE = "phone"
    EMAIL = "email"
    NATIONAL_ID = "national_id"
    BIRTH_DATE = "birth_date"


SEARCHED = Searched(
    texts=("last_name", "first_name", "last_name_ar", "first_name_ar", "maiden_name"),
    names=("name_folded", "name_ar_folded"),
    email_lists=("emails",),
    phone_lists=("phones",),
)
MAJORITY = 19
"""Years (civil code, article 40): younger people need a guardian."""


class Contact(Owned, SoftDeleted, Tagged, Extended, ExternallyKnown, Sealed, Entity):
    """A natural person."""

    __tablename__ = "contacts"
    label = "contact"
    private = frozenset({"masked"})
    personal = frozenset(
        {
            *("civility", "last_name", "first_name", "last_name_ar", "first_name_ar", "display_name"),
            *("father_first_name", "maiden_name", "emails", "phones", "addresses", "account_links"),
            *("primary_email", "primary_phone", "preferred_language", "preferred_channel", "contact_hours"),
            *("do_not_contact", "is_deceased"),
        }
    )
    __table_args__ = (
        newest("contacts"),
        Index("ix_contacts_name", "organization_id", "name_folded", "id"),
        Index("ix_contacts_name_ar", "organization_id", "name_ar_folded", "id"),
        Index("ix_contacts_updated", "organization_id", "updated_at", "id"),
        Index("ix_contacts_registered", "organization_id", "registered_on", "id"),
        Index("ix_contacts_agency", "organization_id", "agency_id", "created_at", "id"),
        Index("ix_contacts_owner", "organization_id", "owner_user_id", "created_at", "id"),
        Index("ix_contacts_creator", "organization_id", "created_by_id"),
        Index(
            "ix_contacts_merged",
            "organization_id",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        ForeignKeyConstraint(["organization_id", "agency_id"], ["agencies.organization_id", "agencies.id"]),
        ForeignKeyConstraint(
            ["organization_id", "merged_into_id"], ["contacts.organization_id", "contacts.id"]
        ),
        CheckConstraint("merged_into_id <> id", name="not_merged_into_itself"),
        at_most("last_name", 80),
        at_most("first_name", 80),
        at_most("last_name_ar", 80),
        at_most("first_name_ar", 80),
        at_most("father_first_name", 80),
        at_most("maiden_name", 80),
        at_most("contact_hours", 80),
        {
            "info": {
                "ddl": (*SEARCHED.triggers("contacts", "contact"), *ledger_triggers("contacts", "contact"))
            }
        },
    )

    civility: Mapped[Civility] = mapped_column(default=Civility.NONE)
    last_name: Mapped[str]
    first_name: Mapped[str]
    last_name_ar: Mapped[str | None]
    first_name_ar: Mapped[str | None]
    father_first_name: Mapped[str | None]
    maiden_name: Mapped[str | None]
    display_name: Mapped[str]
    name_folded: Mapped[str] = folded("last_name", "first_name")
    name_ar_folded: Mapped[str] = folded("last_name_ar", "first_name_ar")
    emails: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    phones: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    addresses: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    primary_email: Mapped[str | None]
    primary_phone: Mapped[str | None]
    preferred_language: Mapped[SpokenLanguage] = mapped_column(default=SpokenLanguage.FR)
    preferred_channel: Mapped[ContactChannel | None]
    contact_hours: Mapped[str | None]
    do_not_contact: Mapped[bool] = mapped_column(default=False)
    account_links: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """The links that hold today, copied from `contact_account_links`: a list of people reads one table."""
    registered_on: Mapped[date]
    valid_until: Mapped[date | None]
    """Expiry of the latest policy in force; set by the policies."""
    portal_user_id: Mapped[UUID | None]
    is_deceased: Mapped[bool] = mapped_column(default=False)
    anonymised_at: Mapped[datetime | None]
    merged_into_id: Mapped[UUID | None]


class AccountLink(Ledger):
    """A person in a household or a company, from one day to another. A link that ended is kept."""

    __tablename__ = "contact_account_links"
    __table_args__ = (
        Index("ix_contact_account_links_contact", "organization_id", "contact_id"),
        Index(
            "ix_contact_account_links_account",
            "organization_id",
            "account_id",
            postgresql_where=text("to_date IS NULL"),
        ),
        Index(
            "uq_contact_account_links_active",
            "organization_id",
            "contact_id",
            "account_id",
            "role",
            unique=True,
            postgresql_where=text("to_date IS NULL"),
        ),
        Index(
            "uq_contact_account_links_primary",
            "organization_id",
            "contact_id",
            unique=True,
            postgresql_where=text("to_date IS NULL AND is_primary"),
        ),
        ForeignKeyConstraint(
            ["organization_id", "contact_id"],
            ["contacts.organization_id", "contacts.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(["organization_id", "account_id"], ["accounts.organization_id", "accounts.id"]),
        CheckConstraint("to_date >= from_date", name="order"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID]
    account_id: Mapped[UUID]
    role: Mapped[LinkRole]
    is_primary: Mapped[bool] = mapped_column(default=False)
    from_date: Mapped[date]
    to_date: Mapped[date | None]


class ContactKey(Ledger):
    """What a person can be found by: telephone numbers, addresses, blind indexes of sealed facts.

    `value` alone tells the kinds apart (+213..., ...@..., and digests that differ by field), so one look
    into the primary key finds everybody who shares anything.
    """

    __tablename__ = "contact_keys"
    __table_args__ = (
        Index("ix_contact_keys_contact", "organization_id", "contact_id"),
        Index(
            "uq_contact_keys_national_id",
            "organization_id",
            "value",
            unique=True,
            postgresql_where=text("kind = 'national_id'"),
        ),
        ForeignKeyConstraint(
            ["organization_id", "contact_id"],
            ["contacts.organization_id", "contacts.id"],
            ondelete="CASCADE",
        ),
    )

    value: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[KeyKind]


class ContactMerge(Ledger):
    """Two sheets of one person made one; what both were before is sealed here for thirty days."""

    __tablename__ = "contact_merges"
    __table_args__ = (
        Index("ix_contact_merges_survivor", "organization_id", "survivor_id", "merged_at"),
        ForeignKeyConstraint(["organization_id", "survivor_id"], ["contacts.organization_id", "contacts.id"]),
        ForeignKeyConstraint(["organization_id", "other_id"], ["contacts.organization_id", "contacts.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    survivor_id: Mapped[UUID]
    other_id: Mapped[UUID]
    merged_at: Mapped[datetime]
    merged_by_id: Mapped[UUID]
    before: Mapped[bytes | None]
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Kind of row -> ids that followed; listeners of `ContactMerged` add theirs."""
    undone_at: Mapped[datetime | None]

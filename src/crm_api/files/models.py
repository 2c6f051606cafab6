"""Documents: what somebody attached to leads, accounts, contacts and whatever else may carry one (B-16)."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, SoftDeleted, at_most, folded, newest
from crm_api.core.words import Searched
from crm_api.kit.states import machine


class FileKind(StrEnum):
    """What a document is; its sensitivity and how long it is kept follow from this."""

    ID_CARD = "id_card"
    DRIVING_LICENCE = "driving_licence"
    VEHICLE_REGISTRATION = "vehicle_registration"
    PLATE_PHOTO = "plate_photo"
    CONSTAT_AMIABLE = "constat_amiable"
    POLICE_REPORT = "police_report"
    DAMAGE_PHOTO = "damage_photo"
    REPAIR_QUOTE = "repair_quote"
    INVOICE = "invoice"
    APPRAISAL_REPORT = "appraisal_report"
    MEDICAL_CERTIFICATE = "medical_certificate"
    DEATH_CERTIFICATE = "death_certificate"
    RIB = "rib"
    POLICY_SCHEDULE = "policy_schedule"
    CERTIFICATE = "certificate"
    QUITTANCE = "quittance"
    ENDORSEMENT = "endorsement"
    MISE_EN_DEMEURE = "mise_en_demeure"
    DISCHARGE = "discharge"
    CONTRACT_SIGNED = "contract_signed"
    MISSION_ORDER = "mission_order"
    COMPLAINT_LETTER = "complaint_letter"
    OTHER = "other"
    IMPORT = "import"
    EXPORT = "export"
    DISCUSSION = "discussion"


class FilePiiClass(StrEnum):
    """How sensitive the content is; P3 and P4 are audited at each download."""

    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class RetentionClass(StrEnum):
    """How long the content is kept, counted from what the retention policy says."""

    IDENTITY = "identity"
    CONTRACT = "contract"
    CLAIM = "claim"
    MEDICAL = "medical"
    CORRESPONDENCE = "correspondence"
    WORKING = "working"


class FileVisibility(StrEnum):
    """Who sees a document besides the staff: nobody, its owner on the portal, or a partner."""

    INTERNAL = "internal"
    PORTAL = "portal"
    PARTNER = "partner"


class ScanStatus(StrEnum):
    """What the virus scanner found in a file, and whether the file was archived since."""

    PENDING = "pending"
    CLEAN = "clean"
    INFECTED = "infected"
    ERROR = "error"
    ARCHIVED = "archived"


class KindRule(NamedTuple):
    pii_class: FilePiiClass
    retention_class: RetentionClass


DOCUMENT = machine("document", "pending: clean infected error \n error: pending \n clean: archived")
WORKING = (FileKind.IMPORT, FileKind.EXPORT, FileKind.DISCUSSION)
"""Seen by one person only: what the house made for them and throws away after days, and what they said in a
discussion, which has a door of its own there."""
SENSITIVE = (FilePiiClass.P3, FilePiiClass.P4)
HEALTH = "health:read"
"""The scope without which class P4 stays closed."""
LARGEST = 20 * 1024 * 1024
OWN_DELETE_WITHIN = timedelta(hours=24)
EXPIRING_WITHIN = timedelta(days=30)
"""So long before its last day somebody is told of a document that expires."""

SEARCHED = Searched(texts=("name", "title"), names=("name_folded",), tags=False)

# However a row goes, its content is thrown away by the next sweep, once that has been committed.
_LEFT = (
    """CREATE OR REPLACE FUNCTION crm_file_left() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO file_leftovers (organization_id, storage_key) VALUES (OLD.organization_id, OLD.storage_key)
    ON CONFLICT DO NOTHING;
    RETURN NULL; END $$""",
    "CREATE TRIGGER content_left AFTER DELETE ON files FOR EACH ROW EXECUTE FUNCTION crm_file_left()",
)
_P2, _P3, _P4 = FilePiiClass
_K, _R = FileKind, RetentionClass
KINDS: dict[FileKind, KindRule] = {
    **dict.fromkeys((_K.ID_CARD, _K.DRIVING_LICENCE), KindRule(_P3, _R.IDENTITY)),
    _K.RIB: KindRule(_P3, _R.CONTRACT),
    _K.DEATH_CERTIFICATE: KindRule(_P3, _R.CLAIM),
    _K.POLICE_REPORT: KindRule(_P3, _R.CLAIM),
    _K.MEDICAL_CERTIFICATE: KindRule(_P4, _R.MEDICAL),
    **dict.fromkeys(
        (
            *(_K.CONSTAT_AMIABLE, _K.DAMAGE_PHOTO, _K.REPAIR_QUOTE, _K.APPRAISAL_REPORT, _K.DISCHARGE),
            *(_K.PLATE_PHOTO, _K.INVOICE),
        ),
        KindRule(_P2, _R.CLAIM),
    ),
    **dict.fromkeys(
        (
            *(_K.VEHICLE_REGISTRATION, _K.POLICY_SCHEDULE, _K.CERTIFICATE, _K.QUITTANCE, _K.ENDORSEMENT),
            *(_K.MISE_EN_DEMEURE, _K.CONTRACT_SIGNED),
        ),
        KindRule(_P2, _R.CONTRACT),
    ),
    **dict.fromkeys((_K.MISSION_ORDER, _K.COMPLAINT_LETTER, _K.OTHER), KindRule(_P2, _R.CORRESPONDENCE)),
    **dict.fromkeys(WORKING, KindRule(_P2, _R.WORKING)),
}
"""By the kind of a document, not by whoever uploads it (domain.md B-16, B-61)."""


class File(Entity, SoftDeleted):
    """A document. Its content is sealed under a key of its own, in the storage."""

    __tablename__ = "files"
    label = "document"
    personal = frozenset({"name", "name_folded", "title", "description", "legal_hold_reason"})
    private = frozenset({"content_key", "storage_key"})
    __table_args__ = (
        newest("files"),
        Index("ix_files_name", "organization_id", "name_folded", "id"),
        Index("ix_files_series", "organization_id", "series_id", "version_number", unique=True),
        Index(
            "ix_files_expiry",
            "organization_id",
            "expires_on",
            "id",
            postgresql_where=text("expires_on IS NOT NULL"),
        ),
        Index(
            "ix_files_unscanned",
            "organization_id",
            "scan_status",
            "id",
            postgresql_where=text("scan_status <> 'clean'"),
        ),
        Index(
            "ix_files_kept_until",
            "organization_id",
            "kept_until",
            postgresql_where=text("kept_until IS NOT NULL"),
        ),
        Index("ix_files_creator", "organization_id", "created_by_id", "created_at", "id"),
        Index("ix_files_storage_key", "organization_id", "storage_key", unique=True),
        Index(
            "uq_files_supersedes",
            "organization_id",
            "supersedes_id",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        ForeignKeyConstraint(["organization_id", "supersedes_id"], ["files.organization_id", "files.id"]),
        CheckConstraint("size > 0", name="size_positive"),
        CheckConstraint("expires_on >= issued_on", name="dates_in_order"),
        CheckConstraint("deleted_at IS NULL OR NOT legal_hold", name="hold_keeps"),
        at_most("name", 200),
        at_most("title", 160),
        {"info": {"ddl": (*SEARCHED.triggers("files", "document"), *_LEFT)}},
    )

    name: Mapped[str]
    name_folded: Mapped[str] = folded("name", "title")
    title: Mapped[str | None]
    description: Mapped[str | None]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    kind: Mapped[FileKind]
    pii_class: Mapped[FilePiiClass]
    retention_class: Mapped[RetentionClass]
    visibility: Mapped[FileVisibility] = mapped_column(default=FileVisibility.INTERNAL)
    language: Mapped[str | None]
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    expiry_told_on: Mapped[date | None]
    """The day that was told to be near: a later one is told again."""
    series_id: Mapped[UUID]
    """The first version's id: all versions of a document have it."""
    version_number: Mapped[int] = mapped_column(default=1)
    supersedes_id: Mapped[UUID | None]
    superseded_by_id: Mapped[UUID | None]
    """No reference: the bin is emptied from either end."""
    scan_status: Mapped[ScanStatus] = mapped_column(default=ScanStatus.PENDING)
    scanner: Mapped[str | None]
    scanned_at: Mapped[datetime | None]
    threat: Mapped[str | None]
    legal_hold: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    legal_hold_reason: Mapped[str | None]
    kept_until: Mapped[datetime | None]
    """Working files go for good after this moment."""
    storage_key: Mapped[str]
    content_key: Mapped[bytes]
    """The key of the content, sealed by the organization's vault."""


class FileLink(Ledger):
    """A document hangs on an object. The timeline of an object is read off the index."""

    __tablename__ = "file_links"
    __table_args__ = (
        Index("ix_file_links_object", "organization_id", "object_id", "object_type", "linked_at", "id"),
        Index("uq_file_links_object", "organization_id", "file_id", "object_type", "object_id", unique=True),
        ForeignKeyConstraint(
            ["organization_id", "file_id"], ["files.organization_id", "files.id"], ondelete="CASCADE"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    file_id: Mapped[UUID]
    object_type: Mapped[str]
    object_id: Mapped[UUID]
    linked_at: Mapped[datetime]
    linked_by_id: Mapped[UUID | None]


class FileLeftover(Ledger):
    """A content that no document names any more."""

    __tablename__ = "file_leftovers"

    storage_key: Mapped[str] = mapped_column(primary_key=True)

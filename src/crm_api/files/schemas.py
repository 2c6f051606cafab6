from datetime import date
from pathlib import PurePosixPath
from typing import Annotated, ClassVar, Literal
from unicodedata import category
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from crm_api.core.objects import ObjectType
from crm_api.core.words import words
from crm_api.files.filters import expiring_soon, hanging_on
from crm_api.files.models import (
    WORKING,
    File,
    FileKind,
    FilePiiClass,
    FileVisibility,
    RetentionClass,
    ScanStatus,
)
from crm_api.kit.errors import ValidationFailed
from crm_api.kit.listing import (
    Bin,
    FieldOf,
    ListQuery,
    Page,
    at_least,
    at_most,
    below,
    equals,
    is_null,
    one_of,
    starts_with,
)
from crm_api.kit.schemas import Day, Input, Moment, Output, Timestamp


def _plain_name(name: str) -> str:
    """The last part only, without anything that could end a header or hide the ending."""
    name = PurePosixPath(name.replace("\\", "/")).name.strip(" .")
    name = "".join(c for c in name if category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    if not name:
        raise PydanticCustomError("file_name_empty", "The file needs a name.")
    return name


def _of_people(kind: FileKind) -> FileKind:
    if kind in WORKING:
        raise PydanticCustomError("working_kind", "Files of this kind are made by imports and exports.")
    return kind


FileName = Annotated[
    str, Field(min_length=1, max_length=200, examples=["carte-grise.pdf"]), AfterValidator(_plain_name)
]
Kind = Annotated[FileKind, AfterValidator(_of_people), Field(examples=["vehicle_registration"])]
Title = Annotated[str, Field(min_length=1, max_length=160, examples=["Carte grise Clio 4"])]
Description = Annotated[str, Field(min_length=1, max_length=1000, examples=["Remise au guichet le 23/11."])]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$", max_length=2, examples=["fr"])]
Reason = Annotated[
    str, Field(min_length=3, max_length=300, examples=["Expertise judiciaire, dossier 118/26"])
]
Digest = Annotated[
    str,
    Field(
        pattern="^[0-9a-f]{64}$",
        max_length=64,
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]


_NAME: TypeAdapter[str] = TypeAdapter(FileName)


def file_name(given: str | None) -> str:
    """The name that an upload gives its file. Raises ValidationFailed."""
    try:
        return _NAME.validate_python((given or "")[:1000])
    except ValidationError as error:
        fault = error.errors()[0]
        raise ValidationFailed.at("/file", fault["type"], fault["msg"]) from error


class ObjectName(Input):
    """What a document hangs on."""

    object_type: ObjectType = Field(examples=["lead"])
    """Kind of object."""
    object_id: UUID
    """Which one."""


class FileSheet(Input):
    """What is said of a document when it is added."""

    kind: Kind
    """What it is; that decides how sensitive it is and how long it is kept."""
    object_type: ObjectType | None = Field(default=None, examples=["lead"])
    """Kind of object that it hangs on; with `object_id`."""
    object_id: UUID | None = None
    """The object that it hangs on; more can be linked afterwards."""
    supersedes_id: UUID | None = None
    """The version that this one replaces; it hangs on the same objects."""
    title: Title | None = None
    """What people call it."""
    description: Description | None = None
    """A remark."""
    language: Language | None = None
    """Language of the content."""
    issued_on: Day | None = Field(default=None, examples=["2024-03-02"])
    """The day it was issued."""
    expires_on: Day | None = Field(default=None, examples=["2034-03-01"])
    """Its last day."""
    visibility: FileVisibility = FileVisibility.INTERNAL
    """For whom besides the staff."""


class FilePatch(Input):
    """What to change; a field left out stays, null empties it. The content never changes: add a version."""

    kind: Kind | MISSING = MISSING
    """What it is."""
    title: Title | None | MISSING = MISSING
    """What people call it."""
    description: Description | None | MISSING = MISSING
    """A remark."""
    language: Language | None | MISSING = MISSING
    """Language of the content."""
    issued_on: Day | None | MISSING = Field(default=MISSING, examples=["2024-03-02"])
    """The day it was issued."""
    expires_on: Day | None | MISSING = Field(default=MISSING, examples=["2034-03-01"])
    """Its last day."""
    visibility: FileVisibility | MISSING = MISSING
    """For whom besides the staff."""


class FileHold(Input):
    """Why a document must be kept."""

    reason: Reason
    """Case, authority, reference."""


class FileLinkRead(Output):
    """An object that a document hangs on."""

    object_type: str = Field(max_length=40, examples=["lead"])
    """Kind of object."""
    object_id: UUID
    """Which one."""


class FileRead(Output):
    """A document, without its content."""

    id: UUID
    """Identifier."""
    name: str = Field(max_length=200, examples=["carte-grise.pdf"])
    """Name of the file."""
    title: Title | None
    """What people call it."""
    description: Description | None
    """A remark."""
    media_type: str = Field(max_length=100, examples=["application/pdf"])
    """What the content is, by its bytes."""
    size: int = Field(ge=1, examples=[184213])
    """Bytes of the content."""
    sha256: Digest
    """Of the content."""
    kind: FileKind = Field(examples=["vehicle_registration"])
    """What it is."""
    pii_class: FilePiiClass
    """How sensitive it is: downloads of P3 and P4 are audited, P4 asks for health:read."""
    retention_class: RetentionClass
    """How long it is kept."""
    visibility: FileVisibility
    """For whom besides the staff."""
    language: Language | None
    """Language of the content."""
    issued_on: date | None = Field(examples=["2024-03-02"])
    """The day it was issued."""
    expires_on: date | None = Field(examples=["2034-03-01"])
    """Its last day."""
    series_id: UUID
    """The same for all versions of one document."""
    version_number: int = Field(ge=1, examples=[2])
    """Counts the versions."""
    supersedes_id: UUID | None
    """The version before."""
    superseded_by_id: UUID | None
    """The version after; null: this is the one that counts."""
    scan_status: ScanStatus
    """Only `clean` can be downloaded."""
    scanner: str | None = Field(max_length=40, examples=["clamd"])
    """Who judged it; `none` where no scanner is set up."""
    scanned_at: Timestamp | None
    """When it was judged."""
    threat: str | None = Field(max_length=200, examples=["Eicar-Test-Signature"])
    """What the scanner found in it."""
    legal_hold: bool = Field(examples=[False])
    """Kept for a legal reason: it cannot be deleted."""
    legal_hold_reason: str | None = Field(max_length=300, examples=["Expertise judiciaire, dossier 118/26"])
    """That reason."""
    kept_until: Timestamp | None
    """When a file of an import or export is thrown away."""
    links: list[FileLinkRead] = Field(max_length=200)
    """The objects that it hangs on."""
    version: int = Field(ge=1, examples=[3])
    """For If-Match."""
    created_at: Timestamp
    """When it was added."""
    updated_at: Timestamp
    """When it last changed."""
    created_by_id: UUID | None
    """Who added it."""
    deleted_at: Timestamp | None
    """When it went to the bin."""


class FilePage(Page[FileRead]):
    """One page of documents."""


class SignedFileLink(Output):
    """An address that gives the content to whoever has it, for a minute."""

    href: str = Field(max_length=500, examples=["/v1/public/files/content?link=AZOt9x..."])
    """Relative to this API."""
    expires_at: Timestamp
    """Until when it works."""


class LinkToken(Input):
    """The proof in a signed link."""

    link: str = Field(min_length=1, max_length=300, examples=["AZOt9x"])
    """As the link has it."""


class FileFilter(ListQuery):
    """What lists and counts of documents are filtered by."""

    sortable: ClassVar = {
        "created_at": File.created_at,
        "name": File.name_folded,
    }

    object_type: ObjectType | None = Field(default=None, examples=["lead"])
    """With `object_id`: the kind of that object."""
    object_id: Annotated[UUID | None, hanging_on] = None
    """Those that hang on this object."""
    kind: Annotated[list[FileKind] | None, one_of(File.kind)] = Field(default=None, max_length=25)
    """One or several kinds (repeat the parameter)."""
    pii_class: Annotated[list[FilePiiClass] | None, one_of(File.pii_class)] = Field(
        default=None, max_length=3
    )
    """One or several classes of sensitivity."""
    media_type: Annotated[str | None, equals(File.media_type)] = Field(
        default=None, max_length=100, examples=["application/pdf"]
    )
    """One media type."""
    visibility: Annotated[FileVisibility | None, equals(File.visibility)] = None
    """For whom."""
    scan_status: Annotated[list[ScanStatus] | None, one_of(File.scan_status)] = Field(
        default=None, max_length=5
    )
    """One or several states."""
    series_id: Annotated[UUID | None, equals(File.series_id)] = None
    """All versions of one document."""
    superseded_by_id_null: Annotated[bool | None, is_null(File.superseded_by_id)] = None
    """true: only the versions that count."""
    sha256: Annotated[Digest | None, equals(File.sha256)] = None
    """The same content."""
    created_by_id: Annotated[UUID | None, equals(File.created_by_id)] = None
    """Added by this user."""
    legal_hold: Annotated[bool | None, equals(File.legal_hold)] = None
    """Kept for a legal reason, or not."""
    expiring_within: Annotated[int | None, expiring_soon] = Field(default=None, ge=0, le=3650, examples=[30])
    """Not expired yet, but within so many days."""
    expires_on_gte: Annotated[Day | None, at_least(File.expires_on)] = Field(
        default=None, examples=["2026-12-01"]
    )
    """Last day is this one or later."""
    expires_on_lte: Annotated[Day | None, at_most(File.expires_on)] = Field(
        default=None, examples=["2026-12-31"]
    )
    """Last day is this one or earlier."""
    name_prefix: Annotated[str | None, starts_with(File.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["carte"]
    )
    """Beginning of the name, accents and case ignored."""
    q: Annotated[str | None, words(File)] = Field(
        default=None, min_length=2, max_length=100, examples=["carte grise"]
    )
    """Words that begin words of its name or title."""
    created_at_gte: Annotated[Moment | None, at_least(File.created_at)] = None
    """Added at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(File.created_at)] = None
    """Added before this moment."""
    deleted: Bin = "without"
    """Documents in the bin: left out, mixed in, or alone."""

    sort: Literal["created_at", "-created_at", "name", "-name"] = "-created_at"
    """Sort key; a leading `-` means descending."""


class FileQuery(FileFilter):
    """Which documents."""

    fields: list[Annotated[str, FieldOf(FileRead)]] | None = Field(
        default=None, max_length=40, examples=[["id", "name"]]
    )
    """Only these fields."""

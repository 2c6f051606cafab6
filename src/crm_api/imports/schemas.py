from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.core.external_ids import ExternalSystem
from crm_api.core.progress import RunOutcome
from crm_api.imports.models import Import, ImportEntity, ImportMode, ImportStatus, OnDuplicate
from crm_api.jobs.schemas import LineFault
from crm_api.kit.listing import ListQuery, Page, one_of
from crm_api.kit.schemas import Input, Output, Timestamp

Header = Annotated[str, Field(max_length=400, examples=["Téléphone"])]
FieldName = Annotated[str, Field(max_length=60, examples=["phone"])]
Mapping_ = Annotated[
    dict[Header, FieldName],
    Field(max_length=200, examples=[{"Nom": "last_name", "Prénom": "first_name", "Téléphone": "phone"}]),
]
Count = Annotated[int, Field(ge=0, le=200_000, examples=[128])]
Cell = Annotated[str, Field(max_length=32_767, examples=["0550 12 34 56"])]


class ImportOptions(Input):
    """How the rows are to be taken."""

    mode: ImportMode = ImportMode.CREATE
    """create: every row is new; update: every row must match; upsert: changed where it matches, else new."""
    match_on: FieldName | None = None
    """The field that tells existing records apart; required to update and to upsert."""
    external_system: ExternalSystem = "import"
    """The system that values of `external_id` are names of."""
    on_duplicate: OnDuplicate = OnDuplicate.CREATE
    """What becomes of a row that probably repeats somebody: created and flagged, or left out."""


class ImportPreviewRequest(ImportOptions):
    """What the columns mean, and how the rows are to be taken."""

    mapping: Mapping_
    """Header -> field; a column left out is not read."""
    first_row: int = Field(default=1, ge=1, le=200_000, examples=[1])
    """The first row to judge, from 1 below the header."""
    rows: int = Field(default=20, ge=1, le=200, examples=[20])
    """How many rows to judge."""


class ImportCommit(Input):
    """Go."""

    dry_run: bool = False
    """true: every row is judged in transactions that are rolled back; nothing is written."""


class AlikeRead(Output):
    """Somebody whom a row may repeat."""

    type: str = Field(max_length=20, examples=["lead"])
    """Kind of object."""
    id: UUID | None
    """The object on record; null for an earlier row of the file."""
    row: int | None = Field(ge=1, examples=[3])
    """The earlier row of the file; null for an object on record."""
    score: int = Field(ge=0, le=100, examples=[80])
    """100: certain. From 60: probable."""
    reasons: list[Annotated[str, Field(max_length=40, examples=["name_phone"])]] = Field(max_length=10)
    """What is alike, strongest first (the list may grow)."""


class RowVerdict(Output):
    """What would become of one row."""

    number: int = Field(ge=1, examples=[12])
    """The row, counted from 1 below the header."""
    outcome: RunOutcome
    """created, updated, unchanged or failed."""
    key: str | None = Field(max_length=200, examples=["CL-889120"])
    """What the row calls its object."""
    cells: list[Cell] = Field(max_length=300)
    """The row as it was read."""
    faults: list[LineFault] = Field(max_length=200)
    """What is wrong with it, in your language."""
    duplicates: list[AlikeRead] = Field(max_length=20)
    """Whom it may repeat, most likely first."""


class ImportCounts(Output):
    """How many rows."""

    created: Count = 0
    """New records."""
    updated: Count = 0
    """Records changed."""
    unchanged: Count = 0
    """Rows that say what is known, or were left out as duplicates."""
    failed: Count = 0
    """Rows refused."""
    duplicates: Count = 0
    """Rows that probably repeat somebody."""
    undone: Count = 0
    """Records taken back."""


class AgencyTotal(Output):
    """How many records came to an agency: compare it with the source."""

    agency_id: UUID | None
    """The agency; null for records of none."""
    created: Count
    """New records."""


class ImportRead(Output):
    """A list that somebody brings."""

    id: UUID
    """Identifier."""
    entity: ImportEntity
    """What its rows are."""
    status: ImportStatus
    """How far it has come."""
    file_name: str = Field(max_length=200, examples=["prospects-octobre.xlsx"])
    """What the file was called."""
    file_bytes: int = Field(ge=1, examples=[48213])
    """Its size."""
    format: Literal["csv", "xlsx"]
    """csv or xlsx."""
    encoding: str | None = Field(max_length=20, examples=["cp1252"])
    """How the characters of a CSV were read: look at the preview."""
    delimiter: str | None = Field(max_length=1, examples=[";"])
    """What separates the cells of a CSV."""
    sheet: str | None = Field(max_length=200, examples=["Feuil1"])
    """The sheet that was read."""
    sheets: list[Annotated[str, Field(max_length=200, examples=["Feuil1"])]] = Field(max_length=1000)
    """All sheets of the workbook."""
    header: list[Header] = Field(max_length=200)
    """The columns of the file."""
    row_count: int = Field(ge=1, le=200_000, examples=[1284])
    """Rows below the header."""
    mapping: Mapping_
    """What the columns mean: suggested by their names or remembered from the last time, until you say so."""
    options: ImportOptions
    """How the rows are to be taken."""
    job_id: UUID | None
    """The job that works on it, or did."""
    dry_run: bool
    """Whether that job only rehearses."""
    counts: ImportCounts
    """What came of the rows so far."""
    by_agency: list[AgencyTotal] = Field(max_length=2000)
    """Where the new records went, to reconcile with the source."""
    started_at: Timestamp | None
    """When the rows began to be taken in."""
    finished_at: Timestamp | None
    """When it ended."""
    undo_until: Timestamp | None
    """Until when it can be undone."""
    created_by_id: UUID | None
    """Who brought it."""
    version: int = Field(ge=1, examples=[3])
    """Grows with every change."""
    created_at: Timestamp
    """When it was brought."""
    updated_at: Timestamp
    """When it last changed."""


class ImportPreview(Output):
    """What would become of some rows; nothing of it was kept."""

    import_id: UUID
    """The import."""
    ignored: list[Header] = Field(max_length=200)
    """Columns that are not read."""
    notes: list[Annotated[str, Field(max_length=300)]] = Field(max_length=20)
    """What to know before you go on, in your language."""
    counts: ImportCounts
    """Of the rows judged here."""
    rows: list[RowVerdict] = Field(max_length=200)
    """The verdict on each row."""


class ImportPage(Page[ImportRead]):
    """One page of imports."""


class ImportQuery(ListQuery):
    """Which imports."""

    sortable: ClassVar = {"created_at": Import.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    entity: Annotated[list[ImportEntity] | None, one_of(Import.entity)] = Field(default=None, max_length=5)
    """One or several kinds."""
    status: Annotated[list[ImportStatus] | None, one_of(Import.status)] = Field(default=None, max_length=9)
    """One or several states."""
    created_by_id: Annotated[list[UUID] | None, one_of(Import.created_by_id)] = Field(
        default=None, max_length=50
    )
    """Brought by one of these."""


class ImportField(Output):
    """A field that a file may fill."""

    name: FieldName
    """Its name in a mapping."""
    label: str = Field(max_length=80, examples=["Téléphone"])
    """What people call it, in French."""
    kind: str = Field(max_length=20, examples=["date"])
    """How cells are read: text, date (31/12/2026), whole, yes_no, words, choice, code, phone, email, agency
    (by number), user (by e-mail), account (by customer code)."""
    matches: bool
    """Whether `match_on` may name it."""


class ImportableEntity(Output):
    """What a file may bring."""

    entity: ImportEntity
    """Its kind."""
    modes: list[ImportMode] = Field(max_length=3)
    """How rows may be taken."""
    undo: bool
    """Whether an import can be undone."""
    fields: list[ImportField] = Field(max_length=100)
    """The fields."""
    required: list[list[FieldName]] = Field(max_length=20)
    """Of each group one field at least must be mapped to create."""


class ImportableList(Output):
    """Everything a file may bring, in the order in which a first day goes."""

    data: list[ImportableEntity] = Field(max_length=20)
    """One entry per kind."""


def options_of(data: ImportOptions) -> dict[str, Any]:
    """As they are kept."""
    return {name: getattr(data, name) for name in ImportOptions.model_fields}

from crm_api.kit.errors import Conflict, DomainError


class FileRefused(DomainError):
    """This file cannot be read as a table."""

    status = 422


class EmptyFile(FileRefused):
    """The file has no rows."""


class UnreadableEncoding(FileRefused):
    """The characters of this file are in none of the encodings we know: save it as UTF-8."""


class NulInFile(FileRefused):
    """The file holds the character NUL; it is not a text."""


class UnreadableSheet(FileRefused):
    """The table breaks off at line {line}: a quotation mark is not closed, or the file is damaged."""


class OldSpreadsheet(FileRefused):
    """This is a spreadsheet of the old format (.xls): save it as .xlsx or CSV."""


class NoSuchSheet(FileRefused):
    """The workbook has no sheet called {sheet}."""


class DuplicateHeaders(FileRefused):
    """Several columns have the same name: {columns}."""


class TooManyRows(FileRefused):
    """The table has more than {limit} rows; split it."""


class TooManyColumns(FileRefused):
    """The table has more than {limit} columns."""


class FileUnpacksTooLarge(FileRefused):
    """Unpacked, this file would be larger than {limit} bytes."""


class ImportFileTooLarge(DomainError):
    """The file is larger than {limit} bytes; split it."""

    status = 413


class ImportMappingMissing(Conflict):
    """Say first what the columns mean: preview the import."""


class ImportFileGone(Conflict):
    """The rows of this import are no longer kept."""


class ImportUndoTooLate(Conflict):
    """An import can be undone for 72 hours."""


class ImportCannotBeUndone(Conflict):
    """Agencies and invitations are never deleted: close or revoke them one by one."""


class ImportBusy(Conflict):
    """A job is working on this import."""


class AmbiguousMatch(DomainError):
    """Several records have this value; it cannot tell which one is meant."""

    status = 422


class NothingMatches(DomainError):
    """No record has this value."""

    status = 422


class ProbableDuplicate(Conflict):
    """This row probably repeats somebody."""


class RowTouchedSince(Conflict):
    """Changed since the import, so it stays as it is."""


class RowRepeated(Conflict):
    """An earlier row of the file is about the same record."""

from crm_api.kit.errors import Conflict, DomainError, Forbidden, PayloadTooLarge


class FileTooLarge(PayloadTooLarge):
    """The file is larger than {limit} bytes."""


class FileEmpty(DomainError):
    """The file is empty."""

    status = 422


class FileTypeRefused(DomainError):
    """Files of this type are not taken, or the name says another type than the content."""

    status = 415
    # extra: allowed, the endings of names that are taken


class FileNotClean(Conflict):
    """Only files that the virus scanner found clean can be downloaded."""

    # extra: scan_status


class FileSuperseded(Conflict):
    """A newer version of this document is recorded already."""

    # extra: superseded_by_id


class FileUnderLegalHold(Conflict):
    """This document is kept for a legal reason; it cannot be deleted."""


class FileNotYoursToDelete(Forbidden):
    """Without documents:delete, only documents that you added yourself go to the bin, within 24 hours."""


class HealthDataClosed(Forbidden):
    """Health data is open only to those who hold health:read."""


class DatesOutOfOrder(DomainError):
    """A document cannot expire before it was issued."""

    status = 422

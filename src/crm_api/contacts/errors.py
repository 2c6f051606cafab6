from crm_api.kit.errors import Conflict, DomainError, Duplicate, Gone


class NationalIdTaken(Duplicate):
    """Another person has this national identification number."""

    # extra: existing_id


class UnknownAccount(DomainError):
    """There is no such account."""

    status = 422


class LastAccountLink(Conflict):
    """A person belongs to at least one account; link them to another one first."""


class AccountLinkedAlready(Duplicate):
    """The person has this role in this account already."""


class AccountLinkEnded(Conflict):
    """This link has ended; it is kept as history."""


class ContactTouchedSince(Conflict):
    """Somebody worked on this person since; it cannot be taken back."""


class ContactMergedAway(Conflict):
    """This sheet was merged into another one."""

    # extra: merged_into_id


class MergedWithItself(Conflict):
    """A sheet cannot be merged with itself."""


class ContactMergeUndone(Conflict):
    """This merge has been undone already."""


class ContactMergeTooOld(Gone):
    """A merge can be undone for thirty days."""

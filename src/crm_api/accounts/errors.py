from crm_api.kit.errors import Conflict, DomainError, Duplicate


class TaxIdTaken(Duplicate):
    """Another account has this tax number."""


class TradeRegisterNumberTaken(Duplicate):
    """Another account has this trade register number."""


class UnknownAgency(DomainError):
    """There is no such agency among yours."""

    status = 422


class UnknownParentAccount(DomainError):
    """There is no such parent account."""

    status = 422


class AccountCircle(Conflict):
    """An account cannot stand below itself."""


class AccountGroupTooDeep(Conflict):
    """A group of accounts has {most} levels at most."""


class AccountHasChildren(Conflict):
    """Other accounts stand below this one; move them first."""


class AccountInUse(Conflict):
    """This account has contracts or files; close it instead."""


class AccountMergedAway(Conflict):
    """This account was merged into another one; change that one, or undo the merge."""


class AccountMergedWithItself(Conflict):
    """An account cannot be merged with itself."""


class AccountNotMerged(Conflict):
    """This account was not merged."""


class MergeTooOld(Conflict):
    """A merge can be undone for {days} days."""


class AgencyRequired(DomainError):
    """Say which agency looks after this account."""

    status = 422

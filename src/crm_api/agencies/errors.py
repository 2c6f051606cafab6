from crm_api.kit.errors import Conflict, DomainError, Duplicate


class RegionCodeTaken(Duplicate):
    """Another region has this code."""


class AgencyCodeTaken(Duplicate):
    """Another agency has this number."""


class AgencyTreeTooDeep(Conflict):
    """The tree of agencies has three levels at most."""


class AgencyTreeCircle(Conflict):
    """An agency cannot stand below itself."""


class AgencyHasBranches(Conflict):
    """Agencies below this one are still open; close or move them first."""


class TransferTargetUnfit(Conflict):
    """The work must go to another agency that is active."""


class UnknownRegion(DomainError):
    """There is no such region."""

    status = 422


class UnknownParentAgency(DomainError):
    """There is no such parent agency."""

    status = 422


class AgencyClosedForGood(Conflict):
    """A closed agency cannot be changed."""


class CodeTwiceInTable(Conflict):
    """This number is on an earlier line already."""


class UnknownManager(DomainError):
    """There is no such user here."""

    status = 422


class UnknownOpeningCalendar(DomainError):
    """There is no such calendar of opening hours."""

    status = 422

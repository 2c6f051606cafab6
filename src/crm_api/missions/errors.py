from crm_api.kit.errors import Conflict, DomainError, Forbidden, NotFound


class MissionOrderNotDraft(Conflict):
    """An order that was issued no longer changes; cancel it and write another."""


class MissionReportClosed(Conflict):
    """A report is written while the mission is under way."""


class MissionReportMissing(DomainError):
    """Write the report (report_text) before you complete the mission."""

    status = 422


class NotTheAssignee(Forbidden):
    """Only who is sent can do this."""


class OwnMissionOrder(Forbidden):
    """Nobody approves or sends back the report of their own mission."""


class UnknownAssignee(DomainError):
    """There is no such active user."""

    status = 422


class UnknownMissionAgency(DomainError):
    """There is no such agency, or it is not yours."""

    status = 422


class MissionProofUnknown(NotFound):
    """No mission order bears this code."""

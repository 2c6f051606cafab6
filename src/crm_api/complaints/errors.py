from crm_api.kit.errors import Conflict, DomainError, Duplicate, Forbidden


class ComplaintOfTicketTaken(Duplicate):
    """This ticket has its complaint already."""


class ComplaintAnswerMissing(Conflict):
    """Nobody has drafted an answer yet."""


class OwnComplaintAnswer(Forbidden):
    """The answer is approved by somebody else than who wrote it."""


class ComplaintAnswerClosed(Conflict):
    """An answer is written while the complaint is being investigated."""


class ComplaintLevelNotHigher(Conflict):
    """It stands at level {level} already; escalation goes up, to 3 at most."""


class CompensationWithoutGround(DomainError):
    """A complaint that is rejected brings no compensation."""

    status = 422


class RootCauseMissing(DomainError):
    """Name the root cause before you close the complaint."""

    status = 422


class ComplaintSettled(Conflict):
    """A complaint that is closed no longer changes."""

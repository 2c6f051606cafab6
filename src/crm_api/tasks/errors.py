from crm_api.kit.errors import Conflict, DomainError, Forbidden


class UnknownAssignee(DomainError):
    """There is no such active user."""

    status = 422


class UnknownAssigneeGroup(DomainError):
    """There is no such group."""

    status = 422


class UnknownTaskAgency(DomainError):
    """There is no such agency."""

    status = 422


class UnknownBlocker(DomainError):
    """There is no such task to wait for."""

    status = 422


class TaskCircle(Conflict):
    """A task cannot wait for itself, not even through others."""


class TaskBlocked(Conflict):
    """{open_blockers} task(s) that this one waits for are not finished."""


class TaskReopenTooLate(Conflict):
    """A task can be reopened within 7 days of its end."""


class TaskClosed(Conflict):
    """A finished or cancelled task cannot be changed; reopen it first."""


class NotYourTask(Forbidden):
    """Only who does this task, gave it, or leads the agency may do that."""


class NotYourDelegation(Forbidden):
    """Only the colleague whom it was offered may answer."""


class NothingOffered(Conflict):
    """Nobody has offered this task to a colleague."""


class AlreadyTheirs(Conflict):
    """The task is theirs already."""


class NotYoursToDiscard(Forbidden):
    """Only who made a task puts it in the bin."""

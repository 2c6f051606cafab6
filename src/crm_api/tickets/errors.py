from crm_api.kit.errors import Conflict, DomainError, Duplicate, Forbidden, NotFound


class UnknownTicketPart(NotFound):
    """What the ticket names does not exist, or is not yours to see."""

    # extra: what


class UnknownTicketAssignee(DomainError):
    """There is no such active colleague."""

    status = 422


class UnknownTicketStatus(NotFound):
    """There is no such status, or it is no longer used."""


class TicketClosed(Conflict):
    """The ticket is closed for good: what is new goes into a ticket linked to it."""


class TicketMerged(Conflict):
    """This ticket has gone into another one."""

    # extra: merged_into_id


class TicketPartsOpen(Conflict):
    """Something of it is still under way: parts, sub-requests or approvals."""

    # extra: tickets, sub_requests, approvals


class AnsweredMeanwhile(Conflict):
    """Somebody has written since you read it: look again before you answer."""

    # extra: message_id


class TicketMessageKnown(Duplicate):
    """The channel has brought this message already."""


class TicketStatusCodeTaken(Duplicate):
    """Another status has this code."""


class TicketStatusNeeded(Conflict):
    """Each category keeps one default status that is used."""


class TicketCategoryCodeTaken(Duplicate):
    """Another category has this code."""


class TicketCategoryTooDeep(Conflict):
    """The tree of categories has three levels at most."""


class TicketCategoryRetired(Conflict):
    """This category is no longer used."""


class NotYourTicket(Forbidden):
    """Who works on a ticket, its group, or who may assign tickets does this."""


class OwnTicketApproval(Forbidden):
    """Nobody approves what they ask for themselves."""


class TicketsOfOthers(Conflict):
    """Only tickets of the same requester become one."""


class TicketMergeOver(Conflict):
    """There is no merge that can be undone: none was made, or it was longer than thirty days ago."""


class UnknownTicketMessage(DomainError):
    """The ticket has no such message."""

    status = 422


class TicketMacroUnusable(Forbidden):
    """This macro is of somebody else, or no longer used."""


class TicketRuleNameTaken(Duplicate):
    """Another rule has this name."""


class TicketIncidentClosed(Conflict):
    """The mass incident is over: open it again to work on it."""

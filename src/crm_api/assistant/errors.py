from crm_api.kit.errors import Conflict, DomainError


class AssistantSessionOver(Conflict):
    """A person has taken over, or the conversation is closed; the assistant says no more in it."""


class AssistantTooManyTurns(Conflict):
    """This conversation is as long as it may get; begin another one."""


class UnknownAssistantPart(DomainError):
    """There is no such agency or contact, or you may not see it."""

    status = 422

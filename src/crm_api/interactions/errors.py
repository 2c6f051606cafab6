from crm_api.kit.errors import Conflict, DomainError, Duplicate, Forbidden


class ExternalMessageKnown(Duplicate):
    """A message of this channel is recorded under that identifier already."""


class EditWindowClosed(Conflict):
    """An interaction may be changed for {minutes} minutes; after that, correct it."""


class NotYourInteraction(Forbidden):
    """Only who recorded an interaction or took part in it may change it; others correct it."""


class AlreadyCorrected(Conflict):
    """A correction replaces this interaction; correct that one."""

    # extra: corrected_by_id


class NothingPromised(Conflict):
    """No promise was made in this interaction."""


class PartyMissing(DomainError):
    """Say who it was with: a person, an account or a lead, or an unknown party."""

    status = 422


class UnknownAgent(DomainError):
    """There is no such colleague."""

    status = 422


class UnknownRecording(DomainError):
    """There is no such document."""

    status = 422


class PartyKnown(Conflict):
    """This caller is not unknown."""

from crm_api.kit.errors import Conflict, DomainError, Duplicate, Forbidden


class LeadAlreadyConverted(Conflict):
    """This lead has become a customer; it can only be read."""

    # extra: account_id, contact_id, opportunity_id (where it was asked to convert again)


class LeadNotConverted(Conflict):
    """This lead has not been converted."""


class UndoTooLate(Conflict):
    """A conversion can be undone for 7 days."""


class ConversionInUse(Conflict):
    """What the conversion made has been worked on since; it cannot be taken back."""

    # extra: reasons


class UnknownAccount(DomainError):
    """There is no such account."""

    status = 422


class UnknownContact(DomainError):
    """There is no such person."""

    status = 422


class ReopenTooLate(Conflict):
    """A lead can be reopened within 90 days of being given up."""


class NotYoursToDelete(Forbidden):
    """Without admin:restore, only your own new leads go to the bin, within 24 hours."""


class NotYoursToAssign(Forbidden):
    """Giving a lead to somebody else needs leads:assign."""


class UnknownAgency(DomainError):
    """There is no such agency."""

    status = 422


class UnknownCampaign(DomainError):
    """There is no such campaign."""

    status = 422


class UnknownOwner(DomainError):
    """There is no such active user."""

    status = 422


class UnknownLead(DomainError):
    """There is no such lead to be the duplicate of."""

    status = 422


class DuplicateNotNamed(DomainError):
    """Name the lead that this one repeats: duplicate_of_id."""

    status = 422


class SubmissionKnown(Duplicate):
    """This submission has been received already."""


class PartnersOnly(Forbidden):
    """This door is for the API clients of partners."""


class PartnerReferenceTaken(Duplicate):
    """You have sent a lead with this external_id already, and it is no longer new."""


class RoutingRuleNameTaken(Duplicate):
    """Another routing rule has this name."""


class RoutingTargetMissing(DomainError):
    """A routing rule needs an agency or users to give leads to."""

    status = 422


class LeadMergedWithItself(Conflict):
    """A lead cannot be merged with itself."""

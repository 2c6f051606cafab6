from crm_api.kit.errors import Conflict, Duplicate


class RelationshipKnown(Duplicate):
    """This relationship is recorded already, from this end or from the other."""


class RelationshipDatesCrossed(Conflict):
    """A relationship cannot end before it began."""

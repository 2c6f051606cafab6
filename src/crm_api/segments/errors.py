from crm_api.kit.errors import Conflict, DomainError, Duplicate, Forbidden


class SegmentNameTaken(Duplicate):
    """Another segment has this name."""


class SegmentNotReady(Conflict):
    """The members of this segment are not known yet, or it was put away."""

    # extra: id, status


class SegmentMatchesEverybody(Conflict):
    """This rule lets everybody in. Narrow it, or say so with `acknowledge_everybody`."""


class SegmentUsesItself(Conflict):
    """These segments would ask each other for their members: the rule leads back to where it began."""


class SegmentInUse(Conflict):
    """Other segments ask for the members of this one; change them first."""


class SegmentNeedsApproval(Forbidden):
    """This rule looks at official data of people; the data protection officer approves it first."""


class SegmentNotStatic(Conflict):
    """A rule says who belongs to this segment; members are added and removed by hand only in static ones."""


class SegmentNotDynamic(Conflict):
    """No rule says who belongs to this segment."""


class SegmentTooSlow(DomainError):
    """Counting this rule takes too long. Narrow it, or save it: a job will then find its members."""

    status = 422

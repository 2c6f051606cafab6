from crm_api.kit.errors import Conflict, DomainError, Duplicate, Forbidden


class PipelineCodeTaken(Duplicate):
    """Another pipeline has this code."""


class PipelineDefaultTaken(Duplicate):
    """Another pipeline is the default one already."""


class PipelineIsDefault(Conflict):
    """The default pipeline cannot be closed; make another one the default first."""


class PipelineInUse(Conflict):
    """Open opportunities are in this pipeline; move them first."""


class StageInUse(Conflict):
    """Opportunities stand in a stage that would go or change its outcome; move them first."""


class UnknownPipeline(DomainError):
    """There is no such active pipeline."""

    status = 422


class UnknownStage(DomainError):
    """This pipeline has no such stage."""

    status = 422
    # extra: stages


class NoPipeline(Conflict):
    """No active pipeline takes opportunities of this type, and there is no default one."""


class StageClosesOpportunity(Conflict):
    """An opportunity enters this stage by being won or lost."""


class StageNotForCreation(Conflict):
    """An opportunity cannot begin in this stage."""

    # extra: allowed


class StageMoveNotAllowed(Conflict):
    """The rules of the pipeline do not let it go there from its present stage."""

    # extra: rule, allowed


class ApprovalPending(Conflict):
    """Its move waits for a second person; have it approved, or move it elsewhere, first."""

    # extra: pending_stage


class NothingToApprove(Conflict):
    """No move of this opportunity waits for anybody."""


class SecondPersonNeeded(Forbidden):
    """Somebody other than who asked must approve."""


class OpportunityClosed(Conflict):
    """It is won or lost: its amount, its dates and its forecast are frozen; reopen it first."""

    # extra: fields


class WonStays(Conflict):
    """A won opportunity does not go to the bin; reopen it first."""


class LinesDisagree(DomainError):
    """The amount is not the sum of the lines, {sum}."""

    status = 422


class UnknownAccount(DomainError):
    """There is no such account."""

    status = 422


class UnknownContact(DomainError):
    """There is no such person."""

    status = 422


class UnknownAgency(DomainError):
    """There is no such agency."""

    status = 422


class UnknownCampaign(DomainError):
    """There is no such campaign."""

    status = 422


class UnknownOwner(DomainError):
    """There is no such active user."""

    status = 422


class UnknownRegion(DomainError):
    """There is no such region."""

    status = 422


class NoSnapshot(DomainError):
    """No snapshot of the pipelines was taken on {day}."""

    status = 404
    # extra: day, nearest


class TargetTaken(Duplicate):
    """A target of this period and scope is set already."""


class TargetExceedsParent(Conflict):
    """Together the targets below exceed the one above by {difference} DZD; accept that, or lower them."""

    # extra: difference, parent_id

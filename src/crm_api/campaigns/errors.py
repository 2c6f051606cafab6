from crm_api.kit.errors import Conflict, DomainError, Forbidden


class CampaignNotDraft(Conflict):
    """Only a draft changes. Take it back from review, or clone it."""


class CampaignInUse(Conflict):
    """Leads or opportunities came of this campaign; archive it."""


class CampaignClosed(Conflict):
    """This campaign is archived: nothing is added to it any more."""


class CampaignUnknownSegment(DomainError):
    """There is no such segment."""

    status = 422


class CampaignUnknownTemplate(DomainError):
    """There is no such version of a template, or it is of another channel or language."""

    status = 422


class CampaignWeights(DomainError):
    """The weights of the variants sum to 100."""

    status = 422


class CampaignIncomplete(DomainError):
    """Before it is submitted, a campaign names segments, says something, and tests two variants at least."""

    status = 422


class CampaignOwnApproval(Forbidden):
    """Above {limit} people ({audience} here) somebody else approves: not who wrote or submitted it."""


class CampaignNotReady(Conflict):
    """Checks have failed: {checks}. See the readiness of this campaign."""


class CampaignLaunching(Conflict):
    """This campaign is being launched."""


class CampaignStartPast(DomainError):
    """A start lies in the future, and before the end."""

    status = 422


class CampaignNoTest(Conflict):
    """This campaign has no test, or it has not been launched."""


class CampaignTestDecided(Conflict):
    """The rest of the audience has got its variant already."""


class CampaignTestRunning(Conflict):
    """The test is judged at its planned end, not before."""


class CampaignLineEmpty(DomainError):
    """A line is of more than nothing."""

    status = 422

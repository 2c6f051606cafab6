"""The words of a campaign: what it is for, by which channels, how far it has come, how a test is judged."""

from enum import StrEnum

from crm_api.kit.states import machine


class CampaignObjective(StrEnum):
    """What a campaign is for."""

    ACQUISITION = "acquisition"
    RENEWAL = "renewal"
    CROSS_SELL = "cross_sell"
    WIN_BACK = "win_back"
    INFORMATION = "information"
    SATISFACTION = "satisfaction"
    PREVENTION = "prevention"
    RECOVERY = "recovery"


class CampaignChannel(StrEnum):
    """By what a campaign reaches people; e-mail and SMS are sent here, the others planned and paid for."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    PUSH = "push"
    IN_APP = "in_app"
    CALL_LIST = "call_list"
    LETTER = "letter"
    SOCIAL_ADS = "social_ads"
    SEARCH_ADS = "search_ads"
    EVENT = "event"


class CampaignStatus(StrEnum):
    """How far a campaign has come."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


class CampaignMetric(StrEnum):
    """By what variants are compared."""

    OPEN = "open"
    CLICK = "click"
    CONVERSION = "conversion"


class CampaignWinner(StrEnum):
    """Who chooses the variant for the rest: the rule of D-45, or somebody."""

    AUTO = "auto"
    MANUAL = "manual"


class CampaignTie(StrEnum):
    """What the rest gets when nothing is proven: all variants by their weights, or what somebody chooses."""

    SPLIT = "split"
    MANUAL = "manual"


class CampaignOutcome(StrEnum):
    """How a test ended: with a winner, without, or by somebody's choice."""

    WINNER = "winner"
    INCONCLUSIVE = "inconclusive"
    CHOSEN = "chosen"


class CampaignModel(StrEnum):
    """How revenue is shared among the touches before a sale (D-35)."""

    FIRST = "first"
    LAST = "last"
    LINEAR = "linear"
    TIME_DECAY = "time_decay"
    POSITION = "position"


class CampaignLineType(StrEnum):
    """Whether a line of money is planned or spent."""

    BUDGET = "budget"
    SPEND = "spend"


class CampaignCostKind(StrEnum):
    """What money goes to."""

    MEDIA = "media"
    CREATIVE = "creative"
    SMS = "sms"
    AGENCY = "agency"
    STAFF = "staff"


class CampaignPart(StrEnum):
    """Where a person of the audience stands."""

    HOLDOUT = "holdout"
    SAMPLE = "sample"
    REST = "rest"
    LEFT_OUT = "left_out"


CAMPAIGN = machine(
    "campaign",
    """draft: in_review cancelled
    in_review: approved draft cancelled
    approved: scheduled running cancelled
    scheduled: running approved cancelled
    running: paused completed
    paused: running completed
    completed: archived
    cancelled: archived""",
)
ALONE = 1000
"""Above this audience the author does not approve (domain.md H-10)."""
SENT_HERE = (CampaignChannel.EMAIL, CampaignChannel.SMS)
LAUNCHED = (CampaignStatus.RUNNING, CampaignStatus.PAUSED)

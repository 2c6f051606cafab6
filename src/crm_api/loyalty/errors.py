from crm_api.kit.errors import Conflict, Duplicate


class AlreadyEnrolled(Duplicate):
    """This person has an account of the programme."""


class EnrolmentWithoutConsent(Conflict):
    """Nobody takes part without their own consent that holds: name the line of the ledger."""


class RewardCodeTaken(Duplicate):
    """Another reward has this code."""


class RewardOnCompulsoryCover(Conflict):
    """Compulsory cover is never discounted (ordinance 95-07, art. 245 bis): {coverage} is compulsory."""


class RewardCoverUnknown(Conflict):
    """No product has the coverage {coverage}."""


class RewardNotOffered(Conflict):
    """This reward is not offered now."""


class RewardOutOfStock(Conflict):
    """Nothing of this reward is left."""


class NotEnoughPoints(Conflict):
    """{missing} points are missing."""


class LoyaltyAccountClosed(Conflict):
    """This account is closed."""


class LoyaltyInactive(Conflict):
    """The programme is not running."""

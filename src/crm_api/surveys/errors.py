from crm_api.kit.errors import Conflict, Duplicate, Gone, NotFound


class SurveyCodeTaken(Duplicate):
    """Another survey has this code."""


class SurveyUnderway(Conflict):
    """This survey is being asked: what it asks does not change any more. Close it and write another one."""


class SurveyNotActive(Conflict):
    """This survey is not being asked; activate it first."""


class SurveyNobodyToAsk(Conflict):
    """This person has no e-mail address, or wishes not to be written to."""


class SurveyTooSoon(Conflict):
    """This person was asked less than {days} days ago."""


class SurveyLinkUnknown(NotFound):
    """This link leads to no survey."""


class SurveyLinkExpired(Gone):
    """The time to answer is over."""


class SurveyLinkUsed(Gone):
    """You have answered already; thank you."""

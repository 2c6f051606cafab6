from crm_api.kit.errors import Conflict, Duplicate


class AutomationNameTaken(Duplicate):
    """Another automation has this name."""


class AutomationTemplateMissing(Conflict):
    """No approved template of code {template_code} for this channel."""


class AutomationNotActive(Conflict):
    """This automation takes nobody in; activate it first."""


class EnrolmentUnderway(Duplicate):
    """This customer is on their way through this automation already."""

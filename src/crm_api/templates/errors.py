from crm_api.kit.errors import Conflict, Duplicate


class TemplateCodeTaken(Duplicate):
    """There is a template of this code, channel and language already: revise that one."""


class TemplateDraftThere(Duplicate):
    """This template has a draft already."""


class TemplateSealed(Conflict):
    """What was approved does not change: make a new revision."""


class TemplateNotEmail(Conflict):
    """Only e-mails can be sent to try them."""


class TemplateNotLetter(Conflict):
    """Only letters are printed."""


class TemplateNotSms(Conflict):
    """Only SMS are counted in parts."""


class TemplateTooMuch(Conflict):
    """With these values the message grows longer than it may."""

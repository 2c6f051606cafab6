from crm_api.kit.errors import Conflict, Duplicate


class CustomFieldKeyTaken(Duplicate):
    """This kind of object has a field with this key already, perhaps a retired one."""


class TooManyCustomFields(Conflict):
    """A kind of object has {most} fields of your own at most."""


class CustomFieldNeedsOptions(Conflict):
    """Only a field to choose in has options, and it needs at least one."""

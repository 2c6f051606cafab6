from crm_api.kit.errors import Conflict, Duplicate, Forbidden


class ViewNameTaken(Duplicate):
    """You have a view of this name for this list already."""


class ViewOfSomebodyElse(Forbidden):
    """Only its owner changes a view, or an administrator one that is shared by role or with all."""


class SharingNotAllowed(Forbidden):
    """To share a view with a role or with everybody you need the scope settings:manage."""


class NoTeamToShareWith(Conflict):
    """You work in no agency, so there is no team to share with."""

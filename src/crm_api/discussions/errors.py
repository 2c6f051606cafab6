from crm_api.kit.errors import Conflict, Forbidden


class OnlyPeopleTalk(Forbidden):
    """Discussions are for the staff; no program and no partner takes part."""


class DiscussionArchived(Conflict):
    """This discussion is archived; reopen it first."""


class DiscussionNotArchived(Conflict):
    """This discussion is not archived."""


class DiscussionOwnersOnly(Forbidden):
    """Only the owners of the discussion may do this."""


class DiscussionMembersFixed(Conflict):
    """Who takes part here does not change; begin another discussion."""


class DiscussionNotJoined(Conflict):
    """You do not follow this discussion; join it first."""


class DiscussionExists(Conflict):
    """Somebody has just opened the same discussion; ask again."""


class AnnouncementsReserved(Forbidden):
    """Announcements are opened by who manages the settings of the company."""


class NotYourDiscussionMessage(Forbidden):
    """Only its author may change a message."""


class DiscussionMessageEditClosed(Conflict):
    """A message may be changed for {hours} hours; write another one."""


class DiscussionMessageRemoved(Conflict):
    """This message was removed."""


class DiscussionFileTaken(Conflict):
    """This file hangs on a message already; upload it again."""

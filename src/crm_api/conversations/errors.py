from crm_api.kit.errors import Conflict


class ConversationOver(Conflict):
    """What was asked is closed; the customer writes first."""

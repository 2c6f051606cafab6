"""What the links of our mails carry to the site, so that a visit is known to come of a message."""

from crm_api.core.context import Context
from crm_api.mailings.errors import MessageLinkUnknown
from crm_api.mailings.links import visited
from crm_api.tracking.collecting import Click, Opener


def opener(ctx: Context) -> Opener:
    """Tells whom a click token names; None for one that we did not sign, or signed for somebody else."""

    def opened(token: str) -> Click | None:
        try:
            organization_id, message_id, contact_id = visited(ctx.tools.links, token)
        except MessageLinkUnknown:
            return None
        return Click(contact_id, message_id) if organization_id == ctx.organization_id else None

    return opened

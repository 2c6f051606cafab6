"""What the QR code on the wall of an agency says."""

from datetime import timedelta
from uuid import UUID

from crm_api.channels.errors import CounterUnknown
from crm_api.core.context import Context
from crm_api.core.signed_links import LinkExpired, LinkSigner, SignedLink, expiring
from crm_api.kit.errors import NotFound

COUNTER = "counter of an agency"
LASTS = timedelta(days=730)
"""A poster hangs long; whoever pauses the channel ends it at once."""


def link_to(ctx: Context, channel_id: UUID) -> str:
    who = ctx.principal
    link = SignedLink(ctx.organization_id, channel_id, who.id, who.kind, expiring(LASTS))
    return ctx.tools.links.sign(link, COUNTER)


def opened(signer: LinkSigner, link: str) -> SignedLink:
    """Raises CounterUnknown for what we did not sign, or what is too old."""
    try:
        return signer.verify(link, COUNTER)
    except (NotFound, LinkExpired) as error:
        raise CounterUnknown from error

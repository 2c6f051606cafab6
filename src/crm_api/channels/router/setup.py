"""What an administrator sets up."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response, status

from crm_api.channels.errors import (
    ChannelAddressTaken,
    ChannelHasNoCounter,
    ChannelNotMail,
    InboxNameTaken,
    MailboxKnown,
    MailDomainKnown,
    UnknownChannelPart,
)
from crm_api.channels.router.doors import Manager, Reader, channels, domains, inboxes, mailboxes
from crm_api.channels.schemas.setup import (
    ChannelSecret,
    InboxChannelCreate,
    InboxChannelPage,
    InboxChannelPatch,
    InboxChannelQuery,
    InboxChannelRead,
    InboxCreate,
    InboxPage,
    InboxPatch,
    InboxQuery,
    InboxRead,
    MailboxCreate,
    MailboxPage,
    MailboxPatch,
    MailboxQuery,
    MailboxRead,
    MailDomainCreate,
    MailDomainPage,
    MailDomainPatch,
    MailDomainQuery,
    MailDomainRead,
)
from crm_api.channels.service import InboxChannelService, InboxService, MailboxService, MailDomainService
from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json

DRAWING: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The QR code, to be printed.",
        "content": {"image/svg+xml": {"schema": {"type": "string"}}},
    }
}


@inboxes.get("")
async def list_inboxes(ctx: Reader, query: Annotated[InboxQuery, Query()]) -> Json[InboxPage]:
    """List inboxes."""
    return await InboxService(ctx).page(query)


@inboxes.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(InboxNameTaken, UnknownChannelPart),
)
async def create_inbox(ctx: Manager, body: InboxCreate) -> Json[InboxRead]:
    """Set up the inbox of a team."""
    return await InboxService(ctx).create(body)


@inboxes.get("/{inbox_id}")
async def get_inbox(ctx: Reader, inbox_id: UUID) -> Json[InboxRead]:
    """Read an inbox."""
    return await InboxService(ctx).get(inbox_id)


@inboxes.patch("/{inbox_id}", openapi_extra=refusals(InboxNameTaken, UnknownChannelPart))
async def update_inbox(
    ctx: Manager, inbox_id: UUID, body: Annotated[InboxPatch, MergePatch], version: IfMatch
) -> Json[InboxRead]:
    """Change an inbox."""
    return await InboxService(ctx).update(inbox_id, body, version)


@channels.get("")
async def list_inbox_channels(
    ctx: Reader, query: Annotated[InboxChannelQuery, Query()]
) -> Json[InboxChannelPage]:
    """List channels: what leads into the inboxes."""
    return await InboxChannelService(ctx).page(query)


@channels.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(ChannelAddressTaken, ChannelHasNoCounter, UnknownChannelPart),
)
async def create_inbox_channel(ctx: Manager, body: InboxChannelCreate) -> Json[InboxChannelRead]:
    """Open a channel.

    Of a mail channel the mail server hands over what comes for its address (LMTP), or a mailbox is read
    (IMAP). Gateways of other channels post what they get, signed: ask for the secret.
    """
    return await InboxChannelService(ctx).create(body)


@channels.get("/{inbox_channel_id}")
async def get_inbox_channel(ctx: Reader, inbox_channel_id: UUID) -> Json[InboxChannelRead]:
    """Read a channel."""
    return await InboxChannelService(ctx).get(inbox_channel_id)


@channels.patch(
    "/{inbox_channel_id}",
    openapi_extra=refusals(ChannelHasNoCounter, UnknownChannelPart),
)
async def update_inbox_channel(
    ctx: Manager, inbox_channel_id: UUID, body: Annotated[InboxChannelPatch, MergePatch], version: IfMatch
) -> Json[InboxChannelRead]:
    """Change a channel; its kind and its address stay."""
    return await InboxChannelService(ctx).update(inbox_channel_id, body, version)


@channels.post("/{inbox_channel_id}/secret")
async def renew_channel_secret(ctx: Manager, inbox_channel_id: UUID, version: IfMatch) -> ChannelSecret:
    """Make a new secret for who signs messages of this channel; the one before ends at once.

    `X-Assura-Timestamp` is the moment in seconds since 1970, `X-Assura-Signature` is `v1=` and the
    hexadecimal HMAC-SHA256, with the secret, of the timestamp, a dot, and the bytes of the body.
    """
    return await InboxChannelService(ctx).renew_secret(inbox_channel_id, version)


@channels.get(
    "/{inbox_channel_id}/qr",
    response_class=Response,
    responses=DRAWING,
    openapi_extra=refusals(ChannelHasNoCounter),
)
async def draw_counter_code(ctx: Reader, inbox_channel_id: UUID) -> Response:
    """Draw the QR code of a counter: who scans it opens a ticket of that agency."""
    drawn = await InboxChannelService(ctx).counter_code(inbox_channel_id)
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": 'attachment; filename="guichet.svg"',
    }
    return Response(drawn, media_type="image/svg+xml", headers=headers)


@mailboxes.get("")
async def list_mailboxes(ctx: Reader, query: Annotated[MailboxQuery, Query()]) -> Json[MailboxPage]:
    """List mailboxes that are read."""
    return await MailboxService(ctx).page(query)


@mailboxes.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(MailboxKnown, ChannelNotMail, UnknownChannelPart),
)
async def create_mailbox(ctx: Manager, body: MailboxCreate) -> Json[MailboxRead]:
    """Have a mailbox read: new mails are fetched every minute, and stay where they are."""
    return await MailboxService(ctx).create(body)


@mailboxes.get("/{mailbox_id}")
async def get_mailbox(ctx: Reader, mailbox_id: UUID) -> Json[MailboxRead]:
    """Read how a mailbox is doing."""
    return await MailboxService(ctx).get(mailbox_id)


@mailboxes.patch("/{mailbox_id}", openapi_extra=refusals(MailboxKnown))
async def update_mailbox(
    ctx: Manager, mailbox_id: UUID, body: Annotated[MailboxPatch, MergePatch], version: IfMatch
) -> Json[MailboxRead]:
    """Change a mailbox; another server or folder is read from its beginning."""
    return await MailboxService(ctx).update(mailbox_id, body, version)


@domains.get("")
async def list_mail_domains(ctx: Reader, query: Annotated[MailDomainQuery, Query()]) -> Json[MailDomainPage]:
    """List domains whose mails are signed."""
    return await MailDomainService(ctx).page(query)


@domains.post("", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(MailDomainKnown))
async def create_mail_domain(ctx: Manager, body: MailDomainCreate) -> Json[MailDomainRead]:
    """Make a key that signs the mails of a domain (DKIM).

    Publish the TXT record that the answer names, then set `is_active`.
    """
    return await MailDomainService(ctx).create(body)


@domains.get("/{mail_domain_id}")
async def get_mail_domain(ctx: Reader, mail_domain_id: UUID) -> Json[MailDomainRead]:
    """Read a domain, and what to publish about it."""
    return await MailDomainService(ctx).get(mail_domain_id)


@domains.patch("/{mail_domain_id}")
async def update_mail_domain(
    ctx: Manager, mail_domain_id: UUID, body: Annotated[MailDomainPatch, MergePatch], version: IfMatch
) -> Json[MailDomainRead]:
    """Begin or end signing with this key."""
    return await MailDomainService(ctx).update(mail_domain_id, body, version)

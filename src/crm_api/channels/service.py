"""Inboxes, channels, mailboxes and domains: what an administrator sets up."""

from base64 import urlsafe_b64encode
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crm_api.channels.counter_links import link_to
from crm_api.channels.errors import ChannelHasNoCounter, ChannelNotMail, UnknownChannelPart
from crm_api.channels.mail.composing import new_private_key, published
from crm_api.channels.models.inboxes import ChannelKind, InboxChannel
from crm_api.channels.models.mail import Mailbox, MailDomain
from crm_api.channels.repository.setup import (
    InboxChannelRepository,
    InboxRepository,
    MailboxRepository,
    MailDomainRepository,
)
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
    given,
)
from crm_api.channels.signing import new_secret
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.core.sealing import seal
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.later import later
from crm_api.kit.schemas import Json

if TYPE_CHECKING:
    import segno
else:
    segno = later("segno")

KEY_LENGTH = 43
"""Characters of what stands in an address for an organization and a channel."""


def address_key(organization_id: UUID, channel_id: UUID) -> str:
    return urlsafe_b64encode(organization_id.bytes + channel_id.bytes).rstrip(b"=").decode()


class InboxService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.inboxes = InboxRepository(ctx)

    async def page(self, query: InboxQuery) -> Json[InboxPage]:
        return await self.inboxes.page(query, InboxPage)

    async def get(self, inbox_id: UUID) -> Json[InboxRead]:
        return await self.inboxes.get(inbox_id)

    async def create(self, data: InboxCreate) -> Json[InboxRead]:
        """Raises InboxNameTaken, UnknownChannelPart."""
        return await self.inboxes.add(data)

    async def update(self, inbox_id: UUID, data: InboxPatch, version: int) -> Json[InboxRead]:
        return await self.inboxes.edit(inbox_id, given(data), version)


class InboxChannelService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.channels = InboxChannelRepository(ctx)

    async def page(self, query: InboxChannelQuery) -> Json[InboxChannelPage]:
        return await self.channels.page(query, InboxChannelPage)

    async def get(self, channel_id: UUID) -> Json[InboxChannelRead]:
        return await self.channels.get(channel_id)

    async def taking(self, address: str) -> tuple[UUID, UUID] | None:
        """(organization, channel) that takes mails for this address, in the whole installation."""
        return await self.channels.of_address(address)

    async def row(self, channel_id: UUID) -> InboxChannel | None:
        """For other domains; not locked."""
        return await self.channels.row(channel_id)

    async def create(self, data: InboxChannelCreate) -> Json[InboxChannelRead]:
        """Raises ChannelAddressTaken, ChannelHasNoCounter, UnknownChannelPart."""
        if data.kind is ChannelKind.IN_PERSON and data.agency_id is None:
            raise ChannelHasNoCounter
        self.ctx.begin()
        channel = InboxChannel(id=new_id(), **dict(data))
        await seal(self.ctx, channel, {"secret": new_secret()})
        await self.channels.save(channel)
        return await self.channels.get(channel.id)

    async def update(self, channel_id: UUID, data: InboxChannelPatch, version: int) -> Json[InboxChannelRead]:
        changes = given(data)
        if "agency_id" in changes and changes["agency_id"] is None:
            channel = (await self.channels.get(channel_id)).value
            if channel.kind is ChannelKind.IN_PERSON:
                raise ChannelHasNoCounter
        return await self.channels.edit(channel_id, changes, version)

    async def renew_secret(self, channel_id: UUID, version: int) -> ChannelSecret:
        """The one before no longer signs anything."""
        channel = await self.channels.load(channel_id)
        if version not in (channel.version, ANY_VERSION):
            raise VersionConflict(current_version=channel.version)
        secret = new_secret()
        await seal(self.ctx, channel, {"secret": secret})
        await self.channels.save(channel)
        key = address_key(self.ctx.organization_id, channel_id)
        base = self.ctx.tools.settings.base_url
        return ChannelSecret(
            id=channel_id, post_to=f"{base}/v1/public/channels/{key}/messages", secret=secret
        )

    async def counter_code(self, channel_id: UUID) -> bytes:
        """The QR code of a counter, as SVG. Raises ChannelHasNoCounter."""
        channel = (await self.channels.get(channel_id)).value
        if channel.kind is not ChannelKind.IN_PERSON:
            raise ChannelHasNoCounter
        drawn = BytesIO()
        segno.make(self.counter_url(channel_id), error="m", micro=False).save(
            drawn, kind="svg", scale=8, border=4, xmldecl=False
        )
        return drawn.getvalue()

    def counter_url(self, channel_id: UUID) -> str:
        link = link_to(self.ctx, channel_id)
        return f"{self.ctx.tools.settings.base_url}/v1/public/counters/{link}"


class MailboxService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.mailboxes = MailboxRepository(ctx)

    async def page(self, query: MailboxQuery) -> Json[MailboxPage]:
        return await self.mailboxes.page(query, MailboxPage)

    async def get(self, mailbox_id: UUID) -> Json[MailboxRead]:
        return await self.mailboxes.get(mailbox_id)

    async def create(self, data: MailboxCreate) -> Json[MailboxRead]:
        """Raises UnknownChannelPart, ChannelNotMail, MailboxKnown."""
        try:
            channel = (await InboxChannelRepository(self.ctx).get(data.channel_id)).value
        except NotFound as unknown:
            raise UnknownChannelPart(what="channel") from unknown
        if channel.kind is not ChannelKind.EMAIL:
            raise ChannelNotMail
        self.ctx.begin()
        fields = {name: value for name, value in data if name != "password"}
        mailbox = Mailbox(id=new_id(), **fields | {"host": data.host.lower()})
        await seal(self.ctx, mailbox, {"password": data.password.get_secret_value()})
        await self.mailboxes.save(mailbox)
        return await self.mailboxes.get(mailbox.id)

    async def update(self, mailbox_id: UUID, data: MailboxPatch, version: int) -> Json[MailboxRead]:
        """Another server or folder is read from its beginning. Raises MailboxKnown."""
        mailbox = await self.mailboxes.load(mailbox_id)
        if version not in (mailbox.version, ANY_VERSION):
            raise VersionConflict(current_version=mailbox.version)
        changes: dict[str, Any] = given(data)
        password = changes.pop("password", None)
        if any(getattr(mailbox, name) != changes.get(name, getattr(mailbox, name)) for name in _PLACE):
            mailbox.uid_validity, mailbox.last_uid = None, 0
        for name, value in changes.items():
            setattr(mailbox, name, value)
        if password is not None:
            await seal(self.ctx, mailbox, {"password": password.get_secret_value()})
        mailbox.failure_count, mailbox.last_error = 0, None
        await self.mailboxes.save(mailbox)
        return await self.mailboxes.get(mailbox_id)


_PLACE = ("host", "username", "folder")


class MailDomainService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.domains = MailDomainRepository(ctx)

    async def page(self, query: MailDomainQuery) -> Json[MailDomainPage]:
        return await self.domains.page(query, MailDomainPage)

    async def get(self, domain_id: UUID) -> Json[MailDomainRead]:
        return await self.domains.get(domain_id)

    async def create(self, data: MailDomainCreate) -> Json[MailDomainRead]:
        """With a key of its own, not used before somebody says so. Raises MailDomainKnown."""
        self.ctx.begin()
        private = new_private_key()
        domain = MailDomain(id=new_id(), **dict(data), dns_value=published(private), is_active=False)
        await seal(self.ctx, domain, {"private_key": private})
        await self.domains.save(domain)
        return await self.domains.get(domain.id)

    async def update(self, domain_id: UUID, data: MailDomainPatch, version: int) -> Json[MailDomainRead]:
        return await self.domains.edit(domain_id, given(data), version)

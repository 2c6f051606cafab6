"""Mailboxes are read: what is new is accepted, and how far we are is written in the same transaction."""

from functools import partial
from uuid import UUID

from anyio import to_thread

from crm_api.channels.imap import Account, Batch, fetch
from crm_api.channels.models.inboxes import InboxChannel
from crm_api.channels.models.mail import Mailbox
from crm_api.channels.models.messages import InboundSource
from crm_api.channels.receiving import Receiving
from crm_api.channels.repository.setup import InboxChannelRepository, MailboxRepository
from crm_api.channels.sending import opened
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import enqueue
from crm_api.core.outside import HostInside, HostUnknown, address_of
from crm_api.kit.errors import NotFound

POLL = "poll_mailbox"


class Polling:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.mailboxes = MailboxRepository(ctx)

    async def all(self) -> None:
        """One job for each mailbox: a server that does not answer holds up no other."""
        for mailbox_id in await self.mailboxes.active():
            await self._again(mailbox_id)

    async def poll(self, mailbox_id: UUID) -> None:
        """One go. A server that drops costs nothing: what came is kept, the rest comes next time.

        The row is locked meanwhile, so two workers never read one mailbox at once.
        """
        try:
            mailbox = await self.mailboxes.load(mailbox_id)
        except NotFound:
            return
        channel = await InboxChannelRepository(self.ctx).row(mailbox.channel_id)
        if channel is None or not mailbox.is_active or not channel.is_active:
            return
        batch = await self._fetched(mailbox)
        await self._accepted(batch, mailbox, channel)
        if batch.uid_validity is not None and batch.uid_validity != mailbox.uid_validity:
            mailbox.uid_validity, mailbox.last_uid = batch.uid_validity, 0
        if batch.mails:
            mailbox.last_uid = batch.mails[-1].uid
        mailbox.polled_at, mailbox.last_error = now(), batch.error
        mailbox.failure_count = mailbox.failure_count + 1 if batch.error else 0
        await self.mailboxes.save(mailbox)
        if batch.more:
            await self._again(mailbox_id, f"{mailbox_id}:{mailbox.last_uid}")

    async def _fetched(self, mailbox: Mailbox) -> Batch:
        settings = self.ctx.tools.settings
        try:
            address = await address_of(settings, mailbox.host, mailbox.port)
        except (HostInside, HostUnknown) as error:
            return Batch(error=type(error).__name__)
        account = Account(
            address=address,
            host=mailbox.host,
            port=mailbox.port,
            security=mailbox.security.value,
            username=mailbox.username,
            password=await opened(self.ctx, mailbox, "password"),
            folder=mailbox.folder,
        )
        return await to_thread.run_sync(partial(fetch, account, mailbox.uid_validity, mailbox.last_uid))

    async def _accepted(self, batch: Batch, mailbox: Mailbox, channel: InboxChannel) -> None:
        receiving = Receiving(self.ctx)
        for mail in batch.mails:
            if mail.is_whole:
                await receiving.mail(
                    channel.id, mail.content, InboundSource.IMAP, envelope_to=channel.address
                )
            else:
                name = f"{mailbox.host}/{mailbox.username}/{mailbox.folder}/{batch.uid_validity}/{mail.uid}"
                await receiving.oversized(channel.id, mail.content, mail.size, InboundSource.IMAP, name)

    async def _again(self, mailbox_id: UUID, key: str | None = None) -> None:
        await enqueue(self.ctx, POLL, {"mailbox_id": mailbox_id}, dedupe_key=key or str(mailbox_id))

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal_column, select, text

from crm_api.channels.errors import (
    ChannelAddressTaken,
    InboxNameTaken,
    MailboxKnown,
    MailDomainKnown,
    UnknownChannelPart,
)
from crm_api.channels.models.inboxes import Inbox, InboxChannel
from crm_api.channels.models.mail import Mailbox, MailDomain
from crm_api.channels.schemas.setup import InboxChannelRead, InboxRead, MailboxRead, MailDomainRead
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository


class InboxRepository(Repository[Inbox, InboxRead]):
    model, read = Inbox, InboxRead
    refusals = {
        "uq_inboxes_name": InboxNameTaken,
        "fk_inboxes_group": UnknownChannelPart,
        "fk_inboxes_agency": UnknownChannelPart,
    }

    async def row(self, inbox_id: UUID) -> Inbox:
        """Not locked."""
        found: Inbox = (
            await self.ctx.session.scalars(
                select(Inbox).where(Inbox.organization_id == self.ctx.organization_id, Inbox.id == inbox_id)
            )
        ).one()
        return found


class InboxChannelRepository(Repository[InboxChannel, InboxChannelRead]):
    model, read = InboxChannel, InboxChannelRead
    refusals = {
        "uq_inbox_channels_address": ChannelAddressTaken,
        "fk_inbox_channels_inbox": UnknownChannelPart,
        "fk_inbox_channels_agency": UnknownChannelPart,
    }

    async def of_address(self, address: str) -> tuple[UUID, UUID] | None:
        """(organization, channel) that takes mails for this address, in the whole installation."""
        rows = await self.rows(
            "mail channel",
            lambda: text("SELECT organization_id, channel_id FROM crm_find_mail_channel(:address)"),
            {"address": address},
        )
        return (rows[0][0], rows[0][1]) if rows else None

    async def row(self, channel_id: UUID) -> InboxChannel | None:
        """The entity, not locked: many messages come in by one channel at once."""
        found: InboxChannel | None = await self.ctx.session.scalar(
            select(InboxChannel).where(
                InboxChannel.organization_id == self.ctx.organization_id, InboxChannel.id == channel_id
            )
        )
        return found


class MailboxRepository(Repository[Mailbox, MailboxRead]):
    model, read = Mailbox, MailboxRead
    refusals = {"uq_mailboxes_folder": MailboxKnown, "fk_mailboxes_channel": UnknownChannelPart}

    async def active(self) -> list[UUID]:
        statement = select(Mailbox.id).where(
            Mailbox.organization_id == self.ctx.organization_id, Mailbox.is_active
        )
        return list(await self.ctx.session.scalars(statement.order_by(Mailbox.id).limit(500)))


class MailDomainRepository(Repository[MailDomain, MailDomainRead]):
    model, read = MailDomain, MailDomainRead
    refusals = {"uq_mail_domains_selector": MailDomainKnown}

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        table = table_of(MailDomain)
        name = table.c.selector.concat(literal_column("'._domainkey.'")).concat(table.c.domain)
        return {**super().columns(), "dns_name": name}

    async def signing(self, domain: str) -> MailDomain | None:
        """The newest key of the domain that is in use."""
        found: MailDomain | None = await self.ctx.session.scalar(
            select(MailDomain)
            .where(
                MailDomain.organization_id == self.ctx.organization_id,
                MailDomain.domain == domain,
                MailDomain.is_active,
            )
            .order_by(MailDomain.created_at.desc())
            .limit(1)
        )
        return found

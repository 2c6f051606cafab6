"""The inbox of a team: what came in waits there until somebody is done with it."""

from collections.abc import Sequence
from uuid import UUID

from crm_api.channels.mail.headers import clean
from crm_api.channels.models.inboxes import INBOX_ITEM, InboxChannel, InboxItem, InboxItemStatus
from crm_api.channels.models.messages import InboundMessage
from crm_api.channels.repository.items import InboxItemRepository
from crm_api.channels.schemas.items import (
    InboxAction,
    InboxBulk,
    InboxBulkDone,
    InboxItemFilter,
    InboxItemPage,
    InboxItemQuery,
    InboxItemRead,
)
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import InvalidTransition, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.schemas.ticket import TicketRead

_BECOMES = {
    "done": InboxItemStatus.DONE,
    "reopen": InboxItemStatus.OPEN,
    "spam": InboxItemStatus.SPAM,
}
_SNIPPET = 200


class InboxDesk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.items = InboxItemRepository(ctx)

    # --- reading

    async def page(self, query: InboxItemQuery) -> Json[InboxItemPage]:
        return await self.items.page(query, InboxItemPage)

    async def count(self, query: InboxItemFilter) -> Count:
        return await self.items.count(query)

    async def get(self, item_id: UUID) -> Json[InboxItemRead]:
        return await self.items.get(item_id)

    # --- what people do

    async def read(self, item_id: UUID) -> Json[InboxItemRead]:
        """By me, up to now; once more changes nothing."""
        await self.items.load(item_id)
        await self.items.mark([item_id], now())
        return await self.items.get(item_id)

    async def unread(self, item_id: UUID) -> Json[InboxItemRead]:
        await self.items.load(item_id)
        await self.items.mark([item_id], None)
        return await self.items.get(item_id)

    async def move(self, item_id: UUID, action: InboxAction, version: int) -> Json[InboxItemRead]:
        """Raises InvalidTransition, VersionConflict."""
        item = await self.items.load(item_id)
        if version not in (item.version, ANY_VERSION):
            raise VersionConflict(current_version=item.version)
        wanted = _BECOMES[action]
        INBOX_ITEM.check(item.status, wanted)
        item.status = wanted
        await self.items.save(item)
        return await self.items.get(item_id)

    async def bulk(self, data: InboxBulk) -> InboxBulkDone:
        """In one transaction; what cannot be done is skipped, not refused."""
        self.ctx.begin()
        rows = await self.items.seen_of(data.ids)
        changed: Sequence[UUID]
        if data.action in ("read", "unread"):
            changed = [row.id for row in rows]
            await self.items.mark(changed, now() if data.action == "read" else None)
        else:
            changed = [row.id for row in rows if self._moved(row, _BECOMES[data.action])]
            for row in rows:
                await self.items.save(row)
        done = set(changed)
        return InboxBulkDone(
            changed=len(done), skipped_ids=[id for id in dict.fromkeys(data.ids) if id not in done]
        )

    @staticmethod
    def _moved(row: InboxItem, wanted: InboxItemStatus) -> bool:
        try:
            INBOX_ITEM.check(row.status, wanted)
        except InvalidTransition:
            return False
        row.status = wanted
        return True

    # --- what happens

    async def arrived(
        self,
        message: InboundMessage,
        channel: InboxChannel,
        ticket: Ticket | TicketRead,
        text: str,
        *,
        is_new: bool,
    ) -> None:
        """The customer wrote: the item waits again, whatever it was; spam stays spam."""
        item = None if is_new else await self.items.of_ticket(ticket.id)
        moment = message.received_at
        if item is None:
            item = InboxItem(
                id=new_id(),
                inbox_id=channel.inbox_id,
                channel_id=channel.id,
                kind=channel.kind,
                ticket_id=ticket.id,
                ticket_number=ticket.number,
                subject=ticket.subject,
                message_count=0,
                last_inbound_at=moment,
                last_message_at=moment,
            )
        item.owner_user_id, item.agency_id = ticket.owner_user_id, ticket.agency_id
        item.channel_id, item.kind = channel.id, channel.kind
        item.sender_name = (message.sender_name or message.sender or "?")[:254]
        item.snippet = clean(text, _SNIPPET)
        item.message_count += 1
        item.last_inbound_at = max(item.last_inbound_at, moment)
        item.last_message_at = max(item.last_message_at, moment)
        if item.status is InboxItemStatus.DONE:
            item.status = InboxItemStatus.OPEN
        await self.items.save(item)

    async def answered(self, ticket_id: UUID) -> None:
        """A colleague wrote to the customer."""
        item = await self.items.of_ticket(ticket_id)
        if item is not None:
            item.message_count += 1
            item.last_message_at = max(item.last_message_at, now())
            await self.items.save(item)

    async def handed(self, ticket_id: UUID, owner_user_id: UUID | None) -> None:
        item = await self.items.of_ticket(ticket_id)
        if item is not None and item.owner_user_id != owner_user_id:
            item.owner_user_id = owner_user_id
            await self.items.save(item)

    async def settled(self, ticket_id: UUID, status: InboxItemStatus) -> None:
        """Its ticket is solved, or is not any more."""
        item = await self.items.of_ticket(ticket_id)
        if item is not None and self._moved(item, status):
            await self.items.save(item)

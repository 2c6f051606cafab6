"""Messages and their events, as they are told of."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, delete, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.mailings.ledgers import rows_of
from crm_api.mailings.models import Message, MessageEvent, MessageLink, MessageStatus
from crm_api.mailings.repository.sends import MessageRepository

_U = Uuid()
_COLUMNS = (
    *("message_id", "send_id", "type", "at", "ip", "user_agent", "link_id", "is_bot"),
    *("provider_id", "provider_event_id", "detail"),
)
_TOLD = (
    *("status", "failure", "counts_from", "sent_at", "delivered_at", "opened_at", "proxy_opened_at"),
    *("clicked_at", "bounced_at", "unsubscribed_at", "complained_at"),
)
_WITHDRAW = text(
    """
WITH gone AS (
    UPDATE messages m SET status = 'suppressed', reason = 'not_granted', counts_from = NULL,
        version = m.version + 1, updated_at = clock_timestamp()
    FROM sends s
    WHERE m.organization_id = :org AND m.contact_id = :contact AND m.status IN ('queued', 'retry')
        AND s.organization_id = :org AND s.id = m.send_id AND s.purpose = :purpose
        AND (CAST(:brand AS text) = '' OR s.brand = CAST(:brand AS text))
    RETURNING m.send_id
)
SELECT send_id, count(*) FROM gone GROUP BY send_id
"""
).bindparams(bindparam("org", type_=_U), bindparam("contact", type_=_U))


class HearingRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.messages = MessageRepository(ctx)

    async def taken(self, message_id: UUID) -> Message | None:
        """Locked: two events of one message follow each other."""
        found = select(Message).where(Message.id == message_id).with_for_update()
        row = await self.ctx.session.scalar(found, execution_options={"populate_existing": True})
        if row is not None:
            self.ctx.session.expunge(row)
        return row

    async def save(self, message: Message) -> None:
        """Past the journal: events are the journal of messages, and there are millions of both."""
        table = table_of(Message)
        own = table.c.organization_id == self.ctx.organization_id, table.c.id == message.id
        change = {name: getattr(message, name) for name in _TOLD}
        change |= {"version": table.c.version + 1, "updated_at": func.clock_timestamp()}
        await self.ctx.session.execute(update(table).where(*own).values(change))

    async def named(self, provider_id: UUID, provider_message_id: str) -> UUID | None:
        same = Message.provider_id == provider_id, Message.provider_message_id == provider_message_id
        return await self.ctx.session.scalar(select(Message.id).where(*same).limit(1))

    async def keep(self, event: MessageEvent) -> bool:
        """False: it was told before."""
        table = rows_of(MessageEvent)
        row = {name: getattr(event, name) for name in _COLUMNS}
        row |= {"organization_id": self.ctx.organization_id, "is_bot": bool(event.is_bot)}
        written = insert(table).values(row).on_conflict_do_nothing().returning(table.c.id)
        return await self.ctx.session.scalar(written) is not None

    async def call(self, message_id: UUID, provider_message_id: str) -> None:
        """What the provider calls a message of ours."""
        table = table_of(Message)
        own = table.c.organization_id == self.ctx.organization_id, table.c.id == message_id
        await self.ctx.session.execute(
            update(table).where(*own).values(provider_message_id=provider_message_id)
        )

    async def withdraw(self, contact_id: UUID, purpose: str, brand: str) -> Mapping[UUID, int]:
        """What waits for somebody who allows it no more does not go out; how many of which send."""
        values = {"org": self.ctx.organization_id, "contact": contact_id, "purpose": purpose}
        rows = await self.ctx.session.execute(_WITHDRAW, {**values, "brand": brand})
        return {row[0]: int(row[1]) for row in rows}

    async def link(self, link_id: UUID, message_id: UUID) -> tuple[str, bool, UUID] | None:
        """Where a link leads, whether no person sees it, and whose message it is; one statement."""
        values = {"link_id": link_id, "message_id": message_id}
        rows = await Repository.rows(self.messages, "link", _link, values)
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else None

    async def events(self, message_id: UUID) -> Sequence[Sequence[Any]]:
        """type, at, is_bot, url, detail; the oldest first."""
        return await self.messages.rows("events", _events, {"message_id": message_id})

    async def sweep(self, months: int) -> int:
        """Older events go."""
        table = rows_of(MessageEvent)
        old = table.c.at < text(f"now() - interval '{int(months)} months'")
        own = table.c.organization_id == self.ctx.organization_id
        return (await self.ctx.session.execute(delete(table).where(own, old))).rowcount  # type: ignore[attr-defined, no-any-return]


def _link() -> Select[Any]:
    link, message = rows_of(MessageLink), table_of(Message)
    own = bindparam("organization_id", type_=_U)
    return (
        select(link.c.url, link.c.hidden, message.c.contact_id)
        .where(
            link.c.organization_id == own,
            link.c.id == bindparam("link_id", type_=_U),
            message.c.organization_id == own,
            message.c.id == bindparam("message_id", type_=_U),
            message.c.send_id == link.c.send_id,
            message.c.status != literal_column(f"'{MessageStatus.SUPPRESSED.value}'"),
        )
        .limit(literal_column("1"))
    )


def _events() -> Select[Any]:
    e, link = rows_of(MessageEvent), rows_of(MessageLink)
    return (
        select(e.c.type, e.c.at, e.c.is_bot, link.c.url, e.c.detail)
        .select_from(
            e.outerjoin(link, (link.c.organization_id == e.c.organization_id) & (link.c.id == e.c.link_id))
        )
        .where(
            e.c.organization_id == bindparam("organization_id", type_=_U),
            e.c.message_id == bindparam("message_id", type_=_U),
        )
        .order_by(e.c.id)
        .limit(literal_column("200"))
    )

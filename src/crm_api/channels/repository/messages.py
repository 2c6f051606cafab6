from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, union_all

from crm_api.channels.models.messages import (
    InboundMessage,
    InboundStatus,
    OutboundMessage,
    OutboundStatus,
)
from crm_api.channels.schemas.messages import InboundRead, OutboundRead
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository

MOST_OF_A_THREAD = 20


class InboundRepository(Repository[InboundMessage, InboundRead]):
    model, read = InboundMessage, InboundRead

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        table = table_of(InboundMessage)
        return {**super().columns(), "has_raw": table.c.file_id.is_not(None)}

    async def claim(self, channel_id: UUID, digest: str) -> UUID | None:
        """Which one it is, if it came before; an equal one waits for the end of this use case."""
        name = f"{self.ctx.organization_id}|{channel_id}|{digest}"
        await self.ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
        known: UUID | None = await self.ctx.session.scalar(
            self._mine(InboundMessage.id).where(
                InboundMessage.channel_id == channel_id, InboundMessage.digest == digest
            )
        )
        return known

    async def count_of(self, sender: str, since: datetime, most: int) -> int:
        """Messages of one sender since then, counted up to `most`."""
        some = (
            self._mine(InboundMessage.id)
            .where(InboundMessage.sender == sender, InboundMessage.received_at >= since)
            .limit(most)
            .subquery()
        )
        return int(await self.ctx.session.scalar(select(func.count()).select_from(some)) or 0)

    async def count_by_channel(self, channel_id: UUID, thread_key: str, since: datetime) -> int:
        return int(
            await self.ctx.session.scalar(
                self._mine(func.count()).where(
                    InboundMessage.channel_id == channel_id,
                    InboundMessage.thread_key == thread_key,
                    InboundMessage.received_at >= since,
                )
            )
            or 0
        )

    async def taken(self, id: UUID) -> InboundMessage | None:
        """Locked, if it still waits to be filed."""
        found: InboundMessage | None = await self.ctx.session.scalar(
            select(InboundMessage)
            .where(
                InboundMessage.organization_id == self.ctx.organization_id,
                InboundMessage.id == id,
                InboundMessage.status == InboundStatus.RECEIVED,
            )
            .with_for_update()
        )
        return found

    async def ticket_of_thread(self, channel_id: UUID, thread_key: str) -> UUID | None:
        """The ticket into which the last message of that chat went."""
        found: UUID | None = await self.ctx.session.scalar(
            self._mine(InboundMessage.ticket_id)
            .where(
                InboundMessage.channel_id == channel_id,
                InboundMessage.thread_key == thread_key,
                InboundMessage.ticket_id.is_not(None),
            )
            .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
            .limit(1)
        )
        return found

    async def tickets_of(self, message_ids: Sequence[str]) -> dict[str, UUID]:
        """Message-ID -> ticket, of what came in and what went out."""
        if not message_ids:
            return {}
        inward = self._mine(InboundMessage.message_id, InboundMessage.ticket_id).where(
            InboundMessage.message_id.in_(message_ids), InboundMessage.ticket_id.is_not(None)
        )
        outward = select(OutboundMessage.message_id, OutboundMessage.ticket_id).where(
            OutboundMessage.organization_id == self.ctx.organization_id,
            OutboundMessage.message_id.in_(message_ids),
            OutboundMessage.ticket_id.is_not(None),
        )
        rows: Any = await self.ctx.session.execute(union_all(inward, outward))
        return {row[0]: row[1] for row in rows}

    async def knows(self, ticket_id: UUID, address: str) -> bool:
        """Whether who writes has a part in that ticket already."""
        inward = self._mine(literal(1)).where(
            InboundMessage.ticket_id == ticket_id, InboundMessage.sender == address
        )
        outward = select(literal(1)).where(
            OutboundMessage.organization_id == self.ctx.organization_id,
            OutboundMessage.ticket_id == ticket_id,
            OutboundMessage.recipient == address,
        )
        return await self.ctx.session.scalar(union_all(inward, outward).limit(1)) is not None

    async def last_of(self, ticket_id: UUID) -> InboundMessage | None:
        """What the customer wrote last into that ticket, and by which channel."""
        found: InboundMessage | None = await self.ctx.session.scalar(
            select(InboundMessage)
            .where(
                InboundMessage.organization_id == self.ctx.organization_id,
                InboundMessage.ticket_id == ticket_id,
                InboundMessage.status == InboundStatus.FILED,
            )
            .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
            .limit(1)
        )
        return found

    async def is_before(self, message: InboundMessage, answers: Sequence[str]) -> bool:
        """Whether one that it answers came before it, and is not filed yet."""
        if not answers:
            return False
        waiting = self._mine(literal(1)).where(
            InboundMessage.message_id.in_(answers),
            InboundMessage.status == InboundStatus.RECEIVED,
            InboundMessage.id < message.id,
            InboundMessage.received_at <= message.received_at,
        )
        return await self.ctx.session.scalar(waiting.limit(1)) is not None

    async def thread_of(self, ticket_id: UUID) -> list[str]:
        """The newest Message-IDs of that ticket, the oldest of them first."""
        inward = self._mine(InboundMessage.message_id, InboundMessage.received_at.label("at")).where(
            InboundMessage.ticket_id == ticket_id, InboundMessage.message_id.like("<%>")
        )
        outward = select(OutboundMessage.message_id, OutboundMessage.created_at.label("at")).where(
            OutboundMessage.organization_id == self.ctx.organization_id,
            OutboundMessage.ticket_id == ticket_id,
            OutboundMessage.message_id.like("<%>"),
        )
        both = union_all(inward, outward).subquery()
        newest = select(both.c.message_id).order_by(both.c.at.desc()).limit(MOST_OF_A_THREAD)
        return list(await self.ctx.session.scalars(newest))[::-1]

    async def stuck(self, before: datetime) -> list[InboundMessage]:
        """Those that should have been filed long ago, locked."""
        statement = select(InboundMessage).where(
            InboundMessage.organization_id == self.ctx.organization_id,
            InboundMessage.status == InboundStatus.RECEIVED,
            InboundMessage.received_at < before,
        )
        ordered = statement.order_by(InboundMessage.received_at).limit(500).with_for_update(skip_locked=True)
        return list(await self.ctx.session.scalars(ordered))

    def _mine(self, *columns: Any) -> Select[Any]:
        return select(*columns).where(InboundMessage.organization_id == self.ctx.organization_id)


class OutboundRepository(Repository[OutboundMessage, OutboundRead]):
    model, read = OutboundMessage, OutboundRead

    async def taken(self, id: UUID) -> OutboundMessage | None:
        """Locked, whoever sees it."""
        found: OutboundMessage | None = await self.ctx.session.scalar(
            select(OutboundMessage)
            .where(OutboundMessage.organization_id == self.ctx.organization_id, OutboundMessage.id == id)
            .with_for_update()
        )
        return found

    async def stuck(self, before: datetime) -> list[UUID]:
        """Those that should have gone long ago."""
        statement = select(OutboundMessage.id).where(
            OutboundMessage.organization_id == self.ctx.organization_id,
            OutboundMessage.status == OutboundStatus.QUEUED,
            OutboundMessage.updated_at < before,
        )
        return list(await self.ctx.session.scalars(statement.order_by(OutboundMessage.created_at).limit(500)))

    async def carrying(self, ticket_message_id: UUID) -> UUID | None:
        found: UUID | None = await self.ctx.session.scalar(
            select(OutboundMessage.id).where(
                OutboundMessage.organization_id == self.ctx.organization_id,
                OutboundMessage.ticket_message_id == ticket_message_id,
            )
        )
        return found

    async def named(
        self, *, message_id: str | None = None, provider: tuple[UUID, str] | None = None
    ) -> OutboundMessage | None:
        """By its Message-ID, or by what the gateway of a channel calls it; locked."""
        ways: list[ColumnElement[bool]] = []
        if message_id is not None:
            ways.append(OutboundMessage.message_id == message_id)
        if provider is not None:
            ways.append(
                (OutboundMessage.channel_id == provider[0]) & (OutboundMessage.provider_id == provider[1])
            )
        found: OutboundMessage | None = await self.ctx.session.scalar(
            select(OutboundMessage)
            .where(OutboundMessage.organization_id == self.ctx.organization_id, or_(*ways))
            .limit(1)
            .with_for_update()
        )
        return found

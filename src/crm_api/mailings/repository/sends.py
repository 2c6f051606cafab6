"""Sends, their messages, and what they have come to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Select,
    Uuid,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.kit.listing import Chosen, equals
from crm_api.kit.schemas import Json
from crm_api.mailings.ledgers import rows_of
from crm_api.mailings.models import (
    WAITING,
    Message,
    MessageReason,
    MessageStatus,
    Send,
    SendCount,
    SendStatus,
    SendSuppression,
)
from crm_api.mailings.ordering import Counts
from crm_api.mailings.schemas.sends import MessagePage, MessageQuery, MessageRead, SendRead

FIGURES = tuple(Counts.__dataclass_fields__)
SHARDS = 8
_UUID = Uuid()


class SendRepository(Repository[Send, SendRead]):
    model, read = Send, SendRead

    async def of_key(self, source_type: str, source_id: UUID, key: str) -> Send | None:
        same = Send.source_type == source_type, Send.source_id == source_id, Send.key == key
        return await self.ctx.session.scalar(select(Send).where(*same))

    async def known(self, send_id: UUID) -> Send | None:
        """Not locked; as it is now."""
        found = select(Send).where(Send.id == send_id)
        return await self.ctx.session.scalar(found, execution_options={"populate_existing": True})

    async def due(self, moment: datetime) -> Sequence[UUID]:
        """Those whose hour has come and which are not over."""
        found = select(Send.id).where(
            Send.status.in_((SendStatus.SCHEDULED, SendStatus.SENDING)), Send.scheduled_at <= moment
        )
        return (await self.ctx.session.scalars(found.order_by(Send.scheduled_at, Send.id).limit(1000))).all()


class MessageRepository(Repository[Message, MessageRead]):
    model, read = Message, MessageRead

    async def of(self, column: str, id: UUID, query: MessageQuery) -> Json[MessagePage]:
        """Those of one send, or of one person."""
        asked = query.selection()
        rule = Chosen(equals(getattr(Message, column)), column, id)
        return await self.page(replace(asked, groups=(*asked.groups, (rule,))), MessagePage)

    async def cancel_waiting(self, send_id: UUID) -> int:
        """Those that nobody tries just now."""
        table = table_of(Message)
        gone = (
            update(table)
            .where(
                table.c.organization_id == self.ctx.organization_id,
                table.c.send_id == send_id,
                table.c.status.in_(WAITING),
            )
            .values(
                status=MessageStatus.CANCELLED,
                reason=MessageReason.CALLED_OFF,
                counts_from=None,
                version=table.c.version + 1,
                updated_at=func.clock_timestamp(),
            )
            .execution_options(synchronize_session=False)
        )
        return (await self.ctx.session.execute(gone)).rowcount  # type: ignore[attr-defined, no-any-return]

    async def waits(self, send_id: UUID) -> bool:
        """Whether any message of it may still go out."""
        found = (
            select(Message.id)
            .where(
                Message.send_id == send_id,
                Message.status.in_((MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.RETRY)),
            )
            .limit(1)
        )
        return await self.ctx.session.scalar(found) is not None


class CountRepository:
    """The roll-ups: added to in the transaction of what they count."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def add(self, send_id: UUID, changes: Mapping[str, int], shard: int = 0) -> None:
        changes = {name: by for name, by in changes.items() if by}
        if not changes:
            return
        table = rows_of(SendCount)
        key = {"organization_id": self.ctx.organization_id, "send_id": send_id, "shard": shard % SHARDS}
        written = insert(table).values(**key, **changes)
        adding = written.on_conflict_do_update(
            index_elements=list(key), set_={name: table.c[name] + by for name, by in changes.items()}
        )
        await self.ctx.session.execute(adding)

    async def left_out(self, send_id: UUID, reason: str, people: int) -> None:
        table = rows_of(SendSuppression)
        key = {"organization_id": self.ctx.organization_id, "send_id": send_id, "reason": reason}
        written = insert(table).values(**key, people=people)
        adding = written.on_conflict_do_update(
            index_elements=list(key), set_={"people": table.c.people + people}
        )
        await self.ctx.session.execute(adding)

    async def of(self, send_ids: Sequence[UUID]) -> dict[UUID, Counts]:
        """One statement; of each of them, zeros where nothing happened."""
        rows = await SendRepository(self.ctx).rows("counts", _summed, {"send_ids": list(send_ids)})
        found = {row[0]: Counts(*(int(one) for one in row[1:])) for row in rows}
        return {id: found.get(id, Counts()) for id in send_ids}

    async def reasons(self, send_id: UUID) -> list[tuple[MessageReason, int]]:
        rows = await SendRepository(self.ctx).rows("left out", _reasons, {"send_id": send_id})
        return [(MessageReason(row[0]), int(row[1])) for row in rows]


def _summed() -> Select[Any]:
    c = rows_of(SendCount).c
    sums = [func.sum(c[name]).label(name) for name in FIGURES]
    return (
        select(c.send_id, *sums)
        .where(
            c.organization_id == bindparam("organization_id", type_=_UUID),
            c.send_id == any_(bindparam("send_ids", type_=ARRAY(_UUID))),
        )
        .group_by(c.send_id)
    )


def _reasons() -> Select[Any]:
    c = rows_of(SendSuppression).c
    return (
        select(c.reason, c.people)
        .where(
            c.organization_id == bindparam("organization_id", type_=_UUID),
            c.send_id == bindparam("send_id", type_=_UUID),
        )
        .order_by(c.people.desc(), c.reason)
        .limit(literal_column("20"))
    )

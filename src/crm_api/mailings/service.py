"""Mailings, for the floors above: open a send, put people into it, hold it, read what it came to."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import enqueue
from crm_api.core.repository import ANY_VERSION
from crm_api.core.statements import Build
from crm_api.kit.errors import VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.mailings.errors import SendOver
from crm_api.mailings.figures import Figures, figures
from crm_api.mailings.models import SEND, MailingChannel, Send, SendStatus
from crm_api.mailings.ordering import Counts, Queued, QueuedOne, SendOrder, as_contents
from crm_api.mailings.repository.queueing import Queueing
from crm_api.mailings.repository.sends import CountRepository, MessageRepository, SendRepository
from crm_api.mailings.schemas.sends import LeftOut, SendPage, SendQuery, SendRead, SendResults

CARRY = "carry_send"
_OVER = (SendStatus.CANCELLED,)


class Mailings:
    """Everything happens in the transaction of who asks; messages leave by jobs after it."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.sends = SendRepository(ctx)
        self.messages = MessageRepository(ctx)
        self.counts = CountRepository(ctx)

    # --- for campaigns and automations

    async def open_send(self, order: SendOrder) -> UUID:
        """Opened again with the same source and key, it is the same send."""
        self.ctx.begin()
        known = await self.sends.of_key(order.source_type, order.source_id, order.key)
        if known is not None:
            return known.id
        send = Send(
            id=new_id(),
            source_type=order.source_type,
            source_id=order.source_id,
            key=order.key,
            name=order.name,
            channel=order.channel,
            variant=order.variant,
            status=SendStatus.SCHEDULED,
            purpose=order.purpose,
            brand=order.brand,
            topic=order.topic,
            contents=as_contents(order.contents),
            utm=dict(order.utm),
            sender=order.sender,
            sender_name=order.sender_name,
            reply_to=order.reply_to,
            scheduled_at=order.scheduled_at or now(),
            ends_at=order.ends_at,
            throttle_per_minute=order.throttle_per_minute,
            respects_hours=order.respects_hours,
        )
        await self.sends.save(send)
        return send.id

    async def queue(self, send_id: UUID, people: Build, values: Mapping[str, Any] | None = None) -> Queued:
        """Everybody whom the SELECT that `people()` makes names (one column: contact ids; may have bound
        parameters, `values`, and `organization_id`), in ONE statement. Who may not be written to is there
        too, suppressed, and counted by reason. Raises NotFound, SendOver.
        """
        send = await self._open(send_id)
        queued = await Queueing(self.ctx).many(send, people, values or {})
        if queued.queued:
            await self._wake(send)
        return queued

    async def queue_one(
        self, send_id: UUID, contact_id: UUID, fields: Mapping[str, Any] | None = None
    ) -> QueuedOne:
        """For automations. `fields`: merge fields that only they know. Twice is once. Raises NotFound,
        SendOver."""
        send = await self._open(send_id)
        placed = await Queueing(self.ctx).one(send, contact_id, fields)
        if placed.message_id is not None and placed.reason is None:
            await self._wake(send)
        return placed

    async def pause(self, send_id: UUID) -> None:
        """No message leaves any more, but for those that are handed over in this moment."""
        await self._step(send_id, SendStatus.PAUSED)

    async def resume(self, send_id: UUID) -> None:
        """Goes on where it was held."""
        send = await self._step(send_id, SendStatus.SENDING)
        await self._wake(send)

    async def cancel(self, send_id: UUID) -> int:
        """What has not gone out never will; how many messages."""
        send = await self._step(send_id, SendStatus.CANCELLED)
        called_off = await self.messages.cancel_waiting(send.id)
        await self.counts.add(send.id, {"cancelled": called_off})
        return called_off

    async def figures(self, send_ids: Sequence[UUID]) -> Mapping[UUID, Counts]:
        """What the messages of each have come to; a few rows each, however many messages."""
        return await self.counts.of(send_ids)

    # --- for the staff

    async def page(self, query: SendQuery) -> Json[SendPage]:
        return await self.sends.page(query, SendPage)

    async def get(self, send_id: UUID) -> Json[SendRead]:
        return await self.sends.get(send_id)

    async def results(self, send_id: UUID) -> SendResults:
        """Raises NotFound."""
        send = (await self.sends.get(send_id)).value
        counts = (await self.counts.of([send_id]))[send_id]
        left_out = await self.counts.reasons(send_id)
        return _shown(send, counts, [LeftOut(reason=reason, people=n) for reason, n in left_out])

    async def step(self, send_id: UUID, wanted: SendStatus, version: int) -> Json[SendRead]:
        """By hand: paused, going on, called off. Raises InvalidTransition, VersionConflict."""
        send = await self.sends.load(send_id)
        if version not in (send.version, ANY_VERSION):
            raise VersionConflict(current_version=send.version)
        if wanted is SendStatus.PAUSED:
            await self.pause(send_id)
        elif wanted is SendStatus.CANCELLED:
            await self.cancel(send_id)
        else:
            await self.resume(send_id)
        return await self.sends.get(send_id)

    # --- inside

    async def _open(self, send_id: UUID) -> Send:
        send = await self.sends.load(send_id)
        if send.status in _OVER:
            raise SendOver
        if send.status is SendStatus.DONE:  # an automation's send is never done for good
            send.status, send.finished_at = SendStatus.SENDING, None
            await self.sends.save(send)
        return send

    async def _step(self, send_id: UUID, wanted: SendStatus) -> Send:
        send = await self.sends.load(send_id)
        SEND.check(send.status, wanted)
        send.status = wanted
        await self.sends.save(send)
        return send

    async def _wake(self, send: Send) -> None:
        """The job that carries it, now or at its hour; one at a time."""
        if send.status is SendStatus.PAUSED:
            return
        wait = send.scheduled_at - now()
        await enqueue(
            self.ctx,
            CARRY,
            {"send_id": send.id},
            dedupe_key=str(send.id),
            delay=wait if wait.total_seconds() > 0 else None,
        )


def _shown(send: SendRead, counts: Counts, left_out: list[LeftOut]) -> SendResults:
    shares: Figures = figures(counts, has_opens=send.channel is MailingChannel.EMAIL)
    told = {name: getattr(counts, name) for name in Counts.__dataclass_fields__ if name != "suppressed"}
    return SendResults(
        send_id=send.id,
        suppressed=left_out,
        waiting=counts.waiting,
        complaint_alert=shares.complaint_alert,
        status="ok" if counts.delivered else "no_data",
        **told,
        **{name: _four(getattr(shares, name)) for name in Figures._fields},
    )


def _four(share: Fraction | None) -> str | None:
    """Four decimals, half up."""
    return None if share is None else f"{int(share * 10_000 + Fraction(1, 2)) / 10_000:.4f}"

from datetime import timedelta
from uuid import UUID

from crm_api.channels.filing import Filing
from crm_api.channels.models.messages import InboundReason, InboundStatus
from crm_api.channels.polling import POLL, Polling
from crm_api.channels.receiving import FILE
from crm_api.channels.repository.messages import InboundRepository, OutboundRepository
from crm_api.channels.sending import SEND, Sending
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload, Schedule

STUCK_AFTER = timedelta(hours=6)
"""The queue has tried eight times by then."""


class TryAgain(Exception):
    """The other side is not there; the queue asks again, later and later."""


async def file_inbound_message(ctx: Context, payload: Payload) -> None:
    insisted = bool(payload.get("insisted"))
    await Filing(ctx).file(UUID(payload["inbound_message_id"]), insisted=insisted)


async def send_outbound_message(ctx: Context, payload: Payload) -> None:
    if not await Sending(ctx).carry(UUID(payload["outbound_message_id"])):
        raise TryAgain


async def poll_mailboxes(ctx: Context, _: Payload) -> None:
    await Polling(ctx).all()


async def poll_mailbox(ctx: Context, payload: Payload) -> None:
    await Polling(ctx).poll(UUID(payload["mailbox_id"]))


async def show_stuck_messages(ctx: Context, _: Payload) -> None:
    """What the queue has given up stands on the lists as failed, for a person."""
    messages = InboundRepository(ctx)
    for message in await messages.stuck(now() - STUCK_AFTER):
        message.status, message.reason = InboundStatus.FAILED, InboundReason.ERROR
        await messages.save(message)
    for message_id in await OutboundRepository(ctx).stuck(now() - STUCK_AFTER):
        await Sending(ctx).give_up(message_id)


JOBS: Jobs = {
    FILE: file_inbound_message,
    SEND: send_outbound_message,
    POLL: poll_mailbox,
    "poll_mailboxes": poll_mailboxes,
    "show_stuck_messages": show_stuck_messages,
}
SCHEDULES = (Schedule("poll_mailboxes", "* * * * *"), Schedule("show_stuck_messages", "23 * * * *"))

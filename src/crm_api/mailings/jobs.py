"""Sends that go out, those whose hour has come, and events that have had their time."""

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue_each
from crm_api.mailings.carrying import carry_send
from crm_api.mailings.repository.hearing import HearingRepository
from crm_api.mailings.repository.sends import SendRepository
from crm_api.mailings.service import CARRY

EVENTS_KEPT_MONTHS = 24
WAKE = "wake_sends"


async def wake_sends(ctx: Context, _: Payload) -> None:
    """Every minute: what is due, what is to be tried again, what waited for the morning."""
    due = await SendRepository(ctx).due(now())
    await enqueue_each(
        ctx, CARRY, [{"send_id": id} for id in due], [None] * len(due), dedupe_keys=[str(id) for id in due]
    )


async def sweep_message_events(ctx: Context, _: Payload) -> None:
    """After 24 months (domain.md B-36); what the messages have come to stays."""
    await HearingRepository(ctx).sweep(EVENTS_KEPT_MONTHS)


JOBS: Jobs = {CARRY: carry_send, WAKE: wake_sends, "sweep_message_events": sweep_message_events}
SCHEDULES = (Schedule(WAKE, "* * * * *"), Schedule("sweep_message_events", "35 3 * * *"))

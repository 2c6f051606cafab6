"""What mailings do when something happens on the floors below."""

from crm_api.consents.events import ConsentWithdrawn
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.mailings.hearing import Hearing, Told
from crm_api.mailings.models import MessageEventType, MessageReason
from crm_api.mailings.repository.hearing import HearingRepository
from crm_api.mailings.repository.sends import CountRepository


async def hold_what_waits(ctx: Context, event: ConsentWithdrawn) -> None:
    """Messages that wait for them do not go out, as of now; what they left by knows it."""
    if event.subject_type != "contact":
        return
    gone = await HearingRepository(ctx).withdraw(event.subject_id, event.purpose, event.brand)
    counts = CountRepository(ctx)
    for send_id, people in sorted(gone.items()):
        await counts.add(send_id, {"suppressed": people})
        await counts.left_out(send_id, MessageReason.NOT_GRANTED.value, people)
    if event.message_id is not None:
        await Hearing(ctx).tell(
            event.message_id, Told(MessageEventType.UNSUBSCRIBED, now(), by_provider=True)
        )

"""What was said is kept for 24 months (domain.md B-41)."""

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.mentions.models import KEPT
from crm_api.mentions.repository import MentionRepository


async def forget_mentions(ctx: Context, _: Payload) -> None:
    gone = await MentionRepository(ctx).forget(now() - KEPT)
    if gone:
        told = {"mentions": gone}
        ctx.note("social_mention.forgotten", "organization", ctx.organization_id, changes=told)


JOBS: Jobs = {"forget_mentions": forget_mentions}
SCHEDULES = (Schedule("forget_mentions", "35 2 * * *"),)

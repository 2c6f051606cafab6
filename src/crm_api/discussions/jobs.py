from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue
from crm_api.core.progress import tracked
from crm_api.discussions.auditing import KIND, export_discussions
from crm_api.discussions.models import KEPT
from crm_api.discussions.repository.messages import DiscussionMessageRepository
from crm_api.files.service import FileService

AT_ONCE = 1000


async def purge_discussions(ctx: Context, _: Payload) -> None:
    """What was said 24 months ago (domain.md B-61) goes for good, files and former wordings too."""
    messages = DiscussionMessageRepository(ctx)
    old = await messages.older(now() - KEPT, AT_ONCE)
    if not old:
        return
    await FileService(ctx).keep_until(await messages.attached(old), now())
    await messages.forget(old)
    ctx.note("discussion.purged", "organization", ctx.organization_id, changes={"messages": len(old)})
    if len(old) == AT_ONCE:
        await enqueue(ctx, "purge_discussions", {})


JOBS: Jobs = {"purge_discussions": purge_discussions, KIND: tracked(export_discussions)}
SCHEDULES = (Schedule("purge_discussions", "10 4 * * *"),)

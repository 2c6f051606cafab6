"""What discussions do when something happens on the floors below."""

from crm_api.core.context import Context
from crm_api.discussions.service import DiscussionService
from crm_api.users.events import UserDeactivated


async def leave_discussions(ctx: Context, event: UserDeactivated) -> None:
    """Somebody who left the company follows nothing any more; what they said stays."""
    await DiscussionService(ctx).hand_over(event.user_id)

"""Who is told of a message."""

from collections.abc import Sequence
from uuid import UUID

from crm_api.core.context import Context
from crm_api.discussions.models import DiscussionMessage
from crm_api.notifications.models import NotificationKind
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message
from crm_api.users.service import UserService


async def tell_named(
    ctx: Context, room: str | None, said: DiscussionMessage, user_ids: Sequence[UUID]
) -> None:
    """Once for each message, however often it is changed. `room`: its name, where it has one."""
    if not user_ids:
        return
    me = (await UserService(ctx).get(ctx.principal.id)).value
    author = f"{me.first_name} {me.last_name}"
    title = Message("discussion_mention", author=author)
    if room is not None:
        title = Message("discussion_mention_in", author=author, room=room)
    await NotificationService(ctx).notify(
        user_ids,
        NotificationKind.MENTION,
        title=title,
        body=Message("discussion_said", text=said.body),
        object_type=DiscussionMessage.label,
        object_id=said.id,
        dedupe_key=f"discussion_message:{said.id}",
    )

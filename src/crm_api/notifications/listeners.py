"""What the floors below do to a user, told to that user."""

from crm_api.core.context import Context
from crm_api.notifications.models import NotificationKind
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message
from crm_api.users.events import UserPasswordChanged, UserRoleChanged


async def tell_of_new_rights(ctx: Context, event: UserRoleChanged) -> None:
    await NotificationService(ctx).notify(
        [event.user_id],
        NotificationKind.SECURITY,
        title=Message("rights_changed"),
        body=Message("rights_changed_how"),
    )


async def tell_of_new_password(ctx: Context, event: UserPasswordChanged) -> None:
    """`auth` sends a letter of its own."""
    await NotificationService(ctx).notify(
        [event.user_id],
        NotificationKind.SECURITY,
        title=Message("password_changed"),
        body=Message("password_changed_how"),
        by_mail=False,
    )

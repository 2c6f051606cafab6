"""What happens to sessions when something happens to their user (domain.md B-4)."""

from crm_api.auth.models import RevokeReason
from crm_api.auth.sessions import SessionService
from crm_api.core.context import Context
from crm_api.core.jobs import enqueue
from crm_api.users.events import UserDeactivated, UserPasswordChanged, UserRoleChanged, UserSuspended


async def end_sessions(ctx: Context, event: UserSuspended | UserDeactivated) -> None:
    """Who may not come in is out at once."""
    await SessionService(ctx).revoke_all(event.user_id, RevokeReason.USER_SUSPENDED)


async def stop_refreshing(ctx: Context, event: UserRoleChanged) -> None:
    """New rights act at once; the next access token needs a new sign-in."""
    await SessionService(ctx).stop_refreshing(event.user_id)


async def end_other_sessions(ctx: Context, event: UserPasswordChanged) -> None:
    """All but the one that changed it; and a letter, in case it was not the user."""
    await SessionService(ctx).revoke_all(event.user_id, RevokeReason.PASSWORD_CHANGED)
    await enqueue(ctx, "send_password_changed", {"user_id": event.user_id})

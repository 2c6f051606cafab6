"""Sending invitations, and closing those whose time is over."""

from datetime import datetime
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.jobs import Payload, Schedule
from crm_api.core.letters import LANGUAGES, compose
from crm_api.invitations.service import InvitationService
from crm_api.kit.errors import NotFound
from crm_api.organizations.service import OrganizationService
from crm_api.users.access import find_login
from crm_api.users.service import UserService


async def send_invitation(ctx: Context, payload: Payload) -> None:
    """The token is made here, so that no secret ever rests in the queue.

    To an address that works for another organization nothing is sent; the inviter cannot tell.
    """
    ctx.begin()
    invitation_id = UUID(payload["invitation_id"])
    service = InvitationService(ctx)
    token = await service.new_token(invitation_id)
    if token is None:
        return
    invitation = (await service.get(invitation_id)).value
    if await find_login(ctx, invitation.email) is not None:
        return
    language = next((known for known in LANGUAGES if known == ctx.origin.locale), LANGUAGES[0])
    values: dict[str, str | datetime] = {
        "url": f"{ctx.tools.settings.base_url}/invitation#token={token}",
        "inviter": await _inviter(ctx, invitation.created_by_id),
        "agency": invitation.agency_code,
        "role": await service.role_label(invitation_id),
        "message": invitation.message or "",
        "expiry": invitation.expires_at,
    }
    await ctx.tools.mailer.send(compose("invitation", language, invitation.email, values))


async def _inviter(ctx: Context, user_id: UUID | None) -> str:
    """A person's name; the company's when a machine invites."""
    try:
        if user_id is not None:
            user = (await UserService(ctx).get(user_id)).value
            return f"{user.first_name} {user.last_name}"
    except NotFound:
        pass
    return (await OrganizationService(ctx).shown()).name or "ASSURA-CRM"


async def expire_invitations(ctx: Context, _: Payload) -> None:
    """Every hour, for each organization."""
    await InvitationService(ctx).expire_overdue()


JOBS = {"send_invitation": send_invitation, "expire_invitations": expire_invitations}
SCHEDULES = (Schedule("expire_invitations", "7 * * * *"),)

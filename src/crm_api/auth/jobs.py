"""The letters of `auth`. A link's secret is made here, as the letter is written; the queue holds ids only."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

from crm_api.auth.links import LinkService
from crm_api.auth.models import Purpose
from crm_api.auth.sessions import SessionService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.core.letters import Letter, compose
from crm_api.kit.errors import NotFound
from crm_api.users.access import Credentials, UserAccess
from crm_api.users.models import UserStatus

Values = Mapping[str, str | datetime]


async def send_verification_mail(ctx: Context, payload: Payload) -> None:
    """To who has signed up and not yet proved the address."""
    user = await _user(ctx, payload)
    if user is not None and user.status is UserStatus.PENDING_VERIFICATION:
        url = await LinkService(ctx).make(Purpose.VERIFY_EMAIL, user.user_id, user.email)
        await _send(ctx, user, "verify_email", {"url": url})


async def send_password_reset(ctx: Context, payload: Payload) -> None:
    """To who has forgotten the password and may still come in."""
    user = await _user(ctx, payload)
    if user is not None and user.status in (
        UserStatus.ACTIVE,
        UserStatus.LOCKED,
        UserStatus.PENDING_VERIFICATION,
    ):
        url = await LinkService(ctx).make(Purpose.PASSWORD_RESET, user.user_id, user.email)
        await _send(ctx, user, "password_reset", {"url": url})


async def send_account_exists(ctx: Context, payload: Payload) -> None:
    """To who registers a second time; who never proved the address gets that link again instead."""
    user = await _user(ctx, payload)
    if user is None:
        return
    if user.status is UserStatus.PENDING_VERIFICATION:
        await send_verification_mail(ctx, payload)
        return
    values = {"url": _page(ctx, "sign-in"), "reset_url": _page(ctx, "forgot-password")}
    await _send(ctx, user, "account_exists", values)


async def send_new_session(ctx: Context, payload: Payload) -> None:
    """To who signed in from a network we had not seen them in."""
    session = await SessionService(ctx).get(UUID(str(payload["session_id"])))
    user = await _user(ctx, {"user_id": session.user_id})
    if user is not None:
        values: Values = {
            "url": _page(ctx, "security"),
            "when": session.created_at,
            "device": session.user_agent or "?",
            "address": session.ip or "?",
        }
        await _send(ctx, user, "new_session", values)


async def send_mfa_enabled(ctx: Context, payload: Payload) -> None:
    """To who has just enrolled an authenticator app."""
    user = await _user(ctx, payload)
    if user is not None:
        await _send(ctx, user, "mfa_enabled", {"url": _page(ctx, "security"), "when": now()})


async def send_password_changed(ctx: Context, payload: Payload) -> None:
    """To whose password has just changed, by whatever way."""
    user = await _user(ctx, payload)
    if user is not None:
        await _send(ctx, user, "password_changed", {"url": _page(ctx, "forgot-password"), "when": now()})


async def send_email_change(ctx: Context, payload: Payload) -> None:
    """To the address that is wanted, a link that proves it; to the present one, a warning."""
    user = await _user(ctx, payload)
    wanted = await LinkService(ctx).wanted(user.user_id) if user is not None else None
    if user is None or wanted is None:
        return
    url = await LinkService(ctx).make(Purpose.CHANGE_EMAIL, user.user_id, wanted)
    await ctx.tools.mailer.send(compose("change_email", user.language.value, wanted, {"url": url}))
    await _send(ctx, user, "email_change_asked", {"url": _page(ctx, "security"), "when": now()})


async def purge_sessions(ctx: Context, _: Payload) -> None:
    """Sessions that ended 90 days ago (domain.md B-61) and what else is over, every night."""
    await SessionService(ctx).purge()


async def _user(ctx: Context, payload: Payload) -> Credentials | None:
    try:
        return await UserAccess(ctx).credentials(UUID(str(payload["user_id"])))
    except NotFound:
        return None


async def _send(ctx: Context, user: Credentials, letter: Letter, values: Values) -> None:
    await ctx.tools.mailer.send(compose(letter, user.language.value, user.email, values))


def _page(ctx: Context, path: str) -> str:
    return f"{ctx.tools.settings.base_url}/{path}"


_LETTERS: tuple[Callable[[Context, Payload], Awaitable[None]], ...] = (
    send_verification_mail,
    send_password_reset,
    send_account_exists,
    send_new_session,
    send_mfa_enabled,
    send_password_changed,
    send_email_change,
    purge_sessions,
)
JOBS: Jobs = {job.__name__: job for job in _LETTERS}
SCHEDULES = (Schedule("purge_sessions", "20 3 * * *"),)

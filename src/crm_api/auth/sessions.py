"""Sign-ins: opened, refreshed, seen, ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from crm_api.auth.errors import InvalidScope, RefreshTokenRefused
from crm_api.auth.models import ABSOLUTE, IDLE, RevokeReason, UserSession
from crm_api.auth.repository import SessionRepository, note_at_once
from crm_api.auth.schemas import SessionLine, SessionPage, SessionQuery, SessionRead, TokenAnswer
from crm_api.auth.throttle import network_of
from crm_api.core import opaque
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.principal import STEP_UP_LASTS
from crm_api.core.repository import ANY_VERSION
from crm_api.core.tokens import LIFETIME
from crm_api.kit.errors import NotFound, Unauthenticated
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Page
from crm_api.organizations.models import OrganizationStatus
from crm_api.users.access import Authority, UserAccess
from crm_api.users.models import UserStatus

REFRESH = "rt"
SELF, ENROL = "session:self", "mfa:enrol"
OWN = frozenset({SELF, ENROL})
"""What everybody who is signed in may do: look after their own sessions and proofs. No role gives it."""
WORKING = (OrganizationStatus.DRAFT, OrganizationStatus.ACTIVE)
RETENTION = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session, and the refresh token to hand out."""

    session_id: UUID
    user_id: UUID
    asked: frozenset[str] | None
    refresh_token: str


def scopes_of(authority: Authority, mfa_level: int) -> frozenset[str]:
    """What a session may do: without the second factor that the role needs, nothing but enrol it."""
    if must_enrol(authority, mfa_level):
        return OWN
    return authority.scopes | OWN


def must_enrol(authority: Authority, mfa_level: int) -> bool:
    return authority.mfa_required and mfa_level < 2


def may_act(authority: Authority) -> bool:
    """Whether the user is active in an organization that works."""
    return authority.status is UserStatus.ACTIVE and authority.organization_status in WORKING


@dataclass(frozen=True, slots=True)
class Seen:
    """What a session says about the one who comes with its token."""

    mfa_level: int
    confirmed_at: datetime
    lasts: float
    """Seconds until it ends."""


class SessionService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.sessions = SessionRepository(ctx)

    async def open(self, user_id: UUID, asked: frozenset[str] | None, mfa_level: int) -> Opened:
        """A sign-in that has been proved."""
        origin, moment = self.ctx.origin, now()
        session = await self.sessions.save(
            UserSession(
                id=new_id(),
                user_id=user_id,
                scopes=None if asked is None else sorted(asked),
                ip=origin.ip,
                ip_prefix=network_of(origin.ip),
                user_agent=origin.user_agent,
                mfa_level=mfa_level,
                confirmed_at=moment,
                last_seen_at=moment,
                expires_at=moment + IDLE,
                ends_at=moment + ABSOLUTE,
            )
        )
        token, digest = opaque.make(REFRESH, self.ctx.organization_id)
        self.sessions.add_token(session.id, digest)
        return Opened(session.id, user_id, asked, token)

    async def refresh(self, token: str) -> Opened:
        """The next refresh token for this one, once. A token that was used already ends its session.

        Alone in its context: whatever it writes stands, though the request be refused.
        """
        digest, device = opaque.parse(token, REFRESH)[1], self._device()
        following, following_digest = opaque.make(REFRESH, self.ctx.organization_id)
        row = await self.sessions.rotate(digest, following_digest, opaque.under(token, following), device)
        if row is None:
            row = await self.sessions.used(digest, device)
            if row is None:
                raise RefreshTokenRefused(error="invalid_grant")
            if row[4] is None:
                await self._stolen(row[0], still_open=row[3])
                raise RefreshTokenRefused(error="invalid_grant")
            following = opaque.opened(token, row[4])
        return Opened(row[0], row[1], None if row[2] is None else frozenset(row[2]), following)

    async def _stolen(self, session_id: UUID, *, still_open: bool) -> None:
        if still_open:
            ended = {"revoked_at": now(), "revoke_reason": RevokeReason.TOKEN_REUSED}
            await SessionRepository(self.ctx.apart()).edit(session_id, ended, ANY_VERSION)
            self.ctx.tools.identity.forget(session_id)
        await note_at_once(self.ctx, "session.token_reused", "session", session_id, "denied")

    def _device(self) -> str:
        origin = self.ctx.origin
        return sha256(f"{origin.user_agent}|{network_of(origin.ip)}".encode()).hexdigest()

    async def answer(self, opened: Opened, narrowed: frozenset[str] | None) -> TokenAnswer:
        """An access token for what the user may now, what the session was opened for, and what is asked for.

        Raises InvalidScope when that is nothing, RefreshTokenRefused for who may not act any more.
        """
        authority = await self._authority(opened.user_id)
        if not may_act(authority):
            raise RefreshTokenRefused(error="invalid_grant")
        try:
            level = (await self.seen(opened.session_id, opened.user_id)).mfa_level
        except Unauthenticated as ended:  # between the rotation and now, by a thief's attempt
            raise RefreshTokenRefused(error="invalid_grant") from ended
        signed = authority.scopes | OWN
        for limit in (opened.asked, narrowed):
            signed = signed if limit is None else signed & limit
        if not signed:
            raise InvalidScope(error="invalid_scope", refused_scopes=sorted(narrowed or opened.asked or ()))
        # What the token says is an upper bound: the session decides at each request, so that this same
        # token is worth more as soon as the second factor is enrolled.
        access, claims = self.ctx.tools.tokens.issue(
            subject=opened.user_id,
            organization_id=self.ctx.organization_id,
            session_id=opened.session_id,
            scopes=signed | OWN,
        )
        return TokenAnswer(
            access_token=access,
            expires_in=LIFETIME,
            refresh_token=opened.refresh_token,
            scope=" ".join(sorted(claims.scopes & scopes_of(authority, level))),
            mfa_enrolment_required=must_enrol(authority, level),
        )

    async def _authority(self, user_id: UUID) -> Authority:
        try:
            return await UserAccess(self.ctx).authority(user_id)
        except NotFound as gone:
            raise RefreshTokenRefused(error="invalid_grant") from gone

    async def seen(self, session_id: UUID, user_id: UUID) -> Seen:
        """Raises Unauthenticated unless it is an open session of that user."""
        row = await self.sessions.seen_by_token(session_id, user_id)
        if row is None:
            raise Unauthenticated
        return Seen(*row)

    async def get(self, session_id: UUID) -> SessionLine:
        """Raises NotFound."""
        return (await self.sessions.get(session_id)).value

    async def has_any(self, user_id: UUID) -> bool:
        """Whether that user has ever signed in."""
        return await self.sessions.has_any(user_id)

    async def confirm(self, mfa_level: int | None = None) -> UserSession:
        """The person of this session has just proved who they are."""
        session = await self._current()
        session.confirmed_at = now()
        session.mfa_level = mfa_level or session.mfa_level
        await self.sessions.save(session)
        self.ctx.tools.identity.forget(session.id)
        return session

    async def page(self, query: SessionQuery, user_id: UUID | None = None) -> SessionPage:
        """The open sessions of a user, by default of who asks."""
        own = self.ctx.principal
        found = await self.sessions.page(self.sessions.open_ones(query, user_id or own.id), Page[SessionLine])
        lines = found.value
        return SessionPage(
            data=[SessionRead(**dict(line), current=line.id == own.session_id) for line in lines.data],
            next_cursor=lines.next_cursor,
            has_more=lines.has_more,
            total=lines.total,
        )

    async def revoke(self, session_id: UUID, user_id: UUID | None = None) -> None:
        """Ends one session of a user, by default of who asks. Raises NotFound for anybody else's."""
        session = await self.sessions.load(session_id)
        if session.user_id != (user_id or self.ctx.principal.id):
            raise NotFound
        await self._end(session, RevokeReason.REVOKED)

    async def log_out(self) -> None:
        session = await self._current()
        await self._end(session, RevokeReason.LOGGED_OUT)
        self.ctx.note("user.logged_out", "user", session.user_id)

    async def revoke_all(self, user_id: UUID, reason: RevokeReason) -> None:
        """Every session of a user but the one that asks."""
        ended = await self.sessions.revoke_of_user(user_id, reason, but=self.ctx.principal.session_id)
        self._forget(ended)

    async def stop_refreshing(self, user_id: UUID) -> None:
        """The user's rights have changed: they act at once, and the next access token needs a new sign-in."""
        ended = await self.sessions.revoke_of_user(user_id, RevokeReason.ROLE_CHANGED, refresh_only=True)
        self._forget(ended)

    async def purge(self) -> None:
        """Forgets sessions and links that ended 90 days ago, and failures older than a day."""
        await self.sessions.purge(now() - RETENTION)

    async def _current(self) -> UserSession:
        if self.ctx.principal.session_id is None:
            raise Unauthenticated
        return await self.sessions.load(self.ctx.principal.session_id)

    async def _end(self, session: UserSession, reason: RevokeReason) -> None:
        if session.revoked_at is None:
            session.revoked_at, session.revoke_reason = now(), reason
            await self.sessions.save(session)
        self._forget([session.id])

    def _forget(self, ended: list[UUID]) -> None:
        for session_id in ended:
            self.ctx.tools.identity.forget(session_id)


def confirmed_until(session: UserSession) -> datetime:
    """Until when the last proof is recent enough for sensitive actions."""
    return session.confirmed_at + STEP_UP_LASTS

"""The rows of `auth`, and what must be one statement: a rotation, the use of a code, a counted attempt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, func, literal_column, select, text, update

from crm_api.auth.client_schemas import ApiClientRead
from crm_api.auth.errors import ApiClientNameTaken, UnknownClientAgency
from crm_api.auth.models import (
    GRACE,
    IDLE,
    ApiClient,
    MfaCredential,
    OneTimeToken,
    Purpose,
    RecoveryCode,
    RefreshToken,
    RevokeReason,
    UserSession,
)
from crm_api.auth.schemas import SessionLine, SessionQuery
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import Repository
from crm_api.core.statements import Statement, compiled
from crm_api.kit.listing import Chosen, Selection, equals, matching

_ROTATE = """
WITH presented AS (
    UPDATE refresh_tokens t
    SET used_at = clock_timestamp(), used_by = :device, successor = :successor, successor_digest = :next
    FROM user_sessions s
    WHERE t.organization_id = :organization_id AND t.digest = :digest AND t.used_at IS NULL
        AND s.organization_id = t.organization_id AND s.id = t.session_id AND s.revoked_at IS NULL
        AND s.refresh_revoked_at IS NULL AND s.expires_at > clock_timestamp()
    RETURNING t.session_id
), following AS (
    INSERT INTO refresh_tokens (organization_id, digest, session_id)
    SELECT :organization_id, :next, session_id FROM presented
)
UPDATE user_sessions s
SET last_seen_at = clock_timestamp(), ip = :ip,
    expires_at = least(s.ends_at, clock_timestamp() + CAST(:idle AS interval))
FROM presented p
WHERE s.organization_id = :organization_id AND s.id = p.session_id
RETURNING s.id, s.user_id, s.scopes
"""
_USED = """
SELECT t.session_id, s.user_id, s.scopes, s.revoked_at IS NULL AS alive,
    CASE WHEN t.used_by = :device AND t.used_at > clock_timestamp() - CAST(:grace AS interval)
        AND s.revoked_at IS NULL AND s.refresh_revoked_at IS NULL AND s.expires_at > clock_timestamp()
        AND NOT EXISTS (SELECT FROM refresh_tokens n WHERE n.organization_id = t.organization_id
                        AND n.digest = t.successor_digest AND n.used_at IS NOT NULL)
    THEN t.successor END AS successor
FROM refresh_tokens t
JOIN user_sessions s ON s.organization_id = t.organization_id AND s.id = t.session_id
WHERE t.organization_id = :organization_id AND t.digest = :digest AND t.used_at IS NOT NULL
"""
_SEEN = """
SELECT s.mfa_level, s.confirmed_at, extract(epoch FROM s.expires_at - clock_timestamp())::float8 AS lasts
FROM user_sessions s
WHERE s.organization_id = :organization_id AND s.id = :session_id AND s.user_id = :user_id
    AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
"""
_NOTE = """
INSERT INTO audit_log
    (organization_id, actor_type, actor_id, ip, request_id, action, object_type, object_id, outcome)
VALUES
    (:organization_id, :actor_type, :actor_id, :ip, :request_id, :action, :object_type, :object_id, :outcome)
"""
_COUNT = "SELECT crm_count_attempt(:keys, :free, :longest, :forgotten)"
_SETTLE = "SELECT crm_settle_attempt(:forgiven, :taken_back)"
_ACTING = """
WITH used AS (
    UPDATE api_clients c SET last_used_at = clock_timestamp()
    WHERE c.organization_id = :organization_id AND {which} AND c.status = 'active'
        AND coalesce(c.last_used_at < clock_timestamp() - interval '1 minute', true)
)
SELECT c.id, c.scopes, c.data_scope, c.agency_id, c.ip_allowlist, c.requests_per_minute, c.secret_digest,
    extract(epoch FROM c.expires_at - clock_timestamp())::float8 AS lasts, ARRAY(
    SELECT a.id FROM agencies a
    LEFT JOIN agencies p ON p.organization_id = a.organization_id AND p.id = a.parent_agency_id
    WHERE a.organization_id = c.organization_id
        AND c.agency_id IN (a.id, a.parent_agency_id, p.parent_agency_id)) AS agency_ids
FROM api_clients c
JOIN organizations o ON o.organization_id = c.organization_id AND o.status IN ('draft', 'active')
WHERE c.organization_id = :organization_id AND {which} AND c.status = 'active'
    AND c.expires_at > clock_timestamp()
"""
_OF_USER = equals(UserSession.user_id)
_OPEN = matching(
    lambda _, __: and_(UserSession.revoked_at.is_(None), UserSession.expires_at > func.clock_timestamp())
)


def _sql(statement: str) -> Statement:
    return compiled(("auth", statement), lambda: text(statement))


class SessionRepository(Repository[UserSession, SessionLine]):
    model, read = UserSession, SessionLine

    def open_ones(self, query: SessionQuery, user_id: UUID) -> Selection:
        """What the query asks for, among the open sessions of that user."""
        chosen = query.selection()
        own = (Chosen(_OF_USER, "session_user_id", user_id),), (Chosen(_OPEN, "open", None),)
        return replace(chosen, groups=(*chosen.groups, *own))

    async def knows_network(self, user_id: UUID, network: str) -> bool:
        """Whether that user has signed in from there before (and it was no thief)."""
        rows = await self.rows(
            "known network",
            lambda: (
                self.select(UserSession.id)
                .where(
                    UserSession.user_id == bindparam("user_id"),
                    UserSession.ip_prefix == bindparam("network"),
                    UserSession.revoke_reason.is_distinct_from(RevokeReason.TOKEN_REUSED),
                )
                .limit(literal_column("1"))
            ),
            {"user_id": user_id, "network": network},
        )
        return bool(rows)

    async def has_any(self, user_id: UUID) -> bool:
        """Whether that user has ever signed in."""
        rows = await self.rows(
            "any",
            lambda: (
                self.select(UserSession.id)
                .where(UserSession.user_id == bindparam("user_id"))
                .limit(literal_column("1"))
            ),
            {"user_id": user_id},
        )
        return bool(rows)

    def add_token(self, session_id: UUID, digest: str) -> None:
        self.ctx.session.add(RefreshToken(digest=digest, session_id=session_id))

    async def rotate(
        self, digest: str, following: str, successor: bytes, device: str
    ) -> Sequence[Any] | None:
        """(session, user, scopes) when the token was good: it is used now, and the next one is in its place.

        One statement: of two that bring the same token, one wins.
        """
        values = {"digest": digest, "next": following, "successor": successor, "device": device, "idle": IDLE}
        rows = await self.ctx.write(_sql(_ROTATE), values)
        return rows[0] if rows else None

    async def used(self, digest: str, device: str) -> Sequence[Any] | None:
        """(session, user, scopes, alive, successor) of a used token; the successor only within the grace."""
        rows = await self.ctx.fetch(_sql(_USED), {"digest": digest, "device": device, "grace": GRACE})
        return rows[0] if rows else None

    async def seen_by_token(self, session_id: UUID, user_id: UUID) -> Sequence[Any] | None:
        """(mfa_level, confirmed_at, seconds left) of a session of that user, while it is open."""
        rows = await self.ctx.fetch(_sql(_SEEN), {"session_id": session_id, "user_id": user_id})
        return rows[0] if rows else None

    async def revoke_of_user(
        self, user_id: UUID, reason: RevokeReason, *, but: UUID | None = None, refresh_only: bool = False
    ) -> list[UUID]:
        """Ends the open sessions of a user, or only their refresh tokens; which ones."""
        open_ones = (
            select(UserSession)
            .where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))
            .where(UserSession.expires_at > func.clock_timestamp())
            .with_for_update()
        )
        ended = [row for row in await self.ctx.session.scalars(open_ones) if row.id != but]
        for row in ended:
            if refresh_only:
                row.refresh_revoked_at = now()
            else:
                row.revoked_at, row.revoke_reason = now(), reason
        await self.ctx.session.flush()
        return [row.id for row in ended]

    async def purge(self, before: datetime) -> None:
        """Sessions that ended before that, with their tokens; links of then; failures of yesterday."""
        await self.ctx.session.execute(delete(UserSession).where(UserSession.expires_at < before))
        await self.ctx.session.execute(delete(OneTimeToken).where(OneTimeToken.expires_at < before))
        await self.ctx.session.execute(select(func.crm_forget_attempts()))


class MfaRepository:
    """The second factor of one user."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def of(self, user_id: UUID, *, confirmed: bool) -> MfaCredential | None:
        return await self.ctx.session.scalar(
            select(MfaCredential).where(
                MfaCredential.user_id == user_id,
                MfaCredential.confirmed_at.is_not(None)
                if confirmed
                else MfaCredential.confirmed_at.is_(None),
            )
        )

    async def drop(self, user_id: UUID, *, confirmed: bool) -> None:
        await self.ctx.session.execute(
            delete(MfaCredential).where(
                MfaCredential.user_id == user_id,
                MfaCredential.confirmed_at.is_not(None)
                if confirmed
                else MfaCredential.confirmed_at.is_(None),
            )
        )

    async def save(self, credential: MfaCredential) -> None:
        self.ctx.session.add(credential)
        await self.ctx.session.flush()

    async def use_step(self, credential_id: UUID, step: int) -> bool:
        """False when that step, or a later one, was used already: of two equal codes at once one wins."""
        used = await self.ctx.session.execute(
            update(MfaCredential)
            .where(MfaCredential.id == credential_id, MfaCredential.last_step < step)
            .values(last_step=step)
            .returning(MfaCredential.id)
        )
        return used.first() is not None

    async def use_code(self, user_id: UUID, digest: str) -> bool:
        used = await self.ctx.session.execute(
            update(RecoveryCode)
            .where(RecoveryCode.user_id == user_id, RecoveryCode.digest == digest)
            .where(RecoveryCode.used_at.is_(None))
            .values(used_at=now())
            .returning(RecoveryCode.digest)
        )
        return used.first() is not None

    async def replace_codes(self, user_id: UUID, digests: Iterable[str]) -> None:
        await self.ctx.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        self.ctx.session.add_all(RecoveryCode(user_id=user_id, digest=digest) for digest in digests)
        await self.ctx.session.flush()


class LinkRepository:
    """The one-time tokens of mails."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def replace(self, purpose: Purpose, user_id: UUID, email: str, digest: str) -> None:
        """The newest link is the only one that works."""
        earlier = update(OneTimeToken).where(
            OneTimeToken.user_id == user_id, OneTimeToken.purpose == purpose, OneTimeToken.used_at.is_(None)
        )
        await self.ctx.session.execute(earlier.values(used_at=now()))
        self.ctx.session.add(
            OneTimeToken(
                digest=digest, purpose=purpose, user_id=user_id, email=email, expires_at=now() + purpose.lasts
            )
        )
        await self.ctx.session.flush()

    async def address(self, purpose: Purpose, user_id: UUID) -> str | None:
        """Where the link that still works goes to."""
        newest = select(OneTimeToken.email).where(
            OneTimeToken.user_id == user_id,
            OneTimeToken.purpose == purpose,
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > func.clock_timestamp(),
        )
        found: str | None = await self.ctx.session.scalar(newest)
        return found

    async def sent_to(self, digest: str, purpose: Purpose) -> bool:
        """Whether there ever was such a link."""
        known = select(OneTimeToken.digest).where(
            OneTimeToken.digest == digest, OneTimeToken.purpose == purpose
        )
        return await self.ctx.session.scalar(known) is not None

    async def use(self, digest: str, purpose: Purpose) -> tuple[UUID, str] | None:
        """(user, address), once."""
        used = await self.ctx.session.execute(
            update(OneTimeToken)
            .where(OneTimeToken.digest == digest, OneTimeToken.purpose == purpose)
            .where(OneTimeToken.used_at.is_(None), OneTimeToken.expires_at > func.clock_timestamp())
            .values(used_at=now())
            .returning(OneTimeToken.user_id, OneTimeToken.email)
        )
        row = used.first()
        return (row[0], row[1]) if row else None


class ActingClient(NamedTuple):
    """An API client that is let in: the columns of _ACTING, in order."""

    id: UUID
    scopes: list[str]
    data_scope: str
    agency_id: UUID | None
    ip_allowlist: list[str]
    requests_per_minute: int | None
    secret_digest: str | None
    lasts: float
    agency_ids: list[UUID]


class ClientRepository(Repository[ApiClient, ApiClientRead]):
    model, read = ApiClient, ApiClientRead
    refusals = {
        "uq_api_clients_name": ApiClientNameTaken,
        "fk_api_clients_organization_id_agency_id": UnknownClientAgency,
    }

    async def by_key(self, digest: str) -> ActingClient | None:
        """The active client with that API key, and the agencies it sees; notes at most once a minute that it
        was here."""
        return await self._acting("c.key_digest = :wanted", digest)

    async def by_id(self, client_id: UUID) -> ActingClient | None:
        """The same, for a token that names the client."""
        return await self._acting("c.id = :wanted", client_id)

    async def _acting(self, which: str, wanted: Any) -> ActingClient | None:
        rows = await self.ctx.fetch(_sql(_ACTING.replace("{which}", which)), {"wanted": wanted})
        return ActingClient(*rows[0]) if rows else None


class ThrottleRepository:
    """Each verb stands at once, apart from whatever becomes of the request."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def count(self, rules: Mapping[str, tuple[int, timedelta | None, timedelta]]) -> int:
        """Seconds to wait; 0 when the attempt was counted."""
        free, longest, forgotten = zip(*rules.values(), strict=True)
        values = {"keys": [*rules], "free": [*free], "longest": [*longest], "forgotten": [*forgotten]}
        return int((await self.ctx.apart().write(_sql(_COUNT), values))[0][0])

    async def settle(self, forgiven: Iterable[str], taken_back: Iterable[str]) -> None:
        values = {"forgiven": [*forgiven], "taken_back": [*taken_back]}
        await self.ctx.apart().write(_sql(_SETTLE), values)


async def note_at_once(ctx: Context, action: str, object_type: str, object_id: UUID, outcome: str) -> None:
    """An audit line that stays although the request is refused; `ctx.note` is for those that succeed."""
    values = {"action": action, "object_type": object_type, "object_id": object_id, "outcome": outcome}
    await ctx.apart().write(_sql(_NOTE), values)

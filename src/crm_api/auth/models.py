"""Who is signed in, with which proofs; the keys of programs; brakes on guessing (domain.md B-48, B-60)."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Base, Entity, Ledger, at_most
from crm_api.core.principal import DataScope
from crm_api.kit.ids import new_id
from crm_api.kit.states import machine

IDLE, ABSOLUTE = timedelta(hours=12), timedelta(days=7)
"""How long a session of staff lives without a refresh, and at most."""
GRACE = timedelta(seconds=10)
"""A token used so short ago by the same client gets the same successor again: two tabs, a lost answer."""


COUNT_ATTEMPT = """CREATE OR REPLACE FUNCTION crm_count_attempt(
    wanted text[], free integer[], longest interval[], forgotten interval[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    moment timestamptz(3) := date_trunc('milliseconds', clock_timestamp()); -- columns round, also up
    wait interval;
BEGIN
    INSERT INTO public.sign_in_throttles (key, failures, since, last_at, blocked_until)
    SELECT k, 0, moment, moment, moment FROM unnest(wanted) k ORDER BY k ON CONFLICT (key) DO NOTHING;
    PERFORM FROM public.sign_in_throttles WHERE key = ANY(wanted) ORDER BY key FOR UPDATE;
    moment := date_trunc('milliseconds', clock_timestamp());
    SELECT max(blocked_until) - moment INTO wait FROM public.sign_in_throttles WHERE key = ANY(wanted);
    IF wait > interval '0' THEN
        RETURN ceil(extract(epoch FROM wait));
    END IF;
    UPDATE public.sign_in_throttles t
    SET failures = n.failures, last_at = moment,
        since = CASE WHEN n.failures = 1 THEN moment ELSE t.since END,
        blocked_until = CASE
            WHEN n.failures < n.free THEN moment
            WHEN n.longest IS NULL THEN t.since + n.forgotten
            ELSE moment + least(n.longest, interval '1 second' * 2 ^ least(n.failures - n.free, 20)) END
    FROM (SELECT r.*, CASE WHEN (CASE WHEN r.longest IS NULL THEN o.since ELSE o.last_at END) + r.forgotten
                           < moment THEN 1 ELSE o.failures + 1 END AS failures
          FROM unnest(wanted, free, longest, forgotten) AS r(key, free, longest, forgotten)
          JOIN public.sign_in_throttles o USING (key)) n
    WHERE t.key = n.key;
    RETURN 0;
END $$"""
"""Seconds to wait, and then nothing was counted; 0 when the attempt was counted, as a failure for now.

From the `free`th failure on the wait doubles up to `longest` and is forgotten after a pause of `forgotten`;
where `longest` is null, `free` attempts are allowed in each window of `forgotten`.
"""
SETTLE_ATTEMPT = """CREATE OR REPLACE FUNCTION crm_settle_attempt(forgiven text[], taken_back text[])
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DELETE FROM public.sign_in_throttles WHERE key = ANY(forgiven);
    UPDATE public.sign_in_throttles SET failures = greatest(failures - 1, 0), blocked_until = last_at
    WHERE key = ANY(taken_back) $$"""
FORGET_ATTEMPTS = """CREATE OR REPLACE FUNCTION crm_forget_attempts() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DELETE FROM public.sign_in_throttles WHERE last_at < clock_timestamp() - interval '1 day' $$"""
_SIGNATURES = (
    "crm_forget_attempts()",
    "crm_count_attempt(text[], integer[], interval[], interval[])",
    "crm_settle_attempt(text[], text[])",
)
GRANTS = tuple(
    statement
    for signature in _SIGNATURES
    for statement in (
        f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {signature} TO crm_app",
    )
)


def _of_user() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "user_id"], ["users.organization_id", "users.id"], ondelete="CASCADE"
    )


class RevokeReason(StrEnum):
    """Why a session ended before its time."""

    LOGGED_OUT = "logged_out"
    REVOKED = "revoked"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a reason
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason
    MFA_CHANGED = "mfa_changed"
    ROLE_CHANGED = "role_changed"
    USER_SUSPENDED = "user_suspended"


class UserSession(Entity):
    """One sign-in of a person: the family of its refresh tokens. If one is reused, all are worth nothing."""

    __tablename__ = "user_sessions"
    label = "session"
    personal = frozenset({"ip", "ip_prefix", "user_agent"})
    __table_args__ = (
        Index("ix_user_sessions_user", "organization_id", "user_id", "created_at"),
        Index("ix_user_sessions_expiry", "organization_id", "expires_at"),
        CheckConstraint("mfa_level BETWEEN 1 AND 2", name="mfa_level_range"),
        at_most("user_agent", 300),
        _of_user(),
    )

    user_id: Mapped[UUID]
    scopes: Mapped[list[str] | None]
    """What the client asked for; null: all that the user may."""
    ip: Mapped[str | None]
    ip_prefix: Mapped[str]
    """The network the person signed in from (/24 or /64): a later sign-in from there is of a known device."""
    user_agent: Mapped[str | None]
    mfa_level: Mapped[int]
    """1: a password; 2: a second factor as well."""
    confirmed_at: Mapped[datetime]
    """The last proof of identity: sign-in or step-up."""
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """12 hours after the last refresh, 7 days after the sign-in at most."""
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[RevokeReason | None]
    refresh_revoked_at: Mapped[datetime | None]
    """From then on no refresh: the session ends with its last access token."""


class RefreshToken(Ledger):
    """Every refresh token of a session, used ones too: a used one that comes back was stolen."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index("ix_refresh_tokens_session", "organization_id", "session_id"),
        ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["user_sessions.organization_id", "user_sessions.id"],
            ondelete="CASCADE",
        ),
    )

    digest: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[UUID]
    used_at: Mapped[datetime | None]
    used_by: Mapped[str | None]
    """Who used it: a digest of the device and its network."""
    successor: Mapped[bytes | None]
    """The next token, sealed with this one: only who holds this one can open it, and only for GRACE."""
    successor_digest: Mapped[str | None]


class MfaCredential(Ledger):
    """An authenticator app (TOTP). One is being enrolled (`confirmed_at` null), one is in force."""

    __tablename__ = "mfa_credentials"
    __table_args__ = (
        Index(
            "uq_mfa_credentials_confirmed",
            "organization_id",
            "user_id",
            unique=True,
            postgresql_where=text("confirmed_at IS NOT NULL"),
        ),
        Index(
            "uq_mfa_credentials_pending",
            "organization_id",
            "user_id",
            unique=True,
            postgresql_where=text("confirmed_at IS NULL"),
        ),
        _of_user(),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID]
    sealed: Mapped[bytes]
    """{"secret": base32}, under the organization's key."""
    last_step: Mapped[int] = mapped_column(default=0)
    """The newest time step used: codes of it and before are spent."""
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Ledger):
    """A way in without the phone, good once."""

    __tablename__ = "mfa_recovery_codes"
    __table_args__ = (_of_user(),)

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class Purpose(StrEnum):
    """What the link of a mail is good for."""

    VERIFY_EMAIL = "verify_email"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a purpose
    CHANGE_EMAIL = "change_email"

    @property
    def lasts(self) -> timedelta:
        return timedelta(minutes=30) if self is Purpose.PASSWORD_RESET else timedelta(hours=24)


class OneTimeToken(Ledger):
    """The secret of a link in a mail: its hash, for one purpose, one user and one address."""

    __tablename__ = "one_time_tokens"
    __table_args__ = (Index("ix_one_time_tokens_user", "organization_id", "user_id", "purpose"), _of_user())

    digest: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[Purpose]
    user_id: Mapped[UUID]
    email: Mapped[str]
    """The address it was sent to: worth nothing once the user has another one."""
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ClientKind(StrEnum):
    """A program with its own rights, or a web form that may only hand in leads."""

    SERVICE = "service"
    CAPTURE = "capture"


class ClientStatus(StrEnum):
    """Whether an API client may call: active, suspended for a time, or revoked for good."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


API_CLIENT = machine("api_client", "active: suspended revoked \n suspended: active revoked")
LONGEST_LIFE = timedelta(days=366)


class ApiClient(Entity):
    """A program that acts for the organization, by client credentials, an API key or a write key."""

    __tablename__ = "api_clients"
    label = "api_client"
    private = frozenset({"secret_digest", "key_digest"})
    __table_args__ = (
        Index(
            "uq_api_clients_name",
            "organization_id",
            "name",
            unique=True,
            postgresql_where=text("status <> 'revoked'"),
        ),
        Index("uq_api_clients_key", "organization_id", "key_digest", unique=True),
        ForeignKeyConstraint(["organization_id", "agency_id"], ["agencies.organization_id", "agencies.id"]),
        CheckConstraint(
            "kind <> 'capture' OR (scopes <@ '{leads:capture,web_events:ingest}' AND scopes <> '{}')",
            name="capture_only",
        ),
        CheckConstraint("(kind = 'service') = (secret_digest IS NOT NULL)", name="secret_of_services"),
        CheckConstraint("requests_per_minute BETWEEN 1 AND 100000", name="rate_range"),
        at_most("name", 120),
    )

    name: Mapped[str]
    kind: Mapped[ClientKind]
    status: Mapped[ClientStatus] = mapped_column(default=ClientStatus.ACTIVE)
    client_id: Mapped[str]
    """`client_<organization>_<id>`: says for itself which organization it belongs to."""
    secret_digest: Mapped[str | None]
    key_digest: Mapped[str]
    key_hint: Mapped[str]
    """The last four characters of the key, to tell two keys apart."""
    scopes: Mapped[list[str]]
    data_scope: Mapped[DataScope]
    agency_id: Mapped[UUID | None]
    partner_id: Mapped[str | None]
    """The partner whose pushes these are (comparator, bank, garage)."""
    ip_allowlist: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    """Networks in CIDR notation; empty: from anywhere."""
    requests_per_minute: Mapped[int | None]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    rotated_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInThrottle(Base):
    """How often somebody failed: per account and network, per account, per network. Never a hard lock.

    Of no organization: an unknown address is counted like a known one. `key` is a digest, so that the table
    names nobody. Reached only through functions; an attempt is counted before it is judged, so that a
    thousand guesses at once are not all the first.
    """

    __tablename__ = "sign_in_throttles"
    __table_args__ = (
        Index("ix_sign_in_throttles_age", "last_at"),
        {"info": {"closed": True, "ddl": (COUNT_ATTEMPT, SETTLE_ATTEMPT, FORGET_ATTEMPTS, *GRANTS)}},
    )

    key: Mapped[str] = mapped_column(Text(), primary_key=True)
    failures: Mapped[int]
    since: Mapped[datetime]
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime]

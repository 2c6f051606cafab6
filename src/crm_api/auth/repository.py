"""The rows of `auth`, and the statements that must be one: a rotation, the use of a code, a counted attempt."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from crm_api.auth.errors import ApiClientNameTaken, UnknownClientAgency
from crm_api.auth.models import (
    IDLE,
    ApiClient,
    ClientStatus,
    MfaCredential,
    OneTimeToken,
    Purpose,
    RecoveryCode,
    RefreshToken,
    RevokeReason,
    SignInThrottle,
    UserSession,
)
from crm_api.auth.schemas import ApiClientRead, SessionRead
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.journal import AuditLine
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
SET last_seen_at = clock_timestamp(), ip = :ip, expires_at = least(s.ends_at, clock_timestamp() + :idle)
FROM presented p
WHERE s.organization_id = :organization_id AND s.id = p.session_id
RETURNING s.id, s.user_id, s.scopes
"""
_USED = """
SELECT t.session_id, s.user_id, s.scopes, s.revoked_at IS NULL AS alive,
    CASE WHEN t.used_by = :device AND t.used_at > clock_timestamp() - :grace
        AND s.revoked_at IS NULL AND s.refresh_revoked_at IS NULL AND s.expires_at > clock_timestamp()
        AND NOT EXISTS (SELECT FROM refresh_tokens n WHERE n.organization_id = t.organization_id
                        AND n.digest = t.successor_digest AND n.used_at IS NOT NULL)
    THEN t.successor END AS successor
FROM refresh_tokens t
JOIN user_sessions s ON s.organization_id = t.organization_id AND s.id = t.session_id
WHERE t.organization_id = :organization_id AND t.digest = :digest AND t.used_at IS NOT NULL
"""
_COUNT = "SELECT crm_count_attempt(:keys, :free, :longest, :forgotten)"
_SETTLE = "SELECT crm_settle_attempt(:forgiven, :taken_back)"
_BY_CREDENTIAL = """
WITH used AS (
    UPDATE api_clients SET last_used_at = clock_timestamp()
    WHERE organization_id = :organization_id AND {which}
        AND coalesce(last_used_at < clock_timestamp() - interval '1 minute', true)
)
SELECT c.*, ARRAY(
    SELECT a.id FROM agencies a
    LEFT JOIN agencies p ON p.organization_id = a.organization_id AND p.id = a.parent_agency_id
    WHERE a.organization_id = c.organization_id
        AND c.agency_id IN (a.id, a.parent_agency_id, p.parent_agency_id)) AS agency_ids
FROM api_clients c
JOIN organizations o ON o.organization_id = c.organization_id AND o.status IN ('draft', 'active')
WHERE c.organization_id = :organization_id AND c.{which} AND c.status = 'active'
    AND c.expires_at > clock_timestamp()
"""
_OF_USER = equals(UserSession.user_id)
_OPEN = matching(
    lambda _name, _shape: and_(
        UserSession.revoked_at.is_(None), UserSession.expires_at > func.clock_timestamp()
    )
)


def _sql(statement: str) -> Statement:
    return compiled(("auth", statement), lambda: text(statement))


class SessionRepository(Repository[UserSession, SessionRead]):
    model, read = UserSession, SessionRead

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        """`current`: the session that asks."""
        own = bindparam("own_session_id", type_=UserSession.id.type)
        return {**super().columns(), "current": func.coalesce(super().columns()["id"] == own, False)}

    @staticmethod
    def open_ones(selection: Selection, user_id: UUID) -> Selection: ...

"""From a credential to a principal: what stands behind `core.identity`, which remembers it for 4 s."""

from dataclasses import replace
from time import time
from uuid import UUID

from crm_api.auth.clients import API_KEY, WRITE_KEY, ApiClientService
from crm_api.auth.sessions import SessionService, may_act, must_enrol, scopes_of
from crm_api.core import opaque
from crm_api.core.context import Context
from crm_api.core.identity import Lookup
from crm_api.core.pool import Database
from crm_api.core.principal import Principal, system
from crm_api.core.tokens import Claims
from crm_api.core.tools import Tools
from crm_api.kit.errors import NotFound, Unauthenticated
from crm_api.users.access import UserAccess


def make_lookup(database: Database, tools: Tools) -> Lookup:
    """Understands access tokens of people and programs, API keys and write keys.

    The organization is what the signed token or the key itself says; the row is then found, or not, under its
    row-level security. Raises TokenExpired, Unauthenticated.
    """

    def inside(organization_id: UUID) -> Context:
        return Context(system(organization_id), database, tools)

    async def lookup(credential: str) -> tuple[Principal, float]:
        for prefix in (API_KEY, WRITE_KEY):
            if credential.startswith(f"{prefix}_"):
                organization_id, digest = opaque.parse(credential, prefix)
                return await ApiClientService(inside(organization_id)).principal_of_key(digest)
        claims = tools.tokens.verify(credential)
        ctx = inside(claims.organization_id)
        principal, lasts = await (_program(ctx, claims) if _is_program(claims) else _person(ctx, claims))
        return principal, min(lasts, claims.expires_at - time())

    return lookup


def _is_program(claims: Claims) -> bool:
    """A program has no session: its token names the client twice."""
    return claims.session_id == claims.subject


async def _program(ctx: Context, claims: Claims) -> tuple[Principal, float]:
    principal, lasts = await ApiClientService(ctx).principal_of_token(claims.subject)
    return replace(principal, scopes=principal.scopes & claims.scopes), lasts


async def _person(ctx: Context, claims: Claims) -> tuple[Principal, float]:
    seen = await SessionService(ctx).seen(claims.session_id, claims.subject)
    try:
        authority = await UserAccess(ctx).authority(claims.subject)
    except NotFound as gone:
        raise Unauthenticated from gone
    if not may_act(authority):
        raise Unauthenticated
    principal = Principal(
        id=claims.subject,
        organization_id=claims.organization_id,
        scopes=scopes_of(authority, seen.mfa_level) & claims.scopes,
        data_scope=authority.data_scope,
        agency_id=authority.agency_id,
        agency_ids=authority.agency_ids,
        session_id=claims.session_id,
        must_enrol=must_enrol(authority, seen.mfa_level),
        confirmed_at=seen.confirmed_at,
    )
    return principal, seen.lasts

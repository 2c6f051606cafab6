"""Programs that act for the organization: their secrets, their limits, and how they are known again."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Literal
from uuid import UUID

from pydantic import MISSING

from crm_api.auth.client_schemas import (
    ApiClientCreate,
    ApiClientPage,
    ApiClientPatch,
    ApiClientQuery,
    ApiClientRead,
    ApiClientSecrets,
)
from crm_api.auth.errors import ClientRefused, InvalidScope
from crm_api.auth.models import API_CLIENT, LONGEST_LIFE, ApiClient, ClientKind, ClientStatus
from crm_api.auth.repository import ActingClient, ClientRepository, note_at_once
from crm_api.auth.schemas import TokenAnswer
from crm_api.core import opaque
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.principal import DataScope, Principal
from crm_api.core.repository import ANY_VERSION
from crm_api.core.tokens import LIFETIME
from crm_api.kit.errors import Unauthenticated, ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.roles.catalogue import of_kind, permissions
from crm_api.roles.granting import refuse_to_grant

CAPTURE, INGEST = "leads:capture", "web_events:ingest"
OF_WRITE_KEYS = frozenset({CAPTURE, INGEST})
"""What a key that stands in a page may do, of which a key may hold one or both."""
API_KEY, WRITE_KEY, CLIENT_SECRET = "crm_live", "wk", "cs"
Prefix = Literal["crm_live", "wk"]


@dataclass(frozen=True, slots=True)
class Partner:
    """For whom a client acts."""

    client_id: UUID
    name: str
    partner_id: str | None
    agency_id: UUID | None


class ApiClientService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.clients = ClientRepository(ctx)

    async def page(self, query: ApiClientQuery) -> Json[ApiClientPage]:
        return await self.clients.page(query, ApiClientPage)

    async def get(self, client_id: UUID) -> Json[ApiClientRead]:
        return await self.clients.get(client_id)

    async def partner(self, client_id: UUID) -> Partner:
        """Of the client that pushes; an API client is a principal's `id`. Raises NotFound."""
        client = (await self.clients.get(client_id)).value
        return Partner(client.id, client.name, client.partner_id, client.agency_id)

    async def create(self, data: ApiClientCreate) -> ApiClientSecrets:
        """Raises CannotGrant for a scope that the creator does not hold."""
        self.ctx.begin()
        is_capture = data.kind is ClientKind.CAPTURE
        scopes = _of_a_write_key(data.scopes) if is_capture else self._granted(data.scopes)
        client_id = new_id()
        client = ApiClient(
            id=client_id,
            name=data.name,
            kind=data.kind,
            client_id=f"client_{self.ctx.organization_id.hex}_{client_id.hex}",
            scopes=scopes,
            data_scope=self._reach(data),
            agency_id=data.agency_id,
            partner_id=data.partner_id,
            ip_allowlist=[str(network) for network in data.ip_allowlist],
            requests_per_minute=data.requests_per_minute,
            expires_at=_expiry(data.expires_at),
        )
        secrets = self._renew(client)
        await self.clients.save(client)
        return await self._shown(client, *secrets)

    async def update(self, client_id: UUID, data: ApiClientPatch, version: int) -> Json[ApiClientRead]:
        client = await self._loaded(client_id, version)
        if data.scopes is not MISSING:
            if client.kind is ClientKind.CAPTURE:
                _of_a_write_key(data.scopes)
            else:
                self._granted(data.scopes)
        changes: dict[str, Any] = {name: value for name, value in dict(data).items() if value is not MISSING}
        if "ip_allowlist" in changes:
            changes["ip_allowlist"] = [str(network) for network in changes["ip_allowlist"]]
        for name, value in changes.items():
            setattr(client, name, value)
        return await self._saved(client)

    async def suspend(self, client_id: UUID, version: int) -> Json[ApiClientRead]:
        return await self._move(client_id, version, ClientStatus.SUSPENDED)

    async def resume(self, client_id: UUID, version: int) -> Json[ApiClientRead]:
        return await self._move(client_id, version, ClientStatus.ACTIVE)

    async def revoke(self, client_id: UUID, version: int) -> Json[ApiClientRead]:
        """For good."""
        return await self._move(client_id, version, ClientStatus.REVOKED)

    async def rotate(self, client_id: UUID, version: int) -> ApiClientSecrets:
        """New secrets; the old ones are refused from now on."""
        client = await self._loaded(client_id, version)
        secrets = self._renew(client)
        client.rotated_at = now()
        await self._saved(client)
        return await self._shown(client, *secrets)

    async def token(self, row_id: UUID, secret: str, narrowed: frozenset[str] | None) -> TokenAnswer:
        """The grant client_credentials. Raises ClientRefused, InvalidScope."""
        row = await self.clients.by_id(row_id)
        if row is None or not _same(secret, row.secret_digest):
            await note_at_once(self.ctx, "api_client.token", "api_client", row_id, "denied")
            raise ClientRefused(error="invalid_client")
        held = frozenset(row.scopes)
        scopes = held if narrowed is None else held & narrowed
        if not scopes:
            raise InvalidScope(error="invalid_scope", refused_scopes=sorted((narrowed or held) - held))
        if not _principal(row, self.ctx.organization_id).may_call_from(self.ctx.origin.ip):
            raise ClientRefused(error="invalid_client")
        access, _ = self.ctx.tools.tokens.issue(
            subject=row.id, organization_id=self.ctx.organization_id, session_id=row.id, scopes=scopes
        )
        return TokenAnswer(
            access_token=access,
            expires_in=LIFETIME,
            refresh_token=None,
            scope=" ".join(sorted(scopes)),
            mfa_enrolment_required=False,
        )

    async def principal_of_key(self, digest: str) -> tuple[Principal, float]:
        """Who comes with that key, and for how many seconds at most. Raises Unauthenticated."""
        return self._acting(await self.clients.by_key(digest))

    async def principal_of_token(self, row_id: UUID) -> tuple[Principal, float]:
        """Who comes with a token of that client. Raises Unauthenticated."""
        return self._acting(await self.clients.by_id(row_id))

    def _acting(self, row: ActingClient | None) -> tuple[Principal, float]:
        if row is None:
            raise Unauthenticated
        return _principal(row, self.ctx.organization_id), row.lasts

    def _granted(self, scopes: list[str] | None) -> list[str]:
        """When they exist and this principal may give them (those of machines are anybody's to give)."""
        if not scopes:
            raise ValidationFailed.at("/scopes", "missing", "A service needs at least one scope.")
        known = permissions()
        for at, scope in enumerate(scopes):
            if scope not in known:
                raise ValidationFailed.at(f"/scopes/{at}", "unknown_scope", "There is no such scope.")
        refuse_to_grant(self.ctx.principal, set(scopes) - of_kind("machine"), to_himself=True)
        return sorted(set(scopes))

    def _reach(self, data: ApiClientCreate) -> DataScope:
        if data.kind is ClientKind.CAPTURE:
            return DataScope.OWN
        given = data.data_scope or (
            DataScope.AGENCY if data.agency_id else DataScope.OWN if data.partner_id else DataScope.ALL
        )
        refuse_to_grant(self.ctx.principal, (), given, to_himself=True)
        return given

    def _renew(self, client: ApiClient) -> tuple[str | None, str]:
        """New secrets of the client: only their digests stay."""
        secret: str | None = None
        if client.kind is ClientKind.SERVICE:
            secret, client.secret_digest = opaque.make(CLIENT_SECRET, self.ctx.organization_id)
        prefix = API_KEY if client.kind is ClientKind.SERVICE else WRITE_KEY
        key, client.key_digest = opaque.make(prefix, self.ctx.organization_id)
        client.key_hint = key[-4:]
        return secret, key

    async def _shown(self, client: ApiClient, secret: str | None, key: str) -> ApiClientSecrets:
        read = (await self.clients.get(client.id)).value
        return ApiClientSecrets(id=client.id, client=read, client_secret=secret, api_key=key)

    async def _move(self, client_id: UUID, version: int, status: ClientStatus) -> Json[ApiClientRead]:
        client = await self._loaded(client_id, version)
        API_CLIENT.check(client.status, status)
        client.status = status
        if status is ClientStatus.REVOKED:
            client.revoked_at = now()
        return await self._saved(client)

    async def _loaded(self, client_id: UUID, version: int) -> ApiClient:
        client = await self.clients.load(client_id)
        if version not in (client.version, ANY_VERSION):
            raise VersionConflict(current_version=client.version)
        return client

    async def _saved(self, client: ApiClient) -> Json[ApiClientRead]:
        await self.clients.save(client)
        self.ctx.tools.identity.forget(client.id)
        return await self.clients.get(client.id)


def _principal(row: ActingClient, organization_id: UUID) -> Principal:
    return Principal(
        id=row.id,
        organization_id=organization_id,
        scopes=frozenset(row.scopes),
        kind="client",
        data_scope=DataScope(row.data_scope),
        agency_id=row.agency_id,
        agency_ids=tuple(row.agency_ids),
        session_id=row.id,
        requests_per_minute=row.requests_per_minute,
        networks=_networks(tuple(row.ip_allowlist)),
    )


def _networks(texts: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text) for text in texts)


def _of_a_write_key(scopes: list[str] | None) -> list[str]:
    """Left out: leads. Raises ValidationFailed."""
    if scopes is not None and not (scopes and OF_WRITE_KEYS.issuperset(scopes)):
        allowed = " and ".join(sorted(OF_WRITE_KEYS))
        raise ValidationFailed.at("/scopes", "capture_only", f"A write key has no scopes but {allowed}.")
    return sorted(set(scopes)) if scopes else [CAPTURE]


def _same(secret: str, stored: str | None) -> bool:
    try:
        return stored is not None and opaque.matches(opaque.parse(secret, CLIENT_SECRET)[1], stored)
    except Unauthenticated:
        return False


def _expiry(wanted: datetime | None) -> datetime:
    latest = now() + LONGEST_LIFE
    if wanted is not None and not now() < wanted <= latest:
        raise ValidationFailed.at("/expires_at", "expiry_out_of_range", "In the future, within a year.")
    return wanted or latest

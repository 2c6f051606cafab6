"""Providers: set up by the staff, and what they tell, signed with their secret."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from time import time
from typing import Any
from uuid import UUID

from pydantic import MISSING

from crm_api.channels.sending import opened
from crm_api.channels.signing import is_signed, new_secret
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.core.sealing import seal
from crm_api.kit.errors import VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.mailings.errors import ProviderSignatureWrong
from crm_api.mailings.hearing import Hearing, Told, moment_of
from crm_api.mailings.models import MessageEventType, MessageProvider
from crm_api.mailings.repository.hearing import HearingRepository
from crm_api.mailings.repository.providers import ProviderRepository
from crm_api.mailings.schemas.providers import (
    EventsTaken,
    MessageProviderCreate,
    MessageProviderPage,
    MessageProviderPatch,
    MessageProviderQuery,
    MessageProviderRead,
    ProviderSecret,
    ToldEvents,
)


class Providers:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.providers = ProviderRepository(ctx)

    async def page(self, query: MessageProviderQuery) -> Json[MessageProviderPage]:
        return await self.providers.page(query, MessageProviderPage)

    async def get(self, provider_id: UUID) -> Json[MessageProviderRead]:
        return await self.providers.get(provider_id)

    async def create(self, data: MessageProviderCreate) -> Json[MessageProviderRead]:
        """Raises ProviderNameTaken."""
        self.ctx.begin()
        given = {name: value for name, value in dict(data).items() if name != "password"}
        provider = MessageProvider(id=new_id(), **given)
        secrets: dict[str, Any] = {"secret": new_secret()}
        if data.password is not None:
            secrets["password"] = data.password.get_secret_value()
        await seal(self.ctx, provider, secrets)
        await self.providers.save(provider)
        return await self.providers.get(provider.id)

    async def update(
        self, provider_id: UUID, data: MessageProviderPatch, version: int
    ) -> Json[MessageProviderRead]:
        provider = await self._loaded(provider_id, version)
        for name, value in dict(data).items():
            if value is not MISSING:
                setattr(provider, name, value)
        await self.providers.save(provider)
        return await self.providers.get(provider_id)

    async def renew_secret(self, provider_id: UUID, version: int) -> ProviderSecret:
        """The one before opens nothing any more."""
        provider = await self._loaded(provider_id, version)
        secret = new_secret()
        await seal(self.ctx, provider, {"secret": secret})
        await self.providers.save(provider)
        key = urlsafe_b64encode(self.ctx.organization_id.bytes + provider_id.bytes).rstrip(b"=").decode()
        base = self.ctx.tools.settings.base_url.rstrip("/")
        return ProviderSecret(
            id=provider_id, post_to=f"{base}/v1/integrations/messages/{key}/events", secret=secret
        )

    async def _loaded(self, provider_id: UUID, version: int) -> MessageProvider:
        provider = await self.providers.load(provider_id)
        if version not in (provider.version, ANY_VERSION):
            raise VersionConflict(current_version=provider.version)
        return provider


class ProviderDoor:
    """For the house: who signed it is known only then."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def proved(
        self, provider_id: UUID, timestamp: str | None, signature: str | None, body: bytes
    ) -> MessageProvider:
        """Raises ProviderSignatureWrong, whatever is wrong."""
        provider = await ProviderRepository(self.ctx).row(provider_id)
        if provider is None or not provider.is_active:
            raise ProviderSignatureWrong
        secret = await opened(self.ctx, provider, "secret")
        if not secret or not is_signed(secret, timestamp, signature, body, time()):
            raise ProviderSignatureWrong
        return provider

    async def events(self, provider: MessageProvider, data: ToldEvents) -> EventsTaken:
        """In the order of their messages, so that two deliveries never wait for each other in a circle."""
        self.ctx.begin()
        hearing, rows = Hearing(self.ctx), HearingRepository(self.ctx)
        taken = known = unknown = 0
        named = []
        for place, event in enumerate(data.events):
            message_id = event.message_id
            if message_id is None and event.provider_message_id is not None:
                message_id = await rows.named(provider.id, event.provider_message_id)
            if message_id is None:
                unknown += 1
            else:
                named.append((message_id, place, event))
        for message_id, _, event in sorted(named, key=lambda one: (one[0], one[1])):
            told = Told(
                MessageEventType(event.type),
                moment_of(event.at),
                provider_id=provider.id,
                event_id=event.event_id,
                by_provider=True,
                detail=event.detail,
            )
            new = await hearing.tell(message_id, told)
            taken, known, unknown = taken + (new is True), known + (new is False), unknown + (new is None)
        return EventsTaken(taken=taken, known=known, unknown=unknown)


def parts_of(key: str) -> tuple[UUID, UUID]:
    """Organization and provider, as the address says. Raises ProviderSignatureWrong."""
    try:
        raw = urlsafe_b64decode(key + "=" * (-len(key) % 4))
        return UUID(bytes=raw[:16]), UUID(bytes=raw[16:])
    except ValueError as error:
        raise ProviderSignatureWrong from error

"""What came in and went out, for people: to look at, to try again, to put aside."""

from collections.abc import AsyncIterator
from uuid import UUID

from crm_api.channels.errors import RawMessageGone
from crm_api.channels.models.messages import INBOUND, OUTBOUND, InboundReason, InboundStatus, OutboundStatus
from crm_api.channels.receiving import queue as file_later
from crm_api.channels.repository.messages import InboundRepository, OutboundRepository
from crm_api.channels.schemas.messages import (
    InboundPage,
    InboundQuery,
    InboundRead,
    OutboundPage,
    OutboundQuery,
    OutboundRead,
)
from crm_api.channels.sending import queue
from crm_api.core.context import Context
from crm_api.core.principal import system
from crm_api.core.repository import ANY_VERSION
from crm_api.files.service import FileService
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.schemas import Json


class InboundDesk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.messages = InboundRepository(ctx)

    async def page(self, query: InboundQuery) -> Json[InboundPage]:
        return await self.messages.page(query, InboundPage)

    async def get(self, message_id: UUID) -> Json[InboundRead]:
        return await self.messages.get(message_id)

    async def file_after_all(self, message_id: UUID, version: int) -> Json[InboundRead]:
        """A person says that it is for a ticket; the job follows at once. Raises InvalidTransition."""
        message = await self.messages.load(message_id)
        if version not in (message.version, ANY_VERSION):
            raise VersionConflict(current_version=message.version)
        INBOUND.check(message.status, InboundStatus.RECEIVED)
        message.status, message.reason = InboundStatus.RECEIVED, None
        await self.messages.save(message)
        await file_later(self.ctx, message_id, insisted=True)
        return await self.messages.get(message_id)

    async def dismiss(self, message_id: UUID, version: int) -> Json[InboundRead]:
        """It stays on the list, and waits for nobody. Raises InvalidTransition."""
        message = await self.messages.load(message_id)
        if version not in (message.version, ANY_VERSION):
            raise VersionConflict(current_version=message.version)
        INBOUND.check(message.status, InboundStatus.IGNORED)
        message.status, message.reason = InboundStatus.IGNORED, InboundReason.DISMISSED
        await self.messages.save(message)
        return await self.messages.get(message_id)

    async def raw(self, message_id: UUID) -> AsyncIterator[bytes]:
        """The mail as it came. Raises RawMessageGone."""
        message = await self.messages.load(message_id)
        if message.file_id is None:
            raise RawMessageGone
        self.ctx.note("inbound_message.raw_read", "inbound_message", message_id)
        house = Context(
            system(self.ctx.organization_id), self.ctx.database, self.ctx.tools, self.ctx.origin
        )  # raw mails are the house's own working files: nobody's list shows them
        try:
            return await FileService(house).open(message.file_id)
        except NotFound as gone:
            raise RawMessageGone from gone
        finally:
            await house.close()


class OutboundDesk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.messages = OutboundRepository(ctx)

    async def page(self, query: OutboundQuery) -> Json[OutboundPage]:
        return await self.messages.page(query, OutboundPage)

    async def get(self, message_id: UUID) -> Json[OutboundRead]:
        return await self.messages.get(message_id)

    async def send_again(self, message_id: UUID, version: int) -> Json[OutboundRead]:
        """One that failed or came back. Raises InvalidTransition."""
        message = await self.messages.load(message_id)
        if version not in (message.version, ANY_VERSION):
            raise VersionConflict(current_version=message.version)
        OUTBOUND.check(message.status, OutboundStatus.QUEUED)
        message.status, message.failure_code = OutboundStatus.QUEUED, None
        await self.messages.save(message)
        await queue(self.ctx, message_id)
        return await self.messages.get(message_id)

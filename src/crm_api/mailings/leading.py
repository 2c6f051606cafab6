"""What happens behind the links of messages: where they lead, and that somebody followed them."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.errors import NotFound
from crm_api.kit.schemas import Json
from crm_api.mailings.errors import MessageLinkUnknown
from crm_api.mailings.hearing import Hearing, Told
from crm_api.mailings.links import Clicked, click_token
from crm_api.mailings.models import MessageEventType
from crm_api.mailings.repository.hearing import HearingRepository
from crm_api.mailings.repository.sends import MessageRepository, SendRepository
from crm_api.mailings.schemas.sends import (
    MessageEventRead,
    MessageEvents,
    MessagePage,
    MessageQuery,
)


class Led(NamedTuple):
    """Where a link leads."""

    url: str
    hidden: bool


class Leading:
    """For the house: whoever follows a link is nobody we know."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def destination(self, click: Clicked) -> Led:
        """One statement. Only to what stands in the send of the message, with `ct` for the collector. Raises
        MessageLinkUnknown."""
        row = await HearingRepository(self.ctx).link(click.link_id, click.message_id)
        if row is None:
            raise MessageLinkUnknown
        url, hidden, contact_id = row
        token = click_token(self.ctx.tools.links, self.ctx.organization_id, click.message_id, contact_id)
        return Led(_with(url, {"ct": token}), hidden)

    async def clicked(self, click: Clicked, *, hidden: bool) -> None:
        """Written down after the answer."""
        self.ctx.begin()
        told = Told(MessageEventType.CLICKED, now(), link_id=click.link_id, hidden=hidden)
        await Hearing(self.ctx).tell(click.message_id, told)

    async def opened(self, message_id: UUID) -> None:
        self.ctx.begin()
        await Hearing(self.ctx).tell(message_id, Told(MessageEventType.OPENED, now()))


class History:
    """Messages, for the staff."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.messages = MessageRepository(ctx)

    async def of_send(self, send_id: UUID, query: MessageQuery) -> Json[MessagePage]:
        """Raises NotFound."""
        await SendRepository(self.ctx).get(send_id)
        return await self.messages.of("send_id", send_id, query)

    async def of_contact(self, contact_id: UUID, query: MessageQuery) -> Json[MessagePage]:
        """Raises NotFound for who is not yours to see."""
        if not await ContactService(self.ctx).seen([contact_id]):
            raise NotFound(id=str(contact_id))
        return await self.messages.of("contact_id", contact_id, query)

    async def events(self, message_id: UUID) -> MessageEvents:
        """Raises NotFound."""
        await self.messages.get(message_id)
        rows = await HearingRepository(self.ctx).events(message_id)
        told = [
            MessageEventRead(
                type=MessageEventType(row[0]), at=row[1], is_bot=row[2], url=row[3], detail=row[4]
            )
            for row in rows
        ]
        return MessageEvents(message_id=message_id, events=told)


def _with(url: str, more: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(more)) if part)
    return parts._replace(query=query).geturl()

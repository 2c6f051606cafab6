"""Visits at a counter: the QR code on the wall opens a form, the form a ticket of that agency."""

from datetime import timedelta
from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.channels.errors import CounterBusy, CounterUnknown
from crm_api.channels.filing import Filing
from crm_api.channels.models.inboxes import ChannelKind, InboxChannel
from crm_api.channels.models.messages import InboundSource
from crm_api.channels.receiving import Receiving, Told
from crm_api.channels.repository.messages import InboundRepository
from crm_api.channels.repository.setup import InboxChannelRepository
from crm_api.channels.schemas.messages import CounterForm, CounterTicket, CounterVisit
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.ids import new_id
from crm_api.kit.phones import to_e164
from crm_api.organizations.service import OrganizationService
from crm_api.tickets.service import TicketService

MOST_IN_AN_HOUR = 120
"""Visits announced at one counter."""
_THREAD = "counter"


class Counter:
    """The house itself, for who stands before the poster."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.channels = InboxChannelRepository(ctx)

    async def form(self, channel_id: UUID) -> CounterForm:
        channel = await self._channel(channel_id)
        organization = await OrganizationService(self.ctx).shown()
        return CounterForm(organization=organization.name, agency=await self._agency(channel))

    async def announce(self, channel_id: UUID, visit: CounterVisit) -> CounterTicket:
        """At once: the number is named at the counter. Raises CounterUnknown, CounterBusy."""
        channel = await self._channel(channel_id)
        since = now() - timedelta(hours=1)
        if await InboundRepository(self.ctx).count_by_channel(channel_id, _THREAD, since) >= MOST_IN_AN_HOUR:
            raise CounterBusy
        told = Told(
            external_id=f"visit:{new_id().hex}",
            sender=to_e164(visit.phone) or visit.phone,
            sender_name=visit.name,
            subject=visit.subject,
            thread_key=_THREAD,
            content={"text": visit.text},
            size=len(visit.text.encode()),
        )
        accepted = await Receiving(self.ctx).told(channel, told, InboundSource.COUNTER)
        await Filing(self.ctx).file(accepted.id)
        message = await InboundRepository(self.ctx).load(accepted.id)
        if message.ticket_id is None:  # held: this number has announced too many visits
            raise CounterBusy
        number = (await TicketService(self.ctx).get(message.ticket_id)).value.number
        return CounterTicket(number=number)

    async def _channel(self, channel_id: UUID) -> InboxChannel:
        channel = await self.channels.row(channel_id)
        if channel is None or not channel.is_active or channel.kind is not ChannelKind.IN_PERSON:
            raise CounterUnknown
        return channel

    async def _agency(self, channel: InboxChannel) -> str:
        if channel.agency_id is None:
            raise CounterUnknown
        return (await AgencyService(self.ctx).get(channel.agency_id)).value.name

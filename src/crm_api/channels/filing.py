"""A message that was accepted goes where it belongs: a ticket, or the pile of what machines wrote."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from anyio import to_thread

from crm_api.channels.attaching import Attaching
from crm_api.channels.events import InboundMessageFiled, InboundMessageHeld
from crm_api.channels.inbox import InboxDesk
from crm_api.channels.mail.bounces import Bounce
from crm_api.channels.mail.headers import Party
from crm_api.channels.mail.limits import LONGEST_TEXT
from crm_api.channels.mail.reading import NO_SUBJECT, Attached, Letter, read
from crm_api.channels.mail.robots import Robot
from crm_api.channels.models.inboxes import ChannelKind, InboxChannel
from crm_api.channels.models.messages import InboundMessage, InboundReason, InboundStatus
from crm_api.channels.parties import Parties
from crm_api.channels.receipts import Receipts
from crm_api.channels.replying import reply_at_once
from crm_api.channels.repository.messages import InboundRepository
from crm_api.channels.repository.setup import InboxChannelRepository, InboxRepository
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.files.service import FileService
from crm_api.kit.errors import NotFound
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.models.words import TicketChannel
from crm_api.tickets.opening import Opening
from crm_api.tickets.schemas.content import TicketCreate
from crm_api.tickets.schemas.messages import Incoming, Received
from crm_api.tickets.schemas.ticket import TicketRead
from crm_api.tickets.service import TicketService

_PLUS = re.compile(r"\+(T-\d{4}-\d{6,9})@", re.I)
_IN_SUBJECT = re.compile(r"\[(T-\d{4}-\d{6,9})\]", re.I)
_LONGEST_TICKET_SUBJECT = 200
_MACHINES = {
    Robot.AUTO_REPLY: InboundReason.AUTO_REPLY,
    Robot.BULK: InboundReason.BULK,
    Robot.LOOP: InboundReason.LOOP,
}


class AnsweredNotFiled(Exception):
    """What the mail answers came before it and is being filed just now: the queue asks again in a moment."""


class Said(NamedTuple):
    """What goes into a ticket, by whatever channel it came."""

    text: str
    subject: str
    writer: Party
    files: Sequence[Attached]
    about: dict[str, Any]
    """Further fields of `Incoming`."""
    automatic: bool = False
    kept: Sequence[UUID] = ()
    """Documents already."""


class Filing:
    """The house itself acts: it sees every ticket."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.messages, self.channels = InboundRepository(ctx), InboxChannelRepository(ctx)
        self.tickets, self.inbox = TicketService(ctx), InboxDesk(ctx)

    async def file(self, message_id: UUID, *, insisted: bool = False) -> UUID | None:
        """The ticket, if it went into one. Once: what is filed already is left alone.

        `insisted`: a person says that it is no machine. Raises AnsweredNotFiled.
        """
        message = await self.messages.taken(message_id)
        channel = await self.channels.row(message.channel_id) if message else None
        if message is None or channel is None:
            return None
        if message.kind is ChannelKind.EMAIL:
            await self._mail(message, channel, insisted)
        else:
            await self._told(message, channel)
        await self.messages.save(message)
        return message.ticket_id

    # --- mails

    async def _mail(self, message: InboundMessage, channel: InboxChannel, insisted: bool) -> None:
        if message.file_id is None:
            await self._hold(message, InboundReason.TOO_LARGE)
            return
        content = await FileService(self.ctx).read(message.file_id)
        letter = await to_thread.run_sync(lambda: read(content, envelope_from=message.envelope_from))
        if letter.bounce is not None:
            await self._bounced(message, letter.bounce)
            return
        if letter.sender is None:
            await self._hold(message, InboundReason.NO_SENDER)
            return
        if await self.messages.is_before(message, letter.answers):
            raise AnsweredNotFiled
        ticket_id = await self._ticket_of(letter, message.envelope_to)
        machine = None if insisted else letter.robot
        if machine is not None and (ticket_id is None or machine is not Robot.AUTO_REPLY):
            message.status, message.reason = InboundStatus.IGNORED, _MACHINES[machine]
            message.sender, message.sender_name = letter.sender
            message.ticket_id = ticket_id
            return
        text = letter.text if letter.text.strip() else letter.whole
        about: dict[str, Any] = {"sent_at": letter.sent_at, "body_html": letter.safe_html}
        await self._into(
            message,
            channel,
            ticket_id,
            Said(text, letter.subject, letter.sender, letter.files, about, machine is not None),
        )

    async def _bounced(self, message: InboundMessage, bounce: Bounce) -> None:
        sent = await Receipts(self.ctx).bounced(bounce, message.envelope_to)
        message.status, message.reason = InboundStatus.IGNORED, InboundReason.BOUNCE
        message.ticket_id = sent.ticket_id if sent else None

    async def _ticket_of(self, letter: Letter, envelope_to: str | None) -> UUID | None:
        """By what it answers; else by the number in its address or subject, from who has a part in it.

        Message-IDs of ours cannot be guessed, numbers can: a stranger who names one opens a ticket.
        """
        known = await self.messages.tickets_of(letter.answers)
        for answered in letter.answers:
            if answered in known:
                return known[answered]
        addresses = [*([envelope_to] if envelope_to else []), *letter.recipients]
        numbers = [found[1] for one in addresses if (found := _PLUS.search(one))]
        numbers += _IN_SUBJECT.findall(letter.subject)[:1]
        for number in numbers[:3]:
            ticket_id = await self.tickets.with_number(number.upper())
            if ticket_id and letter.sender and await self.messages.knows(ticket_id, letter.sender.address):
                return ticket_id
        return None

    # --- other channels

    async def _told(self, message: InboundMessage, channel: InboxChannel) -> None:
        content = message.content or {}
        ticket_id = None
        if message.thread_key is not None and channel.kind is not ChannelKind.IN_PERSON:
            ticket_id = await self.messages.ticket_of_thread(channel.id, message.thread_key)
        kept = [UUID(id) for id in content.get("document_ids") or ()]
        await self._into(
            message,
            channel,
            ticket_id,
            Said(
                str(content.get("text") or ""),
                message.subject or "",
                Party(message.sender or "?", message.sender_name),
                [],
                {"sent_at": content.get("sent_at")},
                kept=kept,
            ),
        )

    # --- into a ticket

    async def _into(
        self,
        message: InboundMessage,
        channel: InboxChannel,
        ticket_id: UUID | None,
        said: Said,
    ) -> None:
        known = await Parties(self.ctx).of(said.writer.address, said.writer.name)
        attached = await Attaching(self.ctx).kept(said.files)
        body = "\n\n".join(part for part in (said.text.strip(), attached.said) if part) or NO_SUBJECT
        incoming = Incoming.model_validate(
            {
                "channel": TicketChannel(channel.kind.value),
                "body": body[:LONGEST_TEXT],
                "author_contact_id": known.contact_id,
                "anonymous_party": known.party,
                "document_ids": [*said.kept, *attached.document_ids][:20],
                "external_message_id": f"inbound:{message.id.hex}",
                "is_automatic": said.automatic,
                "subject": said.subject[:400],
                **said.about,
            }
        )
        received = await self._received(ticket_id, incoming) if ticket_id else None
        if received is None:
            ticket: Ticket | TicketRead = await self._opened(channel, incoming)
            ticket_id, opened = ticket.id, True
        else:
            ticket_id, message.ticket_message_id, opened = received[0], received[1], received[3]
            ticket = (await self.tickets.get(ticket_id)).value
        message.sender, message.sender_name = (
            said.writer
        )  # here: its row is written once, with what became of it
        message.subject = said.subject or message.subject
        message.status, message.reason, message.filed_at = InboundStatus.FILED, None, now()
        message.ticket_id, message.opened_ticket = ticket_id, opened
        if not said.automatic:
            await self.inbox.arrived(message, channel, ticket, incoming.body, is_new=received is None)
        await publish(
            self.ctx,
            InboundMessageFiled(message.id, message.kind.value, ticket_id, opened, said.automatic),
        )
        await reply_at_once(self.ctx, channel, ticket, incoming, opened=opened)

    async def _received(self, ticket_id: UUID, incoming: Incoming) -> Received | None:
        """Into a ticket that is there; None when it is gone since."""
        try:
            return await self.tickets.receive(ticket_id, incoming)
        except NotFound:
            return None

    async def _opened(self, channel: InboxChannel, incoming: Incoming) -> Ticket:
        """Each message is filed once, so no key is needed to find the ticket that it opened before."""
        inbox = await InboxRepository(self.ctx).row(channel.inbox_id)
        subject = " ".join(incoming.subject.split())[:_LONGEST_TICKET_SUBJECT]
        data = TicketCreate.model_validate(
            {
                "subject": subject if len(subject) >= 3 else NO_SUBJECT,
                "description": incoming.body,
                "channel": incoming.channel,
                "requester_contact_id": incoming.author_contact_id,
                "anonymous_party": incoming.anonymous_party,
                "agency_id": channel.agency_id or inbox.agency_id,
                "group_id": inbox.group_id,
                "document_ids": incoming.document_ids,
            }
        )
        return await Opening(self.ctx).opened(data, incoming=incoming)

    async def _hold(self, message: InboundMessage, reason: InboundReason) -> None:
        message.status, message.reason = InboundStatus.HELD, reason
        await publish(self.ctx, InboundMessageHeld(message.id, reason.value))

"""Automatic replies: which of them answers a message, and that it does so once in a day for each person.

Called by who receives messages (tickets, channels), in the transaction of the message:

    reply = await AutoReplyService(ctx).reply_to(Received(...))
    if reply is not None: send it, marked as automatic
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.sealing import vault_of
from crm_api.core.words import BETWEEN_WORDS
from crm_api.kit.business_time import Calendar, NeverOpens
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.text import fold
from crm_api.knowledge.asking import asked
from crm_api.knowledge.loops import is_automatic
from crm_api.knowledge.models.article import KbLanguage
from crm_api.knowledge.models.replies import AutoReply, AutoReplyTrigger
from crm_api.knowledge.repository.replies import AutoReplyRepository
from crm_api.knowledge.variables import filled, named
from crm_api.organizations.service import OrganizationService

_FIELD = "auto_reply.requester"
WhyNot = Literal["automatic_message", "cooling_down", "nothing_fits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message of a customer."""

    sender: str
    """The address, number or contact: whom the cooldown counts for."""
    text: str
    channel: str
    opens_ticket: bool
    """Whether it opened a request, or adds to one."""
    ticket_type: str | None = None
    agency_id: UUID | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of a mail."""
    values: Mapping[str, str] = field(default_factory=dict)
    """For the variables of the text: `ticket.number`, `customer.name`..."""
    at: datetime | None = None
    """When it came; now, when left out."""


class Reply(NamedTuple):
    """What to send, marked as automatic (Auto-Submitted: auto-replied)."""

    auto_reply_id: UUID
    text: str


class Verdict(NamedTuple):
    """The reply, or why there is none."""

    reply: Reply | None
    why_not: WhyNot | None


class AutoReplyService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.replies = AutoReplyRepository(ctx)

    async def reply_to(self, message: Received) -> Reply | None:
        """The reply that answers, claimed: nobody gets it again before it has cooled down."""
        return (await self._judged(message, claims=True)).reply

    async def tried(self, message: Received) -> Verdict:
        """What would answer; nothing is claimed."""
        return await self._judged(message, claims=False)

    async def _judged(self, message: Received, *, claims: bool) -> Verdict:
        if is_automatic(message.sender, message.headers):
            return Verdict(None, "automatic_message")
        at = message.at or now()
        triggers = [AutoReplyTrigger.KEYWORD, AutoReplyTrigger.OUT_OF_HOURS]
        if message.opens_ticket:
            triggers.append(AutoReplyTrigger.TICKET_CREATED)
        fitting = [reply for reply in await self.replies.active(triggers) if _fits(reply, message)]
        if not fitting:
            return Verdict(None, "nothing_fits")
        calendar = await CalendarService(self.ctx).for_agency(message.agency_id)
        if calendar.is_open(at):
            fitting = [reply for reply in fitting if reply.trigger is not AutoReplyTrigger.OUT_OF_HOURS]
        for reply in fitting:
            free = self._claimed if claims else self._free
            if await free(reply, message.sender, at):
                text = await self._text(reply, message, opening_of(calendar, at))
                return Verdict(Reply(reply.id, text), None)
        return Verdict(None, "cooling_down" if fitting else "nothing_fits")

    async def _claimed(self, reply: AutoReply, sender: str, at: datetime) -> bool:
        vault = await vault_of(self.ctx)
        since = at - timedelta(hours=reply.cooldown_hours)
        return await self.replies.may_send(reply, vault.blind(fold(sender), _FIELD), at, since)

    async def _free(self, reply: AutoReply, sender: str, at: datetime) -> bool:
        vault = await vault_of(self.ctx)
        since = at - timedelta(hours=reply.cooldown_hours)
        return not await self.replies.is_cooling(reply.id, vault.blinds(fold(sender), _FIELD), since)

    async def _text(self, reply: AutoReply, message: Received, opens: str) -> str:
        """What nobody gave a value for is left out: a machine's text is not read over by anybody."""
        body = reply.body_fr
        if reply.body_ar and asked(message.text).language is KbLanguage.AR:
            body = reply.body_ar
        known = {"date": today().strftime("%d/%m/%Y"), "opening": opens}
        if "organization.name" in named(body):
            known["organization.name"] = (await OrganizationService(self.ctx).shown()).name or ""
        return filled(body, known | dict(message.values), keeps=False).text


def opening_of(calendar: Calendar, at: datetime) -> str:
    """When somebody is there again, as people read it; empty for a calendar that never opens."""
    with suppress(NeverOpens):
        return calendar.next_opening(at).astimezone(ALGIERS).strftime("%d/%m/%Y à %H:%M")
    return ""


def _fits(reply: AutoReply, message: Received) -> bool:
    wanted = reply.conditions
    facts = {
        "channels": message.channel,
        "ticket_types": message.ticket_type,
        "languages": str(asked(message.text).language),
        "agency_ids": str(message.agency_id),
    }
    if any(wanted.get(name) and value not in wanted[name] for name, value in facts.items()):
        return False
    if reply.trigger is not AutoReplyTrigger.KEYWORD:
        return True
    there = f" {' '.join(BETWEEN_WORDS.split(fold(message.text)))} "
    return any(f" {' '.join(BETWEEN_WORDS.split(fold(word)))} " in there for word in reply.keywords)

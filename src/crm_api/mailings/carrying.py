"""The job that carries a send: a batch at a time, until nothing is due.

Two transactions around each batch. In the first its messages become `sending`, for this job alone and for a
minute, and consent is asked once more; then they are handed over; in the second they become `sent`. Killed
before the second, the messages of one batch are in doubt: after that minute they are handed over again, with
the Message-ID that they had (`writing.message_id_of`), so that whoever got one twice knows it is one. The
other choice, never to hand over what is in doubt, would lose the due notice of somebody; a receipt of the
provider that names a message in doubt settles it. Everything else goes out exactly once.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anyio import to_thread

from crm_api.channels.mail.composing import SigningKey
from crm_api.channels.repository.setup import MailDomainRepository
from crm_api.channels.sending import opened
from crm_api.consents.centre import preferences_url
from crm_api.consents.gate import Gate, Person, Refusal
from crm_api.consents.leaving import unsubscribe_url
from crm_api.consents.models import ConsentSubject, MarketingChannel, SuppressionReason
from crm_api.consents.pressure import pressure_of
from crm_api.consents.suppressing import Suppressing
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import Payload
from crm_api.core.steps import step
from crm_api.kit.clock import ALGIERS
from crm_api.mailings import roads
from crm_api.mailings.asking import asked_of
from crm_api.mailings.events import SendFinished
from crm_api.mailings.links import Addresses
from crm_api.mailings.models import MailingChannel, MessageReason, Send, SendStatus
from crm_api.mailings.repository.carrying import CarryingRepository, Claimed, Ending
from crm_api.mailings.repository.providers import HolidayRepository
from crm_api.mailings.repository.sends import CountRepository, MessageRepository, SendRepository
from crm_api.mailings.windows import may_go
from crm_api.mailings.writing import House, Letter, Unrenderable, Writer, why
from crm_api.mailings.writing import Person as Recipient
from crm_api.organizations.service import OrganizationService
from crm_api.templates.service import TemplateService

AT_ONCE = 50
LEASE = timedelta(seconds=60)
FRESH = timedelta(seconds=30)
"""So long a consent that was looked at holds; what has not left by then is looked at again."""
BACKOFF = tuple(timedelta(minutes=n) for n in (1, 5, 15, 30, 60))
GIVEN_UP = timedelta(hours=72)
"""A message that no provider takes for so long has bounced (soft, final)."""
_UNKNOWN_MAILBOX = ("550", "551", "553")


async def carry_send(ctx: Context, payload: Payload) -> None:
    """Until nothing is due; the minute's schedule goes on where this ends."""
    await Carrying(ctx, UUID(str(payload["send_id"]))).run()


class _Batch:
    """What was claimed, and how it goes out."""

    def __init__(self, send: Send, claimed: Sequence[Claimed], moment: datetime) -> None:
        self.send, self.claimed, self.moment = send, claimed, moment
        self.recipients: list[Recipient] = []


class Carrying:
    def __init__(self, ctx: Context, send_id: UUID) -> None:
        self.ctx, self.send_id = ctx, send_id
        self._road: roads.Road | None = None
        self._provider_id: UUID | None = None
        self._per_domain: int | None = None
        self._writer: Writer | None = None
        self._known: set[UUID] = set()

    async def run(self) -> None:
        try:
            while True:
                async with step(self.ctx) as own:
                    batch = await self._claimed(own)
                if batch is None or not await self._carried(batch):
                    return
        finally:
            if self._road is not None:
                await self._road.close()

    # --- before

    async def _claimed(self, ctx: Context) -> _Batch | None:
        """None: there is nothing to do now."""
        moment = now()
        send = await SendRepository(ctx).known(self.send_id)
        if send is None or not await self._may_go(ctx, send, moment):
            return None
        if self._road is None and not await self._prepared(ctx, send):
            return None
        carrying = CarryingRepository(ctx)
        most = AT_ONCE
        if send.throttle_per_minute is not None:
            most = await carrying.allowance(send.id, send.throttle_per_minute, AT_ONCE, moment)
        provider = self._provider_id, self._per_domain
        claimed = await carrying.claim(send.id, most, moment, LEASE, *provider) if most else []
        if not claimed:
            if most and not await MessageRepository(ctx).waits(send.id):
                await self._finished(ctx, moment)
            return None
        await self._begun(ctx, send, moment)
        return await self._judged(ctx, _Batch(send, claimed, moment))

    async def _may_go(self, ctx: Context, send: Send, moment: datetime) -> bool:
        """Neither held nor over, its hour has come, and it is an hour for messages."""
        if send.status not in (SendStatus.SCHEDULED, SendStatus.SENDING) or send.scheduled_at > moment:
            return False
        if send.ends_at is not None and send.ends_at <= moment:
            called_off = await MessageRepository(ctx).cancel_waiting(send.id)
            await CountRepository(ctx).add(send.id, {"cancelled": called_off})
            await self._finished(ctx, moment)
            return False
        closed = await HolidayRepository(ctx).days(moment.astimezone(ALGIERS).date())
        return may_go(send.channel, moment, respects_hours=send.respects_hours, closed=closed)

    async def _begun(self, ctx: Context, send: Send, moment: datetime) -> None:
        if send.status is not SendStatus.SCHEDULED:
            return
        sends = SendRepository(ctx)
        locked = await sends.load(send.id)
        if locked.status is SendStatus.SCHEDULED:
            locked.status, locked.started_at = SendStatus.SENDING, moment
            await sends.save(locked)

    async def _judged(self, ctx: Context, batch: _Batch) -> _Batch:
        """Consent, suppression and pressure as they are in this moment."""
        send = batch.send
        people = [Person(ConsentSubject.CONTACT, one.contact_id, one.address) for one in batch.claimed]
        asked = asked_of(send)
        refusals = await Gate(ctx).allowed(
            asked.purpose, asked.channel, people, brand=asked.brand, topic=asked.topic
        )
        pressed: set[UUID] = set()
        if send.purpose is not None:
            cap = await pressure_of(ctx)
            ids = [one.contact_id for one in batch.claimed]
            pressed = await CarryingRepository(ctx).pressed(ids, batch.moment - cap.within, cap.messages)
        endings, going = [], []
        for one in batch.claimed:
            refusal = refusals.get(one.contact_id, Refusal.GONE)
            reason = MessageReason(refusal.value) if refusal else None
            if reason is None and one.contact_id in pressed:
                reason = MessageReason.PRESSURE_CAP
            if reason is None:
                going.append(one)
            else:
                endings.append(Ending(one.id, "suppressed", reason.value))
        await _suppressed(ctx, send.id, endings, batch.moment, self._provider_id)
        sheets = await self._sheets(ctx, going)
        batch.claimed = going
        batch.recipients = [self._recipient(ctx, send, one, sheets[one.id]) for one in going]
        return batch

    async def _sheets(self, ctx: Context, going: Sequence[Claimed]) -> dict[UUID, Mapping[str, Any]]:
        """The fields that every customer has, in the language of the message; by message."""
        found: dict[UUID, Mapping[str, Any]] = {}
        for language in sorted({one.language for one in going}):
            mine = [one for one in going if one.language == language]
            fields = await TemplateService(ctx).fields_of([one.contact_id for one in mine], language)
            found |= {one.id: fields.get(one.contact_id, {}) for one in mine}
        return found

    def _recipient(self, ctx: Context, send: Send, one: Claimed, sheet: Mapping[str, Any]) -> Recipient:
        asked = asked_of(send)
        leave = None
        if asked.purpose is not None:
            leave = unsubscribe_url(ctx, one.contact_id, asked.purpose, one.id)
        fields: dict[str, Any] = {
            **sheet,
            "unsubscribe_url": leave or "",
            "reason": why(agreed=asked.purpose is not None, language=one.language),
            "preferences_url": preferences_url(ctx, one.contact_id).url,
            **(one.fields or {}),
        }
        return Recipient(one.id, one.contact_id, one.address or "", one.language, fields, leave)

    async def _prepared(self, ctx: Context, send: Send) -> bool:
        """Who carries it, and the words read. False: there is no way out."""
        provider = await roads.chosen(ctx, send.channel)
        self._road = await roads.paved(ctx, send.channel, provider)
        if self._road is None:
            return False
        self._provider_id = provider.id if provider is not None else None
        self._per_domain = provider.per_domain_per_minute if provider is not None else None
        settings = ctx.tools.settings
        organization = await OrganizationService(ctx).shown()
        sender = send.sender or settings.mail_from.rpartition("<")[2].rstrip("> ")
        key = None
        if send.channel is MailingChannel.EMAIL:
            domain = await MailDomainRepository(ctx).signing(sender.rpartition("@")[2])
            if domain is not None:
                private = await opened(ctx, domain, "private_key")
                key = SigningKey(domain.domain, domain.selector, private)
        addresses = Addresses(ctx.tools.links, settings.base_url, ctx.organization_id)
        house = House(
            sender=sender,
            sender_name=send.sender_name or organization.name or "",
            reply_to=send.reply_to,
            home=settings.base_url,
            key=key,
        )
        about = (send.id, send.channel, dict(send.contents), dict(send.utm), addresses, house)
        self._writer = await to_thread.run_sync(lambda: Writer(*about))
        return True

    async def _finished(self, ctx: Context, moment: datetime) -> None:
        """Every message has gone out or never will."""
        sends = SendRepository(ctx)
        send = await sends.load(self.send_id)
        if send.status not in (SendStatus.SCHEDULED, SendStatus.SENDING):
            return
        send.status, send.finished_at = SendStatus.DONE, moment
        await sends.save(send)
        await publish(ctx, SendFinished(send.id, send.source_type.value, send.source_id))

    # --- handing over

    async def _carried(self, batch: _Batch) -> bool:
        """False: the provider takes nothing, so that going on at once is useless."""
        letters, endings = await to_thread.run_sync(self._written, batch)
        new = {link.id: link for letter in letters for link in letter.links if link.id not in self._known}
        if new:
            async with step(self.ctx) as own:
                await CarryingRepository(own).keep_links(self.send_id, [*new.values()])
            self._known |= new.keys()
        taken: list[UUID] = []
        waiting = iter(letters)
        lines = [self._line(number, waiting, batch, taken, endings) for number in range(roads.LINES)]
        await asyncio.gather(*lines)
        async with step(self.ctx) as own:
            return await self._told(own, batch, taken, endings)

    def _written(self, batch: _Batch) -> tuple[list[Letter], list[Ending]]:
        assert self._writer is not None  # noqa: S101 - prepared before the first batch
        letters, endings = [], []
        for recipient in batch.recipients:
            try:
                letters.append(self._writer.write(recipient, batch.moment))
            except (Unrenderable, ValueError):
                reason = MessageReason.UNRENDERABLE.value
                endings.append(Ending(recipient.message_id, "suppressed", reason))
        return letters, endings

    async def _line(
        self, number: int, waiting: Any, batch: _Batch, taken: list[UUID], endings: list[Ending]
    ) -> None:
        """One connection; the next message is whichever nobody has taken up."""
        assert self._road is not None  # noqa: S101 - prepared before the first batch
        tries = {one.id: one for one in batch.claimed}
        for letter in waiting:
            if now() - batch.moment > FRESH:
                endings.append(Ending(letter.message_id, "retry", next_at=now()))
                continue
            try:
                await self._road.carry(letter, number)
            except roads.Refused as refused:
                endings.append(_ending(tries[letter.message_id], refused, now()))
            else:
                taken.append(letter.message_id)

    # --- after

    async def _told(
        self, ctx: Context, batch: _Batch, taken: Sequence[UUID], endings: Sequence[Ending]
    ) -> bool:
        moment = now()
        carrying, counts = CarryingRepository(ctx), CountRepository(ctx)
        left_out = [one for one in endings if one.status == "suppressed"]
        others = [one for one in endings if one.status != "suppressed"]
        sent = await carrying.sent(taken, moment, self._provider_id) if taken else 0
        became = await carrying.became(others, moment, self._provider_id) if others else {}
        await _suppressed(ctx, batch.send.id, left_out, moment, self._provider_id)
        bounced = {name: became.get(name, 0) for name in ("soft_bounced", "hard_bounced")}
        missing = {one.id for one in others if one.status == "hard_bounced"}
        for letter in (one for one in batch.claimed if one.id in missing and one.address):
            channel = MarketingChannel(batch.send.channel.value)
            await Suppressing(ctx).suppress(
                channel, letter.address or "", SuppressionReason.HARD_BOUNCE, "provider"
            )
        changes = {"sent": sent + sum(bounced.values()), "rejected": became.get("rejected", 0), **bounced}
        await counts.add(batch.send.id, changes)
        put_off = sum(one.status == "retry" and one.failure is not None for one in others)
        await roads.heard(ctx, self._provider_id, taken=len(taken), put_off=put_off, moment=moment)
        return bool(taken) or not put_off


async def _suppressed(
    ctx: Context, send_id: UUID, endings: Sequence[Ending], moment: datetime, provider_id: UUID | None
) -> None:
    """Those that do not go out after all, counted by reason."""
    if not endings:
        return
    await CarryingRepository(ctx).became(endings, moment, provider_id)
    counts = CountRepository(ctx)
    await counts.add(send_id, {"suppressed": len(endings)})
    reasons: Mapping[str, int] = {}
    for one in endings:
        reasons = {**reasons, str(one.reason): reasons.get(str(one.reason), 0) + 1}
    for reason, people in sorted(reasons.items()):
        await counts.left_out(send_id, reason, people)


def _ending(one: Claimed, refused: roads.Refused, moment: datetime) -> Ending:
    """What a refusal means: another try, a mailbox that is not there, or a message that nobody wants."""
    said = refused.said
    if refused.permanent:
        if any(code in said for code in _UNKNOWN_MAILBOX):
            return Ending(one.id, "hard_bounced", None, said, moment, "hard_bounced")
        return Ending(one.id, "rejected", None, said, moment, "rejected")
    if moment - one.first_tried_at >= GIVEN_UP:
        return Ending(one.id, "soft_bounced", None, said, moment, "soft_bounced")
    wait = BACKOFF[min(one.attempts, len(BACKOFF)) - 1]
    return Ending(one.id, "retry", None, said, moment + wait, "deferred")

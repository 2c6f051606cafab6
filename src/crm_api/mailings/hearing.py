"""What is told about messages after they left: by providers, by pixels, by links, by who leaves.

An event is a line that is only ever added; told twice by a provider it is one. What it changes of the
message, and of the counts of its send, is written in the same transaction; first times count once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm_api.consents.models import MarketingChannel, SuppressionReason
from crm_api.consents.suppressing import Suppressing
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.mailings.bots import clicks_for_somebody, opens_for_somebody, truncated
from crm_api.mailings.events import (
    MessageBounced,
    MessageClicked,
    MessageComplained,
    MessageDelivered,
    MessageOpened,
    MessageUnsubscribed,
)
from crm_api.mailings.models import MESSAGE, Message, MessageEvent, MessageEventType, MessageStatus, Send
from crm_api.mailings.repository.hearing import HearingRepository
from crm_api.mailings.repository.sends import CountRepository, SendRepository

_TYPE, _STATUS = MessageEventType, MessageStatus
_UNSENT = (_STATUS.QUEUED, _STATUS.SENDING, _STATUS.RETRY)


@dataclass(frozen=True, slots=True)
class Told:
    """One event."""

    type: MessageEventType
    at: datetime
    provider_id: UUID | None = None
    event_id: str | None = None
    link_id: UUID | None = None
    hidden: bool = False
    by_provider: bool = False
    """Providers tell machines apart themselves."""
    detail: str | None = None


class Hearing:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rows = HearingRepository(ctx)

    async def tell(self, message_id: UUID, told: Told) -> bool | None:
        """Whether it was new; None: of no message of ours."""
        message = await self.rows.taken(message_id)
        if message is None:
            return None
        bot = self._is_bot(message, told)
        event = MessageEvent(
            message_id=message.id,
            send_id=message.send_id,
            type=told.type,
            at=told.at,
            ip=None if told.by_provider else truncated(self.ctx.origin.ip),
            user_agent=None if told.by_provider else (self.ctx.origin.user_agent or "")[:300] or None,
            link_id=told.link_id,
            is_bot=bot,
            provider_id=told.provider_id,
            provider_event_id=told.event_id,
            detail=told.detail,
        )
        if not await self.rows.keep(event):
            return False
        await self._apply(message, told, bot=bot)
        return True

    def _is_bot(self, message: Message, told: Told) -> bool:
        if told.by_provider or told.type not in (_TYPE.OPENED, _TYPE.CLICKED):
            return False
        agent, ip = self.ctx.origin.user_agent, self.ctx.origin.ip
        if told.type is _TYPE.OPENED:
            return opens_for_somebody(agent, ip)
        arrived = message.delivered_at or message.sent_at
        return clicks_for_somebody(agent, ip, at=told.at, arrived_at=arrived, hidden=told.hidden)

    async def _apply(self, message: Message, told: Told, *, bot: bool) -> None:
        changes: dict[str, int] = {}
        if message.sent_at is None and told.type is not _TYPE.DEFERRED and message.status in _UNSENT:
            message.sent_at = told.at  # it was in doubt whether it left: it did
            message.counts_from = message.counts_from and told.at
            changes["sent"] = 1
            message.status = _STATUS.SENT
        made = _RULES[told.type](message, told, bot, changes)
        await self.rows.save(message)
        await CountRepository(self.ctx).add(message.send_id, changes, shard=message.id.int)
        if made is not None:
            send = await SendRepository(self.ctx).known(message.send_id)
            assert send is not None  # noqa: S101 - the reference says so
            await publish(self.ctx, made(message, send))
        await self._suppress(message, told)

    async def _suppress(self, message: Message, told: Told) -> None:
        """An address where nobody is, or somebody who wants nothing of us, gets nothing any more."""
        reasons = {
            _TYPE.HARD_BOUNCED: SuppressionReason.HARD_BOUNCE,
            _TYPE.COMPLAINED: SuppressionReason.COMPLAINT,
        }
        reason = reasons.get(told.type)
        if reason is not None and message.address:
            channel = MarketingChannel(message.channel.value)
            await Suppressing(self.ctx).suppress(channel, message.address, reason, "provider")


Made = Callable[[Message, Send], Event] | None


def _delivered(message: Message, told: Told, bot: bool, changes: dict[str, int]) -> Made:
    if message.delivered_at is not None:
        return None
    message.delivered_at = told.at
    changes["delivered"] = 1
    if message.status is _STATUS.SOFT_BOUNCED:  # soft, then delivered: not bounced (D-42)
        changes["soft_bounced"] = -1
        message.bounced_at = None
    if message.status is _STATUS.HARD_BOUNCED:
        changes["hard_bounced"] = -1
        message.bounced_at = None
    _become(message, _STATUS.DELIVERED)
    return lambda m, s: MessageDelivered(*_about(m, s))


def _arrived(message: Message, told: Told, changes: dict[str, int]) -> None:
    """Whoever opens or clicks has got it, whether or not anybody said so."""
    if message.delivered_at is None:
        _delivered(message, told, False, changes)


def _opened(message: Message, told: Told, bot: bool, changes: dict[str, int]) -> Made:
    if message.sent_at is None:
        return None
    _arrived(message, told, changes)
    first = message.opened_at is None and message.proxy_opened_at is None
    changes["opened_inflated"] = int(first)
    if bot:
        message.proxy_opened_at = message.proxy_opened_at or told.at
        return None
    if message.opened_at is not None:
        return None
    message.opened_at = told.at
    changes["opened"] = 1
    _become(message, _STATUS.OPENED)
    return lambda m, s: MessageOpened(*_about(m, s))


def _clicked(message: Message, told: Told, bot: bool, changes: dict[str, int]) -> Made:
    if bot or message.clicked_at is not None or message.sent_at is None:
        return None
    _opened(message, told, False, changes)  # a click implies an open (D-41)
    message.clicked_at = told.at
    changes["clicked"] = 1
    _become(message, _STATUS.CLICKED)
    return lambda m, s: MessageClicked(*_about(m, s))


def _soft(message: Message, told: Told, bot: bool, changes: dict[str, int]) -> Made:
    if message.bounced_at is not None or message.delivered_at is not None:
        return None
    message.bounced_at, message.failure = told.at, told.detail
    changes["soft_bounced"] = 1
    _become(message, _STATUS.SOFT_BOUNCED)
    return lambda m, s: MessageBounced(*_about(m, s), hard=False)


def _hard(message: Message, told: Told, bot: bool, changes: dict[str, int]) -> Made:
    if message.status is _STATUS.HARD_BOUNCED:
        return None
    if message.status is _STATUS.SOFT_BOUNCED:
        changes["soft_bounced"] = -1
    if message.delivered_at is not None:  # taken by the first server, thrown out by the next
        changes["delivered"] = -1
        message.delivered_at = None
    message.bounced_at, message.failure = told.at, told.detail
    changes["hard_bounced"] = 1
    _become(message, _STATUS.HARD_BOUNCED)
    return lambda m, s: MessageBounced(*_about(m, s), hard=True)


def _complained(message: Message, told: Told, bot: bool, changes: dict[str, int]) -> Made:
    if message.complained_at is not None:
        return None
    _arrived(message, told, changes)
    message.complained_at = told.at
    changes["complained"] = 1
    _become(message, _STATUS.COMPLAINED)
    return lambda m, s: MessageComplained(*_about(m, s))


def _unsubscribed(message: Message, told: Told, bot: bool, changes: dict[str, int]) -> Made:
    if message.unsubscribed_at is not None:
        return None
    _arrived(message, told, changes)
    message.unsubscribed_at = told.at
    changes["unsubscribed"] = 1
    _become(message, _STATUS.UNSUBSCRIBED)
    return lambda m, s: MessageUnsubscribed(*_about(m, s))


def _nothing(message: Message, told: Told, bot: bool, changes: dict[str, int]) -> Made:
    return None


_RULES = {
    _TYPE.SENT: _nothing,
    _TYPE.DEFERRED: _nothing,
    _TYPE.REJECTED: _nothing,
    _TYPE.DELIVERED: _delivered,
    _TYPE.SOFT_BOUNCED: _soft,
    _TYPE.HARD_BOUNCED: _hard,
    _TYPE.OPENED: _opened,
    _TYPE.CLICKED: _clicked,
    _TYPE.COMPLAINED: _complained,
    _TYPE.UNSUBSCRIBED: _unsubscribed,
}


def _become(message: Message, wanted: MessageStatus) -> None:
    """Events come in any order: the status only ever goes on."""
    if wanted in MESSAGE.allowed(message.status):
        message.status = wanted


def _about(message: Message, send: Send) -> tuple[UUID, UUID, UUID, str, UUID]:
    return message.id, message.send_id, message.contact_id, send.source_type.value, send.source_id


def moment_of(at: datetime | None) -> datetime:
    """Never later than now: a provider's clock may be wrong."""
    moment = now()
    return moment if at is None or at > moment else at

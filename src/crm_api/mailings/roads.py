"""The ways out: mail servers and gateways in their order, and which of them is used now.

The first that is not resting carries. One that has taken nothing for five minutes while another stands by
rests a quarter of an hour; without another it is tried again and again, and nothing is lost.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from crm_api.channels.carriers import GatewayCarrier, NotCarried, Parcel
from crm_api.channels.sending import opened
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.mail import BadMail, Line, MailNotSent, MailServer, SmtpMailer
from crm_api.mailings.models import MailingChannel, MessageProvider
from crm_api.mailings.repository.providers import ProviderRepository
from crm_api.mailings.writing import Letter

FAILS_FOR, RESTS = timedelta(minutes=5), timedelta(minutes=15)
LINES = 8
"""Connections to one mail server at a time."""


class Refused(Exception):
    """`permanent`: for this message; else try again. `code` of the server where it gave one."""

    def __init__(self, said: str, *, permanent: bool) -> None:
        super().__init__(said)
        self.said, self.permanent = said, permanent


class Road(Protocol):
    """One way to hand messages over."""

    async def carry(self, letter: Letter, line: int) -> str | None:
        """What the other side calls it. Raises Refused."""

    async def close(self) -> None: ...


class MailRoad:
    """Some connections that stay open."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines

    async def carry(self, letter: Letter, line: int) -> str | None:
        try:
            await self._lines[line].relay(letter.content, envelope_from=letter.envelope_from, to=letter.to)
        except BadMail as error:
            raise Refused("malformed", permanent=True) from error
        except MailNotSent as error:
            raise Refused(str(error)[:120], permanent=error.permanent) from error
        return None

    async def close(self) -> None:
        await asyncio.gather(*(line.close() for line in self._lines))


class GatewayRoad:
    """A gateway for text messages, WhatsApp and pushes: the same that tickets are answered by."""

    def __init__(self, carrier: GatewayCarrier) -> None:
        self._carrier = carrier

    async def carry(self, letter: Letter, line: int) -> str | None:
        parcel = Parcel(
            id=letter.message_id,
            message_id=str(letter.message_id),
            to=letter.to,
            subject="",
            text=letter.content.decode(),
            at=now(),
            automatic=True,
        )
        try:
            return await self._carrier.carry(parcel)
        except NotCarried as error:
            raise Refused(error.code[:120], permanent=error.permanent) from error

    async def close(self) -> None:
        """Each message has a connection of its own."""


async def chosen(ctx: Context, channel: MailingChannel) -> MessageProvider | None:
    """The first that is not resting; the one that rests the shortest when all do; None: the house's own."""
    return await ProviderRepository(ctx).chosen(channel, now())


async def paved(ctx: Context, channel: MailingChannel, provider: MessageProvider | None) -> Road | None:
    """None: there is no way out for this channel."""
    if channel is MailingChannel.EMAIL:
        if provider is None:
            return MailRoad([ctx.tools.mailer.line() for _ in range(LINES)])
        server = MailServer(
            host=provider.host or "localhost",
            port=provider.port or 587,
            security=provider.security.value,
            username=provider.username,
            password=await opened(ctx, provider, "password") or None,
        )
        mailer = SmtpMailer(server, sender=ctx.tools.settings.mail_from)
        return MailRoad([mailer.line() for _ in range(LINES)])
    if provider is None or provider.url is None:
        return None
    secret = await opened(ctx, provider, "secret")
    return GatewayRoad(GatewayCarrier(ctx.tools, url=provider.url, secret=secret, kind=channel.value))


async def heard(
    ctx: Context, provider_id: UUID | None, *, taken: int, put_off: int, moment: datetime
) -> None:
    """How a provider did with a batch: whether it goes on, or rests while another stands in."""
    if provider_id is None or not (taken or put_off):
        return
    providers = ProviderRepository(ctx)
    provider = await providers.load(provider_id)
    if taken:
        if provider.failing_since is not None:
            provider.failing_since = provider.resting_until = None
            await providers.save(provider)
        return
    if provider.failing_since is None:
        provider.failing_since = moment
    elif moment - provider.failing_since >= FAILS_FOR and await providers.another(provider, moment):
        provider.failing_since, provider.resting_until = None, moment + RESTS
    else:
        return
    await providers.save(provider)

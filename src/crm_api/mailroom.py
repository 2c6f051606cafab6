"""The mail server's way in, in a process of its own: what `crm mail` runs.

It speaks LMTP (or SMTP) to the mail server of the company, takes mails for addresses of mail channels only,
and says yes when a mail is durable: its bytes in the storage, its row and its job committed.
"""

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from crm_api.channels.mail.headers import address_of
from crm_api.channels.mail.limits import LARGEST_MAIL
from crm_api.channels.models.messages import InboundSource
from crm_api.channels.receiving import Receiving
from crm_api.channels.service import InboxChannelService
from crm_api.core import telemetry
from crm_api.core.context import Context, Origin
from crm_api.core.identity import Identity
from crm_api.core.pool import Database
from crm_api.core.principal import system
from crm_api.core.settings import Settings
from crm_api.core.tools import Tools, make_tools
from crm_api.kit.later import later
from crm_api.registry import LISTENERS, OBJECTS

if TYPE_CHECKING:
    from aiosmtpd import lmtp, smtp
else:
    lmtp, smtp = later("aiosmtpd.lmtp"), later("aiosmtpd.smtp")

Protocol = Literal["lmtp", "smtp"]
NOBODY = UUID(int=0)
MOST_RECIPIENTS = 50
MOST_SESSIONS = 20
"""Mail servers at once, each with one mail in hand."""
LONGEST_LINE = 1024 * 1024
"""More than the standard's 1,000: many programs write longer ones, and a mail refused is a mail lost."""
_OK = "250 2.0.0 Ok: kept"
_LATER = "451 4.3.0 Not kept; try again"


class Handler:
    """What the mail server says, step by step. Nothing is forwarded: recipients are ours or refused."""

    def __init__(self, database: Database, tools: Tools, source: InboundSource) -> None:
        self._database, self._tools, self._source = database, tools, source

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            found = await self._channel_of(address)
        except Exception as error:
            telemetry.log.warning("mail recipient not looked up", kind=type(error).__name__)
            return _LATER
        if found is None:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """LMTP answers for each recipient; SMTP for all: yes only when all are kept."""
        peer = session.peer[0] if isinstance(session.peer, tuple) else None
        answers = [await self._kept(address, envelope, peer) for address in envelope.rcpt_tos]
        if self._source is InboundSource.LMTP:
            return "\r\n".join(answers)
        return next((answer for answer in answers if answer != _OK), _OK)

    async def _kept(self, address: str, envelope: Any, peer: str | None) -> str:
        content = envelope.original_content or b""
        try:
            found = await self._channel_of(address)
            if found is None:
                return "550 5.1.1 No such mailbox here"
            ctx = Context(system(found[0]), self._database, self._tools, Origin("mail", peer))
            try:
                await Receiving(ctx).mail(
                    found[1],
                    content,
                    self._source,
                    envelope_from=envelope.mail_from or "",
                    envelope_to=address_of(address),
                )
                await ctx.commit()
            finally:
                await ctx.close()
        except Exception as error:
            telemetry.log.warning("mail not kept", kind=type(error).__name__, size=len(content))
            return _LATER
        return _OK

    async def _channel_of(self, address: str) -> tuple[UUID, UUID] | None:
        """(organization, channel); what stands after a `+` is for whoever files the mail."""
        plain = address_of(address)
        if plain is None:
            return None
        local, _, domain = plain.rpartition("@")
        ctx = Context(system(NOBODY), self._database, self._tools)
        return await InboxChannelService(ctx).taking(f"{local.partition('+')[0]}@{domain}")


class Mailroom:
    """Listens. Use `start` and `stop`."""

    def __init__(self, database: Database, tools: Tools, protocol: Protocol) -> None:
        source = InboundSource.LMTP if protocol == "lmtp" else InboundSource.SMTP
        self._handler = Handler(database, tools, source)
        self._kind = lmtp.LMTP if protocol == "lmtp" else smtp.SMTP
        self._server: asyncio.Server | None = None
        self._sessions: set[Any] = set()

    async def start(self, host: str, port: int) -> int:
        """The port that it listens on."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """No new mail; those being handed over are waited for, ten seconds."""
        if self._server is None:
            return
        self._server.close()
        for _ in range(100):
            if not self._sessions:
                break
            await asyncio.sleep(0.1)
        for session in [*self._sessions]:
            session.transport and session.transport.abort()

    def _session(self) -> Any:
        room, sessions = self._kind, self._sessions

        class Session(room):  # type: ignore[misc, valid-type]  # made of what is loaded later
            line_length_limit = LONGEST_LINE

            def connection_made(self, transport: Any) -> None:
                if len(sessions) >= MOST_SESSIONS:
                    transport.write(b"421 4.3.2 Too many sessions; try again\r\n")
                    transport.close()
                    return
                sessions.add(self)
                super().connection_made(transport)

            def connection_lost(self, error: Exception | None) -> None:
                if self in sessions:
                    sessions.discard(self)
                    super().connection_lost(error)

        return Session(
            self._handler,
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            ident="ASSURA-CRM",
            timeout=120,
        )


async def run_mailroom(settings: Settings, host: str, port: int, protocol: Protocol) -> None:
    """Until SIGTERM or SIGINT."""
    address = settings.app_address
    if address is None:
        raise SystemExit("CRM_DATABASE_URL says where the database is; the mailroom starts none of its own.")
    telemetry.configure(settings.log_level)
    database = Database(address, connections=4)
    await database.open()
    room = Mailroom(database, make_tools(settings, Identity(), LISTENERS, OBJECTS), protocol)
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    listening = await room.start(host, port)
    print(f"READY {protocol}://{host}:{listening}", flush=True)  # noqa: T201 - read by scripts
    await stop.wait()
    await room.stop()
    await database.close()


if __name__ == "__main__":
    _, spoken, where, at = sys.argv
    asyncio.run(run_mailroom(Settings(), where, int(at), "smtp" if spoken == "smtp" else "lmtp"))
